package designweb

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/packfile"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/design"
)

// sourceView is a definition as text, for those who know the format; what has a designer is better edited there.
type sourceView struct {
	Page   ui.PageView
	Action string
	Field  ui.FormField
	Rev    int
	May    bool
	Moved  []design.Line
}

func sourceHref(id, path string) string {
	return changeHref(id, "source") + "?" + url.Values{"path": {path}}.Encode()
}

// definitionHref is where a definition is edited: its designer, or its text where there is none.
func definitionHref(id string, f design.File) string {
	if slices.Contains(designed, f.Kind) {
		return changeHref(id, string(f.Kind), f.Key)
	}
	return sourceHref(id, f.Path)
}

func (h *Handler) sourceView(r *http.Request) (sourceView, design.File, error) {
	o, err := h.opened(r)
	if err != nil {
		return sourceView{}, design.File{}, err
	}
	f, err := h.design.Read(r.Context(), actor(r), o.Change.ID, r.URL.Query().Get("path"))
	if err != nil {
		return sourceView{}, f, err
	}
	if f.Kind == design.SampleFile {
		return sourceView{}, f, errs.New(errs.NotFound, "design.bad_kind")
	}
	v := sourceView{Page: h.page(r.Context(), o.Change, f.Path), Action: sourceHref(o.Change.ID, f.Path), Rev: f.Rev, May: o.May}
	v.Field = ui.FormField{Name: "text", Kind: "textarea", Label: t(r.Context(), "design.source_label"), Hint: t(r.Context(), "design.source_hint"), Value: string(f.Content), ReadOnly: !o.May}
	return v, f, nil
}

func (h *Handler) source(w http.ResponseWriter, r *http.Request) error {
	v, _, err := h.sourceView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, sourcePage(v))
}

func (h *Handler) saveSource(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	q, err := web.Form(r)
	if err != nil {
		return err
	}
	v, f, err := h.sourceView(r)
	if err != nil {
		return err
	}
	rev, _ := strconv.Atoi(q.Get("_v"))
	text := []byte(normal(q.Get("text")))
	v.Field.Value = string(text)
	var fields map[string]any
	if _, ps := packfile.Decode(packfile.File{Path: f.Path, Data: text}, &fields); len(ps) > 0 {
		v.Rev = rev
		v.Field.Error = t(ctx, "design.source_line", errs.P{"line": ps[0].Line, "text": t(ctx, ps[0].Key, ps[0].Params)})
		v.Page.Errors = []ui.ErrorItem{{Field: "text", Text: v.Field.Error}}
		return web.RenderStatus(w, r, http.StatusUnprocessableEntity, sourcePage(v))
	}
	_, err = h.design.Write(ctx, actor(r), idOf(r), f.Path, rev, text)
	var moved *design.Moved
	if errors.As(err, &moved) {
		v.Rev, v.Moved = moved.Rev, design.TextDiff(moved.Theirs, text)
		v.Page.Errors = []ui.ErrorItem{{Text: i18n.Err(ctx, err)}}
		return web.RenderStatus(w, r, http.StatusConflict, sourcePage(v))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, changeHref(idOf(r))+"?saved=1")
}
