package designweb

import (
	"cmp"
	"context"
	_ "embed"
	"slices"
	"strings"
	"sync"

	"tongban/internal/base/i18n"
	"tongban/internal/base/packfile"
	"tongban/internal/engine/form"
)

//go:embed form_library.yaml
var librarySeed []byte

// question is one entry of the library of shared questions: a question that means the same in every form that asks it.
type question struct {
	Group string     `json:"group"`
	Uses  int        `json:"uses"` // published forms that ask it
	Field form.Field `json:"field"`
}

// seedGroup is one group of the seed file. Sample is what the registers might give, for the trial of a form.
type seedGroup struct {
	Name      string `json:"name"`
	English   string `json:"english"`
	Questions []struct {
		Field  form.Field `json:"field"`
		Sample string     `json:"sample"`
	} `json:"questions"`
}

var seed = sync.OnceValue(func() []seedGroup {
	var v struct {
		Groups []seedGroup `json:"groups"`
	}
	if _, ps := packfile.Decode(packfile.File{Path: "form_library.yaml", Data: librarySeed}, &v); len(ps) > 0 {
		panic("form_library.yaml: " + ps[0].Key) // embedded, and read by a test
	}
	return v.Groups
})

// library gives the questions to add with one click: the seed, and what published forms ask beyond it.
func (h *Handler) library(ctx context.Context) []question {
	var published []form.Definition
	if h.cfg.Forms != nil {
		published = h.cfg.Forms(ctx)
	}
	return gather(i18n.From(ctx), published)
}

// gather counts terms over the forms. A term the seed does not know is taken as the form that asks it in the most usual words has it; what is
// particular to that form (conditions, and choices of its own) goes.
func gather(l i18n.Lang, published []form.Definition) []question {
	uses := map[string]int{}
	wording := map[string]map[string][]form.Field{} // term → label → fields
	for _, d := range published {
		for _, s := range d.Sections {
			for _, f := range s.Fields {
				if f.Term == "" || strings.HasPrefix(f.Term, d.Key+".") {
					continue
				}
				uses[f.Term]++
				if wording[f.Term] == nil {
					wording[f.Term] = map[string][]form.Field{}
				}
				wording[f.Term][f.Label] = append(wording[f.Term][f.Label], f)
			}
		}
	}
	var out []question
	for _, g := range seed() {
		name := g.Name
		if l == i18n.English {
			name = g.English
		}
		for _, q := range g.Questions {
			out = append(out, question{Group: name, Uses: uses[q.Field.Term], Field: q.Field})
			delete(wording, q.Field.Term)
		}
	}
	var others []question
	for term, byLabel := range wording {
		others = append(others, question{Group: i18n.In(l, "designer.library_others"), Uses: uses[term], Field: usual(byLabel)})
	}
	slices.SortFunc(others, func(a, b question) int {
		return cmp.Or(cmp.Compare(b.Uses, a.Uses), strings.Compare(a.Field.Term, b.Field.Term))
	})
	return append(out, others...)
}

// usual gives the wording most forms use; among equals, the first.
func usual(byLabel map[string][]form.Field) form.Field {
	best := ""
	for label, fs := range byLabel {
		if n, m := len(fs), len(byLabel[best]); n > m || n == m && label < best {
			best = label
		}
	}
	f := byLabel[best][0]
	f.When = form.Field{}.When
	columns := make([]form.Field, 0, len(f.Columns))
	for _, c := range f.Columns {
		c.When = f.When
		columns = append(columns, c)
	}
	if f.Columns = nil; len(columns) > 0 {
		f.Columns = columns
	}
	return f
}

// sampleOf is what a register might give for a term, "" when none fills it in.
func sampleOf(term string) string {
	for _, g := range seed() {
		for _, q := range g.Questions {
			if q.Field.Term == term {
				return q.Sample
			}
		}
	}
	return ""
}
