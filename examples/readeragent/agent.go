package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// card is what stands on an identity card. Dates are YYYY-MM-DD; an empty ValidUntil is 长期.
type card struct {
	Name       string `json:"name"`
	Sex        string `json:"sex"`
	Nation     string `json:"nation"`
	Birth      string `json:"birth"`
	Address    string `json:"address"`
	Number     string `json:"number"`
	Agency     string `json:"agency"`
	ValidFrom  string `json:"valid_from"`
	ValidUntil string `json:"valid_until"`
}

var errNoCard = errors.New("no card on the reader")

// device reads the card that lies on a reader; errNoCard when there is none.
type device interface {
	Read(ctx context.Context) (card, error)
}

type agent struct {
	origin, secret string
	device         device
	now            func() time.Time

	mu   sync.Mutex
	used map[string]int64 // nonces until they expire
}

type question struct {
	Nonce   string `json:"nonce"`
	Expires int64  `json:"expires"`
	Ticket  string `json:"ticket"`
}

// longestAsk is how far ahead a question may expire: the platform gives two minutes.
const longestAsk = 5 * time.Minute

func (a *agent) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/read", a.read)
	mux.HandleFunc("OPTIONS /v1/read", a.preflight)
	mux.HandleFunc("GET /v1/status", a.status)
	if s, ok := a.device.(*simulator); ok {
		mux.HandleFunc("GET /{$}", s.page)
		mux.HandleFunc("POST /card", s.put)
	}
	return mux
}

// allow lets the platform's pages read an answer, and no other site's.
func (a *agent) allow(w http.ResponseWriter, r *http.Request) bool {
	w.Header().Set("Vary", "Origin")
	if r.Header.Get("Origin") != a.origin {
		return false
	}
	w.Header().Set("Access-Control-Allow-Origin", a.origin)
	return true
}

// preflight also answers the browser's question about private networks.
func (a *agent) preflight(w http.ResponseWriter, r *http.Request) {
	if a.allow(w, r) {
		w.Header().Set("Access-Control-Allow-Methods", "POST")
		w.Header().Set("Access-Control-Allow-Headers", "Content-Type")
		w.Header().Set("Access-Control-Allow-Private-Network", "true")
		w.Header().Set("Access-Control-Max-Age", "600")
	}
	w.WriteHeader(http.StatusNoContent)
}

func (a *agent) status(w http.ResponseWriter, r *http.Request) {
	a.allow(w, r)
	answer(w, http.StatusOK, map[string]string{"state": "ready"})
}

func (a *agent) read(w http.ResponseWriter, r *http.Request) {
	allowed := a.allow(w, r)
	var q question
	err := json.NewDecoder(io.LimitReader(r.Body, 1<<12)).Decode(&q)
	if !allowed || err != nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") || !a.take(q) {
		answer(w, http.StatusForbidden, map[string]string{"error": "refused"})
		return
	}
	c, err := a.device.Read(r.Context())
	switch {
	case errors.Is(err, errNoCard):
		answer(w, http.StatusConflict, map[string]string{"error": "no_card"})
		return
	case err != nil:
		answer(w, http.StatusBadGateway, map[string]string{"error": "device"})
		return
	}
	text, err := json.Marshal(c)
	if err != nil {
		answer(w, http.StatusBadGateway, map[string]string{"error": "device"})
		return
	}
	answer(w, http.StatusOK, map[string]string{"card": string(text), "proof": sum(a.secret, "card\n"+q.Nonce+"\n"+string(text))})
}

// take reports whether the platform asked this and nobody used it before.
func (a *agent) take(q question) bool {
	now := a.now()
	want := sum(a.secret, "read\n"+q.Nonce+"\n"+strconv.FormatInt(q.Expires, 10))
	if q.Nonce == "" || !hmac.Equal([]byte(q.Ticket), []byte(want)) || q.Expires < now.Unix() || q.Expires > now.Add(longestAsk).Unix() {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for n, until := range a.used {
		if until < now.Unix() {
			delete(a.used, n)
		}
	}
	_, before := a.used[q.Nonce]
	a.used[q.Nonce] = q.Expires
	return !before
}

func sum(secret, text string) string {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(text))
	return hex.EncodeToString(m.Sum(nil))
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a browser that went away cannot be told
}
