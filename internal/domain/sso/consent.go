package sso

import (
	"context"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/engine/cnid"
)

// Consent is what a person let a system know.
type Consent struct {
	ClientID string
	Scopes   []string // "number" stands for the ID number
	At       time.Time

	Client Client
	Last   time.Time // the last sign-in; zero if none is on record
}

// Released lists what a request would let its client know, for the consent page.
func Released(c Client, rq Request) []string { return released(c, rq.Scopes) }

// Agree keeps a person's yes to a parked request.
func (s *Service) Agree(ctx context.Context, a authz.Actor, p Parked) error {
	c, ok, err := s.active(ctx, p.Request.ClientID)
	if err != nil {
		return err
	}
	if !ok {
		return errNoClient
	}
	now, who := s.Now(), owner(a.PersonID, a.StaffID)
	had, err := findConsent(ctx, s.DB.R(), who, c.ID)
	if err != nil {
		return err
	}
	scopes := released(c, p.Request.Scopes)
	for _, sc := range had.Scopes {
		if !slices.Contains(scopes, sc) {
			scopes = append(scopes, sc)
		}
	}
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := putConsent(ctx, tx, who, c.ID, scopes, now); err != nil {
			return err
		}
		if err := markAgreed(ctx, tx, p.ID, who); err != nil {
			return err
		}
		return s.record(ctx, tx, now, a, "sso.give_consent", "client:"+c.ID, strings.Join(scopes, " "))
	})
}

// Disagree ends a parked request with a no; the answer goes to the client.
func (s *Service) Disagree(ctx context.Context, p Parked) (Answer, error) {
	if err := s.Finish(ctx, p); err != nil {
		return Answer{}, err
	}
	return s.Refuse(p.Request, refuse(AccessDenied, "the person did not agree")), nil
}

// Consents lists what the signed-in account agreed to, newest first.
func (s *Service) Consents(ctx context.Context, a authz.Actor) ([]Consent, error) {
	who := owner(a.PersonID, a.StaffID)
	out, err := listConsents(ctx, s.DB.R(), who)
	if err != nil {
		return nil, err
	}
	last, err := lastSignIns(ctx, s.DB.R(), who)
	if err != nil {
		return nil, err
	}
	snap, err := s.snapshot(ctx)
	if err != nil {
		return nil, err
	}
	for i := range out {
		out[i].Client, out[i].Last = snap.clients[out[i].ClientID], last[out[i].ClientID]
	}
	return out, nil
}

// Withdraw takes a consent back: its tokens end and the system is told. errs.NotFound if there was none.
func (s *Service) Withdraw(ctx context.Context, a authz.Actor, clientID string) error {
	if !a.Signed() {
		return errs.New(errs.Unauthorized, "base.unauthorized")
	}
	now, who := s.Now(), owner(a.PersonID, a.StaffID)
	snap, err := s.snapshot(ctx)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := dropConsent(ctx, tx, who, clientID); err != nil {
			return err
		}
		gs, err := endByOwner(ctx, tx, now, who, clientID, "withdrawn")
		if err != nil {
			return err
		}
		if err := tellTx(ctx, tx, now, snap, gs); err != nil {
			return err
		}
		return s.record(ctx, tx, now, a, "sso.take_back_consent", "client:"+clientID, "")
	})
}

// Names gives the signed-in account and whom it acts for as the consent page shows them: people masked, firms by name.
func (s *Service) Names(ctx context.Context, a authz.Actor) (who, actsFor string, err error) {
	if a.StaffID != "" {
		st, err := s.People.Staff(ctx, a.StaffID)
		return st.Name, st.AgencyName, err
	}
	p, err := s.People.Person(ctx, a.PersonID)
	if err != nil {
		return "", "", err
	}
	who = cnid.MaskName(p.Name)
	switch {
	case a.FirmID != "":
		f, err := s.People.Firm(ctx, a.FirmID)
		return who, f.Name, err
	case a.ForPerson != "":
		q, err := s.People.Person(ctx, a.ForPerson)
		return who, cnid.MaskName(q.Name), err
	}
	return who, "", nil
}

// EndAccountTx takes every consent of a person back and ends their tokens, when their account ends.
func (s *Service) EndAccountTx(ctx context.Context, tx *db.Tx, now time.Time, personID string) error {
	who := owner(personID, "")
	if err := dropConsents(ctx, tx, who); err != nil {
		return err
	}
	gs, err := endByOwner(ctx, tx, now, who, "", "account_ended")
	if err != nil || len(gs) == 0 {
		return err
	}
	all, err := clientsIn(ctx, tx)
	if err != nil {
		return err
	}
	return tellTx(ctx, tx, now, &snapshot{clients: all}, gs)
}
