package registry

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"tongban/internal/base/signedcall"
	"tongban/internal/engine/cnid"
)

// Config is what a server needs.
type Config struct {
	KeyID      string
	Key        []byte // shared with the platform
	AdminToken string // for the admin addresses; empty closes them
	Now        func() time.Time
}

// Server holds both registries.
type Server struct {
	admin string
	now   func() time.Time

	mu        sync.Mutex
	people    []Person
	firms     []Firm
	guardians []Guardianship
	off       map[string]bool
	guard     signedcall.Guard
}

// New makes a server with its data.
func New(c Config, d Data) *Server {
	return &Server{
		guard: signedcall.Guard{KeyID: c.KeyID, Key: c.Key, Now: c.Now}, admin: c.AdminToken, now: c.Now, people: append([]Person(nil), d.People...), firms: append([]Firm(nil), d.Firms...),
		guardians: append([]Guardianship(nil), d.Guardians...), off: map[string]bool{},
	}
}

// Handler answers for both registries.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /population/verify", s.up(Population, s.signed(s.verify)))
	mux.HandleFunc("POST /population/person", s.up(Population, s.signed(s.person)))
	mux.HandleFunc("POST /population/guardian", s.up(Population, s.signed(s.guardian)))
	mux.HandleFunc("POST /firms/firm", s.up(Firms, s.signed(s.firm)))
	mux.HandleFunc("POST /firms/by-legal-person", s.up(Firms, s.signed(s.firmsOf)))
	mux.HandleFunc("POST /documents", s.up(Population, s.signed(s.documents)))
	mux.HandleFunc("POST /admin/person", s.adminOnly(s.adminPerson))
	mux.HandleFunc("POST /admin/firm", s.adminOnly(s.adminFirm))
	mux.HandleFunc("POST /admin/guardian", s.adminOnly(s.adminGuardian))
	mux.HandleFunc("POST /admin/switch", s.adminOnly(s.adminSwitch))
	return mux
}

// The names of the two registries, for Switch.
const (
	Population = "population"
	Firms      = "firms"
)

// up answers 503 while the registry is switched off.
func (s *Server) up(name string, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		off := s.off[name]
		s.mu.Unlock()
		if off {
			answer(w, http.StatusServiceUnavailable, problem{"off"})
			return
		}
		next(w, r)
	}
}

type problem struct {
	Error string `json:"error"`
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a caller that went away cannot be told
}

// ask reads a request; false means that it was answered already.
func ask[T any](w http.ResponseWriter, r *http.Request, in *T) bool {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	dec.DisallowUnknownFields()
	if err := dec.Decode(in); err != nil {
		answer(w, http.StatusBadRequest, problem{"request"})
		return false
	}
	return true
}

func (s *Server) byNumber(number string) (Person, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.people {
		if p.Number == number {
			return p, true
		}
	}
	return Person{}, false
}

func (s *Server) byCode(code string) (Firm, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.firms {
		if f.CreditCode == code {
			return f, true
		}
	}
	return Firm{}, false
}

func (s *Server) legalPersonOf(number string) []Firm {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []Firm{}
	for _, f := range s.firms {
		if f.LegalPersonNumber == number {
			out = append(out, f)
		}
	}
	return out
}

// verify tells whether name and number belong together. It does not tell which of them is wrong.
func (s *Server) verify(w http.ResponseWriter, r *http.Request) {
	var in struct{ Name, Number, Phone string }
	if !ask(w, r, &in) {
		return
	}
	name, err := cnid.NormalName(in.Name)
	p, found := s.byNumber(in.Number)
	out := struct {
		Result string `json:"result"`
		Phone  string `json:"phone"`
	}{"no_match", "unknown"}
	if err == nil && found && strings.EqualFold(name, p.Name) { // Latin names are written in capitals on the document
		out.Result = "match"
		if !p.Alive {
			out.Result = "dead"
		}
		out.Phone = comparePhones(p.Phone, in.Phone)
	}
	answer(w, http.StatusOK, out)
}

func comparePhones(held, asked string) string {
	switch {
	case held == "" || asked == "":
		return "unknown"
	case held == asked:
		return "match"
	}
	return "other"
}

func (s *Server) person(w http.ResponseWriter, r *http.Request) {
	var in struct{ Number, Purpose, Case string }
	if !ask(w, r, &in) {
		return
	}
	if in.Purpose == "" {
		answer(w, http.StatusBadRequest, problem{"purpose"})
		return
	}
	p, found := s.byNumber(in.Number)
	if !found {
		answer(w, http.StatusNotFound, problem{"not_found"})
		return
	}
	p.Note = ""
	answer(w, http.StatusOK, p)
}

// guardian tells whose guardian a person is: the relation, or none. The dead are nobody's guardian, and nobody's ward.
func (s *Server) guardian(w http.ResponseWriter, r *http.Request) {
	var in struct{ Guardian, Ward string }
	if !ask(w, r, &in) {
		return
	}
	out := struct {
		Relation string `json:"relation"`
	}{}
	g, known := s.byNumber(in.Guardian)
	c, knownToo := s.byNumber(in.Ward)
	if known && knownToo && g.Alive && c.Alive {
		out.Relation = s.relation(in.Guardian, in.Ward)
	}
	answer(w, http.StatusOK, out)
}

func (s *Server) relation(guardian, ward string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range s.guardians {
		if g.Guardian == guardian && g.Ward == ward {
			return g.Relation
		}
	}
	return ""
}

func (s *Server) firm(w http.ResponseWriter, r *http.Request) {
	var in struct {
		CreditCode string `json:"credit_code"`
	}
	if !ask(w, r, &in) {
		return
	}
	f, found := s.byCode(in.CreditCode)
	if !found {
		answer(w, http.StatusNotFound, problem{"not_found"})
		return
	}
	answer(w, http.StatusOK, f)
}

func (s *Server) firmsOf(w http.ResponseWriter, r *http.Request) {
	var in struct{ Number string }
	if ask(w, r, &in) {
		answer(w, http.StatusOK, map[string]any{"firms": s.legalPersonOf(in.Number)})
	}
}

// document is a licence issued elsewhere: its index, not its picture.
type document struct {
	Type         string            `json:"type"` // business-licence, id-card
	Number       string            `json:"number"`
	Holder       string            `json:"holder"`
	HolderNumber string            `json:"holder_number"`
	ValidFrom    string            `json:"valid_from"`
	ValidUntil   string            `json:"valid_until"`
	Fields       map[string]string `json:"fields"`
}

// documents lists what a person (by ID number) or a firm (by credit code) holds. A firm whose licence was revoked holds none.
func (s *Server) documents(w http.ResponseWriter, r *http.Request) {
	var in struct {
		HolderNumber string `json:"holder_number"`
	}
	if !ask(w, r, &in) {
		return
	}
	out := []document{}
	if p, ok := s.byNumber(in.HolderNumber); ok && p.Alive && p.Kind == string(cnid.Citizen) {
		out = append(out, document{Type: "id-card", Number: p.Number, Holder: p.Name, HolderNumber: p.Number, Fields: map[string]string{
			"holder_name": p.Name, "holder_number": p.Number, "sex": p.Sex, "birth": p.Birth, "address": p.Address,
		}})
	}
	if f, ok := s.byCode(in.HolderNumber); ok && f.Status == inBusiness {
		out = append(out, document{
			Type: "business-licence", Number: f.LicenceNumber, Holder: f.Name, HolderNumber: f.CreditCode, ValidFrom: f.Established,
			Fields: map[string]string{
				"holder_name": f.Name, "holder_number": f.CreditCode, "number": f.LicenceNumber, "kind": f.Kind, "legal_person": f.LegalPersonName,
				"address": f.Address, "scope": f.Scope, "established": f.Established,
			},
		})
	}
	answer(w, http.StatusOK, map[string]any{"documents": out})
}

// inBusiness is the status of a firm that may trade.
const inBusiness = "存续"
