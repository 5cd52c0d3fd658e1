package catalog

import (
	"encoding/json"
	"sync"
	"unicode/utf8"
)

// buffers are where documents are put together.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 4096); return &b }}

// document is publishing.hash of an item of a list with these findings. Findings are not encoded for every item: phrases have them ready. The item's
// own list of them stays empty.
func document(it *Item, findings []RowFinding) (doc, hash string, err error) {
	im := it.Imported
	it.Imported = nil
	b, err := json.Marshal(it)
	it.Imported = im
	if err != nil {
		return "", "", err
	}
	p := buffers.Get().(*[]byte)
	defer buffers.Put(p)
	out := append((*p)[:0], b...)
	if im != nil {
		out = append(out[:len(out)-1], `,"imported":`...) // the last member of the document
		out = append(appendImported(out, im, findings), '}')
	}
	n := len(out)
	out = append(out, "\nform 0 flow 0"...)
	*p = out
	return string(out[:n]), digest(out), nil
}

// appendImported writes what Imported is as JSON.
func appendImported(b []byte, im *Imported, findings []RowFinding) []byte {
	b = append(b, '{')
	begin := len(b)
	member := func(name string) {
		if len(b) > begin {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), name...), '"', ':')
	}
	for _, m := range [...]struct{ name, value string }{
		{"department", im.Department}, {"local_code", im.LocalCode}, {"agency_code", im.AgencyCode}, {"region_code", im.RegionCode}, {"item_type", im.ItemType},
	} {
		if m.value != "" {
			member(m.name)
			b = appendText(b, m.value)
		}
	}
	if len(findings) > 0 {
		member("findings")
		b = append(b, '[')
		for i := range findings {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, findings[i].phrase.doc...)
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

// appendText writes a text as JSON, as encoding/json does.
func appendText(b []byte, s string) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c < ' ' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' || c == 0x7f {
				return appendQuoted(b, s)
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError || r == '\u2028' || r == '\u2029' {
			return appendQuoted(b, s)
		}
		i += n
	}
	return append(append(append(b, '"'), s...), '"')
}

func appendQuoted(b []byte, s string) []byte {
	q, _ := json.Marshal(s) // a text can always be written
	return append(b, q...)
}
