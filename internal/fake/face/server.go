package face

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"tongban/internal/base/ident"
	"tongban/internal/base/signedcall"
	"tongban/internal/engine/cnid"
)

// Config is what a server needs.
type Config struct {
	KeyID string
	Key   []byte // shared with the platform
	// URL is where browsers reach the server, without a slash at the end.
	URL string
	// Backs are the origins people may be led back to, https://example.gov.cn.
	Backs []string
	Now   func() time.Time
}

// life is how long a check may take, and its result be asked for.
const life = 10 * time.Minute

// check is one person before the camera.
type check struct {
	name, back    string
	began, at     time.Time
	done, passed  bool
	closed, given bool
}

// Server is the provider.
type Server struct {
	cfg    Config
	mu     sync.Mutex
	off    bool
	checks map[string]*check
	guard  signedcall.Guard
}

// New makes a server.
func New(c Config) *Server {
	return &Server{cfg: c, checks: map[string]*check{}, guard: signedcall.Guard{KeyID: c.KeyID, Key: c.Key, Now: c.Now}}
}

// SetPlaces sets where the server is reached and whereto it may lead back, once the addresses are known.
func (s *Server) SetPlaces(url string, backs ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cfg.URL, s.cfg.Backs = url, backs
}

// Switch turns the server off and on again; while off it answers 503.
func (s *Server) Switch(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.off = !on
}

// Up reports whether the server answers.
func (s *Server) Up() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.off
}

// Handler answers for the provider.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /face/start", s.up(s.signed(s.start)))
	mux.HandleFunc("POST /face/result", s.up(s.signed(s.result)))
	mux.HandleFunc("GET /face/{id}", s.up(s.page))
	mux.HandleFunc("POST /face/{id}", s.up(s.choose))
	return mux
}

func (s *Server) up(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.Up() {
			refuse(w, http.StatusServiceUnavailable, "off")
			return
		}
		next(w, r)
	}
}

func refuse(w http.ResponseWriter, status int, code string) {
	answer(w, status, map[string]string{"error": code})
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a caller that went away cannot be told
}

// start opens a check for a person. Name and number would be compared with the picture of the register of identity cards.
func (s *Server) start(w http.ResponseWriter, r *http.Request) {
	var in struct{ Name, Number, Back string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Name == "" || in.Number == "" {
		refuse(w, http.StatusBadRequest, "request")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.cfg.Backs, originOf(in.Back)) {
		refuse(w, http.StatusBadRequest, "back")
		return
	}
	now := s.cfg.Now()
	for id, c := range s.checks {
		if now.Sub(c.began) > 2*life {
			delete(s.checks, id)
		}
	}
	id := ident.Secret(15)
	s.checks[id] = &check{name: cnid.MaskName(in.Name), back: in.Back, began: now}
	answer(w, http.StatusOK, map[string]string{"id": id, "url": s.cfg.URL + "/face/" + id})
}

// originOf is scheme and host of an absolute web address, or empty.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" || strings.Contains(address, "\\") {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// find gives a check that is not too old; otherwise it says which error it is.
func (s *Server) find(id string) (c *check, status int, code string) {
	c = s.checks[id]
	switch {
	case c == nil:
		return nil, http.StatusNotFound, "unknown"
	case s.cfg.Now().Sub(c.began) > life:
		return nil, http.StatusGone, "expired"
	}
	return c, 0, ""
}

func (s *Server) result(w http.ResponseWriter, r *http.Request) {
	var in struct{ ID string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		refuse(w, http.StatusBadRequest, "request")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, status, code := s.find(in.ID)
	if c != nil && c.given {
		c, status, code = nil, http.StatusGone, "used"
	}
	if c == nil {
		refuse(w, status, code)
		return
	}
	c.given = c.closed
	out := struct {
		Done   bool  `json:"done"`
		Passed bool  `json:"passed"`
		At     int64 `json:"at"`
	}{Done: c.done, Passed: c.passed}
	if c.done {
		out.At = c.at.UnixMilli()
	}
	answer(w, http.StatusOK, out)
}

// choose ends a check as the person chose: pass, fail or abandon.
func (s *Server) choose(w http.ResponseWriter, r *http.Request) {
	how := r.FormValue("how")
	s.mu.Lock()
	defer s.mu.Unlock()
	id := r.PathValue("id")
	c, status, _ := s.find(id)
	if c == nil || c.closed {
		s.ended(w, max(status, http.StatusGone))
		return
	}
	switch how {
	case "pass", "fail":
		c.done, c.passed, c.at = true, how == "pass", s.cfg.Now()
	case "abandon":
	default:
		refuse(w, http.StatusBadRequest, "how")
		return
	}
	c.closed = true
	http.Redirect(w, r, backTo(c.back, id), http.StatusSeeOther)
}

func backTo(back, id string) string {
	u, err := url.Parse(back)
	if err != nil {
		return back
	}
	q := u.Query()
	q.Set("id", id)
	u.RawQuery = q.Encode()
	return u.String()
}
