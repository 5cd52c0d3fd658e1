package privacy

import (
	"context"
	"log/slog"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/vault"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/notify"
	"tongban/internal/domain/org"
	"tongban/internal/engine/clock"
)

// People is what the room asks of identity.
type People interface {
	Person(ctx context.Context, id string) (identity.Person, error)
	Firm(ctx context.Context, id string) (identity.Firm, error)
	SubjectOf(number string) string
	MaskedName(ctx context.Context, personID string) string
}

// Offices is what the room asks of org.
type Offices interface {
	Staff(ctx context.Context, id string) (org.Staff, error)
	Agency(ctx context.Context, key string) (org.Agency, error)
}

// System is a system of an agency that was told something, a client of the single sign-on.
type System struct{ Name, Agency string } // Agency: key

// Source is another room's share of the export of one's account data; FromIdentity, FromFactor and FromMandate make those of the rooms below.
type Source struct {
	Key string // name of its part in the file
	// Export gives what the room keeps of the actor, as it shall stand in a JSON file.
	Export func(ctx context.Context, a authz.Actor) (any, error)
}

// Ender ends what a room keeps of an account, in one transaction with all others.
type Ender func(ctx context.Context, tx *db.Tx, now time.Time, personID string) error

// Remain is something that stays after an account has ended, because a law says so, or goes on. Key is a text key with {n}.
type Remain struct {
	Key string
	N   int
}

// Deps is what the room works with.
type Deps struct {
	DB       *db.DB
	Vault    *vault.Vault
	Audit    *audit.Log
	People   People
	Offices  Offices
	Calendar func(ctx context.Context) clock.Calendar
	// Send hands a message to notify in the same transaction.
	Send func(ctx context.Context, tx *db.Tx, now time.Time, m notify.Message) error
	// System names a client of the single sign-on, "client:<id>" in the record; nil: by id.
	System func(ctx context.Context, id string) (System, error)
	// MaySee reports whether a member of staff handles something of a person now, so that their number may be shown; nil: never.
	MaySee func(ctx context.Context, a authz.Actor, personID string) (bool, error)
	// Sources are what the other rooms keep of an account; Enders end it, identity's last.
	Sources []Source
	Enders  []Ender
	// Remains lists what stays of a person after the end of the account, for the page that asks; nil: the general words only.
	Remains func(ctx context.Context, personID string) ([]Remain, error)
	Now     func() time.Time
	Log     *slog.Logger
}

// Service is the room.
type Service struct{ d Deps }

// New makes the room.
func New(d Deps) *Service { return &Service{d} }

// FreshFor is how old the last proof of who somebody is may be for the export and the end of an account.
const FreshFor = 10 * time.Minute

// Fresh is errs.Forbidden "privacy.fresh_needed" unless the session proved within ten minutes who it is. Access tokens never did.
func (s *Service) Fresh(a authz.Actor) error {
	if a.PersonID == "" || a.AuthTime.IsZero() || s.d.Now().Sub(a.AuthTime) > FreshFor {
		return errs.New(errs.Forbidden, "privacy.fresh_needed")
	}
	return nil
}

// record writes an act into the audit record.
func (s *Service) record(ctx context.Context, tx *db.Tx, now time.Time, a authz.Actor, e audit.Entry) error {
	e.Actor, e.Via, e.Agency = a.Name(), a.Via, a.AgencyID
	return audit.Tx(ctx, tx, now, e.From(s.d.Vault, a.Origin))
}

// look records that personal data was seen; only then may it be shown.
func (s *Service) look(ctx context.Context, a authz.Actor, e audit.Entry) error {
	e.Actor, e.OnBehalf, e.Via, e.Agency = a.Name(), a.OnBehalf(), a.Via, a.AgencyID
	return s.d.Audit.Read(ctx, e.From(s.d.Vault, a.Origin))
}

// subjectOf is what the record calls the actor's own person or, with firm, the firm they act for; empty while the number is not known.
func (s *Service) subjectOf(ctx context.Context, a authz.Actor, firm bool) (string, error) {
	if a.PersonID == "" {
		return "", errs.New(errs.Forbidden, "privacy.only_person")
	}
	if firm {
		if a.FirmID == "" || !a.Scope.Covers(authz.ActView, "*") { // an agent for some affairs is not the firm
			return "", nil
		}
		f, err := s.d.People.Firm(ctx, a.FirmID)
		return s.d.People.SubjectOf(f.CreditCode), err
	}
	p, err := s.d.People.Person(ctx, a.PersonID)
	if err != nil || p.Number == "" {
		return "", err
	}
	return s.d.People.SubjectOf(p.Number), nil
}
