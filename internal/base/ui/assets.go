package ui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

//go:embed assets
var assetFiles embed.FS

// asset is one embedded file with its address and both of its forms.
type asset struct {
	url, mime  string
	raw, gzip  []byte
	entityHash string
}

var assets = sync.OnceValue(loadAssets)

// mimes holds the types of the assets; the machine's own table is not asked, because it differs from machine to machine.
var mimes = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml", ".webmanifest": "application/manifest+json",
}

func loadAssets() map[string]asset {
	out := map[string]asset{}
	entries, err := fs.ReadDir(assetFiles, "assets")
	if err != nil {
		panic(err) // embedded: cannot happen in a binary that built
	}
	for _, e := range entries {
		raw, err := fs.ReadFile(assetFiles, "assets/"+e.Name())
		if err != nil {
			panic(err)
		}
		out[e.Name()] = newAsset(e.Name(), raw)
	}
	if m, ok := out["site.webmanifest"]; ok { // its icon's address holds a hash, which only now is known
		raw := bytes.ReplaceAll(m.raw, []byte("{{favicon}}"), []byte(out["favicon.svg"].url))
		out["site.webmanifest"] = newAsset("site.webmanifest", raw)
	}
	return out
}

func newAsset(name string, raw []byte) asset {
	sum := sha256.Sum256(raw)
	h := hex.EncodeToString(sum[:8])
	return asset{url: "/a/" + h + "/" + name, mime: mimes[path.Ext(name)], raw: raw, gzip: gzipped(raw), entityHash: h}
}

func gzipped(raw []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err)
	}
	if _, err := w.Write(raw); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// AssetURL gives the address of a built asset: app.css, app.js, htmx.js, favicon.svg, site.webmanifest. It changes with the content, so the
// answer may be kept for ever. An unknown name gives an address that answers 404.
func AssetURL(name string) string {
	if a, ok := assets()[name]; ok {
		return a.url
	}
	return "/a/none/" + name
}

// AssetHandler serves GET and HEAD of /a/<hash>/<name>; mount it at "/a/". A wrong hash is 404.
func AssetHandler() http.Handler {
	return http.HandlerFunc(serveAsset)
}

func serveAsset(w http.ResponseWriter, r *http.Request) {
	a, ok := assets()[path.Base(r.URL.Path)]
	if !ok || a.url != r.URL.Path {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", a.mime)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Vary", "Accept-Encoding")
	body, tag := a.raw, a.entityHash
	if acceptsGzip(r.Header.Get("Accept-Encoding")) {
		body, tag = a.gzip, tag+"-gz"
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// acceptsGzip reads Accept-Encoding; gzip;q=0 is a refusal (RFC 9110 §12.5.3).
func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name != "gzip" {
			continue
		}
		q := strings.TrimSpace(params)
		return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
	}
	return false
}
