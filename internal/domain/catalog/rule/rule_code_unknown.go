package rule

import (
	"slices"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleCodeUnknown: a code that is in no list.
var ruleCodeUnknown = Rule{
	Key: "code_unknown", Basis: "GB/T 39554.1 代码表", Level: Block,
	Check: func(f Facts, it *item.Item) []Finding {
		var out []Finding
		for _, e := range f.within().coded {
			for _, v := range e.Get(it) {
				if !slices.Contains(item.Lists[e.List], v) {
					out = append(out, at(e.Key, -1, errs.P{"code": v, "name": e.Chinese, "list": strings.Join(item.Lists[e.List], " ")}))
				}
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
						if !slices.Contains(item.Lists[x.List], v) {
							out = append(out, at(c.Key, row, errs.P{"code": v, "name": x.Chinese, "list": strings.Join(item.Lists[x.List], " ")}))
						}
					}
				}
			}
		}
		return out
	},
}
