package rule

import (
	"unicode/utf8"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleNameLong: name too long.
var ruleNameLong = Rule{
	Key: "name_long", Basis: "GB/T 39554.1 事项名称 an..200", Level: Block,
	Check: func(_ Facts, it *item.Item) []Finding {
		if utf8.RuneCountInString(it.Name) > 200 {
			return one("name", errs.P{"max": 200})
		}
		return nil
	},
}
