package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tongban/internal/base/blob"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
)

// status is the one mapping of error kinds to HTTP.
var status = map[errs.Kind]int{
	errs.Internal: http.StatusInternalServerError, errs.Invalid: http.StatusUnprocessableEntity, errs.BadRequest: http.StatusBadRequest,
	errs.Unauthorized: http.StatusUnauthorized, errs.Forbidden: http.StatusForbidden, errs.NotFound: http.StatusNotFound,
	errs.Conflict: http.StatusConflict, errs.Gone: http.StatusGone, errs.TooLarge: http.StatusRequestEntityTooLarge,
	errs.TooMany: http.StatusTooManyRequests, errs.Unavailable: http.StatusServiceUnavailable, errs.Full: http.StatusInsufficientStorage,
}

// StatusOf is the HTTP status of an error.
func StatusOf(err error) int { return status[kindOf(err)] }

// kindOf also knows the errors of net/http.
func kindOf(err error) errs.Kind {
	var big *http.MaxBytesError
	switch {
	case errors.As(err, &big):
		return errs.TooLarge
	case errors.Is(err, context.Canceled):
		return errs.BadRequest
	}
	return errs.KindOf(err)
}

// ErrorView is what an error page shows.
type ErrorView struct {
	Status int
	Text   string   // what happened, what to do next
	Fields []string // findings, when there are several
	Number string   // to quote
	Path   string
	Typed  url.Values // of a form that could not be taken just now, to be sent again; without secrets
}

// Problem is an RFC 9457 problem document.
type Problem struct {
	Type     string         `json:"type"`
	Title    string         `json:"title"`
	Status   int            `json:"status"`
	Detail   string         `json:"detail"`
	Instance string         `json:"instance,omitempty" doc:"request number to quote"`
	Code     string         `json:"code" doc:"stable text key of the error"`
	Errors   []ProblemField `json:"errors,omitempty"`
}

// ProblemField is one finding of a problem.
type ProblemField struct {
	Pointer string `json:"pointer" doc:"JSON pointer into the request"`
	Detail  string `json:"detail"`
	Code    string `json:"code"`
}

// Error makes a Problem an error.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus is the HTTP status, as huma asks for it.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is RFC 9457's media type.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// ProblemOf turns an error into a problem in the context's language.
func ProblemOf(ctx context.Context, err error) *Problem {
	err = known(err)
	st := StatusOf(err)
	p := &Problem{Type: "about:blank", Title: http.StatusText(st), Status: st, Detail: i18n.Err(ctx, err), Instance: Number(ctx), Code: "base.internal"}
	if e := errs.As(err); e != nil {
		p.Code = e.Key
		for _, f := range e.Fields {
			p.Errors = append(p.Errors, ProblemField{Pointer: pointer(f.Path), Detail: i18n.T(ctx, f.Key, f.Params), Code: f.Key})
		}
	}
	return p
}

func pointer(path string) string {
	if path == "" || path[0] == '/' {
		return path
	}
	return "/" + path
}

// known gives net/http's own errors a text.
func known(err error) error {
	var big *http.MaxBytesError
	switch {
	case errs.As(err) != nil:
		return err
	case errors.As(err, &big):
		return errs.Wrap(err, errs.TooLarge, "base.too_large", errs.P{"max": blob.Human(big.Limit)})
	case errors.Is(err, context.Canceled), errors.Is(err, http.ErrNotMultipart), errors.Is(err, http.ErrMissingBoundary):
		return errs.Wrap(err, errs.BadRequest, "base.bad_request")
	}
	return err
}

// Fail answers with an error: a page for people, a problem for programs. Only internal errors are logged.
func (s *Site) Fail(w http.ResponseWriter, r *http.Request, err error) {
	s.fail(w, r, err, StatusOf(err))
}

func (s *Site) fail(w http.ResponseWriter, r *http.Request, err error, st int) {
	ctx := r.Context()
	err = known(err)
	if st == http.StatusInternalServerError {
		s.cfg.Log.Error("internal error", "number", Number(ctx), "method", r.Method, "err", err)
	}
	w.Header().Set("Cache-Control", "no-store")
	if e := errs.As(err); e != nil && st == http.StatusTooManyRequests {
		if sec, ok := e.Params["seconds"].(int); ok {
			w.Header().Set("Retry-After", strconv.Itoa(sec))
		}
	}
	need := needed(err)
	if isAPI(r) || r.Header.Get("X-Autosave") != "" {
		if need > 0 {
			w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer error="insufficient_user_authentication", acr_values="urn:tongban:loa:%d"`, need)) // RFC 9470
		}
		p := ProblemOf(ctx, err)
		p.Status = st
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(st)
		_ = json.NewEncoder(w).Encode(p)
		return
	}
	if st == http.StatusUnauthorized && s.cfg.SignIn != nil {
		if err = s.cfg.SignIn(w, r); err == nil {
			return
		}
		st = StatusOf(err)
	}
	if need > 0 && s.cfg.StepUp != nil {
		if err = s.cfg.StepUp(w, r, need); err == nil {
			return
		}
		st = StatusOf(err)
	}
	v := ErrorView{Status: st, Text: i18n.Err(ctx, err), Number: Number(ctx), Path: r.URL.Path}
	if st == http.StatusServiceUnavailable || st == http.StatusInsufficientStorage {
		v.Typed = typed(r)
	}
	if e := errs.As(err); e != nil {
		for _, f := range e.Fields {
			v.Fields = append(v.Fields, i18n.T(ctx, f.Key, f.Params))
		}
	}
	if s.cfg.ErrorPage == nil {
		http.Error(w, v.Text, st)
		return
	}
	if err := RenderStatus(w, r, st, s.cfg.ErrorPage(v)); err != nil {
		s.cfg.Log.Error("error page", "number", Number(ctx), "err", err)
	}
}

// needed is the identity level an error asks for, or 0.
func needed(err error) int {
	if e := errs.As(err); e != nil && e.Key == "base.level_needed" {
		need, _ := e.Params["need"].(int)
		return need
	}
	return 0
}

const (
	mostTyped = 256 << 10 // bytes of a form that an error page carries
	drainTime = 5 * time.Second
)

// typed gives what a form held, so that the page can offer to send it again. Files and secrets are left out.
func typed(r *http.Request) url.Values {
	if r.Method != http.MethodPost || r.ContentLength > mostTyped || strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") || r.ParseForm() != nil {
		return nil
	}
	out := url.Values{}
	for k, v := range r.PostForm {
		if !slices.ContainsFunc([]string{"password", "old", "repeat", "code", "recovery", "totp", "unlock", "secret", "ticket"}, func(secret string) bool { return strings.Contains(k, secret) }) {
			out[k] = v
		}
	}
	return out
}

// drain reads the rest of an upload that is refused, for a moment, so that the answer arrives instead of a broken connection.
func drain(w http.ResponseWriter, r *http.Request) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(drainTime))
	_, _ = io.Copy(io.Discard, r.Body) // bounded by the route's body limit
}
