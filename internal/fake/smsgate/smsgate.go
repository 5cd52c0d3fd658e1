package smsgate

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Message is a text message as the provider has it.
type Message struct {
	ID        string // the provider's
	RequestID string
	Phone     string
	Template  string
	Sign      string
	Params    map[string]string
	Text      string // made from the registered template, or from the parameters
	At        time.Time
	State     string // sent, delivered, failed
}

// Config describes the account it plays.
type Config struct {
	App, Secret string
	Now         func() time.Time
	// Texts are the registered templates by key, with {name} places.
	Texts map[string]string
	// Callback takes delivery reports; empty: none are sent and they have to be asked for.
	Callback string
	// Client sends the reports; needed with a Callback.
	Client *http.Client
}

// Behaviour makes it misbehave.
type Behaviour struct {
	Status int           // answer with this status instead of taking the message
	Code   string        // and this code
	Wait   time.Duration // first; until then or until the caller goes away
	Drop   bool          // take the message and break the connection instead of answering
	Undone bool          // say "failed" in delivery reports
}

// Server is the provider. It is an http.Handler for POST /send and POST /report.
type Server struct {
	cfg    Config
	mu     sync.Mutex
	how    Behaviour
	all    []*Message
	byReq  map[string]*Message
	nonces map[string]bool
	calls  int
}

// New makes a server.
func New(cfg Config) *Server {
	return &Server{cfg: cfg, byReq: map[string]*Message{}, nonces: map[string]bool{}}
}

// Behave changes how it answers from now on.
func (s *Server) Behave(b Behaviour) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.how = b
}

// SetCallback sets where delivery reports go, once the address is known.
func (s *Server) SetCallback(url string, c *http.Client) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cfg.Callback, s.cfg.Client = url, c
}

// SetTexts registers templates.
func (s *Server) SetTexts(texts map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cfg.Texts = texts
}

// Sent lists what was taken, newest first.
func (s *Server) Sent() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Message, 0, len(s.all))
	for _, m := range slices.Backward(s.all) {
		out = append(out, *m)
	}
	return out
}

// Calls is how often a send request came in, accepted or not.
func (s *Server) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

type request struct {
	App       string            `json:"app"`
	Template  string            `json:"template"`
	Phone     string            `json:"phone"`
	Params    map[string]string `json:"params"`
	Sign      string            `json:"sign"`
	Timestamp int64             `json:"timestamp"`
	Nonce     string            `json:"nonce"`
	RequestID string            `json:"request_id"`
}

const maxBody, maxAge = 64 << 10, 5 * time.Minute

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	purpose := strings.TrimPrefix(r.URL.Path, "/")
	if r.Method != http.MethodPost || purpose != "send" && purpose != "report" {
		http.NotFound(w, r)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		refuse(w, http.StatusBadRequest, "body")
		return
	}
	if !hmac.Equal([]byte(r.Header.Get("X-Signature")), []byte(s.sign(purpose, body))) {
		refuse(w, http.StatusUnauthorized, "signature")
		return
	}
	var q request
	if err := json.Unmarshal(body, &q); err != nil {
		refuse(w, http.StatusBadRequest, "json")
		return
	}
	if code := s.admit(q); code != "" {
		refuse(w, http.StatusForbidden, code)
		return
	}
	if purpose == "report" {
		s.report(w, q)
		return
	}
	s.send(w, r, q)
}

// admit checks account, time and nonce.
func (s *Server) admit(q request) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case q.App != s.cfg.App:
		return "app"
	case s.cfg.Now().Sub(time.Unix(q.Timestamp, 0)).Abs() > maxAge:
		return "timestamp"
	case q.Nonce == "" || s.nonces[q.Nonce]:
		return "nonce"
	}
	s.nonces[q.Nonce] = true
	return ""
}

func (s *Server) send(w http.ResponseWriter, r *http.Request, q request) {
	s.mu.Lock()
	s.calls++
	how := s.how
	s.mu.Unlock()
	if how.Wait > 0 {
		t := time.NewTimer(how.Wait)
		defer t.Stop()
		select {
		case <-t.C:
		case <-r.Context().Done():
			return
		}
	}
	if how.Status != 0 {
		refuse(w, how.Status, how.Code)
		return
	}
	if len(q.Phone) != 11 || q.Phone[0] != '1' {
		refuse(w, http.StatusUnprocessableEntity, "phone")
		return
	}
	m, fresh := s.keep(q)
	if how.Drop {
		panic(http.ErrAbortHandler)
	}
	if fresh {
		s.callback(context.WithoutCancel(r.Context()), m)
	}
	answer(w, map[string]string{"code": "ok", "id": m.ID})
}

// keep stores a message; a request id that came before gives the message of that time.
func (s *Server) keep(q request) (Message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.byReq[q.RequestID]; m != nil {
		return *m, false
	}
	m := &Message{
		ID: fmt.Sprintf("G%08d", len(s.all)+1), RequestID: q.RequestID, Phone: q.Phone, Template: q.Template, Sign: q.Sign, Params: q.Params,
		Text: s.text(q), At: s.cfg.Now(), State: "sent",
	}
	s.all = append(s.all, m)
	s.byReq[q.RequestID] = m
	return *m, true
}

func (s *Server) text(q request) string {
	text, ok := s.cfg.Texts[q.Template]
	if !ok {
		text = "【" + q.Sign + "】" + q.Template
		keys := make([]string, 0, len(q.Params))
		for k := range q.Params {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			text += " " + k + "={" + k + "}"
		}
	}
	for k, v := range q.Params {
		text = strings.ReplaceAll(text, "{"+k+"}", v)
	}
	return text
}

func (s *Server) report(w http.ResponseWriter, q request) {
	s.mu.Lock()
	m := s.byReq[q.RequestID]
	s.mu.Unlock()
	if m == nil {
		refuse(w, http.StatusNotFound, "request_id")
		return
	}
	d := s.deliver(q.RequestID)
	answer(w, map[string]string{"code": d.Code, "id": d.ID, "state": d.State})
}

type delivery struct {
	App       string `json:"app"`
	ID        string `json:"id"`
	RequestID string `json:"request_id"`
	State     string `json:"state"`
	Code      string `json:"code"`
	Timestamp int64  `json:"timestamp"`
	Nonce     string `json:"nonce"`
}

// deliver decides what became of a message: here every phone is at hand, unless told otherwise.
func (s *Server) deliver(requestID string) delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.byReq[requestID]
	if m == nil {
		return delivery{App: s.cfg.App, RequestID: requestID, State: "failed", Code: "request_id", Timestamp: s.cfg.Now().Unix(), Nonce: rand.Text()}
	}
	d := delivery{App: s.cfg.App, ID: m.ID, RequestID: requestID, State: "delivered", Code: "ok", Timestamp: s.cfg.Now().Unix(), Nonce: rand.Text()}
	if s.how.Undone {
		d.State, d.Code = "failed", "absent"
	}
	m.State = d.State
	return d
}

// callback sends a delivery report in the background.
func (s *Server) callback(ctx context.Context, m Message) {
	s.mu.Lock()
	to, client := s.cfg.Callback, s.cfg.Client
	s.mu.Unlock()
	if to == "" || client == nil {
		return
	}
	body, signature := s.Delivery(m.RequestID)
	go func() {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
		if err != nil {
			return
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Signature", signature)
		if resp, err := client.Do(r); err == nil {
			_ = resp.Body.Close() // a report that does not arrive is asked for later
		}
	}()
}

// Delivery makes the delivery report of a message as it goes out: body and signature.
func (s *Server) Delivery(requestID string) (body []byte, signature string) {
	body, err := json.Marshal(s.deliver(requestID))
	if err != nil {
		return nil, ""
	}
	return body, s.sign("delivery", body)
}

func (s *Server) sign(purpose string, body []byte) string {
	m := hmac.New(sha256.New, []byte(s.cfg.Secret))
	m.Write([]byte(purpose + "\n"))
	m.Write(body)
	return hex.EncodeToString(m.Sum(nil))
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"code": code})
}

func answer(w http.ResponseWriter, v map[string]string) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}
