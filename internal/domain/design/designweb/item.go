package designweb

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/catalog/rule"
	"tongban/internal/domain/design"
	"tongban/internal/domain/org"
)

// itemView is one group of an item's elements.
type itemView struct {
	Page     ui.PageView
	ID       string
	Tabs     []ui.NavItem
	Action   string
	Rev      int
	Sections []ui.FormSection
	Computed []ui.KVRow
	Children []ui.Task
	Score    string
	May      bool
	Saved    bool
	Moved    []ui.DiffRow
	Next     string
}

// asked are the elements of a group that the editor asks for: computed ones are shown, the agency is set when the change begins.
func asked(group string) (ask, show []item.Element) {
	for _, e := range item.Elements {
		switch {
		case e.Group != group:
		case e.Computed || e.Key == "agency":
			show = append(show, e)
		default:
			ask = append(ask, e)
		}
	}
	return ask, show
}

// groupOf names the children that belong with a group of elements.
var groupOf = map[string][]string{
	"handling": {"special", "joint", "delegates", "materials", "questions", "checks"}, "place": {"places", "faq"}, "legal": {"bases", "duty"},
	"result": {"results", "fees"}, "other": {"investment", "fund"},
}

func (h *Handler) itemForm(w http.ResponseWriter, r *http.Request) error {
	o, err := h.withItem(r)
	if err != nil {
		return err
	}
	v, err := h.itemView(r, o, r.PathValue("group"), nil)
	if err != nil {
		return err
	}
	v.Saved = r.URL.Query().Has("saved")
	return web.Render(w, r, itemPage(v))
}

// withItem is opened for pages that need the item.
func (h *Handler) withItem(r *http.Request) (opened, error) {
	o, err := h.opened(r)
	if err == nil && !o.Has {
		err = errs.New(errs.NotFound, "design.no_file", errs.P{"path": design.ItemFile.Path(o.Change.Item)})
	}
	return o, err
}

// itemView makes the page of a group; q holds what was typed, or is nil.
func (h *Handler) itemView(r *http.Request, o opened, group string, q url.Values) (itemView, error) {
	ctx := r.Context()
	l := i18n.From(ctx)
	if !slices.Contains(item.Groups, group) {
		return itemView{}, errs.New(errs.NotFound, "base.not_found")
	}
	c := o.Change
	v := itemView{Page: h.page(ctx, c, t(ctx, "item.group_"+group)), ID: c.ID, Rev: o.File.Rev, May: o.May, Action: changeHref(c.ID, "item", group)}
	for i, g := range item.Groups {
		v.Tabs = append(v.Tabs, ui.NavItem{Href: changeHref(c.ID, "item", g), Label: t(ctx, "item.group_"+g), Current: g == group})
		if g == group && i+1 < len(item.Groups) {
			v.Next = changeHref(c.ID, "item", item.Groups[i+1])
		}
	}
	hints, score, shown := h.hints(ctx, &o.Item)
	if shown {
		v.Score = t(ctx, "design.score", errs.P{"n": score})
	}
	ask, show := asked(group)
	main, more := ui.FormSection{}, ui.FormSection{Title: t(ctx, "design.more_elements")}
	for _, e := range ask {
		fs := h.elementFields(r, o, e, q)
		hint(ctx, fs, e.Key, hints, r.URL.Query().Has("check"))
		if e.Required || e.Mandatory || e.Own || e.Needed(&o.Item) || len(e.Get(&o.Item)) > 0 {
			main.Fields = append(main.Fields, fs...)
		} else {
			more.Fields = append(more.Fields, fs...)
		}
	}
	v.Sections = []ui.FormSection{main}
	if len(more.Fields) > 0 {
		v.Sections = append(v.Sections, more)
	}
	for _, e := range show {
		v.Computed = append(v.Computed, ui.KVRow{Key: e.Label(l), Value: e.Text(l, &o.Item)})
	}
	for _, key := range groupOf[group] {
		if child, ok := item.ChildByKey(key); ok {
			v.Children = append(v.Children, ui.Task{Label: child.Label(l), Href: changeHref(c.ID, "rows", key), State: ui.Done, Note: t(ctx, "design.rows", errs.P{"n": child.Len(&o.Item)})})
		}
	}
	return v, nil
}

// elementFields is the question of an element; a limit is two.
func (h *Handler) elementFields(r *http.Request, o opened, e item.Element, q url.Values) []ui.FormField {
	ctx := r.Context()
	l := i18n.From(ctx)
	f := ui.FormField{Name: e.Key, Label: e.Label(l), Hint: e.Help(l), Required: e.Required || e.Needed(&o.Item), ReadOnly: !o.May}
	values := e.Get(&o.Item)
	if e.Kind == item.KindLimit {
		f.Name, f.Kind, f.Autocomplete = e.Key+".n", "number", "off"
		unit := ui.FormField{Name: e.Key + ".unit", Kind: "select", Label: t(ctx, "design.unit_of", errs.P{"name": e.Label(l)}), Options: codeOptions(l, "unit"), ReadOnly: !o.May}
		if len(values) == 2 {
			f.Value, unit.Value = values[0], values[1]
		}
		if q != nil {
			f.Value, unit.Value = q.Get(f.Name), q.Get(unit.Name)
		}
		return []ui.FormField{f, unit}
	}
	if q != nil {
		values = typed(q, e.Key, e.Kind)
	}
	kindField(ctx, &f, e.Kind, e.List, values)
	h.pick(r, o, &f, e.Key, values)
	return []ui.FormField{f}
}

// pick offers what is there instead of keys to type: windows of the agency, licence types, uploaded samples.
func (h *Handler) pick(r *http.Request, o opened, f *ui.FormField, key string, values []string) {
	ctx := r.Context()
	switch key {
	case "windows":
		f.Kind, f.Value, f.Values, f.Options = "checkbox", "", values, nil
		for _, w := range h.offices.Windows(ctx, "") {
			if w.Agency == o.Item.Agency || org.IsHall(w.Agency) {
				f.Options = append(f.Options, ui.Option{Value: w.Key, Label: w.Name, Hint: w.Hall})
			}
		}
	case "result_sample":
		h.chooseSample(r, o, f)
	case "licence_type":
		if h.cfg.Licences != nil {
			h.choose(f, h.cfg.Licences(ctx))
		}
	}
}

// choose turns a text into a choice; a value that is no option stays one.
func (h *Handler) choose(f *ui.FormField, options []ui.Option) {
	f.Kind, f.Options = "select", slices.Clone(options)
	if f.Value != "" && !slices.ContainsFunc(options, func(o ui.Option) bool { return o.Value == f.Value }) {
		f.Options = append(f.Options, ui.Option{Value: f.Value, Label: f.Value})
	}
}

// hint puts a rule's findings beside the question they concern: what forbids to publish as an error when the page was opened from the check.
func hint(ctx context.Context, fs []ui.FormField, key string, hints []rule.Finding, strict bool) {
	if len(fs) == 0 {
		return
	}
	for _, x := range hints {
		if x.Element != key || x.Row >= 0 {
			continue
		}
		text := strings.TrimSpace(x.Text(i18n.From(ctx)) + " " + x.Remedy(i18n.From(ctx)))
		if strict && x.Level == rule.Block && fs[0].Error == "" {
			fs[0].Error = text
			continue
		}
		if len(fs[0].Value)+len(fs[0].Values) > 0 || strict {
			fs[0].Hint = strings.TrimSpace(fs[0].Hint + " " + t(ctx, "design.hint_"+string(x.Level), errs.P{"text": text}))
		}
	}
}

func (h *Handler) saveItem(w http.ResponseWriter, r *http.Request) error {
	ctx, a := r.Context(), actor(r)
	q, err := web.Form(r)
	if err != nil {
		return err
	}
	o, err := h.withItem(r)
	if err != nil {
		return err
	}
	group := r.PathValue("group")
	ask, _ := asked(group)
	is := o.Item
	var bad []errs.Field
	for _, e := range ask {
		if name := inputOf(e); !o.May || !slices.Contains(q["_fields"], name) { // a page that did not ask changes nothing
			continue
		}
		if x := setElement(&is, e, q); x != nil {
			bad = append(bad, *x)
		}
	}
	rev, _ := strconv.Atoi(q.Get("_v"))
	next, err := h.design.WriteAs(ctx, a, o.Change.ID, o.File.Path, rev, is)
	auto := r.Header.Get("X-Autosave") != ""
	var moved *design.Moved
	switch {
	case errors.As(err, &moved):
		if auto {
			return web.JSON(w, http.StatusConflict, autosaved{Detail: i18n.Err(ctx, err)})
		}
		return h.itemMoved(w, r, group, q, is)
	case err != nil:
		return err
	case auto:
		return web.JSON(w, http.StatusOK, autosaved{Version: next, SavedAt: stamp(h.now())[11:]})
	}
	if len(bad) > 0 {
		o.File.Rev, o.Item = next, is
		v, err := h.itemView(r, o, group, q)
		if err != nil {
			return err
		}
		mark(ctx, &v.Page, v.Sections[0].Fields, errs.As(errs.Fields("design.invalid", bad)))
		return web.RenderStatus(w, r, http.StatusUnprocessableEntity, itemPage(v))
	}
	to := changeHref(o.Change.ID, "item", group) + "?saved=1"
	if q.Get("_act") == "next" {
		if i := slices.Index(item.Groups, group); i+1 < len(item.Groups) {
			to = changeHref(o.Change.ID, "item", item.Groups[i+1])
		} else {
			to = changeHref(o.Change.ID)
		}
	}
	return web.SeeOther(w, r, to)
}

// autosaved is the answer to a form that saves itself.
type autosaved struct {
	Version int    `json:"version,omitempty"`
	SavedAt string `json:"saved_at,omitempty"`
	Detail  string `json:"detail,omitempty"`
}

// inputOf is the name of an element's question.
func inputOf(e item.Element) string {
	if e.Kind == item.KindLimit {
		return e.Key + ".n"
	}
	return e.Key
}

// setElement takes the answer to one question; what cannot be a value is a finding and leaves the item as it was.
func setElement(it *item.Item, e item.Element, q url.Values) *errs.Field {
	var values []string
	name := inputOf(e)
	if e.Kind == item.KindLimit {
		if n := strings.TrimSpace(q.Get(name)); n != "" && n != "0" {
			values = []string{n, q.Get(e.Key + ".unit")}
		}
	} else {
		values = typed(q, e.Key, e.Kind)
	}
	if slices.Equal(values, e.Get(it)) {
		return nil
	}
	err := e.Set(it, values)
	if err == nil {
		return nil
	}
	x := errs.Field{Path: name, Key: "design.bad_value"}
	if known := errs.As(err); known != nil {
		x.Key, x.Params = known.Key, known.Params
	}
	return &x
}

// itemMoved shows what somebody else saved meanwhile beside what was typed; sending again saves over it.
func (h *Handler) itemMoved(w http.ResponseWriter, r *http.Request, group string, q url.Values, mine item.Item) error {
	ctx := r.Context()
	o, err := h.withItem(r)
	if err != nil {
		return err
	}
	v, err := h.itemView(r, o, group, q)
	if err != nil {
		return err
	}
	l := i18n.From(ctx)
	ask, _ := asked(group)
	for _, e := range ask {
		if theirs, my := e.Text(l, &o.Item), e.Text(l, &mine); theirs != my {
			v.Moved = append(v.Moved, ui.DiffRow{Label: e.Label(l), Old: theirs, New: my})
		}
	}
	v.Page.Errors = []ui.ErrorItem{{Text: t(ctx, "design.moved", errs.P{"path": o.Item.Name})}}
	return web.RenderStatus(w, r, http.StatusConflict, itemPage(v))
}
