package rule

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// ruleInvisible: invisible or private characters.
var ruleInvisible = Rule{
	Key: "invisible", Basis: "GB 18030—2022", Level: Warn,
	Check: func(f Facts, it *item.Item) []Finding {
		var out []Finding
		for _, w := range f.texts(it) {
			if i := strings.IndexFunc(w.text, unseen); i >= 0 {
				r, _ := utf8.DecodeRuneInString(w.text[i:])
				out = append(out, at(w.element, w.row, errs.P{"code": fmt.Sprintf("U+%04X", r)}))
			}
		}
		return out
	},
}

// unseen reports whether a character shows nothing, or what only one office's fonts show.
func unseen(r rune) bool {
	switch {
	case r >= ' ' && r < 0x7F, r >= 0x3000 && r <= 0x9FFF, r == '\n', r == '\t':
		return false // nearly all of them
	case r >= 0xE000 && r <= 0xF8FF, r >= 0xF0000, r == utf8.RuneError:
		return true
	}
	return !unicode.IsGraphic(r)
}
