package rule

import (
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleColumnRequired: a required column is empty.
var ruleColumnRequired = Rule{
	Key: "column_required", Basis: "GB/T 39554.1 子表必填项", Level: Block,
	Check: func(f Facts, it *item.Item) []Finding {
		var out []Finding
		for _, c := range f.within().children {
			n := c.Len(it)
			for col := range c.Columns {
				x := &c.Columns[col]
				if n == 0 || !x.Required {
					continue
				}
				for row := range n {
					if strings.TrimSpace(c.Cell(it, row, col)) == "" {
						out = append(out, at(c.Key, row, errs.P{"name": x.Chinese, "en": x.English}))
					}
				}
			}
		}
		return out
	},
}
