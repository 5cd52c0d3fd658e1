package ui_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"tongban/internal/base/ui"
)

func get(t *testing.T, method, url, encoding string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, url, nil)
	r.Header.Set("Accept-Encoding", encoding)
	w := httptest.NewRecorder()
	ui.AssetHandler().ServeHTTP(w, r)
	return w
}

func TestAssetsAreServedForEver(t *testing.T) {
	for name, mime := range map[string]string{
		"app.css": "text/css; charset=utf-8", "app.js": "text/javascript; charset=utf-8", "htmx.js": "text/javascript; charset=utf-8",
		"favicon.svg": "image/svg+xml", "site.webmanifest": "application/manifest+json",
	} {
		w := get(t, http.MethodGet, ui.AssetURL(name), "gzip, br")
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != mime || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
		z, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		unpacked, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		plain := get(t, http.MethodGet, ui.AssetURL(name), "br, gzip;q=0")
		if plain.Header().Get("Content-Encoding") != "" || !bytes.Equal(plain.Body.Bytes(), unpacked) {
			t.Errorf("%s: plain and gzip differ", name)
		}
		sum := sha256.Sum256(unpacked)
		if !strings.Contains(ui.AssetURL(name), hex.EncodeToString(sum[:8])) {
			t.Errorf("%s: its address does not hold its hash", name)
		}
		if head := get(t, http.MethodHead, ui.AssetURL(name), "gzip"); head.Code != http.StatusOK || head.Body.Len() != 0 {
			t.Errorf("HEAD %s: %d, %d bytes", name, head.Code, head.Body.Len())
		}
	}
}

func TestWrongHashIsNotFound(t *testing.T) {
	for _, url := range []string{"/a/0000000000000000/app.css", "/a/app.css", "/a/", ui.AssetURL("app.css") + "/../shell.go", ui.AssetURL("missing.js")} {
		if w := get(t, http.MethodGet, url, ""); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", url, w.Code)
		}
	}
}

func TestManifestIconIsThere(t *testing.T) {
	if body := get(t, http.MethodGet, ui.AssetURL("site.webmanifest"), "").Body.String(); !strings.Contains(body, ui.AssetURL("favicon.svg")) {
		t.Errorf("manifest: %s", body)
	}
}

// TestPageFitsTheWire holds a portal page to the budget of 60 KB with everything it loads, and each part to its share.
func TestPageFitsTheWire(t *testing.T) {
	size := func(name string) int {
		return get(t, http.MethodGet, ui.AssetURL(name), "gzip").Body.Len()
	}
	css, js := size("app.css"), size("app.js")+size("htmx.js")
	if css < 3<<10 || css > 12<<10 {
		t.Errorf("CSS is %d bytes on the wire, at most 12 KB", css)
	}
	if js < 18<<10 || js > 25<<10 {
		t.Errorf("scripts are %d bytes on the wire, at most 25 KB", js)
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if err := ui.Page(ui.PageView{Title: "设计系统"}).Render(templ.WithChildren(t.Context(), ui.DesignSystem()), z); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if all := b.Len() + css + js; all > 60<<10 {
		t.Errorf("a page with every component is %d bytes on the wire, at most 60 KB", all)
	}
}

// TestBundledHtmxIsThePublishedOne compares the copy with the hash of htmx.org 2.0.11, dist/htmx.min.js.
func TestBundledHtmxIsThePublishedOne(t *testing.T) {
	b, err := os.ReadFile("assets/htmx.js")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b)
	if got := hex.EncodeToString(sum[:]); got != htmxSHA256 {
		t.Errorf("htmx.js is %s, want %s", got, htmxSHA256)
	}
}

const htmxSHA256 = "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"
