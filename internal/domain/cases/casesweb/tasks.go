package casesweb

import (
	"net/http"

	"tongban/internal/base/authz"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
)

// tasks is the one list of what is to do. A fresh draft begins with the questions.
func (h handlers) tasks(w http.ResponseWriter, r *http.Request, d cases.Detail) error {
	if d.State == cases.Draft && len(d.Item.Scenario) > 0 && len(d.Scenario) == 0 && r.URL.Query().Get("done") == "" {
		return web.SeeOther(w, r, draftHref(d.ID, pageQuestions))
	}
	ready, err := h.Cases.Ready(r.Context(), authz.From(r.Context()), d.ID)
	if err != nil {
		return err
	}
	v := h.taskView(r.Context(), d, ready)
	v.Done = doneText(r.Context(), r.URL.Query().Get("done"))
	return web.Render(w, r, tasksPage(v))
}

func (h handlers) discardPage(w http.ResponseWriter, r *http.Request, d cases.Detail) error {
	if d.State != cases.Draft {
		return web.SeeOther(w, r, draftHref(d.ID))
	}
	return web.Render(w, r, discardPage(d))
}

func (h handlers) discard(w http.ResponseWriter, r *http.Request) error {
	if err := h.Cases.DiscardDraft(r.Context(), authz.From(r.Context()), r.PathValue("id")); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/my/cases?done=discarded")
}

// stopView explains why the way ends here, and where it goes on.
type stopView struct{ Title, Text, Href string }

func stopViews(ss []catalog.Stop) []stopView {
	var out []stopView
	for _, s := range ss {
		v := stopView{Title: s.Title, Text: s.Text}
		if s.Item != "" {
			v.Href = "/items/" + s.Item
		}
		out = append(out, v)
	}
	return out
}
