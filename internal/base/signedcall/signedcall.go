// Package signedcall is the signature of requests between the platform and systems it shares a key with (registries, the face check): HMAC-SM3 over
// method, path, time, nonce and the SM3 of the body, told in X-Tongban-Key, -Time (Unix ms), -Nonce and -Sign (hex). It owns no tables.
package signedcall

import (
	"crypto/hmac"
	"encoding/hex"
	"hash"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/emmansun/gmsm/sm3"

	"tongban/internal/base/ident"
)

// Sign puts the signature of a request with this path and body into its headers.
func Sign(r *http.Request, path, keyID string, key, body []byte, now time.Time) {
	at, nonce := strconv.FormatInt(now.UnixMilli(), 10), ident.Secret(15)
	h := r.Header
	h.Set("X-Tongban-Key", keyID)
	h.Set("X-Tongban-Time", at)
	h.Set("X-Tongban-Nonce", nonce)
	h.Set("X-Tongban-Sign", Of(key, r.Method, path, at, nonce, body))
}

// Of is the signature, in hex.
func Of(key []byte, method, path, at, nonce string, body []byte) string {
	sum := sm3.Sum(body)
	m := hmac.New(func() hash.Hash { return sm3.New() }, key)
	m.Write([]byte(method + "\n" + path + "\n" + at + "\n" + nonce + "\n" + hex.EncodeToString(sum[:])))
	return hex.EncodeToString(m.Sum(nil))
}

// Skew is how far the clocks of both sides may be apart.
const Skew = 5 * time.Minute

// Guard judges requests that come in. It is safe for concurrent use and must not be copied.
type Guard struct {
	KeyID string
	Key   []byte
	Now   func() time.Time

	mu     sync.Mutex
	nonces map[string]time.Time
}

// Check gives why a request with this body is refused, "signature" or "replay", or nothing. The nonce of a good request is used up.
func (g *Guard) Check(r *http.Request, body []byte) string {
	h := r.Header
	want := Of(g.Key, r.Method, r.URL.Path, h.Get("X-Tongban-Time"), h.Get("X-Tongban-Nonce"), body)
	if h.Get("X-Tongban-Key") != g.KeyID || !hmac.Equal([]byte(want), []byte(h.Get("X-Tongban-Sign"))) {
		return "signature"
	}
	if !g.fresh(h.Get("X-Tongban-Time"), h.Get("X-Tongban-Nonce")) {
		return "replay"
	}
	return ""
}

// fresh reports whether a request is neither old nor a repeat, and remembers its nonce.
func (g *Guard) fresh(at, nonce string) bool {
	n, err := strconv.ParseInt(at, 10, 64)
	now := g.Now()
	if err != nil || nonce == "" || time.UnixMilli(n).Sub(now).Abs() > Skew {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for k, t := range g.nonces {
		if now.Sub(t) > 2*Skew {
			delete(g.nonces, k)
		}
	}
	if _, used := g.nonces[nonce]; used {
		return false
	}
	if g.nonces == nil {
		g.nonces = map[string]time.Time{}
	}
	g.nonces[nonce] = now
	return true
}
