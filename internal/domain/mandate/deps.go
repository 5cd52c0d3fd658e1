package mandate

import (
	"context"
	"embed"
	"log/slog"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/vault"
	"tongban/internal/domain/factor"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/notify"
)

//go:embed migrations/*.sql
var files embed.FS

// Schema is the room's tables.
var Schema = db.Room{Name: "mandate", Files: files}

// People is what the room asks of identity; identity.Service is one.
type People interface {
	Person(ctx context.Context, id string) (identity.Person, error)
	// EnsurePerson checks name and number with the population registry and gives the person, adding them if they are new; the actor is that of ctx.
	EnsurePerson(ctx context.Context, name, number, kind, phone string) (identity.Person, error)
	PersonByNumber(ctx context.Context, number string) (identity.Person, error)
	Firm(ctx context.Context, id string) (identity.Firm, error)
	EnsureFirm(ctx context.Context, creditCode string) (identity.Firm, error)
	FirmsOf(ctx context.Context, personID string) ([]identity.Firm, error)
}

// Signer asks a person to prove themself again over a text; factor.Service is one.
type Signer interface {
	AskSignature(ctx context.Context, a authz.Actor, ask factor.Ask) (id string, err error)
	SignatureOf(ctx context.Context, owner, object, text string) (factor.Signature, bool, error)
}

// Item is a service a scope may name.
type Item struct{ Key, Name string }

// Deps is what the room needs.
type Deps struct {
	DB     *db.DB
	Vault  *vault.Vault
	Audit  *audit.Log
	People People
	// Guardian asks the population registry whose guardian a person is, by ID numbers: the relation, or "" if they are not. errs.Unavailable if it is away.
	Guardian func(ctx context.Context, guardian, ward string) (relation string, err error)
	// Signed asks for a signature over the declaration with which a person gives a mandate. Without it the declaration is only ticked.
	Signed Signer
	// Items lists what a scope may name, for firms or people; nil = only everything.
	Items func(ctx context.Context, forKind string) ([]Item, error)
	Send  func(ctx context.Context, tx *db.Tx, now time.Time, m notify.Message) error
	Now   func() time.Time
	Log   *slog.Logger
	Config
}

// Service is the room.
type Service struct {
	d    *db.DB
	v    *vault.Vault
	deps Deps
	cfg  Config
	now  func() time.Time
}

// New makes the service.
func New(d Deps) *Service {
	return &Service{d: d.DB, v: d.Vault, deps: d, cfg: d.withDefaults(), now: d.Now}
}

// Items lists what a scope may name.
func (s *Service) Items(ctx context.Context, forKind string) ([]Item, error) {
	if s.deps.Items == nil {
		return nil, nil
	}
	return s.deps.Items(ctx, forKind)
}

func (s *Service) subject(number string) string {
	if number == "" {
		return ""
	}
	return s.v.Blind("subject", number) // as identity names people and firms in the audit record
}

func (s *Service) phoneKey(phone string) string {
	if phone == "" {
		return ""
	}
	return s.v.Blind("mandate.phone", phone)
}

func (s *Service) today() string { return dayOf(s.now()) }

// record writes an act into the audit record; number is the ID number or credit code of whom it concerns.
func (s *Service) record(ctx context.Context, tx *db.Tx, now time.Time, a authz.Actor, act, id, number string) error {
	e := audit.Entry{Actor: a.Name(), OnBehalf: a.OnBehalf(), Act: act, Object: "mandate:" + id, Subject: s.subject(number), Via: a.Via, Agency: a.AgencyID}
	return audit.Tx(ctx, tx, now, e.From(s.v, a.Origin))
}

// read writes down that personal data was shown.
func (s *Service) read(ctx context.Context, a authz.Actor, object, number string) error {
	e := audit.Entry{Actor: a.Name(), OnBehalf: a.OnBehalf(), Object: object, Subject: s.subject(number), What: "mandate.data", Via: a.Via, Agency: a.AgencyID}
	return s.deps.Audit.Read(ctx, e.From(s.v, a.Origin))
}
