package design

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/packfile"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/engine/cond"
	"tongban/internal/engine/flow"
	"tongban/internal/engine/form"
)

// Names gives what people call something that definitions name by its key; "" when it is not known. The kinds: agency, post, window, item, and the
// folders of a pack that hold definitions.
type Names func(kind, key string) string

// question is what conditions and sources may read, as people know it.
type question struct {
	label, unit string
	kind        cond.Type
	options     []form.Option
}

// Words puts what stands in the files of a change into words: keys become the names of what they mean.
type Words struct {
	l         i18n.Lang
	names     Names
	questions map[string]question // by the name conditions of the item use: form.area, scenario.kind, applicant.age
	own       map[string]question // of the form itself, by key: its conditions read without a prefix
	materials map[string]string
	steps     map[string]string // names of a flow's steps
	titles    map[string]string // of the definitions and packs there are: forms/stall, pack/qinglan
	fieldsOf  map[string]string // labels of the fields of the licence that is being said
}

// Words gathers what is asked and named in a change, as it is now and, for what was deleted, as it was published.
func (s *Service) Words(ctx context.Context, a authz.Actor, id string, names Names) (*Words, error) {
	c, err := s.open(ctx, a, id)
	if err != nil {
		return nil, err
	}
	fs, err := s.Files(ctx, a, id)
	if err != nil {
		return nil, err
	}
	w := NewWords(i18n.From(ctx), names)
	var old, now []packfile.File
	for _, f := range fs {
		if f.Own() && len(f.Was) > 0 {
			old = append(old, packfile.File{Path: f.Path, Data: f.Was})
		}
		if !f.Removed {
			now = append(now, packfile.File{Path: f.Path, Data: f.Content})
		}
	}
	var it item.Item // one that cannot be read names nothing yet; the check says so
	if f, ok := defining(fs, ItemFile, c.Item); ok {
		packfile.Loose(packfile.File{Path: f.Path, Data: f.Content}, &it)
	}
	for _, f := range append(old, now...) { // what is there now goes over what was
		w.learn(f, it)
	}
	loaded, err := s.packs.List(ctx)
	for _, p := range loaded {
		w.titles["pack/"+p.Key] = p.Name
	}
	w.titles["pack/"+c.Pack] = cmp.Or(c.PackName, w.titles["pack/"+c.Pack])
	return w, err
}

// NewWords makes words that know no question yet.
func NewWords(l i18n.Lang, names Names) *Words {
	if names == nil {
		names = func(string, string) string { return "" }
	}
	w := &Words{l: l, names: names, questions: map[string]question{}, own: map[string]question{}, materials: map[string]string{}, steps: map[string]string{}, titles: map[string]string{}}
	w.questions[item.ApplicantKind] = question{label: w.t("designer_flow.applicant_kind"), kind: cond.Choice, options: []form.Option{
		{Value: "person", Label: w.t("designer_flow.applicant_person")}, {Value: "firm", Label: w.t("designer_flow.applicant_firm")},
	}}
	w.questions[item.ApplicantAge] = question{label: w.t("designer_flow.applicant_age"), kind: cond.Number}
	return w
}

func (w *Words) t(key string) string { return i18n.In(w.l, key) }

// Learn takes the questions, materials and steps of a file.
func (w *Words) Learn(f packfile.File) { w.learn(f, item.Item{}) }

// learn takes the questions, materials and steps of a file that has to do with the item.
func (w *Words) learn(f packfile.File, it item.Item) {
	k, _ := KindOf(f.Path)
	if key, ok := keyIn(f); ok && k != ItemFile {
		w.titles[string(k)+"/"+key] = Title(File{Path: f.Path, Kind: k, Key: key, Content: f.Data})
	}
	switch k {
	case ItemFile:
		var is item.Item
		if packfile.Loose(f, &is) && (it.Key == "" || is.Key == it.Key) {
			w.item(is)
		}
	case FormFile:
		var d form.Definition
		if packfile.Loose(f, &d) && (it.Form == "" || d.Key == it.Form) {
			w.form(d)
		}
	case FlowFile:
		var d flow.Definition
		if packfile.Loose(f, &d) && (it.Flow == "" || d.Key == it.Flow) {
			for _, s := range d.Walk() {
				w.steps[s.Key] = s.Name
			}
		}
	}
}

func (w *Words) item(it item.Item) {
	for _, q := range it.Scenario {
		w.questions[item.ScenarioPrefix+q.Key] = question{label: q.Ask, kind: cond.Choice, options: q.Options}
	}
	for _, m := range it.Materials {
		w.materials[m.Key] = m.Name
	}
}

func (w *Words) form(d form.Definition) {
	scope := d.Scope()
	for _, s := range d.Sections {
		for _, f := range s.Fields {
			q := question{label: f.Label, unit: f.Unit, kind: scope[f.Key].Type, options: f.Options}
			w.questions[item.FormPrefix+f.Key], w.own[f.Key] = q, q
		}
	}
}

func (w *Words) question(name string) (question, bool) {
	q, ok := w.questions[name]
	if !ok {
		q, ok = w.own[name]
	}
	return q, ok && q.label != ""
}

// Asked is what people call a question that a condition names; the name itself when it is not known.
func (w *Words) Asked(name string) string {
	if q, ok := w.question(name); ok {
		return q.label
	}
	return name
}

// Condition says a condition in words, as the designers do.
func (w *Words) Condition(e cond.Expr) string {
	switch {
	case e.IsZero():
		return ""
	case e.Not != nil:
		return i18n.In(w.l, "designer.not_text", errs.P{"text": w.Condition(*e.Not)})
	case len(e.All) > 0:
		return w.joined(e.All, "designer.and")
	case len(e.Any) > 0:
		return w.joined(e.Any, "designer.or")
	}
	q, ok := w.question(e.Field)
	label := q.label
	if !ok {
		q.kind, label = cond.Text, i18n.In(w.l, "designer.when_gone", errs.P{"key": e.Field})
	}
	op := string(q.kind) + "_"
	if q.kind == cond.Number || q.kind == cond.Date || !i18n.Has("designer.op_"+op+e.Op) {
		op = ""
	}
	out := "“" + label + "” " + w.t("designer.op_"+op+e.Op)
	if e.Value != nil {
		out += " " + q.answer(w, e.Value) + q.unit
	}
	return out
}

func (w *Words) joined(list []cond.Expr, by string) string {
	parts := make([]string, len(list))
	for i, x := range list {
		parts[i] = w.Condition(x)
		if x.Field == "" {
			parts[i] = "（" + parts[i] + "）"
		}
	}
	return strings.Join(parts, w.t(by))
}

// answer names the answers a question is compared with.
func (q question) answer(w *Words, v any) string {
	switch v := v.(type) {
	case bool:
		return w.yes(v)
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = q.answer(w, x)
		}
		return strings.Join(parts, "、")
	}
	text := fmt.Sprint(v)
	for _, o := range q.options {
		if o.Value == text {
			return o.Label
		}
	}
	return text
}

func (w *Words) yes(v bool) string {
	if v {
		return w.t("ui.yes")
	}
	return w.t("ui.no")
}

// named is what people call a key, or the key.
func (w *Words) named(kind, key string) string {
	return cmp.Or(w.names(kind, key), w.titles[kind+"/"+key], key)
}
