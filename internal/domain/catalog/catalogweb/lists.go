package catalogweb

import (
	"bytes"
	"context"
	"encoding/csv"
	"net/http"
	"net/url"

	"github.com/xuri/excelize/v2"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/catalog/item"
)

const (
	officialRows = 100   // rows a page shows, more where the last item has several
	officialScan = 2_000 // items one page looks through at most
	officialMost = 5_000 // rows of a download: larger lists are downloaded agency by agency
)

// powerListRoutes are the four lists a government publishes. They are public: everybody reads what everybody may apply for.
func (p *Pages) powerListRoutes() []web.Route {
	return []web.Route{
		web.To("GET /lists", authz.Public, p.officialIndex),
		web.To("GET /lists/{kind}", authz.Public, p.official),
		web.To("GET /lists/{kind}/download", authz.Public, p.officialDownload),
	}
}

func ti(ctx context.Context, key string, ps ...errs.P) string {
	return i18n.T(ctx, "item."+key, ps...)
}

type officialView struct {
	Page      ui.PageView
	Tabs      []ui.NavItem
	Filters   ui.FilterView
	Table     ui.TableView
	Pager     ui.PagerView
	Basis     string
	CSV, XLSX string
}

func (p *Pages) officialIndex(w http.ResponseWriter, r *http.Request) error {
	return web.SeeOther(w, r, "/lists/power")
}

func officialList(r *http.Request) (item.OfficialList, error) {
	o, ok := item.OfficialListByKey(r.PathValue("kind"))
	if !ok {
		return o, errs.New(errs.NotFound, "item.no_list", errs.P{"name": r.PathValue("kind")})
	}
	return o, nil
}

func (p *Pages) official(w http.ResponseWriter, r *http.Request) error {
	o, err := officialList(r)
	if err != nil {
		return err
	}
	ctx, in := r.Context(), r.URL.Query()
	rows, next, err := p.officialRows(ctx, o, in, officialRows, officialScan)
	if err != nil {
		return err
	}
	v := officialView{
		Page:  ui.PageView{Title: ti(ctx, "list_"+o.Key), Lead: ti(ctx, "list_"+o.Key+"_lead"), Crumbs: crumbs(ctx, ui.Crumb{Label: ti(ctx, "lists")}, ui.Crumb{Label: ti(ctx, "list_"+o.Key)})},
		Basis: ti(ctx, "list_by", errs.P{"basis": o.Basis}), CSV: officialAddress(o, in, "/download", "format", "csv"), XLSX: officialAddress(o, in, "/download", "format", "xlsx"),
	}
	for _, x := range item.OfficialLists {
		v.Tabs = append(v.Tabs, ui.NavItem{Href: officialAddress(x, in, ""), Label: ti(ctx, "list_"+x.Key), Current: x.Key == o.Key})
	}
	if v.Filters, err = p.officialFilters(ctx, o, in); err != nil {
		return err
	}
	v.Table = ui.TableView{Caption: v.Page.Title, CaptionHide: true, Empty: ti(ctx, "list_empty")}
	for _, c := range o.Columns {
		v.Table.Columns = append(v.Table.Columns, ui.Column{Label: i18n.T(ctx, c)})
	}
	for _, row := range rows {
		cells := make([]ui.Cell, len(row.cells))
		for i, text := range row.cells {
			cells[i].Text = text
			if o.Columns[i] == "item.list_name" {
				cells[i].Href = "/items/" + url.PathEscape(row.key)
			}
		}
		v.Table.Rows = append(v.Table.Rows, cells)
	}
	if next != "" {
		v.Pager.NextHref = officialAddress(o, in, "", "after", next)
	}
	if in.Get("after") != "" {
		v.Pager.PrevHref = officialAddress(o, in, "")
	}
	return web.Render(w, r, officialPage(v))
}

type officialRow struct {
	key   string
	cells []string
}

// officialRows walks the items the filters leave, until there are enough rows or enough was looked through; next goes on from there.
func (p *Pages) officialRows(ctx context.Context, o item.OfficialList, in url.Values, want, scan int) (out []officialRow, next string, err error) {
	q := catalog.Query{Agency: in.Get("agency"), Region: in.Get("region"), After: in.Get("after"), Limit: 100}
	for seen := 0; len(out) < want && seen < scan; {
		page, err := p.catalog.Search(ctx, q)
		if err != nil {
			return nil, "", err
		}
		for i := range page.Items {
			for _, cells := range o.Rows(i18n.From(ctx), &page.Items[i]) {
				out = append(out, officialRow{page.Items[i].Key, cells})
			}
		}
		seen += len(page.Items)
		if next = page.Next; next == "" {
			break
		}
		q.After = next
	}
	return out, next, nil
}

func (p *Pages) officialFilters(ctx context.Context, o item.OfficialList, in url.Values) (ui.FilterView, error) {
	agencies, err := p.catalog.Agencies(ctx)
	if err != nil {
		return ui.FilterView{}, err
	}
	regions, err := p.regionOptions(ctx, catalog.Query{Agency: in.Get("agency"), Region: in.Get("region")})
	if err != nil {
		return ui.FilterView{}, err
	}
	v := ui.FilterView{Action: "/lists/" + o.Key, Filters: []ui.Filter{
		{Name: "agency", Label: t(ctx, "agency"), Value: in.Get("agency"), Options: agencyOptions(agencies)},
		{Name: "region", Label: t(ctx, "region"), Value: in.Get("region"), Options: regions},
	}}
	if in.Get("agency")+in.Get("region") != "" {
		v.ResetHref = "/lists/" + o.Key
	}
	return v, nil
}

// officialAddress keeps the filters and sets one more parameter.
func officialAddress(o item.OfficialList, in url.Values, path string, more ...string) string {
	q := url.Values{}
	for _, k := range []string{"agency", "region"} {
		if in.Get(k) != "" {
			q.Set(k, in.Get(k))
		}
	}
	if len(more) == 2 {
		q.Set(more[0], more[1])
	}
	to := "/lists/" + o.Key + path
	if len(q) == 0 {
		return to
	}
	return to + "?" + q.Encode()
}

// officialDownload gives the list as a table, CSV or XLSX. A list that is larger than a download is refused with the way out, rather than cut off.
func (p *Pages) officialDownload(w http.ResponseWriter, r *http.Request) error {
	o, err := officialList(r)
	if err != nil {
		return err
	}
	ctx, in := r.Context(), r.URL.Query()
	in.Del("after")
	rows, next, err := p.officialRows(ctx, o, in, officialMost, officialMost)
	if err != nil {
		return err
	}
	if next != "" {
		return errs.New(errs.Invalid, "item.list_large", errs.P{"max": officialMost})
	}
	table := make([][]string, 1, len(rows)+1)
	for _, c := range o.Columns {
		table[0] = append(table[0], i18n.T(ctx, c))
	}
	for _, row := range rows {
		table = append(table, row.cells)
	}
	var b bytes.Buffer
	name := ti(ctx, "list_"+o.Key)
	if in.Get("format") == "xlsx" {
		if err := writeBook(&b, name, table); err != nil {
			return err
		}
		return web.File(w, name+".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", false, &b)
	}
	if err := writeCSV(&b, table); err != nil {
		return err
	}
	return web.File(w, name+".csv", "text/csv; charset=utf-8", false, &b)
}

// writeCSV writes UTF-8 with a byte order mark, by which spreadsheets know it. A cell is never taken for a formula.
func writeCSV(b *bytes.Buffer, table [][]string) error {
	b.WriteString("\uFEFF")
	out := csv.NewWriter(b)
	for _, row := range table {
		safe := make([]string, len(row))
		for i, s := range row {
			safe[i] = s
			if s != "" && bytes.ContainsRune([]byte("=+-@\t\r"), rune(s[0])) {
				safe[i] = "'" + s
			}
		}
		if err := out.Write(safe); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// writeBook writes one sheet; its cells are texts.
func writeBook(b *bytes.Buffer, name string, table [][]string) error {
	book := excelize.NewFile()
	defer func() { _ = book.Close() }()
	if err := book.SetSheetName("Sheet1", name); err != nil {
		return err
	}
	sheet, err := book.NewStreamWriter(name)
	if err != nil {
		return err
	}
	for i, row := range table {
		cells := make([]any, len(row))
		for j, s := range row {
			cells[j] = s
		}
		at, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			return err
		}
		if err := sheet.SetRow(at, cells); err != nil {
			return err
		}
	}
	if err := sheet.Flush(); err != nil {
		return err
	}
	return book.Write(b)
}
