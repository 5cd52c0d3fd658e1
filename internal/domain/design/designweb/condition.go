package designweb

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/engine/cond"
	"tongban/internal/engine/form"
)

// CondField is a question that a condition may ask about.
type CondField struct {
	Name    string       `json:"name"` // as conditions write it: scenario.size, form.area, applicant.kind
	Label   string       `json:"label"`
	Type    cond.Type    `json:"type"`
	Options []CondOption `json:"options,omitempty"`
}

// CondOption is an answer of a choice.
type CondOption struct {
	Value string `json:"value"`
	Label string `json:"label"`
}

// CondFields lists what conditions of an item may ask, in the order people see the questions: the applicant, the scenario, the form. Of the scenario,
// only the questions before the one with the key are given; "" gives all.
func CondFields(ctx context.Context, it item.Item, fm *form.Definition, before string) []CondField {
	out := []CondField{
		{Name: item.ApplicantKind, Label: t(ctx, "design.cond_applicant_kind"), Type: cond.Choice, Options: []CondOption{
			{"person", t(ctx, "design.cond_person")}, {"firm", t(ctx, "design.cond_firm")},
		}},
		{Name: item.ApplicantAge, Label: t(ctx, "design.cond_applicant_age"), Type: cond.Number},
	}
	for _, q := range it.Scenario {
		if before != "" && q.Key == before {
			return out
		}
		f := CondField{Name: item.ScenarioPrefix + q.Key, Label: t(ctx, "design.cond_scenario", errs.P{"name": q.Ask}), Type: cond.Choice}
		for _, o := range q.Options {
			f.Options = append(f.Options, CondOption{o.Value, o.Label})
		}
		out = append(out, f)
	}
	if fm == nil || before != "" {
		return out
	}
	return append(out, FormFields(ctx, *fm, item.FormPrefix)...)
}

// FormFields lists the questions of a form for conditions; prefix is "form." outside the form and empty inside it.
func FormFields(ctx context.Context, fm form.Definition, prefix string) []CondField {
	scope := fm.Scope()
	var out []CondField
	for _, s := range fm.Sections {
		for _, q := range s.Fields {
			ft, ok := scope[q.Key]
			if !ok {
				continue
			}
			f := CondField{Name: prefix + q.Key, Label: q.Label, Type: ft.Type}
			if prefix != "" {
				f.Label = t(ctx, "design.cond_form", errs.P{"name": q.Label})
			}
			for _, o := range q.Options {
				f.Options = append(f.Options, CondOption{o.Value, o.Label})
			}
			out = append(out, f)
		}
	}
	return out
}

// condOps are the operators people may pick for a type, the commonest first.
var condOps = map[cond.Type][]string{
	cond.Choice: {cond.Eq, cond.Ne, cond.In, cond.NotIn, cond.Empty, cond.NotEmpty}, cond.Choices: {cond.Contains, cond.In, cond.NotIn, cond.Empty, cond.NotEmpty},
	cond.Bool: {cond.Eq, cond.Empty, cond.NotEmpty}, cond.Number: {cond.Eq, cond.Ne, cond.Gt, cond.Ge, cond.Lt, cond.Le, cond.Empty, cond.NotEmpty},
	cond.Date: {cond.Before, cond.After, cond.Eq, cond.Empty, cond.NotEmpty}, cond.Rows: {cond.Empty, cond.NotEmpty}, cond.Text: {cond.Eq, cond.Ne, cond.Empty, cond.NotEmpty},
}

// condRow is one comparison as the picker shows it.
type condRow struct {
	N                int
	Field, Op, Value ui.FormField
	Was              string // the question the shown answers belong to
	Ready            bool   // a question is chosen: operator and answer are asked
	NoValue          bool
}

// CondView is the picker of one condition. Every name begins with Name.
type CondView struct {
	Name, Label, Hint, Error string
	Join                     ui.FormField // all or any; shown from the second row on
	Rows                     []condRow
	Kept                     string // JSON of a condition the picker cannot show; it stays unless rows replace it
	KeptText                 string
}

const condRows = 6

// NewCond shows a condition in the picker.
func NewCond(ctx context.Context, name, label string, e cond.Expr, fields []CondField) CondView {
	v := CondView{Name: name, Label: label, Hint: t(ctx, "design.cond_hint")}
	join, list, ok := simple(e)
	if !ok {
		b, _ := json.Marshal(e) // an expression that was read can be written
		v.Kept, v.KeptText = string(b), e.String()
		join, list = "all", nil
	}
	v.Join = joinField(ctx, name, join)
	for i, x := range list {
		v.Rows = append(v.Rows, rowOf(ctx, name, i, x.Field, x.Op, valuesOf(x.Value), fields))
	}
	if len(v.Rows) == 0 {
		v.Rows = append(v.Rows, rowOf(ctx, name, 0, "", "", nil, fields))
	}
	return v
}

func joinField(ctx context.Context, name, join string) ui.FormField {
	return ui.FormField{Name: name + ".join", Kind: "select", Label: t(ctx, "design.cond_join"), Value: join, Options: []ui.Option{
		{Value: "all", Label: t(ctx, "design.cond_all")}, {Value: "any", Label: t(ctx, "design.cond_any")},
	}}
}

// simple takes a condition apart that is one comparison, or all or any of some.
func simple(e cond.Expr) (join string, list []cond.Expr, ok bool) {
	switch {
	case e.IsZero():
		return "all", nil, true
	case e.Field != "":
		return "all", []cond.Expr{e}, true
	case len(e.All) > 0:
		join, list = "all", e.All
	case len(e.Any) > 0:
		join, list = "any", e.Any
	}
	plain := len(list) > 0 && len(list) <= condRows && !slices.ContainsFunc(list, func(x cond.Expr) bool { return x.Field == "" })
	return join, list, plain
}

// valuesOf gives a comparison's value as the picker's answers.
func valuesOf(v any) []string {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		var out []string
		for _, x := range v {
			out = append(out, fmt.Sprint(x))
		}
		return out
	}
	return []string{fmt.Sprint(v)}
}

func rowOf(ctx context.Context, name string, n int, field, op string, values []string, fields []CondField) condRow {
	at := name + "." + strconv.Itoa(n)
	r := condRow{N: n, Was: field}
	r.Field = ui.FormField{Name: at + ".field", Kind: "select", Label: t(ctx, "design.cond_question"), Value: field}
	i := slices.IndexFunc(fields, func(f CondField) bool { return f.Name == field })
	for _, f := range fields {
		r.Field.Options = append(r.Field.Options, ui.Option{Value: f.Name, Label: f.Label})
	}
	if field == "" {
		return r
	}
	if i < 0 { // it was deleted: it stays to be seen and replaced
		r.Field.Options = append(r.Field.Options, ui.Option{Value: field, Label: t(ctx, "design.cond_gone", errs.P{"name": field})})
		r.Field.Error = t(ctx, "design.cond_gone_error", errs.P{"name": field})
		fields, i = []CondField{{Name: field, Type: cond.Text}}, 0
	}
	r.Ready = true
	f := fields[i]
	r.Op = ui.FormField{Name: at + ".op", Kind: "select", Label: t(ctx, "design.cond_op"), Value: op}
	for _, o := range condOps[f.Type] {
		r.Op.Options = append(r.Op.Options, ui.Option{Value: o, Label: t(ctx, "design.op_"+o)})
	}
	if r.Op.Value == "" {
		r.Op.Value = condOps[f.Type][0]
	}
	r.NoValue = f.Type == cond.Rows
	r.Value = answerField(ctx, at+".value", f, values)
	return r
}

// answerField asks for the answer a question is compared with.
func answerField(ctx context.Context, name string, f CondField, values []string) ui.FormField {
	v := ui.FormField{Name: name, Kind: "text", Label: t(ctx, "design.cond_answer"), Autocomplete: "off"}
	if len(values) > 0 {
		v.Value = values[0]
	}
	switch {
	case len(f.Options) > 0:
		v.Kind, v.Value, v.Values = "checkbox", "", values
		for _, o := range f.Options {
			v.Options = append(v.Options, ui.Option{Value: o.Value, Label: o.Label})
		}
	case f.Type == cond.Bool:
		v.Kind = "select"
		v.Options = []ui.Option{{Value: "true", Label: t(ctx, "ui.yes")}, {Value: "false", Label: t(ctx, "ui.no")}}
	case f.Type == cond.Number:
		v.Kind = "number"
	case f.Type == cond.Date:
		v.Hint = t(ctx, "design.cond_date")
	}
	return v
}

// ParseCond reads a picker that was sent. ready is false while it must be shown again: a row was added, or a question chosen whose answer is still to
// be asked; view is then the picker to show. A comparison that cannot be made is an error beside its answer.
func ParseCond(ctx context.Context, q url.Values, name, label string, fields []CondField) (e cond.Expr, view CondView, ready bool) {
	view = CondView{Name: name, Label: label, Hint: t(ctx, "design.cond_hint"), Kept: q.Get(name + ".kept"), Join: joinField(ctx, name, q.Get(name+".join"))}
	ready = true
	var list []cond.Expr
	for i := range condRows {
		at := name + "." + strconv.Itoa(i)
		field := q.Get(at + ".field")
		if field == "" {
			continue
		}
		fresh := field != q.Get(at+".was")
		op, values := q.Get(at+".op"), slices.DeleteFunc(slices.Clone(q[at+".value"]), func(s string) bool { return strings.TrimSpace(s) == "" })
		if fresh {
			op, values, ready = "", nil, false
		}
		row := rowOf(ctx, name, len(view.Rows), field, op, values, fields)
		if !fresh {
			x, err := compare(field, op, values, fields)
			if err != "" {
				row.Value.Error, ready = t(ctx, err), false
			}
			list = append(list, x)
		}
		view.Rows = append(view.Rows, row)
	}
	if q.Get("_act") == "cond:"+name && len(view.Rows) < condRows || len(view.Rows) == 0 {
		ready = ready && q.Get("_act") != "cond:"+name
		view.Rows = append(view.Rows, rowOf(ctx, name, len(view.Rows), "", "", nil, fields))
	}
	switch {
	case len(list) == 0 && view.Kept != "" && q.Get(name+".drop") == "":
		kept, err := cond.Parse([]byte(view.Kept))
		view.KeptText = kept.String()
		return kept, view, ready && err == nil
	case len(list) == 1:
		return list[0], view, ready
	case len(list) > 1 && q.Get(name+".join") == "any":
		return cond.Expr{Any: list}, view, ready
	case len(list) > 1:
		return cond.Expr{All: list}, view, ready
	}
	return cond.Expr{}, view, ready
}

// compare makes one comparison; wrong is a text key.
func compare(field, op string, values []string, fields []CondField) (e cond.Expr, wrong string) {
	i := slices.IndexFunc(fields, func(f CondField) bool { return f.Name == field })
	if i < 0 {
		return e, "design.cond_no_question"
	}
	f := fields[i]
	if !slices.Contains(condOps[f.Type], op) {
		return e, "design.cond_no_op"
	}
	e = cond.Expr{Field: field, Op: op}
	if op == cond.Empty || op == cond.NotEmpty {
		return e, ""
	}
	if len(values) == 0 {
		return e, "design.cond_no_answer"
	}
	list := op == cond.In || op == cond.NotIn
	if !list && len(values) > 1 { // several answers ticked: one of them
		switch op {
		case cond.Eq, cond.Contains:
			e.Op, list = cond.In, true
		case cond.Ne:
			e.Op, list = cond.NotIn, true
		default:
			return e, "design.cond_one_answer"
		}
	}
	all := make([]any, 0, len(values))
	for _, v := range values {
		v = strings.TrimSpace(v)
		switch f.Type {
		case cond.Number:
			n, ok := cond.Decimal(v)
			if !ok {
				return e, "design.cond_no_number"
			}
			all = append(all, json.Number(n))
		case cond.Bool:
			all = append(all, v == "true")
		default:
			all = append(all, v)
		}
	}
	if e.Value = all[0]; list {
		e.Value = all
	}
	scope := cond.Scope{field: {Type: f.Type}}
	if ps := e.Check(scope); len(ps) > 0 {
		return e, "design.cond_wrong_answer"
	}
	return e, ""
}

// formOf gives the form of the change's item, or nil.
func (h *Handler) formOf(r *http.Request, o opened) *form.Definition {
	if o.Item.Form == "" {
		return nil
	}
	v, _, err := h.design.Definition(r.Context(), actor(r), o.Change.ID, "forms", o.Item.Form)
	if err != nil {
		return nil
	}
	fm, _ := v.(*form.Definition)
	return fm
}
