package credit

import (
	"context"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/vault"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/notify"
	"tongban/internal/domain/org"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/clock"
)

// Papers makes the paper of a decision in its transaction.
type Papers interface {
	IssueTx(ctx context.Context, tx *db.Tx, now time.Time, r paper.Request) (paper.Paper, error)
}

// Notices sends messages in the transaction of the act.
type Notices interface {
	SendTx(ctx context.Context, tx *db.Tx, now time.Time, m notify.Message) error
}

// People is what the room asks identity.
type People interface {
	Person(ctx context.Context, id string) (identity.Person, error)
	PersonByNumber(ctx context.Context, number string) (identity.Person, error)
	Firm(ctx context.Context, id string) (identity.Firm, error)
}

// Offices is what the room asks org.
type Offices interface {
	Agency(ctx context.Context, key string) (org.Agency, error)
}

// Deps is what the room works with.
type Deps struct {
	DB      *db.DB
	Vault   *vault.Vault
	Audit   *audit.Log
	Papers  Papers
	Notices Notices
	People  People
	Offices Offices
	Now     func() time.Time
}

// Service is the list. It is safe for concurrent use.
type Service struct{ d Deps }

// New makes the service.
func New(d Deps) *Service { return &Service{d} }

// Subject is what the list and the record call the holder of a number.
func (s *Service) Subject(number string) string { return s.d.Vault.Blind("subject", number) }

// Bar says whether the holder of a number, by its blind index, may promise now: nil when nothing stands against it.
func (s *Service) Bar(ctx context.Context, subject string) (*Bar, error) {
	es, err := s.bars(ctx, subject, s.today())
	if err != nil || len(es) == 0 {
		return nil, err
	}
	e := es[0]
	return &Bar{Entry: e.ID, Ground: e.Ground, By: e.By, Until: e.Until}, nil
}

func (s *Service) today() string { return s.d.Now().In(clock.Shanghai).Format(time.DateOnly) }

func notFound() error { return errs.New(errs.NotFound, "credit.not_found") }

// desk checks that the actor works for an agency; the page asks for the permission.
func desk(a authz.Actor) error {
	if a.StaffID == "" || a.AgencyID == "" || !a.May(authz.CreditDesk) {
		return errs.New(errs.Forbidden, "credit.no_right")
	}
	return nil
}

// record writes an act into the audit record.
func (s *Service) record(ctx context.Context, tx *db.Tx, a authz.Actor, e audit.Entry) error {
	e.Actor, e.OnBehalf, e.Via, e.Agency = a.Name(), a.OnBehalf(), a.Via, a.AgencyID
	return audit.Tx(ctx, tx, s.d.Now(), e.From(s.d.Vault, a.Origin))
}

// look puts on record that an officer saw entries, before they are shown.
func (s *Service) look(ctx context.Context, a authz.Actor, es []Entry, via string) error {
	var out []audit.Entry
	for _, e := range es {
		x := audit.Entry{Actor: a.Name(), Object: "credit:" + e.ID, Subject: e.subject, What: "credit.read", Via: via, Agency: a.AgencyID}
		out = append(out, x.From(s.d.Vault, a.Origin))
	}
	return s.d.Audit.Read(ctx, out...)
}
