// Command receiver is an example of a department's system that hears of its cases by webhook. It checks the signature, drops repeats, answers at once
// and then works. It keeps what it has seen in memory; a real system keeps it in its database, in the transaction that does the work. README.md tells
// how to run it.
package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:9091", "where to listen")
	secrets := flag.String("secret", os.Getenv("WEBHOOK_SECRET"), "signing secret; two, separated by a comma, while one is being changed")
	flag.Parse()
	r := &receiver{secrets: strings.Split(*secrets, ","), now: time.Now, seen: map[string]time.Time{}, handle: func(m message) {
		slog.Info("event", "type", m.Type, "case", cmp.Or(m.Data.CaseNo, m.Subject), "state", m.Data.State, "time", m.Time)
	}}
	if *secrets == "" {
		slog.Error("receiver", "err", errors.New("give the secret by --secret or WEBHOOK_SECRET"))
		os.Exit(1)
	}
	slog.Info("open http://" + *listen + "/events")
	srv := &http.Server{Addr: *listen, Handler: r, ReadHeaderTimeout: 10 * time.Second}
	if err := srv.ListenAndServe(); err != nil {
		slog.Error("receiver", "err", err)
		os.Exit(1)
	}
}

// message is the body, as far as this example needs it.
type message struct {
	ID      string    `json:"id"`
	Type    string    `json:"type"`
	Subject string    `json:"subject"`
	Time    time.Time `json:"time"`
	Data    struct {
		CaseID string `json:"case_id"`
		CaseNo string `json:"case_no"`
		Item   string `json:"item"`
		State  string `json:"state"`
	} `json:"data"`
}

type receiver struct {
	secrets []string
	now     func() time.Time
	handle  func(message)

	mu   sync.Mutex
	seen map[string]time.Time // by webhook-id
}

const (
	longest  = 1 << 20
	remember = 4 * 24 * time.Hour // longer than a message is tried
)

// ServeHTTP takes one message.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, longest))
	if err != nil || req.Method != http.MethodPost {
		http.Error(w, "not a message", http.StatusBadRequest)
		return
	}
	if err := verify(req.Header, body, r.secrets, r.now()); err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	var m message
	if err := json.Unmarshal(body, &m); err != nil {
		http.Error(w, "not JSON", http.StatusBadRequest)
		return
	}
	if r.first(req.Header.Get("webhook-id")) {
		r.handle(m)
	}
	w.WriteHeader(http.StatusNoContent) // also for a repeat: it was taken
}

// first reports whether a message is new, and remembers it.
func (r *receiver) first(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	for k, at := range r.seen {
		if now.Sub(at) > remember {
			delete(r.seen, k)
		}
	}
	if _, had := r.seen[id]; had {
		return false
	}
	r.seen[id] = now
	return true
}
