package designweb

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/packfile"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/design"
	"tongban/internal/engine/form"
)

// designerPageOf names a designer: the kind of definition it edits, its island in the browser, the prefix of its own words, and the page's title.
type designerPageOf struct {
	Kind   design.Kind
	Name   string // as <div data-designer> and web/src/design/main.tsx call it
	Prefix string // of texts beside the common designer.*, e.g. designer_flow.; may be empty
	Title  string
}

// designerStart is what every designer's page carries for its island (script#design-data).
type designerStart struct {
	Definition any           `json:"definition"`
	Rev        int           `json:"rev"`
	Problems   []dataProblem `json:"problems"`
	Closed     bool          `json:"closed"`              // nothing can be saved: the change is no draft, or the reader is no item officer
	Published  any           `json:"published,omitempty"` // what is loaded now
	URL        string        `json:"url"`                 // of the page; the data stand under it
}

// designerView is the page of a designer, with the definition's text for those without scripts.
type designerView struct {
	Page  ui.PageView
	Name  string
	Start any // nil: no island, only the text
	Texts map[string]string
	Plain plainView
}

// plainView is a definition as text, posted to the page itself.
type plainView struct {
	Field  ui.FormField
	Rev    int
	May    bool
	Saved  bool
	Theirs string // what somebody else saved meanwhile
	Check  []dataProblem
}

// designer answers the page of a definition; start adds to the common start what this designer's island needs.
func (h *Handler) designer(w http.ResponseWriter, r *http.Request, of designerPageOf, start func(designerStart) any) error {
	ctx := r.Context()
	v, c, f, err := h.designerView(r, of)
	if err != nil {
		return err
	}
	ps, err := h.dataProblems(r, f.Path)
	if err != nil {
		return err
	}
	v.Plain.Check, v.Plain.Saved = ps, r.URL.Query().Has("saved")
	if is := structure(of.Kind, f.Path, f.Content); is != nil {
		s := designerStart{Definition: is, Rev: f.Rev, Problems: ps, Closed: !v.Plain.May, URL: r.URL.Path}
		if was := publishedText(f); was != nil {
			s.Published = structure(of.Kind, f.Path, was)
		}
		v.Start = start(s)
		v.Texts = islandTexts(ctx, "designer.", of.Prefix)
	}
	v.Page = h.page(ctx, c, of.Title)
	return web.Render(w, r, designerPage(v))
}

func (h *Handler) designerView(r *http.Request, of designerPageOf) (designerView, design.Change, design.File, error) {
	ctx := r.Context()
	o, err := h.opened(r)
	if err != nil {
		return designerView{}, design.Change{}, design.File{}, err
	}
	f, err := h.design.Locate(ctx, actor(r), o.Change.ID, of.Kind, r.PathValue("key"))
	if err != nil {
		return designerView{}, o.Change, f, err
	}
	v := designerView{Page: h.page(ctx, o.Change, of.Title), Name: of.Name, Plain: plainView{Rev: f.Rev, May: o.May}}
	v.Plain.Field = ui.FormField{Name: "text", Kind: "textarea", Label: t(ctx, "designer.text_label"), Hint: t(ctx, "designer.text_lead"), Value: string(f.Content), ReadOnly: !o.May}
	return v, o.Change, f, nil
}

// structure reads a definition from a file's text; nil when it cannot be read.
func structure(k design.Kind, path string, text []byte) any {
	v, _ := read(k, path, text)
	if d, ok := v.(*form.Definition); ok {
		return whole(*d)
	}
	return v
}

// read decodes a text strictly into what its kind is made of; nil when that cannot be done. What is readable and yet wrong comes with its findings.
func read(k design.Kind, path string, text []byte) (any, []packfile.Problem) {
	v, err := design.Empty(k)
	if err != nil {
		return nil, []packfile.Problem{{File: path, Line: 1, Key: "design.bad_kind"}}
	}
	doc, ps := packfile.Decode(packfile.File{Path: path, Data: text}, v)
	if len(ps) > 0 {
		return nil, ps
	}
	if d, ok := v.(*form.Definition); ok { // what can be judged alone; the rest is found when the change is checked
		for _, p := range d.Check() {
			ps = append(ps, doc.Problem(p.Path, p.Key, p.Params))
		}
	}
	return v, ps
}

// publishedText is what the pack says of a file, nil when it does not hold it.
func publishedText(f design.File) []byte {
	switch {
	case !f.Own():
		return f.Content
	case f.New:
		return nil
	}
	return f.Was
}

// designerText takes a definition as text: the page without scripts. It is saved over the revision it was shown with; a text that cannot be read, or that
// somebody else overtook, comes back as it was typed.
func (h *Handler) designerText(of func(r *http.Request) designerPageOf) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ctx, page := r.Context(), of(r)
		in, err := web.Form(r)
		if err != nil {
			return err
		}
		v, _, f, err := h.designerView(r, page)
		if err != nil {
			return err
		}
		text := normal(in.Get("text"))
		v.Plain.Field.Value = text
		is, ps := read(page.Kind, f.Path, []byte(text))
		v.Plain.Check = textProblems(r, ps)
		if in.Get("_act") != "save" || is == nil {
			return h.plainAgain(w, r, v)
		}
		rev, err := strconv.Atoi(in.Get("_v"))
		if err != nil {
			return errs.Wrap(err, errs.BadRequest, "base.bad_request")
		}
		v.Plain.Rev = rev
		_, err = h.design.Define(ctx, actor(r), idOf(r), page.Kind, r.PathValue("key"), rev, is)
		var moved *design.Moved
		switch {
		case errors.As(err, &moved):
			v.Plain.Theirs, v.Plain.Rev = string(moved.Theirs), moved.Rev
			return h.plainRefused(w, r, v, http.StatusConflict, err)
		case errs.KindOf(err) == errs.Invalid:
			return h.plainRefused(w, r, v, http.StatusUnprocessableEntity, err)
		case err != nil:
			return err
		}
		return web.SeeOther(w, r, r.URL.Path+"?saved=1")
	}
}

func (h *Handler) plainRefused(w http.ResponseWriter, r *http.Request, v designerView, status int, why error) error {
	v.Plain.Field.Error = i18n.Err(r.Context(), why)
	v.Page.Errors = []ui.ErrorItem{{Field: "text", Text: v.Plain.Field.Error}}
	return web.RenderStatus(w, r, status, designerPage(v))
}

// plainAgain shows the text with what is wrong with it.
func (h *Handler) plainAgain(w http.ResponseWriter, r *http.Request, v designerView) error {
	status := http.StatusOK
	for _, p := range v.Plain.Check {
		v.Page.Errors = append(v.Page.Errors, ui.ErrorItem{Field: "text", Text: strings.TrimSpace(p.Path + " " + p.Text)})
		status = http.StatusUnprocessableEntity
	}
	return web.RenderStatus(w, r, status, designerPage(v))
}

// textProblems puts findings into words, each with its line.
func textProblems(r *http.Request, ps []packfile.Problem) []dataProblem {
	var out []dataProblem
	for _, p := range ps {
		out = append(out, dataProblem{Path: t(r.Context(), "designer.line", errs.P{"n": p.Line}), Key: p.Key, Text: problemText(r, p)})
	}
	return out
}

// islandTexts gives a designer its words: all texts with one of the prefixes, by their keys without it. A later prefix wins.
func islandTexts(ctx context.Context, prefixes ...string) map[string]string {
	out := map[string]string{}
	for _, key := range i18n.Keys(i18n.Chinese) {
		for _, p := range prefixes {
			if name, ok := strings.CutPrefix(key, p); ok && p != "" {
				out[name] = i18n.T(ctx, key)
			}
		}
	}
	return out
}
