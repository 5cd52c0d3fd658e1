package designweb

import (
	"net/http"

	"tongban/internal/domain/design"
	"tongban/internal/engine/form"
)

// formStart is what the form designer's island gets.
type formStart struct {
	designerStart
	Library  []question `json:"library"`
	Template string     `json:"template"`
}

func formDesignerOf(r *http.Request) designerPageOf {
	return designerPageOf{Kind: design.FormFile, Name: "form", Title: t(r.Context(), "designer.form_page")}
}

// formPage is the form designer.
func (h *Handler) formPage(w http.ResponseWriter, r *http.Request) error {
	return h.designer(w, r, formDesignerOf(r), func(d designerStart) any {
		s := formStart{designerStart: d, Library: []question{}, Template: "/office/form-template"}
		if !d.Closed {
			s.Library = h.library(r.Context())
		}
		return s
	})
}

// whole gives a form whose lists are lists, also when they are empty: the island walks them.
func whole(d form.Definition) form.Definition {
	sections := make([]form.Section, 0, len(d.Sections))
	for _, s := range d.Sections {
		if s.Fields == nil {
			s.Fields = []form.Field{}
		}
		sections = append(sections, s)
	}
	d.Sections = sections
	return d
}
