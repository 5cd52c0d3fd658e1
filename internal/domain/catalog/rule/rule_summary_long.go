package rule

import (
	"strings"
	"unicode/utf8"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleSummaryLong: a sentence too long.
var ruleSummaryLong = Rule{
	Key: "summary_long", Basis: "国办函〔2016〕108号 通俗易懂", Level: Advice,
	Check: func(_ Facts, it *item.Item) []Finding {
		for _, s := range strings.FieldsFunc(it.Summary, ends) {
			if utf8.RuneCountInString(s) > 60 {
				return one("summary", errs.P{"n": utf8.RuneCountInString(s)})
			}
		}
		return nil
	},
}

func ends(r rune) bool { return r == '。' || r == '！' || r == '？' || r == '；' || r == '\n' }
