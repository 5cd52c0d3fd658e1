package desk

import (
	"context"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/vault"
	"tongban/internal/domain/org"
	"tongban/internal/engine/flow"
)

// Posts knows what posts may do; *org.Service is one.
type Posts interface {
	Post(ctx context.Context, key string) (org.Post, error)
}

// Deps is what the room needs.
type Deps struct {
	DB    *db.DB
	Vault *vault.Vault
	Posts Posts
	Now   func() time.Time
}

// Service is safe for concurrent use.
type Service struct{ d Deps }

// New makes the service.
func New(d Deps) *Service { return &Service{d} }

// owner gives whose desk it is; errs.Forbidden desk.staff_only for anybody but staff.
func owner(a authz.Actor) (string, error) {
	if a.StaffID == "" {
		return "", errs.New(errs.Forbidden, "desk.staff_only")
	}
	return a.StaffID, nil
}

// heads are the rights that make somebody a head for phrases: who decides or prolongs speaks for the agency.
var heads = []string{flow.Decide, flow.Extend, flow.ExtendJoint}

// MayShare reports whether an actor may share phrases with the agency.
func (s *Service) MayShare(ctx context.Context, a authz.Actor) bool {
	for _, key := range a.Posts {
		p, err := s.d.Posts.Post(ctx, key)
		if err != nil || p.Agency != a.AgencyID || a.AgencyID == "" {
			continue
		}
		for _, act := range p.Acts {
			for _, h := range heads {
				if act == h {
					return true
				}
			}
		}
	}
	return false
}

// words checks a text: errs.Invalid with the key when it is blank or longer than most characters.
func words(path, key, text string, most int) (string, error) {
	text = strings.TrimSpace(text)
	if n := utf8.RuneCountInString(text); n == 0 || n > most {
		return "", errs.Fields("desk.check", []errs.Field{{Path: path, Key: key, Params: errs.P{"n": most}}})
	}
	return text, nil
}

func (s *Service) entry(a authz.Actor, act, object string) audit.Entry {
	return audit.Entry{Actor: a.Name(), OnBehalf: a.OnBehalf(), Act: act, Object: object, Via: a.Via, Agency: a.AgencyID}.From(s.d.Vault, a.Origin)
}

func (s *Service) seal(aad string, v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return s.d.Vault.Seal(aad, b), nil
}

func (s *Service) open(aad string, sealed []byte, into any) error {
	b, err := s.d.Vault.Open(aad, sealed)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, into)
}

func (s *Service) now() time.Time { return s.d.Now().UTC().Truncate(time.Millisecond) }

func gone() error { return errs.New(errs.NotFound, "desk.gone") }
