package registry

import (
	"bytes"
	"io"
	"net/http"
)

const maxBody = 64 << 10

// signed lets only requests through whose signature, time and nonce are right.
func (s *Server) signed(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			answer(w, http.StatusRequestEntityTooLarge, problem{"too_large"})
			return
		}
		if why := s.guard.Check(r, body); why != "" {
			answer(w, http.StatusUnauthorized, problem{why})
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next(w, r)
	}
}
