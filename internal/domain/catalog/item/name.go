package item

import (
	"cmp"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
)

// Named puts codes of a list into the parameters of a text, as people call them: name for the Chinese text, name_en for the English one. Codes of digits,
// which offices know by heart, stand before their names.
func Named(p errs.P, name, list string, codes ...string) errs.P {
	p[name], p[name+"_en"] = codeWords(i18n.Chinese, list, codes), codeWords(i18n.English, list, codes)
	return p
}

func codeWords(l i18n.Lang, list string, codes []string) string {
	out := make([]string, len(codes))
	for i, c := range codes {
		switch word := CodeName(l, list, c); {
		case word == c:
			out[i] = c
		case strings.Trim(c, "0123456789") == "":
			out[i] = c + " " + word
		default:
			out[i] = word
		}
	}
	return strings.Join(out, map[i18n.Lang]string{i18n.Chinese: "、", i18n.English: ", "}[l])
}

// Label is how people call a question: its words, or its key where it has none.
func (q Question) Label() string { return cmp.Or(strings.TrimSpace(q.Ask), q.Key) }
