package federation

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
)

// The states of a proposal.
const (
	Open      = "open"
	Approved  = "approved"
	Refused   = "refused"
	Withdrawn = "withdrawn"
)

// Proposal is a change of a provider that one security officer asks for and another one decides.
type Proposal struct {
	ID string
	Settings
	Base  int64  // the version it changes; 0 = a new provider
	Why   string // the basis: an agreement, a notice
	State string
	By    string // staff id
	At    time.Time

	DecidedBy  string
	DecidedAt  time.Time
	DecidedWhy string
}

const maxWhy = 500

var (
	errMoved   = errs.New(errs.Conflict, "federation.changed_meanwhile")
	errDecided = errs.New(errs.Conflict, "federation.decided")
	errNoAsk   = errs.New(errs.NotFound, "federation.no_proposal")
)

// Propose asks for a provider as it shall be; base is the version it was edited from, 0 for a new one. An empty secret keeps the one there is.
// Errors: errs.Invalid "federation.settings_wrong" with fields, errs.Conflict "federation.changed_meanwhile", "federation.open_already".
func (s *Service) Propose(ctx context.Context, a authz.Actor, want Settings, base int64, why string) (id string, err error) {
	want.Key = strings.TrimSpace(want.Key)
	if _, taken := s.preset[want.Key]; taken {
		return "", errs.Fields("federation.settings_wrong", []errs.Field{{Path: "key", Key: "federation.key_preset"}})
	}
	is, err := s.provider(ctx, s.d.DB.R(), want.Key)
	if err != nil && errs.KindOf(err) != errs.NotFound {
		return "", err
	}
	if is.Version != base {
		return "", errMoved
	}
	if want.Secret == "" && want.Issuer == is.Issuer { // a secret is never handed on to another issuer
		want.Secret = is.Secret
	}
	want, err = want.check(s.d.Loopback)
	if err = whyOf(err, &why); err != nil {
		return "", err
	}
	p := Proposal{ID: ident.New(), Settings: want, Base: base, Why: why, State: Open, By: a.StaffID, At: s.d.Now()}
	err = s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.addProposal(ctx, tx, p); err != nil {
			return err
		}
		return s.record(ctx, tx, a, "federation.propose", "provider:"+p.Key, p.Why)
	})
	if db.Unique(err) {
		return "", errs.New(errs.Conflict, "federation.open_already")
	}
	return p.ID, err
}

// whyOf cleans a reason and adds what is wrong with it to the findings.
func whyOf(err error, why *string) error {
	*why = strings.TrimSpace(*why)
	if *why != "" && utf8.RuneCountInString(*why) <= maxWhy {
		return err
	}
	fs := []errs.Field{{Path: "why", Key: "federation.why_missing", Params: errs.P{"max": maxWhy}}}
	if e := errs.As(err); e != nil {
		fs = append(e.Fields, fs...)
	} else if err != nil {
		return err
	}
	return errs.Fields("federation.settings_wrong", fs)
}

// Proposals lists the proposals, the open ones first, then the newest; at most 100.
func (s *Service) Proposals(ctx context.Context) ([]Proposal, error) {
	return s.proposals(ctx, s.d.DB.R())
}

// Proposal gives one proposal and the provider it would change; the provider is zero for a new one. errs.NotFound "federation.no_proposal".
func (s *Service) Proposal(ctx context.Context, id string) (Proposal, Provider, error) {
	p, err := s.proposal(ctx, s.d.DB.R(), id)
	if err != nil || p.Base == 0 {
		return p, Provider{}, err
	}
	is, err := s.provider(ctx, s.d.DB.R(), p.Key)
	return p, is, err
}

// Approve makes a proposal the provider. Another security officer than the one who asked must do it: errs.Forbidden "federation.second_person".
// Errors: errs.Conflict "federation.decided", "federation.changed_meanwhile".
func (s *Service) Approve(ctx context.Context, a authz.Actor, id string) error {
	p, err := s.decidable(ctx, a, id)
	if err != nil {
		return err
	}
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := s.d.Now()
		if err := decide(ctx, tx, id, Approved, a.StaffID, "", now); err != nil {
			return err
		}
		if err := s.putProvider(ctx, tx, p, a.StaffID, now); err != nil {
			return err
		}
		return s.record(ctx, tx, a, "federation.approve", "provider:"+p.Key, "")
	})
}

// Refuse turns a proposal down, with a reason for the one who asked.
func (s *Service) Refuse(ctx context.Context, a authz.Actor, id, why string) error {
	p, err := s.decidable(ctx, a, id)
	if err = whyOf(err, &why); err != nil {
		return err
	}
	return s.end(ctx, a, p, Refused, why)
}

// Withdraw takes one's own proposal back.
func (s *Service) Withdraw(ctx context.Context, a authz.Actor, id string) error {
	p, err := s.proposal(ctx, s.d.DB.R(), id)
	if err != nil {
		return err
	}
	if p.By != a.StaffID {
		return errs.New(errs.Forbidden, "federation.not_yours")
	}
	return s.end(ctx, a, p, Withdrawn, "")
}

func (s *Service) end(ctx context.Context, a authz.Actor, p Proposal, state, why string) error {
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := decide(ctx, tx, p.ID, state, a.StaffID, why, s.d.Now()); err != nil {
			return err
		}
		return s.record(ctx, tx, a, "federation."+map[string]string{Refused: "refuse", Withdrawn: "withdraw"}[state], "provider:"+p.Key, why)
	})
}

// decidable gives an open proposal that somebody else made.
func (s *Service) decidable(ctx context.Context, a authz.Actor, id string) (Proposal, error) {
	p, err := s.proposal(ctx, s.d.DB.R(), id)
	switch {
	case err != nil:
		return p, err
	case p.State != Open:
		return p, errDecided
	case a.StaffID == "" || s.d.SameOffice(ctx, p.By, a.StaffID):
		return p, errs.New(errs.Forbidden, "federation.second_person")
	}
	return p, nil
}
