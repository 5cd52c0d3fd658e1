package face

import (
	"bytes"
	"io"
	"net/http"
)

const maxBody = 16 << 10

// signed lets only requests through whose signature, time and nonce are right.
func (s *Server) signed(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			refuse(w, http.StatusRequestEntityTooLarge, "too_large")
			return
		}
		if why := s.guard.Check(r, body); why != "" {
			refuse(w, http.StatusUnauthorized, why)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next(w, r)
	}
}
