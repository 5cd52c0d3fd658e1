package rating

import (
	"context"
	"sync"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
	"tongban/internal/base/vault"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/clock"
)

// Cases is what rating asks the cases room: who applied, and by which channel.
type Cases interface {
	Head(ctx context.Context, id string) (cases.Case, error)
}

// Deps is what the room works with.
type Deps struct {
	DB         *db.DB
	Vault      *vault.Vault
	Audit      *audit.Log
	Now        func() time.Time
	Cases      Cases
	Calendar   func(ctx context.Context) clock.Calendar
	AgencyName func(ctx context.Context, key string) string
	ItemName   func(ctx context.Context, key string) string
	VerifyDays int // working days to verify a bad rating; 1 when 0
	FixDays    int // working days to put it right and answer; 15 when 0
}

// Service is the room.
type Service struct {
	Deps
	mu      sync.Mutex
	figures []Figure // of the time below
	at      time.Time
}

// New makes the room.
func New(d Deps) *Service {
	if d.VerifyDays == 0 {
		d.VerifyDays = 1
	}
	if d.FixDays == 0 {
		d.FixDays = 15
	}
	return &Service{Deps: d}
}

func (s *Service) blind(personID string) string { return s.Vault.Blind("rating.person", personID) }

// Rate gives a rating to a contact of the actor's own case. It returns errs.NotFound rating.no_contact for a contact that is not the
// actor's, errs.Conflict rating.already when it was rated before, and errs.Invalid rating.invalid with the fields grade, tags and text.
func (s *Service) Rate(ctx context.Context, actor authz.Actor, contactID string, in Input) (Given, error) {
	if actor.PersonID == "" {
		return Given{}, errs.New(errs.Forbidden, "rating.only_person")
	}
	c, err := contactByID(ctx, s.DB.R(), contactID, s.blind(actor.PersonID))
	if err != nil {
		return Given{}, err
	}
	in, err = in.check(c.Channel)
	if err != nil {
		return Given{}, err
	}
	now := s.Now()
	// A random id: one that tells the time would lead staff who see it to the rater.
	g := Given{ID: ident.Secret(10), Grade: in.Grade, Tags: in.Tags, Text: in.Text, At: now}
	var bad *BadEvent
	if Bad(g.Grade) {
		if bad, err = s.duty(ctx, now, c, g.ID); err != nil {
			return Given{}, err
		}
	}
	err = s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return s.rateTx(ctx, tx, now, c, g, in.Via, bad) })
	return g, err
}

// duty is what a bad rating asks of the agency, and by when.
func (s *Service) duty(ctx context.Context, now time.Time, c Contact, ratingID string) (*BadEvent, error) {
	cal := s.Calendar(ctx)
	verify, err := clock.Deadline(now, clock.Period{N: s.VerifyDays, Unit: clock.Workday}, nil, cal)
	if err != nil {
		return nil, err
	}
	fix, err := clock.Deadline(now, clock.Period{N: s.FixDays, Unit: clock.Workday}, nil, cal)
	return &BadEvent{RatingID: ratingID, Agency: c.Agency, Item: c.Item, VerifyDue: verify.Due, FixDue: fix.Due}, err
}

func (s *Service) rateTx(ctx context.Context, tx *db.Tx, now time.Time, c Contact, g Given, via string, bad *BadEvent) error {
	sealed := s.Vault.SealText("rating_rating.text."+g.ID, g.Text)
	if err := insertRating(ctx, tx, c.ID, g, via, sealed); err != nil {
		return err
	}
	// The record says that a rating was given, not by whom: the rater is protected from the auditor too (国办发〔2019〕51号).
	if err := audit.Tx(ctx, tx, now, audit.Entry{Actor: "rater", Act: "rating.rate", Object: "rating:" + g.ID, Via: "page", Agency: c.Agency}); err != nil {
		return err
	}
	if err := event.Publish(ctx, tx, now, GivenEvent{RatingID: g.ID, Agency: c.Agency, Item: c.Item, Grade: g.Grade}); err != nil || bad == nil {
		return err
	}
	if err := insertAnswer(ctx, tx, *bad); err != nil {
		return err
	}
	return event.Publish(ctx, tx, now, *bad)
}

// Rateable is a contact as its person sees it: to be rated, or with the rating given and what the agency answered.
type Rateable struct {
	Contact
	AgencyName, ItemName string
	Given                *Given
	Answer               string
	Answered             time.Time
}

// ForCase lists the contacts in a case at which the actor was served, newest first: as applicant, or for the applicant under a mandate or at a
// window. Each contact is one person's to rate (一事一评, 一次一评). None yet is an empty list for the applicant and who acts for them now; for
// everybody else it is errs.NotFound.
func (s *Service) ForCase(ctx context.Context, actor authz.Actor, caseID string) ([]Rateable, error) {
	head, err := s.Cases.Head(ctx, caseID)
	if err != nil {
		return nil, err
	}
	none := errs.New(errs.NotFound, "rating.no_contact")
	if actor.PersonID == "" {
		return nil, none
	}
	out, err := rateables(ctx, s.DB.R(), caseID, s.blind(actor.PersonID))
	if err != nil {
		return nil, err
	}
	if len(out) == 0 && !concerns(actor, head) {
		return nil, none
	}
	for i := range out {
		out[i].AgencyName, out[i].ItemName = head.AgencyName, head.ItemName
		if err := s.open(&out[i]); err != nil {
			return nil, err
		}
	}
	return plain(out), nil
}

// concerns reports whether a case is the actor's own, or of the person or firm they act for now.
func concerns(a authz.Actor, c cases.Case) bool {
	if a.MandateID != "" && !a.Scope.Covers(authz.ActView, c.ItemKey) {
		return c.ApplicantKind == cases.ByPerson && c.PersonID == a.PersonID // one's own matters stay one's own
	}
	if c.ApplicantKind == cases.ByFirm {
		return c.PersonID == a.PersonID || a.FirmID != "" && c.FirmID == a.FirmID
	}
	return c.PersonID == a.PersonID || a.ForPerson != "" && a.FirmID == "" && c.PersonID == a.ForPerson
}

func (s *Service) open(r *sealedRateable) (err error) {
	if r.Given == nil {
		return nil
	}
	if r.Given.Text, err = s.Vault.OpenText("rating_rating.text."+r.Given.ID, r.text); err != nil {
		return err
	}
	r.Answer, err = s.Vault.OpenText("rating_answer.text."+r.Given.ID, r.answer)
	return err
}

func plain(in []sealedRateable) []Rateable {
	out := make([]Rateable, len(in))
	for i, r := range in {
		out[i] = r.Rateable
	}
	return out
}
