package form

import (
	"strconv"
	"strings"
)

// show gives a canonical value in words; tables have none.
func show(f Field, x any) string {
	switch x := x.(type) {
	case nil:
		return ""
	case int64:
		return yuan(x) + f.unitOr("元")
	case bool:
		return showBool(f, x)
	case []string:
		labels := make([]string, len(x))
		for i, s := range x {
			labels[i] = f.optionLabel(s)
		}
		return strings.Join(labels, "、")
	case map[string]any:
		return showDate(typed(x["from"])) + " 至 " + showDate(typed(x["to"]))
	case string:
		switch f.Kind {
		case Date:
			return showDate(x)
		case Number, Computed:
			return x + f.Unit
		}
		return f.optionLabel(x)
	}
	return ""
}

func (f Field) unitOr(s string) string {
	if f.Unit != "" {
		return f.Unit
	}
	return s
}

func showBool(f Field, yes bool) string {
	switch {
	case f.Kind == Declaration && yes:
		return "已确认"
	case f.Kind == Declaration:
		return "未确认"
	case len(f.Options) > 0:
		return f.optionLabel(strconv.FormatBool(yes))
	case yes:
		return "是"
	}
	return "否"
}

// showDate writes 2026-02-03 as 2026年2月3日; what is no date stays as typed.
func showDate(s string) string {
	d, ok := dateOf(s)
	if !ok {
		return s
	}
	trim := func(s string) string { return strings.TrimPrefix(s, "0") }
	return d[:4] + "年" + trim(d[5:7]) + "月" + trim(d[8:]) + "日"
}
