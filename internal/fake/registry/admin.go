package registry

import (
	"crypto/subtle"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// adminOnly lets the holder of the admin token through.
func (s *Server) adminOnly(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if s.admin == "" || subtle.ConstantTimeCompare([]byte(token), []byte(s.admin)) != 1 {
			answer(w, http.StatusUnauthorized, problem{"token"})
			return
		}
		next(w, r)
	}
}

func (s *Server) adminPerson(w http.ResponseWriter, r *http.Request) {
	var in struct{ Number, Field, Value string }
	if ask(w, r, &in) {
		changed(w, s.SetPerson(in.Number, in.Field, in.Value))
	}
}

func (s *Server) adminFirm(w http.ResponseWriter, r *http.Request) {
	var in struct {
		CreditCode string `json:"credit_code"`
		Field      string
		Value      string
	}
	if ask(w, r, &in) {
		changed(w, s.SetFirm(in.CreditCode, in.Field, in.Value))
	}
}

func (s *Server) adminGuardian(w http.ResponseWriter, r *http.Request) {
	var in Guardianship
	if ask(w, r, &in) {
		s.SetGuardian(in.Guardian, in.Ward, in.Relation)
		changed(w, true)
	}
}

func (s *Server) adminSwitch(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Registry string
		On       bool
	}
	if ask(w, r, &in) {
		changed(w, s.Switch(in.Registry, in.On))
	}
}

func changed(w http.ResponseWriter, ok bool) {
	if !ok {
		answer(w, http.StatusNotFound, problem{"not_found"})
		return
	}
	answer(w, http.StatusOK, map[string]bool{"changed": true})
}

// SetPerson changes one value of a person, named as in demo.yaml: name, household_address, phone or alive ("true", "false").
// It reports whether there are such a person and field.
func (s *Server) SetPerson(number, field, value string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.people {
		p := &s.people[i]
		if p.Number != number {
			continue
		}
		if field == "alive" {
			alive, err := strconv.ParseBool(value)
			p.Alive = alive && err == nil
			return err == nil
		}
		return set(map[string]*string{"name": &p.Name, "household_address": &p.Address, "phone": &p.Phone}, field, value)
	}
	return false
}

// SetGuardian makes a person the guardian of another, by ID numbers; an empty relation takes it away.
func (s *Server) SetGuardian(guardian, ward, relation string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.guardians = slices.DeleteFunc(s.guardians, func(g Guardianship) bool { return g.Guardian == guardian && g.Ward == ward })
	if relation != "" {
		s.guardians = append(s.guardians, Guardianship{Guardian: guardian, Ward: ward, Relation: relation})
	}
}

// SetFirm changes one value of a firm, named as in demo.yaml.
func (s *Server) SetFirm(code, field, value string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.firms {
		f := &s.firms[i]
		if f.CreditCode == code {
			return set(map[string]*string{
				"name": &f.Name, "kind": &f.Kind, "legal_person_id": &f.LegalPersonNumber, "legal_person_name": &f.LegalPersonName, "address": &f.Address,
				"premises": &f.Premises, "scope": &f.Scope, "status": &f.Status,
			}, field, value)
		}
	}
	return false
}

func set(fields map[string]*string, field, value string) bool {
	p := fields[field]
	if p != nil {
		*p = value
	}
	return p != nil
}

// Switch turns a registry (Population or Firms) off and on again; while off it answers 503. It reports whether there is such a registry.
func (s *Server) Switch(name string, on bool) bool {
	if name != Population && name != Firms {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.off[name] = !on
	return true
}

// Up reports whether a registry answers.
func (s *Server) Up(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.off[name]
}

// People lists the population registry, for the demo page.
func (s *Server) People() []Person {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Person(nil), s.people...)
}

// FirmList lists the firm registry, for the demo page.
func (s *Server) FirmList() []Firm {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Firm(nil), s.firms...)
}
