package federation

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/vault"
	"tongban/internal/domain/identity"
)

// Door is what the room asks of identity.
type Door interface {
	SignInOutside(ctx context.Context, o identity.Outside, from identity.From) (identity.SignedIn, error)
	// Actor tells who holds a session token, to see that a step up was made by the same person.
	Actor(ctx context.Context, token string) (authz.Actor, error)
	SignOut(ctx context.Context, token string) error
	// Person tells who wants to prove more.
	Person(ctx context.Context, id string) (identity.Person, error)
}

// Deps is what the room works with.
type Deps struct {
	DB        *db.DB
	Vault     *vault.Vault
	Party     Party
	Door      Door
	PublicURL string // without a slash at the end
	// Preset are providers from configuration: nobody changes them on a page, and their keys are taken.
	Preset []Settings
	// Resume lets a person go on acting for whom they acted before a step up; nil: they act for themself again.
	Resume func(ctx context.Context, token string, was authz.Actor) error
	// SameOffice reports whether two staff accounts are one pair of eyes: one person's, or one stands in for the other; nil: only the same account is.
	SameOffice func(ctx context.Context, x, y string) bool
	// Loopback allows http issuers on this machine: demo and tests only.
	Loopback bool
	Log      *slog.Logger
	Now      func() time.Time
}

// Service is the room.
type Service struct {
	d      Deps
	preset map[string]Settings
}

// New makes the room. A preset provider that is set up wrongly is an error.
func New(d Deps) (*Service, error) {
	d.PublicURL = strings.TrimRight(d.PublicURL, "/")
	if d.SameOffice == nil {
		d.SameOffice = func(_ context.Context, x, y string) bool { return x == y }
	}
	s := &Service{d: d, preset: map[string]Settings{}}
	for _, p := range d.Preset {
		p, err := p.check(d.Loopback)
		if err != nil {
			return nil, err
		}
		s.preset[p.Key] = p
	}
	return s, nil
}

// Callback is the address to which a provider leads people back; every provider has its own, so that one cannot answer for another.
func (s *Service) Callback(key string) string {
	return s.d.PublicURL + "/sign-in/with/" + key + "/back"
}

// Offer is a provider as the sign-in page offers it.
type Offer struct{ Key, Name string }

// Offers lists the providers one may sign in with, in their order.
func (s *Service) Offers(ctx context.Context) ([]Offer, error) {
	ls, err := s.Providers(ctx)
	if err != nil {
		return nil, err
	}
	var out []Offer
	for _, p := range ls {
		if p.Enabled {
			out = append(out, Offer{p.Key, p.Label(i18n.From(ctx))})
		}
	}
	return out, nil
}

// Steps lists the providers by which the signed-in person can reach a level; none for somebody who must say first who they are.
func (s *Service) Steps(ctx context.Context, level int) ([]Offer, error) {
	if a := authz.From(ctx); a.PersonID != "" {
		if p, err := s.d.Door.Person(ctx, a.PersonID); err != nil || nameless(p) {
			return nil, err
		}
	}
	ls, err := s.Providers(ctx)
	if err != nil {
		return nil, err
	}
	var out []Offer
	for _, p := range ls {
		if p.Enabled && p.reaches(level) {
			out = append(out, Offer{p.Key, p.Label(i18n.From(ctx))})
		}
	}
	return out, nil
}

// Provider is a provider that is set up.
type Provider struct {
	Settings
	Preset   bool // from configuration
	Version  int64
	At       time.Time // of the last change
	By, With string    // staff ids: who proposed and who approved it
}

// Providers lists all providers, in their order; also those switched off.
func (s *Service) Providers(ctx context.Context) ([]Provider, error) {
	out, err := s.providers(ctx, s.d.DB.R())
	if err != nil {
		return nil, err
	}
	out = slices.DeleteFunc(out, func(p Provider) bool { _, taken := s.preset[p.Key]; return taken })
	for _, p := range s.preset {
		out = append(out, Provider{Settings: p, Preset: true})
	}
	slices.SortFunc(out, func(a, b Provider) int {
		if a.Order != b.Order {
			return a.Order - b.Order
		}
		return strings.Compare(a.Key, b.Key)
	})
	return out, nil
}

// Provider gives one provider; errs.NotFound "federation.unknown".
func (s *Service) Provider(ctx context.Context, key string) (Provider, error) {
	if p, ok := s.preset[key]; ok {
		return Provider{Settings: p, Preset: true}, nil
	}
	return s.provider(ctx, s.d.DB.R(), key)
}

// usable gives a provider that is switched on.
func (s *Service) usable(ctx context.Context, key string) (Settings, error) {
	p, err := s.Provider(ctx, key)
	if err == nil && !p.Enabled {
		err = errUnknown
	}
	return p.Settings, err
}

var errUnknown = errs.New(errs.NotFound, "federation.unknown")

// Probe asks a provider what it says of itself.
func (s *Service) Probe(ctx context.Context, key string) (Probe, error) {
	p, err := s.Provider(ctx, key)
	if err != nil {
		return Probe{}, err
	}
	return s.d.Party.Probe(ctx, p.Settings)
}

// record writes an act of a security officer into the audit record.
func (s *Service) record(ctx context.Context, tx *db.Tx, a authz.Actor, act, object, reason string) error {
	e := audit.Entry{Actor: a.Name(), Act: act, Object: object, Reason: reason, Via: a.Via, Agency: a.AgencyID}
	return audit.Tx(ctx, tx, s.d.Now(), e.From(s.d.Vault, a.Origin))
}
