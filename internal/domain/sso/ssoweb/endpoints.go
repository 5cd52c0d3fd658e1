package ssoweb

import (
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/base/web"
	"tongban/internal/domain/sso"
)

func (h handlers) discovery(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Cache-Control", "public, max-age=300")
	return write(w, http.StatusOK, h.svc.Discovery())
}

func (h handlers) keys(w http.ResponseWriter, r *http.Request) error {
	b, err := h.svc.Keys(r.Context())
	if err != nil {
		return h.fail(w, r, err)
	}
	// A new key is published long before it signs, so that a copy five minutes old is good enough.
	w.Header().Set("Cache-Control", "public, max-age=300")
	w.Header().Set("Content-Type", "application/jwk-set+json")
	_, _ = w.Write(b)
	return nil
}

// write is web.JSON for answers that say themselves whether they may be kept.
func write(w http.ResponseWriter, status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(b)
	return nil
}

// call reads a request of a program: only the body counts, never the query, where secrets end up in logs.
func call(r *http.Request) (sso.Call, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return sso.Call{}, &sso.Error{Code: sso.InvalidRequest, Text: "the body must be application/x-www-form-urlencoded"}
	}
	c := sso.Call{Form: url.Values{}, Origin: web.Origin(r)}
	if err := r.ParseForm(); err != nil {
		if errs.KindOf(err) != errs.Internal || web.StatusOf(err) == http.StatusRequestEntityTooLarge {
			return c, &sso.Error{Code: sso.InvalidRequest, Text: "the body is too large", Status: http.StatusRequestEntityTooLarge}
		}
		return c, &sso.Error{Code: sso.InvalidRequest, Text: "the form cannot be read"}
	}
	if r.URL.RawQuery != "" {
		return c, &sso.Error{Code: sso.InvalidRequest, Text: "parameters belong into the body"}
	}
	c.Form = r.PostForm
	if scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " "); strings.EqualFold(scheme, "Basic") {
		var ok bool
		if c.User, c.Password, ok = r.BasicAuth(); !ok {
			return c, &sso.Error{Code: sso.InvalidClient, Text: "the Authorization header cannot be read", Status: http.StatusUnauthorized}
		}
		c.Basic = true
	}
	return c, nil
}

// fail answers a program: an OAuth error, whatever went wrong. Only what is our own fault is logged.
func (h handlers) fail(w http.ResponseWriter, r *http.Request, err error) error {
	e := sso.AsError(err)
	if e == nil {
		e = &sso.Error{Code: "server_error", Text: "something went wrong here; the number is " + web.Number(r.Context()), Status: http.StatusInternalServerError}
		switch errs.KindOf(err) {
		case errs.Unavailable, errs.Full:
			e = &sso.Error{Code: "temporarily_unavailable", Text: "please try again", Status: http.StatusServiceUnavailable}
		case errs.Internal:
			h.Log.Error("internal error", "number", web.Number(r.Context()), "path", r.URL.Path, "err", err)
		}
	}
	st := e.Status
	if st == 0 {
		st = http.StatusBadRequest
	}
	if st == http.StatusUnauthorized {
		scheme := `Basic realm="tongban"`
		if e.Code == sso.InvalidToken {
			scheme = `Bearer error="invalid_token", error_description="` + e.Text + `"`
		}
		w.Header().Set("WWW-Authenticate", scheme)
	}
	return web.JSON(w, st, map[string]string{"error": e.Code, "error_description": e.Text})
}

// program is the way of every endpoint for programs.
func (h handlers) program(w http.ResponseWriter, r *http.Request, do func(sso.Call) (any, error)) error {
	c, err := call(r)
	if err != nil {
		return h.fail(w, r, err)
	}
	v, err := do(c)
	if err != nil {
		return h.fail(w, r, err)
	}
	w.Header().Set("Pragma", "no-cache") // RFC 6749 §5.1
	return web.JSON(w, http.StatusOK, v)
}

func (h handlers) token(w http.ResponseWriter, r *http.Request) error {
	return h.program(w, r, func(c sso.Call) (any, error) { return h.svc.Token(r.Context(), c) })
}

func (h handlers) introspect(w http.ResponseWriter, r *http.Request) error {
	return h.program(w, r, func(c sso.Call) (any, error) { return h.svc.Introspect(r.Context(), c) })
}

func (h handlers) revoke(w http.ResponseWriter, r *http.Request) error {
	return h.program(w, r, func(c sso.Call) (any, error) { return struct{}{}, h.svc.Revoke(r.Context(), c) })
}

// userInfo takes the access token from the header, or from the form of a POST (RFC 6750 §2.1, §2.2); never from the query.
func (h handlers) userInfo(w http.ResponseWriter, r *http.Request) error {
	access, err := bearer(r)
	if err != nil {
		return h.fail(w, r, err)
	}
	if access == "" {
		w.Header().Set("WWW-Authenticate", `Bearer realm="tongban"`) // without an error: nothing was presented (RFC 6750 §3.1)
		return web.JSON(w, http.StatusUnauthorized, map[string]string{"error": sso.InvalidToken, "error_description": "an access token is needed"})
	}
	claims, err := h.svc.UserInfo(r.Context(), access, web.Origin(r))
	if err != nil {
		return h.fail(w, r, err)
	}
	return web.JSON(w, http.StatusOK, claims)
}

func bearer(r *http.Request) (string, error) {
	scheme, access, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	fromHead := ""
	if strings.EqualFold(scheme, "Bearer") {
		fromHead = strings.TrimSpace(access)
	}
	if r.Method != http.MethodPost || r.Header.Get("Content-Type") == "" {
		return fromHead, nil
	}
	c, err := call(r)
	if err != nil {
		if fromHead != "" && r.ContentLength == 0 {
			return fromHead, nil
		}
		return "", err
	}
	inForm := c.Form.Get("access_token")
	if inForm != "" && fromHead != "" {
		return "", &sso.Error{Code: sso.InvalidRequest, Text: "the access token is given twice"}
	}
	return fromHead + inForm, nil
}
