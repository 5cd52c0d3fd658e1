package webhook

import (
	"context"
	"embed"
	"log/slog"
	"math/rand/v2"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/vault"
	"tongban/internal/domain/org"
)

//go:embed migrations/*.sql
var files embed.FS

// Schema is the room's tables.
var Schema = db.Room{Name: "webhook", Files: files}

// Offices answers questions about agencies and regions; *org.Service is one.
type Offices interface {
	Agency(ctx context.Context, key string) (org.Agency, error)
	Region(ctx context.Context, code string) (org.Region, error)
	Within(ctx context.Context, code, above string) bool
	Reaches(ctx context.Context, a authz.Actor, role authz.Role, region string) bool
}

// Message is one POST.
type Message struct {
	URL, ID   string
	At        time.Time
	Signature string
	Body      []byte
}

// Answer is what came of it. Why is empty if the target took the message, else the end of a text key webhook.why_….
type Answer struct {
	Status int    // 0 = none came
	Text   string // the first characters of the answer
	Why    string
}

// Sender posts messages; *push.Sender is one.
type Sender interface {
	// Check refuses an address that leads inside the network. One that cannot be looked up passes: it is checked again when a message is sent.
	Check(ctx context.Context, address string) error
	Post(ctx context.Context, m Message) Answer
}

// Deps is what the room works with.
type Deps struct {
	DB      *db.DB
	Vault   *vault.Vault
	Now     func() time.Time
	Log     *slog.Logger
	Offices Offices
	Send    Sender
	// Client gives the agency of a system that is registered for single sign-on, and whether it is in force. nil: there are none.
	Client    func(ctx context.Context, id string) (agency string, active bool, err error)
	PublicURL string
	AllowHTTP bool // demo and tests
	// Jitter gives a number from 0 up to 1; nil: a random one.
	Jitter func() float64
	// PauseAfter is how many failures in a row pause a target; 10 when 0.
	PauseAfter int64
}

// Service is the room.
type Service struct{ Deps }

// New makes the room.
func New(d Deps) *Service {
	if d.Jitter == nil {
		d.Jitter = rand.Float64 //nolint:gosec // spreads load, guards nothing
	}
	if d.PauseAfter == 0 {
		d.PauseAfter = 10
	}
	if d.Client == nil {
		d.Client = func(context.Context, string) (string, bool, error) {
			return "", false, errs.New(errs.NotFound, "webhook.client_unknown")
		}
	}
	return &Service{d}
}

func (s *Service) record(ctx context.Context, tx *db.Tx, now time.Time, a authz.Actor, act, id, what string) error {
	e := audit.Entry{Actor: a.Name(), Act: "webhook." + act, Object: "webhook:" + id, What: what, Via: a.Via, Agency: a.AgencyID}
	return audit.Tx(ctx, tx, now, e.From(s.Vault, a.Origin))
}

func errUnknown() error { return errs.New(errs.NotFound, "webhook.unknown") }

func errMoved() error { return errs.New(errs.Conflict, "webhook.moved_meanwhile") }

// reach reports whether somebody may keep the subscriptions of an agency, and whether as an administrator.
func (s *Service) reach(ctx context.Context, a authz.Actor, agency string) (ok, administers bool) {
	if !a.May(authz.WebhookKeep) {
		return false, false
	}
	g, err := s.Offices.Agency(ctx, agency)
	if err != nil {
		return false, false
	}
	if a.Is(authz.Admin) && s.Offices.Reaches(ctx, a, authz.Admin, g.Region) {
		return true, true
	}
	return a.Is(authz.Operator) && a.AgencyID == agency, false
}

// MayKeep reports whether somebody may keep the subscriptions of an agency.
func (s *Service) MayKeep(ctx context.Context, a authz.Actor, agency string) bool {
	ok, _ := s.reach(ctx, a, agency)
	return ok
}

// own loads a subscription of the actor's; errs.NotFound for anybody else's.
func (s *Service) own(ctx context.Context, a authz.Actor, id string) (Subscription, error) {
	x, err := s.find(ctx, s.DB.R(), id)
	if err != nil {
		return x, err
	}
	ok, admin := s.reach(ctx, a, x.Agency)
	if !ok || x.Wide && !admin {
		return Subscription{}, errUnknown()
	}
	return x, nil
}
