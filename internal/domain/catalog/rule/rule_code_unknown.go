package rule

import (
	"slices"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleCodeUnknown: a code that is in no list, neither the program's nor the dictionary's.
var ruleCodeUnknown = Rule{
	Key: "code_unknown", Basis: "GB/T 39554.1 代码表", Level: Block,
	Check: func(f Facts, it *item.Item) []Finding {
		return f.coded(it, func(list, code string) errs.P {
			if slices.Contains(item.Lists[list], code) || f.Code != nil && f.Code(list, code) {
				return nil
			}
			return item.Named(errs.P{}, "list", list, item.Lists[list]...)
		})
	},
}

// coded gives a finding for every code of an item that is wrong; wrong says so by the parameters of the finding.
func (f Facts) coded(it *item.Item, wrong func(list, code string) errs.P) []Finding {
	var out []Finding
	note := func(key string, row int, list, code, zh, en string) {
		if p := wrong(list, code); p != nil {
			p["code"], p["name"], p["en"] = code, zh, en
			out = append(out, at(key, row, p))
		}
	}
	for _, e := range f.within().coded {
		for _, v := range e.Get(it) {
			note(e.Key, -1, e.List, v, e.Chinese, e.English)
		}
	}
	for _, c := range f.within().children {
		n := c.Len(it)
		for col := range c.Columns {
			x := &c.Columns[col]
			if n == 0 || x.List == "" {
				continue
			}
			for row := range n {
				for _, v := range item.SplitCell(x.Kind, c.Cell(it, row, col)) {
					note(c.Key, row, x.List, v, x.Chinese, x.English)
				}
			}
		}
	}
	return out
}
