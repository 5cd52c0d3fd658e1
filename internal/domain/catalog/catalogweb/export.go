package catalogweb

import (
	"io"
	"net/http"
	"net/url"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/catalog/list"
)

// The media types of lists.
const (
	csvType  = "text/csv; charset=utf-8"
	xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// exportFormat is one way to write the items, as the export page offers it.
type exportFormat struct {
	o          list.WriteOptions
	ext, media string
}

// exportOrder are the formats in the order of the page; their names are list.format_<key>.
var exportOrder = []string{"xlsx", "csv", "csv_gbk", "json", "jsonl", "zip", "national_xlsx", "national_zip", "national_json"}

var exportFormats = map[string]exportFormat{
	"xlsx":          {list.WriteOptions{Format: list.XLSX}, ".xlsx", xlsxType},
	"csv":           {list.WriteOptions{Format: list.CSV}, ".csv", csvType},
	"csv_gbk":       {list.WriteOptions{Format: list.CSV, GBK: true}, ".csv", "text/csv; charset=gb18030"},
	"json":          {list.WriteOptions{Format: list.JSON}, ".json", "application/json"},
	"jsonl":         {list.WriteOptions{Format: list.JSONL}, ".jsonl", "application/jsonl"},
	"zip":           {list.WriteOptions{Format: list.Zip}, ".zip", "application/zip"},
	"national_xlsx": {list.WriteOptions{Format: list.XLSX, National: true}, ".xlsx", xlsxType},
	"national_zip":  {list.WriteOptions{Format: list.Zip, National: true}, ".zip", "application/zip"},
	"national_json": {list.WriteOptions{Format: list.JSON, National: true}, ".json", "application/json"},
}

// streamed answers with a file while it is being written. An error after the first byte breaks the answer off, so that nobody takes half a list for a whole one.
func streamed(w http.ResponseWriter, name, media string, write func(io.Writer) error) error {
	s := &lateFile{w: w, name: name, media: media}
	err := write(s)
	if err != nil && s.begun {
		panic(http.ErrAbortHandler)
	}
	if err == nil && !s.begun {
		_, err = s.Write(nil)
	}
	return err
}

// lateFile sends the header with the first byte: an error before that is still a page.
type lateFile struct {
	w           http.ResponseWriter
	name, media string
	begun       bool
}

func (f *lateFile) Write(b []byte) (int, error) {
	if !f.begun {
		f.begun = true
		h := f.w.Header()
		h.Set("Content-Type", f.media)
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(f.name))
	}
	return f.w.Write(b)
}

type exportView struct {
	Page    ui.PageView
	Formats ui.FormField
	Fields  []ui.FormField
}

func (p *Pages) exportForm(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := exportView{Page: ui.PageView{Title: t(ctx, "export"), Lead: lt(ctx, "export_lead"), Crumbs: officeCrumbs(ctx, ui.Crumb{Label: t(ctx, "export")})}}
	agencies, err := p.catalog.Agencies(ctx)
	if err != nil {
		return err
	}
	regions, err := p.regionOptions(ctx, catalog.Query{})
	if err != nil {
		return err
	}
	v.Formats = ui.FormField{Name: "format", Label: lt(ctx, "format"), Kind: "radio", Value: "xlsx", Required: true}
	for _, k := range exportOrder {
		v.Formats.Options = append(v.Formats.Options, ui.Option{Value: k, Label: lt(ctx, "format_"+k)})
	}
	systems, err := p.systems(ctx)
	if err != nil {
		return err
	}
	forSystem := ui.FormField{Name: "for", Label: lt(ctx, "for"), Hint: lt(ctx, "for_hint"), Kind: "select", Options: systems}
	v.Fields = []ui.FormField{
		forSystem, choice("agency", t(ctx, "agency"), agencyOptions(agencies)), choice("region", t(ctx, "region"), regions), choice("type", lt(ctx, "type"), codeOptions(ctx, "type")),
	}
	return web.Render(w, r, exportPage(v))
}

// manyOptions is how many choices a list on the page may have; a larger catalogue is narrowed by code.
const manyOptions = 500

func choice(name, label string, options []ui.Option) ui.FormField {
	if len(options) > manyOptions {
		return ui.FormField{Name: name, Label: label, Kind: "text"}
	}
	return ui.FormField{Name: name, Label: label, Kind: "select", Options: options}
}

func (p *Pages) export(w http.ResponseWriter, r *http.Request) error {
	ctx, in := r.Context(), r.URL.Query()
	name := in.Get("format")
	if name == "" {
		name = "csv"
	}
	f, ok := exportFormats[name]
	if !ok {
		return errs.New(errs.BadRequest, "list.format_unknown", errs.P{"format": name})
	}
	o := catalog.ExportOptions{WriteOptions: f.o, Selection: selectionOf(in), For: in.Get("for")}
	o.Lang = i18n.From(ctx)
	return streamed(w, t(ctx, "export_name")+f.ext, f.media, func(w io.Writer) error {
		_, err := p.catalog.Export(ctx, w, o)
		return err
	})
}

func selectionOf(in url.Values) catalog.Selection {
	return catalog.Selection{Agency: in.Get("agency"), Region: in.Get("region"), Type: in.Get("type"), Unreviewed: in.Get("unreviewed") != ""}
}
