package orgweb

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/org"
)

const (
	uploadLimit   = org.MaxTable + 1<<20 // the form around the file
	findingsShown = 200
)

func (p *Pages) importForm(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, importPage(p.importFormView(r.Context(), "")))
}

func (p *Pages) importFormView(ctx context.Context, wrong string) importFormView {
	v := importFormView{Wrong: wrong, Columns: strings.Join(org.Columns, t(ctx, "org.comma"))}
	v.Page = ui.PageView{Title: t(ctx, "org.import_title"), Lead: t(ctx, "org.import_lead"), Crumbs: crumbs(ui.Crumb{Label: t(ctx, "org.staff_title"), Href: "/admin/staff"}, ui.Crumb{Label: t(ctx, "org.import_title")})}
	if wrong != "" {
		v.Page.Errors = []ui.ErrorItem{{Field: "table", Text: wrong}}
	}
	return v
}

func (p *Pages) upload(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if _, err := web.Form(r); err != nil {
		return err
	}
	data, err := tableOf(r)
	if err != nil {
		return err
	}
	var id string
	if len(data) == 0 {
		err = errs.New(errs.Invalid, "org.table_missing")
	} else {
		id, err = p.org.CheckTable(ctx, authz.From(ctx), data)
	}
	if e := errs.As(err); e != nil && (e.Kind == errs.Invalid || e.Kind == errs.TooLarge) {
		return web.RenderStatus(w, r, http.StatusUnprocessableEntity, importPage(p.importFormView(ctx, t(ctx, e.Key, e.Params))))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/admin/imports/"+id)
}

// tableOf reads the uploaded file; nothing when none was chosen.
func tableOf(r *http.Request) ([]byte, error) {
	if r.MultipartForm == nil {
		return nil, nil
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }()
	f, _, err := r.FormFile("table")
	if err != nil {
		return nil, nil //nolint:nilerr // no file was chosen
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, org.MaxTable+1))
}

func (p *Pages) imported(w http.ResponseWriter, r *http.Request) error {
	v, err := p.importView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, importedPage(v))
}

func (p *Pages) importView(r *http.Request) (importView, error) {
	ctx := r.Context()
	im, rows, err := p.org.OpenImport(ctx, authz.From(ctx), r.PathValue("id"))
	if err != nil {
		return importView{}, err
	}
	v := importView{ID: im.ID, Proposal: im.Proposal, Running: im.State == "approved", Total: im.Total, Done: im.Done, More: max(0, len(im.Findings)-findingsShown)}
	v.Ready = len(im.Findings) == 0 && im.New+im.Changed > 0 && (im.State == "checked" || im.State == "refused") && im.By == authz.From(ctx).StaffID
	v.Page = ui.PageView{Title: t(ctx, "org.import_result"), Crumbs: crumbs(ui.Crumb{Label: t(ctx, "org.staff_title"), Href: "/admin/staff"}, ui.Crumb{Label: t(ctx, "org.import_title"), Href: "/admin/imports/new"}, ui.Crumb{Label: t(ctx, "org.import_result")})}
	v.Figures = []ui.KPIView{
		{Label: t(ctx, "org.import_rows"), Value: strconv.Itoa(im.Total)},
		{Label: t(ctx, "org.import_new"), Value: strconv.Itoa(im.New)},
		{Label: t(ctx, "org.import_changed"), Value: strconv.Itoa(im.Changed)},
		{Label: t(ctx, "org.import_same"), Value: strconv.Itoa(im.Same)},
		{Label: t(ctx, "org.import_wrong"), Value: strconv.Itoa(len(im.Findings))},
	}
	v.State = t(ctx, "org.import_"+im.State, errs.P{"done": im.Done, "total": im.Total, "made": im.Made})
	v.Findings = ui.TableView{Caption: t(ctx, "org.import_findings_title"), Empty: t(ctx, "org.import_no_findings"), Columns: []ui.Column{
		{Label: t(ctx, "org.import_line"), Num: true}, {Label: t(ctx, "org.import_column")}, {Label: t(ctx, "org.import_cell")}, {Label: t(ctx, "org.import_what")},
	}}
	for _, f := range im.Findings[:min(len(im.Findings), findingsShown)] {
		v.Findings.Rows = append(v.Findings.Rows, []ui.Cell{{Text: strconv.Itoa(f.Line)}, {Text: org.Columns[f.Column]}, {Text: cellOf(rows, f)}, {Text: t(ctx, f.Key, f.Params)}})
	}
	v.Reason = ui.FormField{Name: "reason", Kind: "textarea", Label: t(ctx, "org.power_reason"), Required: true, MaxLength: 500}
	return v, nil
}

func cellOf(rows []org.Row, f org.RowFinding) string {
	if i := slices.IndexFunc(rows, func(r org.Row) bool { return r.Line == f.Line }); i >= 0 {
		return rows[i].Cells[f.Column]
	}
	return ""
}

func (p *Pages) proposeImport(w http.ResponseWriter, r *http.Request) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	id, err := p.org.ProposeImport(ctx, authz.From(ctx), r.PathValue("id"), v.Get("reason"))
	if e := errs.As(err); e != nil && e.Kind == errs.Invalid {
		page, err := p.importView(r)
		if err != nil {
			return err
		}
		text := t(ctx, e.Key, e.Params)
		if len(e.Fields) > 0 {
			text = t(ctx, e.Fields[0].Key, e.Fields[0].Params)
			page.Reason.Error = text
		}
		page.Reason.Value = v.Get("reason")
		page.Page.Errors = []ui.ErrorItem{{Field: "reason", Text: text}}
		return web.RenderStatus(w, r, http.StatusUnprocessableEntity, importedPage(page))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/admin/proposals/"+id+"?sent=1")
}

// table answers with the accounts in reach, or with an empty table to fill in, which lists the posts on a second sheet.
func (p *Pages) table(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	a := authz.From(ctx)
	name, form, _ := strings.Cut(r.PathValue("file"), ".")
	var sheets []string
	var tables [][][]string
	switch name {
	case "staff":
		rows, err := p.org.StaffTable(ctx, a, r.URL.Query().Get("agency"))
		if err != nil {
			return err
		}
		sheets, tables = []string{t(ctx, "org.staff_title")}, [][][]string{rows}
	case "template":
		sheets = []string{t(ctx, "org.staff_title"), t(ctx, "org.posts_title")}
		tables = [][][]string{{org.Columns}, p.postSheet(ctx)}
	default:
		return errs.New(errs.NotFound, "base.not_found")
	}
	var b bytes.Buffer
	switch form {
	case "xlsx":
		if err := org.WriteBook(&b, sheets, tables); err != nil {
			return err
		}
		return web.File(w, sheets[0]+".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", false, &b)
	case "csv":
		if err := org.WriteCSV(&b, tables[0]); err != nil {
			return err
		}
		return web.File(w, sheets[0]+".csv", "text/csv; charset=utf-8", false, &b)
	}
	return errs.New(errs.NotFound, "base.not_found")
}

// postSheet lists which keys a table may name.
func (p *Pages) postSheet(ctx context.Context) [][]string {
	out := [][]string{{org.Columns[4], t(ctx, "org.post_name"), org.Columns[3], t(ctx, "org.staff_agency"), t(ctx, "org.power_gives")}}
	_, posts := p.org.ReachOf(ctx, authz.From(ctx), authz.Security)
	for _, o := range posts {
		out = append(out, []string{o.Key, p.postName(ctx, o.Key), o.Agency, p.agencyName(ctx, o.Agency), rightsText(ctx, o)})
	}
	return out
}
