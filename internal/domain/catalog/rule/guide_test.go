package rule_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"tongban/internal/base/i18n"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/catalog/rule"
	"tongban/internal/engine/cond"
)

var update = flag.Bool("update", false, "write the guide of elements anew")

const guide = "../../../../docs/guides/elements.md"

// The guide of elements is made from the elements, code lists and rules themselves, so that it cannot be behind them.
func TestTheGuideOfElementsIsCurrent(t *testing.T) {
	want := elementGuide()
	if *update {
		if err := os.WriteFile(guide, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(guide)
	if err != nil || string(got) != want {
		t.Errorf("docs/guides/elements.md is behind the program (%v); run: go test ./internal/domain/catalog/rule -run TheGuide -update", err)
	}
}

func elementGuide() string {
	var b strings.Builder
	line := func(format string, a ...any) { fmt.Fprintf(&b, format+"\n", a...) }
	line("# 事项要素指南 Elements of a service item\n")
	line("每个要素只声明一次：编辑、检查、导入、导出、接口和本指南都由它生成。本页由程序写成，不要手改：`go test ./internal/domain/catalog/rule -run TheGuide -update`。\n")
	line("Each element is declared once; editor, checks, import, export, API and this page come from it. This page is written by the program.\n")
	line("- 键 key：事项包 `items/*.yaml` 里的名称；“extra” 表示写在 `extra` 下面，例如 `extra: {address: [...]}`。")
	line("- 交换字段 field：国家交换库表的字段；M 表示该表不允许为空。")
	line("- 必填 needed：✓ 表示事项包必须有；写了条件的，符合条件时必须有。\n")
	for _, g := range item.Groups {
		line("## %s %s\n", i18n.In(i18n.Chinese, "item.group_"+g), i18n.In(i18n.English, "item.group_"+g))
		line("| 键 key | 要素 element | 填写 kind | 必填 needed | 公开 public | 交换字段 field | 来源 source |\n|---|---|---|---|---|---|---|")
		for _, e := range item.Elements {
			if e.Group == g {
				line("| %s | %s<br>%s%s | %s | %s | %s | %s | %s |", place(e), e.Chinese, e.English, hint(e.Hint), kind(e), needed(e), yes(e.Public), field(e), e.Source)
			}
		}
		line("")
	}
	line("## 子表 Tables inside an item\n")
	for _, c := range item.Children {
		line("### %s %s\n\n`%s`，文档位置 `%s`\n", c.Chinese, c.English, c.Key, c.Pointer)
		line("| 键 key | 列 column | 填写 kind | 必填 needed | 交换字段 field |\n|---|---|---|---|---|")
		for _, x := range c.Columns {
			line("| `%s` | %s<br>%s%s | %s | %s | %s |", x.Key, x.Chinese, x.English, hint(x.Hint), kind(item.Element{Kind: x.Kind, List: x.List}), yes(x.Required), code(x.National))
		}
		line("")
	}
	line("## 代码表 Code lists\n")
	for _, list := range slices.Sorted(maps.Keys(item.Lists)) {
		line("### %s\n\n| 代码 code | 名称 | name |\n|---|---|---|", list)
		for _, c := range item.Lists[list] {
			line("| `%s` | %s | %s |", c, item.CodeName(i18n.Chinese, list, c), item.CodeName(i18n.English, list, c))
		}
		line("")
	}
	line("## 检查规则 Rules\n")
	line("%d 条。“必须改”的不改不能发布。 %d rules; what must be put right stops publishing.\n", len(rule.All), len(rule.All))
	line("| 规则 rule | 程度 level | 依据 basis | 怎么改 what to do |\n|---|---|---|---|")
	for _, r := range rule.All {
		remedy := i18n.In(i18n.Chinese, "rule."+r.Key+"_remedy")
		line("| `%s` %s<br>%s | %s | %s | %s |", r.Key, r.Title(i18n.Chinese), r.Title(i18n.English), i18n.In(i18n.Chinese, "rule.level_"+string(r.Level)), r.Basis, remedy)
	}
	return b.String()
}

func place(e item.Element) string {
	at := strings.TrimPrefix(e.At(), "/")
	if e.Computed {
		return "`" + e.Key + "`（自动得出）"
	}
	if at == e.Key {
		return "`" + e.Key + "`"
	}
	return "`" + e.Key + "`<br>`" + at + "`"
}

func hint(s string) string {
	if s == "" {
		return ""
	}
	return "<br>*" + s + "*"
}

func kind(e item.Element) string {
	text := i18n.In(i18n.Chinese, "item.kind_"+string(e.Kind))
	if e.List != "" {
		text += "，见代码表 `" + e.List + "`"
	}
	return text
}

func needed(e item.Element) string {
	if e.Required || e.When.IsZero() {
		return yes(e.Required)
	}
	return "当 " + reads(e.When)
}

// reads writes a condition with the names of elements and codes.
func reads(x cond.Expr) string {
	if len(x.Any) > 0 {
		var parts []string
		for _, a := range x.Any {
			parts = append(parts, reads(a))
		}
		return strings.Join(parts, "，或 ")
	}
	e, _ := item.ByKey(x.Field)
	name := func(v any) string { return item.CodeName(i18n.Chinese, e.List, fmt.Sprint(v)) }
	switch v := x.Value.(type) {
	case []any:
		var names []string
		for _, one := range v {
			names = append(names, name(one))
		}
		return e.Chinese + "是" + strings.Join(names, "、")
	default:
		if x.Op == cond.Gt {
			return fmt.Sprintf("%s大于%v", e.Chinese, v)
		}
		if e.Kind == item.KindYesNo {
			return e.Chinese
		}
		return e.Chinese + "是" + name(v)
	}
}

func yes(b bool) string {
	if b {
		return "✓"
	}
	return ""
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}

func field(e item.Element) string {
	out := code(e.National)
	if e.NationalUnit != "" {
		out += " " + code(e.NationalUnit)
	}
	if e.Mandatory && out != "" {
		out += " M"
	}
	return out
}
