package face

import (
	"bytes"
	"crypto/hmac"
	"encoding/hex"
	"hash"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/emmansun/gmsm/sm3"
)

const (
	maxBody   = 16 << 10
	clockSkew = 5 * time.Minute
)

func sign(key []byte, method, path, at, nonce string, body []byte) string {
	sum := sm3.Sum(body)
	m := hmac.New(func() hash.Hash { return sm3.New() }, key)
	m.Write([]byte(method + "\n" + path + "\n" + at + "\n" + nonce + "\n" + hex.EncodeToString(sum[:])))
	return hex.EncodeToString(m.Sum(nil))
}

// signed lets only requests through whose signature, time and nonce are right.
func (s *Server) signed(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			refuse(w, http.StatusRequestEntityTooLarge, "too_large")
			return
		}
		h := r.Header
		want := sign(s.cfg.Key, r.Method, r.URL.Path, h.Get("X-Tongban-Time"), h.Get("X-Tongban-Nonce"), body)
		if h.Get("X-Tongban-Key") != s.cfg.KeyID || !hmac.Equal([]byte(want), []byte(h.Get("X-Tongban-Sign"))) {
			refuse(w, http.StatusUnauthorized, "signature")
			return
		}
		if !s.fresh(h.Get("X-Tongban-Time"), h.Get("X-Tongban-Nonce")) {
			refuse(w, http.StatusUnauthorized, "replay")
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next(w, r)
	}
}

// fresh reports whether a request is neither old nor a repeat, and remembers its nonce.
func (s *Server) fresh(at, nonce string) bool {
	n, err := strconv.ParseInt(at, 10, 64)
	now := s.cfg.Now()
	if err != nil || nonce == "" || time.UnixMilli(n).Sub(now).Abs() > clockSkew {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, t := range s.nonces {
		if now.Sub(t) > 2*clockSkew {
			delete(s.nonces, k)
		}
	}
	if _, used := s.nonces[nonce]; used {
		return false
	}
	s.nonces[nonce] = now
	return true
}
