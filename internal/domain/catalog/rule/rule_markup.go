package rule

import (
	"regexp"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleMarkup: markup or script in a text.
var ruleMarkup = Rule{
	Key: "markup", Basis: "网络安全等级保护 GB/T 22239—2019 8.1.4", Level: Block,
	Check: func(f Facts, it *item.Item) []Finding {
		var out []Finding
		for _, w := range f.texts(it) {
			if !suspect(w.text) {
				continue // almost every text: the expression is for the others
			}
			if m := markup.FindString(w.text); m != "" {
				out = append(out, at(w.element, w.row, errs.P{"text": shortened(m)}))
			}
		}
		return out
	},
}

// suspect reports whether a text may hold what markup finds.
func suspect(s string) bool {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '<', '&', '=':
			return true
		case 's', 'S':
			if len(s)-i >= len("script") && strings.EqualFold(s[i:i+len("script")], "script") {
				return true
			}
		}
	}
	return false
}

// markup is what begins a tag, a script address or an event handler.
var markup = regexp.MustCompile(`(?i)<\s*/?\s*[a-z!][^<]{0,40}|javascript\s*:|\bon(click|error|load|mouseover)\s*=|&#x?[0-9a-f]+;?|&(lt|gt|nbsp|amp|quot);`)

func shortened(s string) string {
	if rs := []rune(s); len(rs) > 30 {
		return string(rs[:30]) + "…"
	}
	return s
}
