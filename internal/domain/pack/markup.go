package pack

import (
	"slices"
	"strconv"
	"strings"

	"tongban/internal/base/packfile"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/catalog/rule"
)

// markup finds web code and scripts in what people read of forms, flows, papers, licences, rule tables and the questions of a scenario. The rule is
// that of items, whose own texts the catalogue judges.
func (p Pack) markup() []packfile.Problem {
	judge, ok := rule.ByKey("markup")
	if !ok {
		return nil
	}
	var out []packfile.Problem
	for _, f := range p.Files {
		dir, _, _ := strings.Cut(f.Path, "/")
		if !slices.Contains([]string{"items", "forms", "flows", "papers", "licence-types", "tables"}, dir) || !strings.ContainsAny(string(f.Data), "<&=") && !strings.Contains(strings.ToLower(string(f.Data)), "javascript") {
			continue
		}
		var doc any
		d, ps := packfile.Decode(f, &doc)
		if len(ps) > 0 {
			continue // its own section says that it cannot be read
		}
		walkTexts(doc, "", func(pointer, text string) {
			if dir == "items" && !asked(pointer) {
				return
			}
			for _, x := range judge.Check(rule.Facts{}, &catalog.Item{Name: text}) {
				out = append(out, d.Problem(pointer, "rule.markup", x.Params))
			}
		})
	}
	return out
}

// asked reports whether a text of an item stands below a question, where the catalogue's rules do not look.
func asked(pointer string) bool {
	parts := strings.Split(pointer, "/")
	return len(parts) > 4 && parts[1] == "scenario" || len(parts) > 2 && parts[1] == "trials"
}

// unread are attributes that are no text for people, and may hold what looks like code.
var unread = []string{"pattern", "compute", "image", "when", "value", "given"}

// walkTexts calls fn for each text of a document, in order, with the pointer to it.
func walkTexts(v any, at string, fn func(pointer, text string)) {
	switch v := v.(type) {
	case string:
		fn(at, v)
	case []any:
		for i, x := range v {
			walkTexts(x, at+"/"+strconv.Itoa(i), fn)
		}
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			if !slices.Contains(unread, k) {
				keys = append(keys, k)
			}
		}
		slices.Sort(keys)
		for _, k := range keys {
			walkTexts(v[k], at+"/"+k, fn)
		}
	}
}
