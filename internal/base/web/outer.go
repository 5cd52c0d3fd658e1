package web

import (
	"context"
	"errors"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"tongban/internal/base/i18n"
)

// csp allows nothing but our own files: no inline script or style, no eval, no frames, no foreign forms.
const csp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"

// AllowForm lets the forms of one answer be sent to other sites too (OpenID Connect form_post). Each place is an origin, https://example.gov.cn.
func AllowForm(w http.ResponseWriter, origins ...string) {
	w.Header().Set("Content-Security-Policy", strings.Replace(csp, "form-action 'self'", strings.Join(append([]string{"form-action 'self'"}, origins...), " "), 1))
}

// outer is what every answer passes, pages, files and errors alike.
func (s *Site) outer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := s.cfg.Now()
		s.behindProxies(r)
		ctx, st := withNumber(r.Context())
		r = r.WithContext(i18n.With(ctx, language(r)))
		h := w.Header()
		h.Set("Content-Security-Policy", csp)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(self), geolocation=(), microphone=(), payment=()")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("X-Request-Number", st.number)
		if s.cfg.HTTPS {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		rec := &recorder{ResponseWriter: w, status: http.StatusOK}
		defer func() {
			if p := recover(); p != nil {
				s.panicked(rec, r, p)
			}
			s.observe(r, st, rec.status, s.cfg.Now().Sub(start))
		}()
		next.ServeHTTP(rec, r)
	})
}

func (s *Site) panicked(w *recorder, r *http.Request, p any) {
	if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(p)
	}
	s.cfg.Log.Error("panic", "number", Number(r.Context()), "value", p, "stack", string(debug.Stack()))
	if !w.wrote {
		s.Fail(w, r, errors.New("panic"))
	}
}

func (s *Site) observe(r *http.Request, st *state, status int, took time.Duration) {
	if s.cfg.Observe != nil {
		s.cfg.Observe(st.pattern, status, took)
	}
	if s.cfg.Log.Enabled(context.Background(), -4) { // debug: one line a request; the path may hold an id, never a name or number
		s.cfg.Log.Debug("request", "number", st.number, "route", st.pattern, "status", status, "ms", took.Milliseconds())
	}
}

type recorder struct {
	http.ResponseWriter
	status int
	wrote  bool
}

func (w *recorder) WriteHeader(status int) {
	if !w.wrote {
		w.status, w.wrote = status, true
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(b []byte) (int, error) {
	w.wrote = true
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
