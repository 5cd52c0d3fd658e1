package catalogweb

import (
	"context"
	"errors"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/catalog/list"
	"tongban/internal/domain/directory"
	"tongban/internal/engine/clock"
)

// listRoutes are the routes of lists: import and export. All are for the item office.
func (p *Pages) listRoutes() []web.Route {
	return []web.Route{
		web.To("GET /office/items/export", authz.CatalogEdit, p.exportForm),
		web.To("GET /office/items/export.csv", authz.CatalogEdit, p.export),
		web.To("GET /office/items/export/file", authz.CatalogEdit, p.export),
		web.To("GET /office/items/import", authz.CatalogEdit, p.importForm),
		web.To("GET /office/items/import/template.xlsx", authz.CatalogEdit, p.importTemplate),
		web.To("POST /office/items/import", authz.CatalogEdit, p.importList, web.Upload(catalog.MaxList+(1<<20))),
		web.To("GET /office/items/imports/{id}", authz.CatalogEdit, p.importReport),
		web.To("GET /office/items/imports/{id}/findings.csv", authz.CatalogEdit, p.importFindings),
		web.To("POST /office/items/imports/{id}/load", authz.CatalogEdit, p.importLoad),
		web.To("POST /office/items/imports/{id}/cancel", authz.CatalogEdit, p.importCancel),
	}
}

// lt is a text of the room's lists.
func lt(ctx context.Context, key string, ps ...errs.P) string { return i18n.T(ctx, "list."+key, ps...) }

func (p *Pages) imports(ctx context.Context) (ui.TableView, error) {
	v := ui.TableView{
		Caption: t(ctx, "imports"), CaptionHide: true, Empty: t(ctx, "imports_none"),
		Columns: []ui.Column{{Label: t(ctx, "when")}, {Label: lt(ctx, "file")}, {Label: t(ctx, "rows"), Num: true}, {Label: t(ctx, "import_rejected"), Num: true}, {Label: t(ctx, "state")}},
	}
	all, err := p.catalog.Imports(ctx, authz.From(ctx), 10)
	for _, i := range all {
		v.Rows = append(v.Rows, []ui.Cell{
			{Text: i.At.In(clock.Shanghai).Format("2006-01-02 15:04"), Href: "/office/items/imports/" + i.ID},
			{Text: i.Name},
			{Text: strconv.Itoa(max(i.Rows, i.Done))},
			{Text: strconv.Itoa(i.Rejected)},
			{Text: lt(ctx, "state_"+i.State), Tone: stateTone(i.State)},
		})
	}
	return v, err
}

// systems are the systems whose codes lists may have.
func (p *Pages) systems(ctx context.Context) ([]ui.Option, error) {
	keys, err := p.catalog.Systems(ctx)
	out := make([]ui.Option, len(keys))
	for i, k := range keys {
		out[i] = ui.Option{Value: k, Label: systemName(ctx, k)}
	}
	return out, err
}

func systemName(ctx context.Context, key string) string {
	if k := "directory.system_" + key; i18n.Has(k) {
		return i18n.T(ctx, k)
	}
	return key
}

func stateTone(state string) ui.Tone {
	switch state {
	case catalog.ImportDone:
		return ui.Success
	case catalog.ImportFailed:
		return ui.Bad
	case catalog.ImportChecked:
		return ui.Warn
	case catalog.ImportCancelled:
		return ui.Neutral
	}
	return ui.Info
}

type importView struct {
	Page    ui.PageView
	Error   string
	From    ui.FormField
	Imports ui.TableView
}

func (p *Pages) importPageView(ctx context.Context, from string, problem error) (importView, error) {
	v := importView{Page: ui.PageView{Title: t(ctx, "import"), Lead: lt(ctx, "lead"), Crumbs: officeCrumbs(ctx, ui.Crumb{Label: t(ctx, "import")})}}
	if problem != nil {
		v.Error = i18n.Err(ctx, problem)
		v.Page.Errors = []ui.ErrorItem{{Field: "list", Text: v.Error}}
	}
	systems, err := p.systems(ctx)
	if err != nil {
		return v, err
	}
	v.From = ui.FormField{Name: "from", Label: lt(ctx, "from"), Hint: lt(ctx, "from_hint"), Kind: "select", Required: true, Value: from, Options: systems}
	v.Imports, err = p.imports(ctx)
	return v, err
}

func (p *Pages) importForm(w http.ResponseWriter, r *http.Request) error {
	v, err := p.importPageView(r.Context(), directory.SystemNational, nil)
	if err != nil {
		return err
	}
	return web.Render(w, r, importPage(v))
}

func (p *Pages) importTemplate(w http.ResponseWriter, r *http.Request) error {
	l := i18n.From(r.Context())
	return streamed(w, lt(r.Context(), "template_name")+".xlsx", xlsxType, func(w io.Writer) error { return p.catalog.Template(w, list.WriteOptions{Lang: l}) })
}

// importList keeps the uploaded list and has it checked. The file goes straight to the store: it may be larger than the memory.
func (p *Pages) importList(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, from, err := p.takeUpload(r)
	if k := errs.KindOf(err); k == errs.Invalid || k == errs.TooLarge {
		v, more := p.importPageView(ctx, from, err)
		if more != nil {
			return more
		}
		return web.RenderStatus(w, r, http.StatusUnprocessableEntity, importPage(v))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/office/items/imports/"+id)
}

// takeUpload takes the parts of the form as they come: what stands before the file says how it is read.
func (p *Pages) takeUpload(r *http.Request) (id, from string, err error) {
	missing := errs.New(errs.Invalid, "list.no_file")
	m, err := r.MultipartReader()
	if err != nil {
		return "", from, errs.Wrap(err, errs.Invalid, "list.no_file")
	}
	for {
		part, err := m.NextPart()
		if errors.Is(err, io.EOF) {
			return "", from, missing
		}
		if err != nil {
			return "", from, errs.Wrap(err, errs.BadRequest, "base.upload_cut")
		}
		if part.FormName() == "from" {
			b, err := io.ReadAll(io.LimitReader(part, 100))
			if err != nil {
				return "", from, errs.Wrap(err, errs.BadRequest, "base.upload_cut")
			}
			from = strings.TrimSpace(string(b))
		}
		if part.FormName() != "list" {
			continue
		}
		if part.FileName() == "" {
			return "", from, missing
		}
		id, err = p.catalog.StartImport(r.Context(), authz.From(r.Context()), catalog.Upload{Name: path.Base(part.FileName()), From: from}, part)
		return id, from, err
	}
}

type importStateView struct {
	Page     ui.PageView
	ID       string
	State    string
	Active   bool
	Progress string
	Done     int
	Total    int
	Problem  string
	Counts   []ui.KPIView
	Ignored  string
	Codes    string // how codes were read
	Table    ui.TableView
	Sample   ui.TableView
	Findings bool
	NoRows   bool // nothing but a heading: there is nothing to say yes to
}

func (p *Pages) importReport(w http.ResponseWriter, r *http.Request) error {
	ctx, id := r.Context(), r.PathValue("id")
	info, err := p.catalog.ImportInfo(ctx, authz.From(ctx), id)
	if err != nil {
		return err
	}
	rep, err := p.catalog.ImportReport(ctx, authz.From(ctx), id)
	if err != nil {
		return err
	}
	if r.Header.Get("HX-Request") != "" && !info.Active() {
		w.Header().Set("HX-Refresh", "true") // it is over: the whole page says what there is to do now
	}
	return web.Render(w, r, importStatePage(importStateOf(ctx, info, rep)))
}

func importStateOf(ctx context.Context, info catalog.ImportInfo, rep catalog.Report) importStateView {
	v := importStateView{ID: info.ID, State: info.State, Active: info.Active(), Done: info.Done, Total: info.Total, Findings: rep.Count.Findings > 0}
	v.Page = ui.PageView{
		Title: lt(ctx, "title_"+info.State), Eyebrow: info.Name, Crumbs: officeCrumbs(ctx, ui.Crumb{Label: t(ctx, "import"), Href: "/office/items/import"}, ui.Crumb{Label: t(ctx, "import_report")}),
	}
	if rep.Encoding != "" {
		v.Page.Lead = t(ctx, "import_encoding_was", errs.P{"encoding": rep.Encoding, "rows": rep.Rows})
	}
	if rep.From != "" {
		v.Codes = lt(ctx, "from_was", errs.P{"system": systemName(ctx, rep.From)})
	}
	if v.Active {
		key := "progress"
		if info.Total == 0 {
			key = "progress_open"
		}
		v.Progress = lt(ctx, key, errs.P{"done": info.Done, "total": info.Total, "rate": info.Rate, "findings": rep.Count.Findings})
	}
	if info.Problem != nil {
		v.Problem = i18n.Err(ctx, info.Problem)
	}
	before := info.State != catalog.ImportDone && info.State != catalog.ImportCancelled && info.State != catalog.ImportFailed // not all of it is written
	v.NoRows = info.State == catalog.ImportChecked && rep.Rows == 0
	v.Counts = counts(ctx, rep.Count, before)
	if len(rep.Ignored) > 0 {
		v.Ignored = t(ctx, "import_ignored", errs.P{"columns": strings.Join(rep.Ignored, "、")})
	}
	v.Table = findingsTable(ctx, rep, before)
	v.Sample = sampleTable(ctx, rep, before)
	return v
}

// outcome says what became of rows, or before they are written what would.
func outcome(ctx context.Context, status string, before bool) string {
	if key := "list.would_" + status; before && i18n.Has(key) {
		return i18n.T(ctx, key)
	}
	return t(ctx, "import_"+status)
}

func counts(ctx context.Context, c catalog.Counts, before bool) []ui.KPIView {
	var out []ui.KPIView
	for _, k := range []struct {
		key string
		n   int
		bad bool
	}{{catalog.Added, c.Added, false}, {catalog.Changed, c.Changed, false}, {catalog.Unchanged, c.Unchanged, false}, {catalog.Repeated, c.Repeated, false}, {catalog.Rejected, c.Rejected, true}} {
		kpi := ui.KPIView{Label: outcome(ctx, k.key, before), Value: strconv.Itoa(k.n)}
		if k.bad && k.n > 0 {
			kpi.Tone = ui.Bad
		}
		out = append(out, kpi)
	}
	return out
}

func findingsTable(ctx context.Context, rep catalog.Report, before bool) ui.TableView {
	v := ui.TableView{Caption: t(ctx, "findings"), Empty: t(ctx, "findings_none"), Columns: []ui.Column{{Label: t(ctx, "finding")}, {Label: t(ctx, "column")}, {Label: t(ctx, "rows")}, {Label: t(ctx, "n_rows"), Num: true}, {Label: t(ctx, "state")}}}
	for _, s := range rep.Summaries(i18n.From(ctx)) {
		state := ui.Cell{Text: t(ctx, "import_taken"), Tone: ui.Neutral}
		switch {
		case s.Serious && before:
			state = ui.Cell{Text: lt(ctx, "will_not"), Tone: ui.Bad}
		case s.Serious:
			state = ui.Cell{Text: t(ctx, "import_not_taken"), Tone: ui.Bad}
		case before:
			state.Text = lt(ctx, "will")
		}
		v.Rows = append(v.Rows, []ui.Cell{{Text: s.Text}, {Text: s.Column}, {Text: s.Rows}, {Text: strconv.Itoa(s.Count)}, state})
	}
	return v
}

// sampleTable shows the first rows as they are or would be.
func sampleTable(ctx context.Context, rep catalog.Report, before bool) ui.TableView {
	v := ui.TableView{Caption: lt(ctx, "sample"), Empty: t(ctx, "nothing"), Columns: []ui.Column{{Label: t(ctx, "rows"), Num: true}, {Label: t(ctx, "name")}, {Label: t(ctx, "agency")}, {Label: t(ctx, "code")}, {Label: t(ctx, "state")}}}
	for _, s := range rep.Sample {
		v.Rows = append(v.Rows, []ui.Cell{
			{Text: strconv.Itoa(s.Row)}, {Text: s.Name, Sub: catalog.CodeName(i18n.From(ctx), "type", s.Type)}, {Text: s.Agency}, {Text: s.Code}, {Text: outcome(ctx, s.Status, before)},
		})
	}
	return v
}

func (p *Pages) importFindings(w http.ResponseWriter, r *http.Request) error {
	ctx, id := r.Context(), r.PathValue("id")
	if _, err := p.catalog.ImportInfo(ctx, authz.From(ctx), id); err != nil {
		return err
	}
	return streamed(w, lt(ctx, "findings_name")+".csv", csvType, func(w io.Writer) error { return p.catalog.ImportFindings(ctx, authz.From(ctx), id, w, i18n.From(ctx)) })
}

func (p *Pages) importLoad(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if err := p.catalog.LoadImport(r.Context(), authz.From(r.Context()), id); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/office/items/imports/"+id)
}

func (p *Pages) importCancel(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if err := p.catalog.CancelImport(r.Context(), authz.From(r.Context()), id); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/office/items/imports/"+id)
}
