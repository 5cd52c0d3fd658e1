package design

import (
	"regexp"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/packfile"
	"tongban/internal/domain/licence"
)

// hole is a place on a paper or in a number that is filled in when it is made: {{agency}}, {year}, {seq:6}.
var hole = regexp.MustCompile(`\{\{([a-z0-9_]+)\}\}|\{([a-z0-9_]+)(?::([0-9]+))?\}`)

// filled puts what people call the places of a text to fill in where they stand: 〔机关名称〕. A place without a name stays as it is.
func (w *Words) filled(k Kind, text string) string {
	if k != PaperFile && k != LicenceFile || !strings.Contains(text, "{") {
		return text
	}
	return hole.ReplaceAllStringFunc(text, func(s string) string {
		m := hole.FindStringSubmatch(s)
		name := ""
		if m[1] != "" {
			name = w.placeName(k, m[1])
		} else {
			name = w.partName(m[2], m[3])
		}
		if name == "" {
			return s
		}
		return "〔" + name + "〕"
	})
}

// placeName names a value that papers or licences may show; a licence's own fields by their labels.
func (w *Words) placeName(k Kind, key string) string {
	name := "designer_paper.value_" + key
	if k == LicenceFile {
		if label := w.fieldsOf[key]; label != "" {
			return label
		}
		name = "designer_paper.licence_value_" + key
	}
	if !i18n.Has(name) {
		return ""
	}
	return w.t(name)
}

// partName names a part of a number; width is that of a serial. In a licence a field may stand there too.
func (w *Words) partName(key, width string) string {
	if name := "designer_paper.paper_number_" + key; i18n.Has(name) {
		return i18n.In(w.l, name, errs.P{"n": width})
	}
	return w.fieldsOf[key]
}

// learnFields takes the labels of a licence's fields; those of a later text go over an earlier one's.
func (w *Words) learnFields(texts ...[]byte) {
	w.fieldsOf = map[string]string{}
	for _, text := range texts {
		var t licence.Type
		if !packfile.Loose(packfile.File{Data: text}, &t) {
			continue
		}
		for _, f := range t.Fields {
			w.fieldsOf[f.Key] = f.Label
		}
	}
}
