package rule

import (
	"unicode/utf8"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleTextLong: longer than the exchange table takes.
var ruleTextLong = Rule{
	Key: "text_long", Basis: "国家交换库表字段长度", Level: Warn,
	Check: func(f Facts, it *item.Item) []Finding {
		var out []Finding
		for _, e := range f.within().short {
			if limit := longest[e.Key]; tooLong(e.Get(it), limit) {
				out = append(out, at(e.Key, -1, errs.P{"name": e.Chinese, "en": e.English, "max": limit}))
			}
		}
		return out
	},
}

// tooLong reports whether the texts, joined, have more characters than a column takes.
func tooLong(texts []string, limit int) bool {
	n := max(len(texts)-1, 0)
	for _, s := range texts {
		n += utf8.RuneCountInString(s)
	}
	return n > limit
}

// longest are the lengths of the exchange table's columns.
var longest = map[string]int{
	"visits_reason": 1000, "special": 500, "intermediary": 500, "address": 500, "hours": 500, "entrusted_by": 100, "agency_name": 200, "base_code": 12, "code": 36, "local_code": 50,
	"url": 256, "sso_pc_url": 256, "sso_app_url": 256,
}
