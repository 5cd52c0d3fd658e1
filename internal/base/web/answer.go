package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/a-h/templ"

	"tongban/internal/base/errs"
)

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Render answers 200 with a page.
func Render(w http.ResponseWriter, r *http.Request, c templ.Component) error {
	return RenderStatus(w, r, http.StatusOK, c)
}

// RenderStatus answers with a page. The page is drawn whole before the first byte leaves, so a failure becomes an error page, not half a page.
func RenderStatus(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	if err := c.Render(r.Context(), b); err != nil {
		return fmt.Errorf("render: %w", err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Add("Vary", "HX-Request, Cookie, Accept-Language")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // a browser that went away cannot be told
	return nil
}

// SeeOther is the answer to a form that succeeded: 303 to a page of our own.
func SeeOther(w http.ResponseWriter, r *http.Request, to string) error {
	http.Redirect(w, r, LocalPath(to), http.StatusSeeOther)
	return nil
}

// LocalPath lets through only a path of this site; anything else becomes "/".
func LocalPath(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.Contains(to, "\\") {
		return "/"
	}
	return to
}

// JSON answers with a JSON document.
func JSON(w http.ResponseWriter, status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(b)
	return nil
}

// File answers with a file of one's own: never cached, shown in the browser only if inline, with a name in any script (RFC 6266).
func File(w http.ResponseWriter, name, mime string, inline bool, body io.Reader) error {
	how := "attachment"
	if inline {
		how = "inline"
	}
	h := w.Header()
	h.Set("Content-Type", mime)
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Disposition", how+"; filename*=UTF-8''"+url.PathEscape(name))
	_, err := io.Copy(w, body)
	return err
}

// Form reads a form of either encoding, without files kept in memory beyond 1 MB. A form that cannot be read is errs.BadRequest.
func Form(r *http.Request) (url.Values, error) {
	var err error
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		err = r.ParseMultipartForm(1 << 20)
	} else {
		err = r.ParseForm()
	}
	if err == nil {
		return r.PostForm, nil
	}
	if StatusOf(err) == http.StatusRequestEntityTooLarge {
		return nil, err
	}
	return nil, errs.Wrap(err, errs.BadRequest, "base.bad_request")
}
