package web

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
)

// API collects the operations of /api/v1. Each goes through the same wrap as a page: limits, actor, permission.
type API struct {
	huma huma.API
	site *Site
	adds *http.ServeMux // huma mounts here; the site's route calls it
	idem Idempotency
}

// Idempotency keeps the answers of writes that carried an Idempotency-Key.
type Idempotency interface {
	// Do runs fn once for the actor and key and gives the kept answer to repeats. A key used again with another request is errs.Conflict.
	Do(ctx context.Context, actor, key string, request []byte, fn func() (Kept, error)) (Kept, error)
}

// Kept is an answer that can be given again.
type Kept struct {
	Status int
	Type   string
	Body   []byte
}

// NewAPI makes the API of a site. idem may be nil: then keys are ignored.
func NewAPI(s *Site, version string, idem Idempotency) *API {
	huma.NewError = func(st int, msg string, details ...error) huma.StatusError {
		return humaProblem(context.Background(), st, msg, details)
	}
	huma.NewErrorWithContext = func(c huma.Context, st int, msg string, details ...error) huma.StatusError {
		return humaProblem(c.Context(), st, msg, details)
	}
	cfg := huma.DefaultConfig("Tongban 通办", version)
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath, cfg.CreateHooks = "", "", "", nil
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"bearer":  {Type: "http", Scheme: "bearer", Description: "personal access token 个人访问令牌"},
		"session": {Type: "apiKey", In: "cookie", Name: "session"},
	}
	mux := http.NewServeMux()
	return &API{huma: humago.New(mux, cfg), site: s, adds: mux, idem: idem}
}

// humaProblem turns huma's own findings (a body that does not fit its schema) into our problem.
func humaProblem(ctx context.Context, st int, msg string, details []error) huma.StatusError {
	p := &Problem{Type: "about:blank", Title: http.StatusText(st), Status: st, Detail: msg, Code: "base.bad_request", Instance: Number(ctx)}
	if st == http.StatusUnprocessableEntity || st == http.StatusBadRequest {
		p.Detail = i18n.T(ctx, "base.invalid", errs.P{"n": max(1, len(details))})
	}
	for _, d := range details {
		f := ProblemField{Detail: d.Error(), Code: "base.schema"}
		if dd, ok := d.(huma.ErrorDetailer); ok {
			e := dd.ErrorDetail()
			f = ProblemField{Pointer: "/" + strings.ReplaceAll(strings.TrimPrefix(e.Location, "body."), ".", "/"), Detail: e.Message, Code: "base.schema"}
		}
		p.Errors = append(p.Errors, f)
	}
	return p
}

// Op adds an operation: its own input and output structs, the permission it asks for, and a function that returns our errors.
func Op[I, O any](a *API, perm authz.Permission, op huma.Operation, fn func(ctx context.Context, in *I) (*O, error), opts ...Option) {
	op.Path = "/api/v1" + op.Path
	if perm != authz.Public {
		op.Security = []map[string][]string{{"bearer": {}}, {"session": {}}}
	}
	op.Extensions = map[string]any{"x-permission": string(perm)}
	op.SkipValidateParams = false
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := fn(ctx, in)
		if err == nil {
			return out, nil
		}
		p := ProblemOf(ctx, err)
		if p.Status == http.StatusInternalServerError {
			a.site.cfg.Log.Error("internal error", "number", p.Instance, "operation", op.OperationID, "err", err)
		}
		return nil, p
	})
	a.site.Add(To(op.Method+" "+op.Path, perm, a.serve, opts...))
}

// serve hands a request to huma, under its Idempotency-Key if it has one.
func (a *API) serve(w http.ResponseWriter, r *http.Request) error {
	key := r.Header.Get("Idempotency-Key")
	if key == "" || a.idem == nil || r.Method == http.MethodGet || r.Method == http.MethodHead || strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		a.adds.ServeHTTP(w, r)
		return nil
	}
	if len(key) > 200 {
		return errs.New(errs.BadRequest, "base.bad_request")
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	request := append([]byte(r.Method+" "+r.URL.RequestURI()+"\n"), body...)
	kept, err := a.idem.Do(r.Context(), authz.From(r.Context()).Name(), key, request, func() (Kept, error) {
		rec := &keeper{header: http.Header{}, status: http.StatusOK}
		r2 := r.Clone(r.Context())
		r2.Body = io.NopCloser(bytes.NewReader(body))
		a.adds.ServeHTTP(rec, r2)
		return Kept{rec.status, rec.header.Get("Content-Type"), rec.body.Bytes()}, nil
	})
	if err != nil {
		return err
	}
	if kept.Type != "" {
		w.Header().Set("Content-Type", kept.Type)
	}
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(kept.Status)
	_, _ = w.Write(kept.Body)
	return nil
}

type keeper struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (k *keeper) Header() http.Header         { return k.header }
func (k *keeper) WriteHeader(status int)      { k.status = status }
func (k *keeper) Write(b []byte) (int, error) { return k.body.Write(b) }

// OpenAPI is the description of all operations, as JSON (OpenAPI 3.1).
func (a *API) OpenAPI() ([]byte, error) { return a.huma.OpenAPI().MarshalJSON() }

// Spec is the description itself, for the readable page.
func (a *API) Spec() *huma.OpenAPI { return a.huma.OpenAPI() }
