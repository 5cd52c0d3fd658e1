package directoryweb

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/directory"
	"tongban/internal/engine/clock"
)

var shanghai = clock.Shanghai

// asker builds questions; labels and hints are the texts directory.part_<name> and …_hint.
type asker struct {
	ctx    context.Context
	prefix string
	fields []ui.FormField
}

func (a *asker) ask(name, kind, value string, required bool) *ui.FormField {
	f := ui.FormField{Name: a.prefix + name, Kind: kind, Label: t(a.ctx, "part_"+name), Value: value, Required: required, Autocomplete: "off"}
	if key := "directory.part_" + name + "_hint"; i18n.Has(key) {
		f.Hint = i18n.T(a.ctx, key)
	}
	a.fields = append(a.fields, f)
	return &a.fields[len(a.fields)-1]
}

// baseFields are the questions of a base item; fixed keeps its code.
func (p *Pages) baseFields(ctx context.Context, b directory.Base, prefix string, fixed bool) []ui.FormField {
	q := asker{ctx: ctx, prefix: prefix}
	q.ask("code", "text", b.Code, true).ReadOnly = fixed
	q.ask("local_code", "text", b.LocalCode, false)
	q.ask("name", "text", b.Name, true)
	q.ask("main_item", "text", b.MainItem, false)
	q.ask("sub_item", "text", b.SubItem, false)
	q.ask("item_type", "select", b.ItemType, true).Options = p.options(ctx, "type")
	q.ask("department", "text", b.Department, true)
	q.boxes("use_levels", b.UseLevels, true, p.options(ctx, "use_level"))
	q.boxes("audience", b.Audience, false, p.options(ctx, "audience"))
	q.table("basis", basisColumns(ctx), basisCells(b.Basis))
	q.ask("legal", "number", digits(b.Legal.N), false)
	q.ask("legal_unit", "select", string(b.Legal.Unit), false).Options = p.options(ctx, "unit")
	q.ask("result_kind", "select", b.ResultKind, false).Options = p.options(ctx, "result")
	q.ask("result_name", "text", b.ResultName, false)
	q.ask("conditions", "textarea", strings.Join(b.Conditions, "\n"), false)
	q.table("materials", p.materialColumns(ctx), materialCells(b.Materials))
	q.ask("only_these", "yesno", yesNo(b.OnlyThese), false)
	q.ask("free", "yesno", yesNo(b.Free), false)
	q.boxes("life_events", b.LifeEvents, false, p.options(ctx, "life_event"))
	q.ask("explain", "textarea", b.Explain, false)
	return q.fields
}

func yesNo(yes bool) string {
	if yes {
		return "true"
	}
	return "false"
}

func digits(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func (a *asker) boxes(name string, values []string, required bool, os []ui.Option) {
	f := a.ask(name, "checkbox", "", required)
	f.Values, f.Options = values, os
}

// column is one column of a repeating table.
type column struct {
	key, label, kind string
	required         bool
	options          []ui.Option
}

// table asks for rows: those there are, or one empty one.
func (a *asker) table(name string, cols []column, rows [][]string) {
	f := a.ask(name, "table", "", false)
	f.MaxRows = 30
	for i, row := range rows {
		r := ui.FormRow{ID: fmt.Sprintf("r%d", i)}
		for j, c := range cols {
			r.Cells = append(r.Cells, ui.FormField{Name: fmt.Sprintf("%s.%d.%s", f.Name, i, c.key), Kind: c.kind, Label: c.label, Required: c.required, Options: c.options, Value: row[j], Autocomplete: "off"})
		}
		f.Rows = append(f.Rows, r)
	}
}

func basisColumns(ctx context.Context) []column {
	var status []ui.Option
	for _, c := range item.Codes("basis_status") {
		status = append(status, ui.Option{Value: c, Label: item.CodeName(i18n.From(ctx), "basis_status", c)})
	}
	return []column{
		{key: "law", label: t(ctx, "basis_law"), kind: "text", required: true},
		{key: "article", label: t(ctx, "basis_article"), kind: "text"},
		{key: "number", label: t(ctx, "basis_number"), kind: "text"},
		{key: "issuer", label: t(ctx, "basis_issuer"), kind: "text"},
		{key: "effective", label: t(ctx, "basis_effective"), kind: "text"},
		{key: "text", label: t(ctx, "basis_text"), kind: "textarea"},
		{key: "status", label: t(ctx, "basis_status_label"), kind: "select", required: true, options: status},
	}
}

func basisCells(all []item.Basis) [][]string {
	out := make([][]string, 0, len(all))
	for _, x := range all {
		out = append(out, []string{x.Law, x.Article, x.Number, x.Issuer, x.Effective, x.Text, x.Status})
	}
	return out
}

func (p *Pages) materialColumns(ctx context.Context) []column {
	return []column{
		{key: "key", label: t(ctx, "material_key"), kind: "text", required: true},
		{key: "name", label: t(ctx, "material_name"), kind: "text", required: true},
		{key: "required", label: t(ctx, "material_required"), kind: "select", required: true, options: p.options(ctx, "required")},
		{key: "source", label: t(ctx, "material_source"), kind: "select", options: p.options(ctx, "source")},
	}
}

func materialCells(all []item.Material) [][]string {
	out := make([][]string, 0, len(all))
	for _, m := range all {
		out = append(out, []string{m.Key, m.Name, m.Required, m.Source})
	}
	return out
}

// baseFrom reads one base item; pressed says that a button of one of its tables was pressed.
func baseFrom(v url.Values, prefix string) (b directory.Base, pressed bool) {
	get := func(name string) string { return strings.TrimSpace(v.Get(prefix + name)) }
	b = directory.Base{
		Code: get("code"), LocalCode: get("local_code"), Name: get("name"), MainItem: get("main_item"), SubItem: get("sub_item"), ItemType: get("item_type"),
		Department: get("department"), UseLevels: v[prefix+"use_levels"], Audience: v[prefix+"audience"], ResultKind: get("result_kind"), ResultName: get("result_name"),
		OnlyThese: get("only_these") == "true", Free: get("free") == "true", LifeEvents: v[prefix+"life_events"], Explain: get("explain"),
		Legal: item.Limit{N: number(get("legal")), Unit: clock.Unit(get("legal_unit"))},
	}
	if b.Legal.N == 0 {
		b.Legal = item.Limit{}
	}
	for _, line := range strings.Split(get("conditions"), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			b.Conditions = append(b.Conditions, line)
		}
	}
	rows, pressed := rowsFrom(v, prefix+"basis", []string{"law", "article", "number", "issuer", "effective", "text", "status"})
	for _, r := range rows {
		b.Basis = append(b.Basis, item.Basis{Law: r[0], Article: r[1], Number: r[2], Issuer: r[3], Effective: r[4], Text: r[5], Status: r[6]})
	}
	rows, more := rowsFrom(v, prefix+"materials", []string{"key", "name", "required", "source"})
	for _, r := range rows {
		b.Materials = append(b.Materials, item.Material{Key: r[0], Name: r[1], Required: r[2], Source: r[3]})
	}
	return b, pressed || more
}

// rowsFrom reads a repeating table, without the row that is to be removed and with the one that is to be added. Rows that hold nothing are left out
// when the form is saved.
func rowsFrom(v url.Values, name string, keys []string) (rows [][]string, pressed bool) {
	remove, add := v.Get(name+"._remove"), v.Get(name+"._add") != ""
	pressed = remove != "" || add
	for i := 0; i < 60; i++ {
		at := fmt.Sprintf("%s.%d.", name, i)
		if !v.Has(at + "_id") {
			continue
		}
		if remove != "" && v.Get(at+"_id") == remove {
			continue
		}
		row := make([]string, len(keys))
		for j, k := range keys {
			row[j] = strings.TrimSpace(v.Get(at + k))
		}
		if pressed || slices.ContainsFunc(row, func(s string) bool { return s != "" }) {
			rows = append(rows, row)
		}
	}
	if add {
		rows = append(rows, make([]string, len(keys)))
	}
	return rows, pressed
}
