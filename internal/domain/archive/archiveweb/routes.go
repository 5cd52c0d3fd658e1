package archiveweb

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/archive"
)

type handlers struct {
	svc *archive.Service
}

// Routes is the room's route table.
func Routes(s *archive.Service) []web.Route {
	h := handlers{s}
	return []web.Route{
		web.To("GET /archive", authz.ArchiveSee, h.list),
		web.To("GET /archive/packages/{id}", authz.ArchiveSee, h.show),
		web.To("POST /archive/packages/{id}/check", authz.ArchiveSee, h.check, web.PerMinute(20)),
		web.To("GET /archive/packages/{id}/file", authz.ArchiveSee, h.file),
		web.To("GET /archive/exports", authz.ArchiveSee, h.exports),
		web.To("POST /archive/exports", authz.ArchiveSee, h.export, web.PerMinute(10)),
		web.To("GET /archive/exports/{id}/{part}", authz.ArchiveSee, h.part),
	}
}

func actor(r *http.Request) authz.Actor { return authz.From(r.Context()) }

func filterOf(q url.Values) archive.Filter {
	year, _ := strconv.Atoi(q.Get("year")) // what is no year filters nothing
	return archive.Filter{
		Agency: q.Get("agency"), Year: year, Period: q.Get("period"), State: q.Get("state"), Query: strings.TrimSpace(q.Get("q")), After: q.Get("after"),
	}
}

func (h handlers) list(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	v := listView{Query: q, Filter: filterOf(q)}
	var err error
	if v.Agencies, err = h.svc.Agencies(ctx, actor(r)); err != nil {
		return err
	}
	if v.Page, err = h.svc.List(ctx, actor(r), v.Filter); err != nil {
		return err
	}
	return web.Render(w, r, listPage(v))
}

func (h handlers) show(w http.ResponseWriter, r *http.Request) error {
	v, err := h.svc.Package(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.Render(w, r, packagePage(packageView{View: v}))
}

// check examines the package now and shows what was found.
func (h handlers) check(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if _, err := h.svc.Recheck(r.Context(), actor(r), id); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/archive/packages/"+url.PathEscape(id))
}

func (h handlers) file(w http.ResponseWriter, r *http.Request) error {
	body, p, err := h.svc.Open(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }() // only read
	return web.File(w, p.FileName(), "application/zip", false, body)
}

func (h handlers) exports(w http.ResponseWriter, r *http.Request) error {
	return h.showExports(w, r, http.StatusOK, exportsView{Asked: filterOf(r.URL.Query())})
}

func (h handlers) showExports(w http.ResponseWriter, r *http.Request, status int, v exportsView) error {
	var err error
	if v.Exports, err = h.svc.Exports(r.Context(), actor(r)); err != nil {
		return err
	}
	if v.Agencies, err = h.svc.Agencies(r.Context(), actor(r)); err != nil {
		return err
	}
	return web.RenderStatus(w, r, status, exportsPage(v))
}

func (h handlers) export(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	v := exportsView{Asked: filterOf(f), Reason: f.Get("reason")}
	_, err = h.svc.Export(r.Context(), actor(r), v.Asked, v.Reason)
	var e *errs.E
	switch {
	case err == nil:
		return web.SeeOther(w, r, "/archive/exports")
	case errs.KindOf(err) != errs.Invalid || !errors.As(err, &e):
		return err
	case len(e.Fields) > 0:
		v.Error = i18n.T(r.Context(), e.Fields[0].Key, e.Fields[0].Params)
		v.List = []ui.ErrorItem{{Field: "reason", Text: v.Error}}
	default:
		v.List = []ui.ErrorItem{{Field: "year", Text: i18n.Err(r.Context(), err)}}
	}
	return h.showExports(w, r, http.StatusUnprocessableEntity, v)
}

func (h handlers) part(w http.ResponseWriter, r *http.Request) error {
	n, err := strconv.Atoi(r.PathValue("part"))
	if err != nil {
		return errs.New(errs.NotFound, "archive.not_found")
	}
	id := r.PathValue("id")
	body, p, err := h.svc.OpenPart(r.Context(), actor(r), id, n)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }() // only read
	return web.File(w, "archive-"+id[len(id)-8:]+"-"+strconv.Itoa(p.N)+".zip", "application/zip", false, body)
}
