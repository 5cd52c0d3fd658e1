package govstackweb

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/govstack"
)

// Config is what the room's pages and operations need.
type Config struct {
	GovStack *govstack.Service
	Log      *slog.Logger
	// Agencies are the choices of the form; AgencyName and StaffName name what pages show.
	Agencies   func(ctx context.Context) []ui.Option
	AgencyName func(ctx context.Context, key string) string
	StaffName  func(ctx context.Context, id string) string
}

type handlers struct{ Config }

// Header is where the Information Mediator names the member a request comes from.
const Header = "Information-Mediator-Client"

// perMinute is what one address may ask; a member is a whole authority.
const perMinute = 3000

// Routes is the room's route table. The operations are open to every address: a handler finds out which member asks, and what it may.
func Routes(c Config) []web.Route {
	h := handlers{c}
	op := func(pattern string, f operation, o ...web.Option) web.Route {
		method, path, _ := strings.Cut(pattern, " ")
		return web.To(method+" "+govstack.Base+path, authz.Public, h.member(f), append(o, web.CrossSite(), web.PerMinute(perMinute))...)
	}
	return append(h.adminRoutes(),
		op("GET /services", h.services),
		op("GET /services/{id}", h.service),
		op("GET /services/{id}/eForms", h.eForms),
		op("GET /eForms/{id}", h.eForm),
		op("POST /services/{id}/applications", h.file),
		op("POST /documents", h.upload, web.Upload(govstack.MaxDocument*2)), // base64 is longer
		op("GET /applications", h.applications),
		op("GET /applications/{id}", h.application),
		op("PUT /applications/{id}", h.answer),
		op("GET /tasks", h.tasks),
		op("GET /tasks/{id}", h.task),
		op("POST /tasks/{id}/complete", h.complete),
		op("GET /data/statistics/1.0", h.statistics),
	)
}

// operation answers a member.
type operation func(w http.ResponseWriter, r *http.Request, m govstack.Member) error

// member finds the member a request comes from. Every error is a problem (RFC 9457) that also has the fields of GovStack's systemError.
func (h handlers) member(f operation) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		m, err := h.GovStack.Enter(r.Context(), r.Header.Get(Header), strings.TrimSpace(token))
		if err == nil {
			err = f(w, r, m)
		}
		if err == nil {
			return nil
		}
		if r.Body != nil { // so that who sends much gets the answer
			_, _ = io.Copy(io.Discard, r.Body)
		}
		return h.fail(w, r, err)
	}
}

// problem is an error as both standards write it.
type problem struct {
	*web.Problem
	TraceID          string `json:"traceId"`
	Message          string `json:"message"`
	LocalizedMessage string `json:"localizedMessage"`
}

func (h handlers) fail(w http.ResponseWriter, r *http.Request, err error) error {
	ctx := r.Context()
	p := web.ProblemOf(ctx, err)
	if p.Status == http.StatusInternalServerError {
		h.Log.Error("internal error", "number", p.Instance, "path", r.Pattern, "err", err)
	}
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="govstack"`)
	}
	english := web.ProblemOf(i18n.With(ctx, i18n.English), err)
	body, err := json.Marshal(problem{Problem: p, TraceID: p.Instance, Message: english.Detail, LocalizedMessage: p.Detail})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_, _ = w.Write(body)
	return nil
}

// read decodes a JSON body.
func read(r *http.Request, v any) error {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, v); err != nil {
		field := errs.Field{Path: "", Key: "govstack.bad_json"}
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			field.Path = strings.ReplaceAll(wrong.Field, ".", "/")
		}
		e := errs.New(errs.BadRequest, "govstack.bad_json")
		e.Fields = []errs.Field{field}
		return e
	}
	return nil
}

// page reads firstResult and maxResult, and whether the newest comes first.
func page(r *http.Request) (offset, limit int, desc bool, err error) {
	q := r.URL.Query()
	number := func(name string, least, most, otherwise int) int {
		s := q.Get(name)
		if s == "" {
			return otherwise
		}
		n, bad := strconv.Atoi(s)
		if bad != nil || n < least {
			err = errs.New(errs.BadRequest, "govstack.paging", errs.P{"name": name})
			return otherwise
		}
		return min(n, most)
	}
	offset, limit = number("firstResult", 0, 1_000_000, 0), number("maxResult", 1, 100, 20)
	switch q.Get("sortOrder") {
	case "", "asc":
	case "desc":
		desc = true
	default:
		err = errs.New(errs.BadRequest, "govstack.paging", errs.P{"name": "sortOrder"})
	}
	return offset, limit, desc, err
}
