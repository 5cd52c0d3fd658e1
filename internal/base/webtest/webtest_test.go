package webtest_test

import (
	"io"
	"net/http"
	"net/url"
	"testing"

	"tongban/internal/base/webtest"
)

func TestFormsAreSentAsABrowserWould(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, `<html><body><h1>问</h1><form action="/to" method="post"><input type="hidden" name="v" value="3"><label>名<input name="name" value="旧"></label>
			<label><input type="checkbox" name="c" value="1">甲</label><label><input type="checkbox" name="c" value="2" checked>乙</label><a href="/there">去 那里</a></form></body></html>`)
	})
	mux.HandleFunc("GET /there", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "到了") })
	var got url.Values
	mux.HandleFunc("POST /to", func(_ http.ResponseWriter, r *http.Request) { _ = r.ParseForm(); got = r.PostForm })
	p := webtest.New(t, mux).Get("/", 200)
	p.Submit("form", url.Values{"name": {"新"}}, 200)
	if got.Get("v") != "3" || got.Get("name") != "新" || len(got["c"]) != 1 || got.Get("c") != "2" {
		t.Errorf("sent %v", got)
	}
	if string(p.Follow("那里").Raw) != "到了" {
		t.Error("the link was not followed")
	}
}
