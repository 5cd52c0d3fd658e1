package designweb

import (
	"cmp"
	"context"
	"encoding/json"
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
	"tongban/internal/engine/cond"
)

// rowsView is a table inside an item.
type rowsView struct {
	Page  ui.PageView
	Table ui.TableView
	Add   ui.Link
	May   bool
	Saved bool
	Back  string
}

// rowView is one row of such a table.
type rowView struct {
	Page   ui.PageView
	Action string
	Rev    int
	Parts  []rowPart
	May    bool
	New    bool
	Moved  []ui.DiffRow
	Back   string
}

// rowPart is a run of questions, or a condition.
type rowPart struct {
	Fields []ui.FormField
	Cond   *CondView
}

// child gives the table a request names, and the row: -1 for a new one.
func child(r *http.Request, it item.Item) (c item.Child, row int, err error) {
	missing := errs.New(errs.NotFound, "base.not_found")
	c, ok := item.ChildByKey(r.PathValue("child"))
	if !ok {
		return c, 0, missing
	}
	name := r.PathValue("row")
	if name == "" || name == "new" {
		return c, -1, nil
	}
	row, err = strconv.Atoi(name)
	if err != nil || row < 0 || row >= c.Len(&it) {
		return c, 0, missing
	}
	return c, row, nil
}

func (h *Handler) rows(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	o, err := h.withItem(r)
	if err != nil {
		return err
	}
	c, _, err := child(r, o.Item)
	if err != nil {
		return err
	}
	l := i18n.From(ctx)
	v := rowsView{Page: h.page(ctx, o.Change, c.Label(l)), May: o.May, Saved: r.URL.Query().Has("saved"), Back: changeHref(o.Change.ID), Add: ui.Link{Label: t(ctx, "design.row_add"), Href: changeHref(o.Change.ID, "rows", c.Key, "new")}}
	v.Table = ui.TableView{Caption: c.Label(l), CaptionHide: true, Empty: t(ctx, "design.rows_empty"), Columns: []ui.Column{{Label: t(ctx, "design.row_name")}, {Label: t(ctx, "design.row_facts")}}}
	words, err := h.words(r, o.Change.ID)
	if err != nil {
		return err
	}
	hints, _, _ := h.hints(ctx, &o.Item)
	hinted := !o.Change.Ended() && slices.ContainsFunc(hints, func(x rule.Finding) bool { return x.Element == c.Key && x.Row >= 0 })
	if hinted {
		v.Table.Columns = append(v.Table.Columns, ui.Column{Label: t(ctx, "design.row_hints")})
	}
	if o.May {
		v.Table.Columns = append(v.Table.Columns, ui.Column{Label: t(ctx, "design.row_do")})
	}
	name := max(0, c.Column(c.Name))
	for i, row := range c.Rows(&o.Item) {
		title := row[name]
		if title == "" {
			title = strconv.Itoa(i + 1)
		}
		at := changeHref(o.Change.ID, "rows", c.Key, strconv.Itoa(i))
		cells := []ui.Cell{{Text: title, Href: at}, {Text: rowFacts(l, words, c, row, name)}}
		if hinted {
			cells = append(cells, ui.Cell{Text: cmp.Or(rowHints(l, hints, c.Key, i), t(ctx, "design.row_no_hints"))}) // a card with a label and nothing behind it asks what is missing
		}
		if o.May {
			cells = append(cells, ui.Cell{Part: rowButtons(rowButtonsView{At: at, Rev: o.File.Rev, First: i == 0, Name: title})})
		}
		v.Table.Rows = append(v.Table.Rows, cells)
	}
	return web.Render(w, r, rowsPage(v))
}

const longFact = 40 // characters

// rowFacts says the first few filled cells of a row.
func rowFacts(l i18n.Lang, words *design.Words, c item.Child, row []string, name int) string {
	var out []string
	for i, col := range c.Columns {
		if i == name || col.Key == "key" || row[i] == "" || len(out) == 4 {
			continue
		}
		text := words.Cell(col, row[i])
		if r := []rune(text); len(r) > longFact && col.Kind != item.KindCond { // half a condition says something else
			text = string(r[:longFact]) + "…"
		}
		out = append(out, col.Label(l)+"："+text)
	}
	return strings.Join(out, "；")
}

func rowHints(l i18n.Lang, hints []rule.Finding, key string, row int) string {
	var out []string
	for _, x := range hints {
		if x.Element == key && x.Row == row {
			out = append(out, x.Text(l))
		}
	}
	return strings.Join(out, "；")
}

func (h *Handler) row(w http.ResponseWriter, r *http.Request) error {
	o, err := h.withItem(r)
	if err != nil {
		return err
	}
	c, n, err := child(r, o.Item)
	if err != nil {
		return err
	}
	cells := make([]string, len(c.Columns))
	if n >= 0 {
		cells = c.Rows(&o.Item)[n]
	}
	return web.Render(w, r, rowPage(h.rowView(r, o, c, n, cells)))
}

// rowView makes the page of one row from its cells.
func (h *Handler) rowView(r *http.Request, o opened, c item.Child, n int, cells []string) rowView {
	ctx := r.Context()
	l := i18n.From(ctx)
	at := "new"
	if n >= 0 {
		at = strconv.Itoa(n)
	}
	v := rowView{Page: h.page(ctx, o.Change, c.Label(l)), Action: changeHref(o.Change.ID, "rows", c.Key, at), Rev: o.File.Rev, May: o.May, New: n < 0, Back: changeHref(o.Change.ID, "rows", c.Key)}
	v.Page.Crumbs[2].Href = v.Back
	fields := h.rowScope(r, o, c, cells)
	for i, col := range c.Columns {
		if col.Kind == item.KindCond {
			e, _ := cond.Parse([]byte(cmp.Or(cells[i], "{}")))
			k := NewCond(ctx, col.Key, col.Label(l), e, fields)
			v.Parts = append(v.Parts, rowPart{Cond: &k})
			continue
		}
		f := ui.FormField{Name: col.Key, Label: col.Label(l), Hint: col.Help(l), Required: col.Required, ReadOnly: !o.May}
		kindField(ctx, &f, col.Kind, col.List, item.SplitCell(col.Kind, cells[i]))
		h.pickCell(ctx, r, o, &f, c, col)
		if len(v.Parts) == 0 || v.Parts[len(v.Parts)-1].Cond != nil {
			v.Parts = append(v.Parts, rowPart{})
		}
		last := &v.Parts[len(v.Parts)-1]
		last.Fields = append(last.Fields, f)
	}
	return v
}

// rowScope is what conditions of a row may ask: a question of the scenario, only what comes before it.
func (h *Handler) rowScope(r *http.Request, o opened, c item.Child, cells []string) []CondField {
	before := ""
	if c.Key == "questions" {
		before = "\x00"
		if i := c.Column("key"); i >= 0 && cells[i] != "" {
			before = cells[i]
		}
		if before == "\x00" { // a new question comes last
			return CondFields(r.Context(), o.Item, nil, "")
		}
	}
	return CondFields(r.Context(), o.Item, h.formOf(r, o), before)
}

// pickCell offers what is there instead of keys to type: samples of the change, licence types.
func (h *Handler) pickCell(ctx context.Context, r *http.Request, o opened, f *ui.FormField, c item.Child, col item.Column) {
	switch {
	case col.Key == "licence_type" && h.cfg.Licences != nil:
		h.choose(f, h.cfg.Licences(ctx))
	case col.Key == "empty" || col.Key == "sample":
		h.chooseSample(r, o, f)
	case col.Key == "agency":
		h.choose(f, agencyOptions(h.offices.Agencies(ctx)))
	}
}

// chooseSample offers the files of the change.
func (h *Handler) chooseSample(r *http.Request, o opened, f *ui.FormField) {
	fs, err := h.design.Files(r.Context(), actor(r), o.Change.ID)
	if err != nil {
		return // the path can still be typed
	}
	var os []ui.Option
	for _, x := range fs {
		if x.Kind == design.SampleFile && !x.Removed {
			os = append(os, ui.Option{Value: x.Path, Label: x.Key})
		}
	}
	h.choose(f, os)
}

func agencyOptions(all []org.Agency) []ui.Option {
	out := make([]ui.Option, len(all))
	for i, g := range all {
		out[i] = ui.Option{Value: g.Key, Label: g.Name}
	}
	return out
}

// answers reads a row that was sent; show is false while a condition is still being picked.
func (h *Handler) answers(r *http.Request, o opened, c item.Child, q url.Values, was []string) (cells []string, conds map[string]CondView, ready bool) {
	cells, conds, ready = slices.Clone(was), map[string]CondView{}, true
	if i := c.Column("key"); i >= 0 && slices.Contains(q["_fields"], "key") {
		cells[i] = strings.TrimSpace(q.Get("key"))
	}
	fields := h.rowScope(r, o, c, cells)
	for i, col := range c.Columns {
		if col.Kind == item.KindCond {
			e, view, ok := ParseCond(r.Context(), q, col.Key, col.Label(i18n.From(r.Context())), fields)
			conds[col.Key], ready = view, ready && ok
			cells[i] = ""
			if b, err := json.Marshal(e); err == nil && !e.IsZero() {
				cells[i] = string(b)
			}
			continue
		}
		if slices.Contains(q["_fields"], col.Key) {
			cells[i] = item.JoinCell(col.Kind, typed(q, col.Key, col.Kind))
		}
	}
	return cells, conds, ready
}

func (h *Handler) saveRow(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	q, err := web.Form(r)
	if err != nil {
		return err
	}
	o, err := h.withItem(r)
	if err != nil {
		return err
	}
	c, n, err := child(r, o.Item)
	if err != nil {
		return err
	}
	was := make([]string, len(c.Columns))
	all := c.Rows(&o.Item)
	if n >= 0 {
		was = all[n]
	}
	cells, conds, ready := h.answers(r, o, c, q, was)
	if i := c.Column("key"); i >= 0 && cells[i] == "" {
		cells[i] = freeKey(c, all, i)
	}
	again := func(status int, es []ui.ErrorItem) error {
		v := h.rowView(r, o, c, n, cells)
		v.Rev, _ = strconv.Atoi(q.Get("_v"))
		v.Page.Errors = es
		for i := range v.Parts {
			if k := v.Parts[i].Cond; k != nil {
				view := conds[k.Name]
				v.Parts[i].Cond = &view
			}
			for j := range v.Parts[i].Fields {
				f := &v.Parts[i].Fields[j]
				if k := slices.IndexFunc(es, func(e ui.ErrorItem) bool { return e.Field == f.Name }); k >= 0 {
					f.Error = es[k].Text
				}
			}
		}
		return web.RenderStatus(w, r, status, rowPage(v))
	}
	if !ready {
		return again(http.StatusUnprocessableEntity, condErrors(conds))
	}
	rows := slices.Clone(all)
	if n < 0 {
		rows = append(rows, cells)
	} else {
		rows[n] = cells
	}
	is, bad := withRows(o.Item, c, rows)
	at := n
	if at < 0 {
		at = len(rows) - 1
	}
	if es := cellErrors(ctx, c, bad, at); len(es) > 0 {
		return again(http.StatusUnprocessableEntity, es)
	}
	rev, _ := strconv.Atoi(q.Get("_v"))
	_, err = h.design.WriteAs(ctx, actor(r), o.Change.ID, o.File.Path, rev, is)
	var moved *design.Moved
	if errors.As(err, &moved) {
		return h.rowMoved(w, r, c, n, cells)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, changeHref(o.Change.ID, "rows", c.Key)+"?saved=1")
}

// freeKey makes a key for a row whose author gave none.
func freeKey(c item.Child, rows [][]string, col int) string {
	stem := strings.ReplaceAll(strings.TrimSuffix(c.Key, "s"), "_", "-")
	join := "-"
	if c.Key == "questions" {
		join = "_"
	}
	for n := 1; ; n++ {
		key := stem + join + strconv.Itoa(n)
		if !slices.ContainsFunc(rows, func(r []string) bool { return r[col] == key }) {
			return key
		}
	}
}

// condErrors lists what is wrong with conditions that were sent; a question just chosen is no error, the page only asks on.
func condErrors(conds map[string]CondView) []ui.ErrorItem {
	var out []ui.ErrorItem
	for _, v := range conds {
		for _, r := range v.Rows {
			if r.Value.Error != "" {
				out = append(out, ui.ErrorItem{Field: r.Value.Name, Text: r.Value.Error})
			}
		}
	}
	return out
}

// withRows gives an item other rows of a table.
func withRows(it item.Item, c item.Child, rows [][]string) (item.Item, []error) {
	header := make([]string, len(c.Columns))
	for i, col := range c.Columns {
		header[i] = col.Key
	}
	is := it
	return is, c.SetRows(&is, header, rows)
}

// cellErrors gives what is wrong with one row, beside its questions.
func cellErrors(ctx context.Context, c item.Child, bad []error, row int) []ui.ErrorItem {
	var out []ui.ErrorItem
	for _, err := range bad {
		var x *item.CellError
		if !errors.As(err, &x) || x.Row != row {
			continue
		}
		e := ui.ErrorItem{Text: i18n.Err(ctx, err)}
		if x.Column >= 0 && x.Column < len(c.Columns) {
			e.Field = c.Columns[x.Column].Key
		}
		out = append(out, e)
	}
	return out
}

// rowMoved shows what somebody else made of the row meanwhile; sending again saves over it.
func (h *Handler) rowMoved(w http.ResponseWriter, r *http.Request, c item.Child, n int, mine []string) error {
	ctx := r.Context()
	o, err := h.withItem(r)
	if err != nil {
		return err
	}
	l := i18n.From(ctx)
	theirs := make([]string, len(c.Columns))
	if all := c.Rows(&o.Item); n >= 0 && n < len(all) {
		theirs = all[n]
	}
	v := h.rowView(r, o, c, n, mine)
	for i, col := range c.Columns {
		if theirs[i] != mine[i] {
			v.Moved = append(v.Moved, ui.DiffRow{Label: col.Label(l), Old: col.Text(l, theirs[i]), New: col.Text(l, mine[i])})
		}
	}
	v.Page.Errors = []ui.ErrorItem{{Text: t(ctx, "design.moved", errs.P{"path": c.Label(l)})}}
	return web.RenderStatus(w, r, http.StatusConflict, rowPage(v))
}

// rowAct takes a row out, or moves it up.
func (h *Handler) rowAct(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	q, err := web.Form(r)
	if err != nil {
		return err
	}
	o, err := h.withItem(r)
	if err != nil {
		return err
	}
	c, n, err := child(r, o.Item)
	if err != nil || n < 0 {
		return errs.New(errs.NotFound, "base.not_found")
	}
	rows := slices.Clone(c.Rows(&o.Item))
	switch act := r.PathValue("act"); {
	case act == "drop":
		rows = slices.Delete(rows, n, n+1)
	case act == "up" && n > 0:
		rows[n-1], rows[n] = rows[n], rows[n-1]
	default:
		return errs.New(errs.NotFound, "base.not_found")
	}
	is, bad := withRows(o.Item, c, rows)
	if len(bad) > 0 {
		return bad[0]
	}
	rev, _ := strconv.Atoi(q.Get("_v"))
	if _, err := h.design.WriteAs(ctx, actor(r), o.Change.ID, o.File.Path, rev, is); err != nil {
		return err
	}
	return web.SeeOther(w, r, changeHref(o.Change.ID, "rows", c.Key)+"?saved=1")
}
