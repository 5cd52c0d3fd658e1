package orgweb

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
)

// form is the page of one element's questions.
type form struct {
	Page    ui.PageView
	Action  string
	Version int64
	Fields  []ui.FormField
	Submit  string
	Reload  string // the page as it is stored, after a conflict
	Saved   bool
	Sent    string       // the proposal the change became
	Moved   []ui.DiffRow // what differs from the stored version, after a conflict
}

// t is a text; roles among its values are named in the page's language.
func t(ctx context.Context, key string, p ...errs.P) string {
	if len(p) == 1 {
		if roles, ok := p[0]["roles"].(string); ok {
			q := maps.Clone(p[0])
			q["roles"] = labels(ctx, "org.role_", strings.Split(roles, ", "))
			p = []errs.P{q}
		}
	}
	return i18n.T(ctx, key, p...)
}

// asker builds questions of one element; labels and hints are the texts org.<element>_<name> and …_hint.
type asker struct {
	ctx     context.Context
	element string
	fields  []ui.FormField
}

func (a *asker) ask(name, kind, value string, required bool) *ui.FormField {
	key := "org." + a.element + "_" + name
	f := ui.FormField{Name: name, Kind: kind, Label: t(a.ctx, key), Value: value, Required: required, Autocomplete: "off"}
	if i18n.Has(key + "_hint") {
		f.Hint = t(a.ctx, key+"_hint")
	}
	a.fields = append(a.fields, f)
	return &a.fields[len(a.fields)-1]
}

func (a *asker) text(name, value string, required bool) { a.ask(name, "text", value, required) }

// key asks for the key of a new element and shows that of an old one.
func (a *asker) key(name, value string, version int64) {
	a.ask(name, "text", value, version == 0).ReadOnly = version != 0
}

func (a *asker) choose(name, value string, required bool, os []ui.Option) {
	a.ask(name, "select", value, required).Options = os
}

func (a *asker) boxes(name string, values []string, os []ui.Option) {
	f := a.ask(name, "checkbox", "", true)
	f.Values, f.Options = values, os
}

// versionOf reads the version the form was made of.
func versionOf(v url.Values) int64 {
	n, err := strconv.ParseInt(v.Get("_v"), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// answer ends a POST: a redirect, the same page with what is wrong, or the same page with what somebody else saved meanwhile. stored gives the
// version that is stored now; its fields are compared with those typed.
func answer(w http.ResponseWriter, r *http.Request, err error, to string, f form, stored func() (form, error)) error {
	e := errs.As(err)
	switch {
	case err == nil:
		return web.SeeOther(w, r, to+"?saved=1")
	case e != nil && e.Kind == errs.Invalid && len(e.Fields) > 0:
		f.mark(r.Context(), e.Fields)
	case errs.Is(err, "org.key_taken"):
		f.mark(r.Context(), []errs.Field{{Path: keyField(f), Key: e.Key, Params: e.Params}})
	case errs.Is(err, "org.moved_meanwhile") && stored != nil:
		s, err := stored()
		if err != nil {
			return err
		}
		f.Moved, f.Version = f.differs(r.Context(), s), s.Version
		f.Page.Errors = []ui.ErrorItem{{Text: t(r.Context(), "org.moved_meanwhile")}}
		return web.RenderStatus(w, r, http.StatusConflict, formPage(f))
	default:
		return err
	}
	return web.RenderStatus(w, r, http.StatusUnprocessableEntity, formPage(f))
}

func keyField(f form) string {
	if len(f.Fields) == 0 {
		return ""
	}
	return f.Fields[0].Name
}

// mark puts findings beside their fields and into the summary.
func (f *form) mark(ctx context.Context, fs []errs.Field) {
	for _, x := range fs {
		text := t(ctx, x.Key, x.Params)
		name := ""
		if i := slices.IndexFunc(f.Fields, func(q ui.FormField) bool { return q.Name == x.Path }); i >= 0 {
			name = x.Path
			if f.Fields[i].Error == "" {
				f.Fields[i].Error = text
			}
		}
		f.Page.Errors = append(f.Page.Errors, ui.ErrorItem{Field: name, Text: text})
	}
}

// differs compares the typed answers with the stored ones.
func (f *form) differs(ctx context.Context, s form) []ui.DiffRow {
	var out []ui.DiffRow
	for i, q := range f.Fields {
		if i < len(s.Fields) && show(ctx, q) != show(ctx, s.Fields[i]) {
			out = append(out, ui.DiffRow{Label: q.Label, Old: show(ctx, s.Fields[i]), New: show(ctx, q)})
		}
	}
	return out
}

// show gives an answer as it is read.
func show(ctx context.Context, f ui.FormField) string {
	if f.Kind == "yesno" {
		return t(ctx, map[bool]string{true: "ui.yes", false: "ui.no"}[f.Value == "true"])
	}
	if len(f.Options) == 0 {
		return f.Value
	}
	var out []string
	for _, o := range f.Options {
		if o.Value == f.Value && f.Value != "" || slices.Contains(f.Values, o.Value) {
			out = append(out, o.Label)
		}
	}
	return strings.Join(out, "、")
}

func crumbs(cs ...ui.Crumb) []ui.Crumb { return cs }
