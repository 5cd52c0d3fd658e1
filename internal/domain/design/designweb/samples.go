package designweb

import (
	"bytes"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/design"
	"tongban/internal/domain/pack"
)

const maxSample = 2 << 20

type samplesView struct {
	Page   ui.PageView
	ID     string
	Table  ui.TableView
	Upload ui.UploadView
	May    bool
	Saved  bool
}

func (h *Handler) samples(w http.ResponseWriter, r *http.Request) error {
	return h.showSamples(w, r, http.StatusOK, nil)
}

func (h *Handler) showSamples(w http.ResponseWriter, r *http.Request, status int, wrong *errs.E) error {
	ctx := r.Context()
	o, err := h.opened(r)
	if err != nil {
		return err
	}
	fs, err := h.design.Files(ctx, actor(r), o.Change.ID)
	if err != nil {
		return err
	}
	v := samplesView{Page: h.page(ctx, o.Change, t(ctx, "design.task_files")), ID: o.Change.ID, May: o.May, Saved: r.URL.Query().Has("saved")}
	v.Page.Lead = t(ctx, "design.samples_lead")
	v.Table = ui.TableView{Caption: v.Page.Title, CaptionHide: true, Empty: t(ctx, "design.samples_empty"), Columns: []ui.Column{
		{Label: t(ctx, "design.col_file")}, {Label: t(ctx, "design.col_size"), Num: true}, {Label: t(ctx, "design.col_used")}, {Label: t(ctx, "design.row_do")},
	}}
	for _, f := range fs {
		if f.Kind != design.SampleFile || f.Removed || !f.Own() && !o.Item.Names(f.Path) {
			continue
		}
		v.Table.Rows = append(v.Table.Rows, []ui.Cell{
			{Text: f.Key, Href: changeHref(o.Change.ID, "sample") + "?" + url.Values{"path": {f.Path}}.Encode()},
			{Text: strconv.Itoa((len(f.Content)+1023)/1024) + " KB"},
			{Text: usedBy(o.Item, f.Path)},
			{Part: dropButton(dropView{Action: changeHref(o.Change.ID, "samples", "drop"), Path: f.Path, Rev: f.Rev, May: o.May, Name: f.Key})},
		})
	}
	v.Upload = ui.UploadView{Name: "file", Label: t(ctx, "design.samples_upload"), Hint: t(ctx, "design.samples_hint"), Accept: ".pdf,.png,.jpg,.jpeg,.txt,.docx,.xlsx", Limit: "2 MB", Action: changeHref(o.Change.ID, "samples")}
	if wrong != nil {
		v.Upload.Error = i18n.Err(ctx, wrong)
		if len(wrong.Fields) > 0 {
			v.Upload.Error = t(ctx, wrong.Fields[0].Key, wrong.Fields[0].Params)
		}
		v.Page.Errors = []ui.ErrorItem{{Field: "file", Text: v.Upload.Error}}
	}
	return web.RenderStatus(w, r, status, samplesPage(v))
}

// usedBy names the materials that offer a file.
func usedBy(it item.Item, path string) string {
	var out []string
	for _, m := range it.Materials {
		if m.Empty == path || m.Sample == path {
			out = append(out, m.Name)
		}
	}
	if it.Result.Sample == path {
		out = append(out, it.Result.Name)
	}
	return strings.Join(out, "、")
}

func (h *Handler) addSample(w http.ResponseWriter, r *http.Request) error {
	ctx, a := r.Context(), actor(r)
	if _, err := web.Form(r); err != nil {
		return err
	}
	data, name, err := uploaded(r, "file", maxSample)
	if err == nil {
		name = sampleName(name)
		rev := 0
		if f, e := h.design.Read(ctx, a, idOf(r), "files/"+name); e == nil {
			rev = f.Rev
		}
		_, err = h.design.Write(ctx, a, idOf(r), "files/"+name, rev, data)
	}
	if e := errs.As(err); e != nil && (e.Kind == errs.Invalid || e.Kind == errs.TooLarge) {
		return h.showSamples(w, r, http.StatusUnprocessableEntity, e)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, changeHref(idOf(r), "samples")+"?saved=1")
}

// sampleName keeps of a file's name what a pack can hold everywhere: letters, digits, points and hyphens of any script, no folders.
func sampleName(name string) string {
	name = path.Base(strings.ReplaceAll(name, "\\", "/"))
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r == ' ' || strings.ContainsRune(`/:*?"<>|%#&+'`, r) || r < ' ':
			b.WriteByte('-')
		default:
			b.WriteRune(r)
		}
	}
	return strings.TrimLeft(b.String(), ".-")
}

func (h *Handler) dropSample(w http.ResponseWriter, r *http.Request) error {
	q, err := web.Form(r)
	if err != nil {
		return err
	}
	rev, _ := strconv.Atoi(q.Get("_v"))
	if k, _ := design.KindOf(q.Get("path")); k != design.SampleFile {
		return errs.New(errs.NotFound, "base.not_found")
	}
	if err := h.design.Remove(r.Context(), actor(r), idOf(r), q.Get("path"), rev); err != nil {
		return err
	}
	return web.SeeOther(w, r, changeHref(idOf(r), "samples")+"?saved=1")
}

// sampleTypes are the kinds a browser may show by itself; the others are downloaded.
var sampleTypes = map[string]string{".pdf": "application/pdf", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".txt": "text/plain; charset=utf-8"}

func (h *Handler) sample(w http.ResponseWriter, r *http.Request) error {
	f, err := h.design.Read(r.Context(), actor(r), idOf(r), r.URL.Query().Get("path"))
	if err != nil {
		return err
	}
	if f.Kind != design.SampleFile {
		return errs.New(errs.NotFound, "base.not_found")
	}
	mime, ok := sampleTypes[path.Ext(f.Path)]
	if !ok {
		mime = "application/octet-stream"
	}
	return web.File(w, path.Base(f.Path), mime, false, bytes.NewReader(f.Content))
}

func (h *Handler) export(w http.ResponseWriter, r *http.Request) error {
	p, err := h.design.Export(r.Context(), actor(r), idOf(r))
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := pack.WriteZip(&b, p); err != nil {
		return err
	}
	return web.File(w, p.Key+"-"+strconv.FormatInt(p.Version, 10)+".zip", "application/zip", false, &b)
}
