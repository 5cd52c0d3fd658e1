package bureau

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"encoding/hex"
	"hash"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/emmansun/gmsm/sm3"
)

// skew is how far the clocks of both sides may be apart.
const skew = 5 * time.Minute

const maxBody = 4 << 20

// signature is HMAC-SM3 over method, path, time, nonce and the SM3 of the body, in hex.
func signature(secret, method, path, at, nonce string, body []byte) string {
	sum := sm3.Sum(body)
	m := hmac.New(func() hash.Hash { return sm3.New() }, []byte(secret))
	m.Write([]byte(method + "\n" + path + "\n" + at + "\n" + nonce + "\n" + hex.EncodeToString(sum[:])))
	return hex.EncodeToString(m.Sum(nil))
}

// signed lets requests through that Tongban has signed and that have not been seen before.
func (s *Server) signed(next func(w http.ResponseWriter, r *http.Request, body []byte)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			http.Error(w, "body", http.StatusRequestEntityTooLarge)
			return
		}
		h := r.Header
		at, nonce := h.Get("X-Tongban-Time"), h.Get("X-Tongban-Nonce")
		want := signature(s.Secret, r.Method, r.URL.Path, at, nonce, body)
		n, err := strconv.ParseInt(at, 10, 64)
		if err != nil || h.Get("X-Tongban-Key") != s.Key || !hmac.Equal([]byte(want), []byte(h.Get("X-Tongban-Sign"))) || s.Now().Sub(time.UnixMilli(n)).Abs() > skew || !s.first(nonce) {
			http.Error(w, "signature", http.StatusUnauthorized)
			return
		}
		next(w, r, body)
	}
}

// first reports whether a nonce is new.
func (s *Server) first(nonce string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Now()
	for k, t := range s.seen {
		if now.Sub(t) > 2*skew {
			delete(s.seen, k)
		}
	}
	if _, used := s.seen[nonce]; used || nonce == "" {
		return false
	}
	s.seen[nonce] = now
	return true
}

// ask sends Tongban a signed request.
func (s *Server) ask(ctx context.Context, method, path string, body []byte) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, s.Platform+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	at, nonce := strconv.FormatInt(s.Now().UnixMilli(), 10), rand.Text()
	h := r.Header
	h.Set("Content-Type", "application/json")
	h.Set("X-Tongban-Key", s.Key)
	h.Set("X-Tongban-Time", at)
	h.Set("X-Tongban-Nonce", nonce)
	h.Set("X-Tongban-Sign", signature(s.Secret, method, path, at, nonce, body))
	return s.Client.Do(r)
}
