package counter

import (
	"context"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/blob"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/vault"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/identity"
	"tongban/internal/engine/clock"
)

// Keep is how long the names and numbers of visitors are kept; the figures stay.
const Keep = 90 * 24 * time.Hour

// People is what the room asks identity.
type People interface {
	EnsurePerson(ctx context.Context, name, number, kind, phone string) (identity.Person, error)
	EnsureFirm(ctx context.Context, creditCode string) (identity.Firm, error)
	PersonByNumber(ctx context.Context, number string) (identity.Person, error)
	SubjectOf(number string) string
}

// Items is what the room asks the catalogue.
type Items interface {
	Search(ctx context.Context, q catalog.Query) (catalog.Page, error)
	Item(ctx context.Context, key string) (catalog.Item, error)
}

// Deps is what the room works with.
type Deps struct {
	DB     *db.DB
	Vault  *vault.Vault
	Blobs  *blob.Store
	Audit  *audit.Log
	Cases  *cases.Service
	People People
	Items  Items
	Now    func() time.Time
	// ReaderSecret pairs the platform with the local agents of its counters; empty: readers are off.
	ReaderSecret string
}

// Service is the counter. It is safe for concurrent use.
type Service struct{ d Deps }

// New makes the service.
func New(d Deps) *Service { return &Service{d} }

func (s *Service) now() time.Time { return s.d.Now().UTC().Truncate(time.Millisecond) }

func (s *Service) today() string { return dayOf(s.now()) }

func dayOf(t time.Time) string { return t.In(clock.Shanghai).Format(time.DateOnly) }

func notFound() error { return errs.New(errs.NotFound, "counter.not_found") }

// clerk checks that the actor works at a window of an agency.
func (s *Service) clerk(a authz.Actor) error {
	if a.StaffID == "" || a.AgencyID == "" || !a.May(authz.WindowDesk) {
		return errs.New(errs.Forbidden, "counter.no_right")
	}
	return nil
}

// record writes an act into the audit record.
func (s *Service) record(ctx context.Context, tx *db.Tx, a authz.Actor, e audit.Entry) error {
	e.Actor, e.Via, e.Agency = a.Name(), a.Via, a.AgencyID
	return audit.Tx(ctx, tx, s.now(), e.From(s.d.Vault, a.Origin))
}

// look puts on record that a clerk saw visitors, before they are shown. Nobody is named by an enquiry.
func (s *Service) look(ctx context.Context, a authz.Actor, what string, vs ...Visitor) error {
	var out []audit.Entry
	for _, v := range vs {
		if v.subject == "" {
			continue
		}
		e := audit.Entry{Actor: a.Name(), Object: "visitor:" + v.ID, Subject: v.subject, What: what, Via: a.Via, Agency: a.AgencyID}
		out = append(out, e.From(s.d.Vault, a.Origin))
	}
	return s.d.Audit.Read(ctx, out...)
}

// Presence gives the visitor whom somebody serves now and whose case this is; empty for none. The room cases asks it through cases.Here.
func (s *Service) Presence(ctx context.Context, staffID, caseID, subject string) (string, error) {
	return s.serving(ctx, staffID, caseID, subject)
}

// Serving gives the visitor a clerk serves now, masked; nil for nobody.
func (s *Service) Serving(ctx context.Context, a authz.Actor) (*Visitor, error) {
	if s.clerk(a) != nil {
		return nil, nil
	}
	vs, err := s.servedNow(ctx, a.StaffID)
	if err != nil || len(vs) == 0 {
		return nil, err
	}
	vs[0].mask()
	return &vs[0], nil
}

// Sweep erases who came long ago, and what phones and readers left behind.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.now()
	return s.d.DB.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := eraseTx(ctx, tx, dayOf(now.Add(-Keep)), now.UnixMilli()); err != nil {
			return err
		}
		return s.dropPagesTx(ctx, tx, now.Add(-24*time.Hour).UnixMilli())
	})
}
