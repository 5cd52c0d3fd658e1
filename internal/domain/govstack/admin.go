package govstack

import (
	"context"
	"strings"
	"unicode/utf8"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
)

// Propose asks for a new member (no ID), for another grant of one, or for a suspended one to go on. The name of a member never changes. The error is
// govstack.invalid with the fields of the form. It gives the member's id.
func (s *Service) Propose(ctx context.Context, a authz.Actor, m Member) (string, error) {
	if a.StaffID == "" {
		return "", errs.New(errs.Forbidden, "base.forbidden")
	}
	isNew := m.ID == ""
	if isNew {
		m.ID, m.State, m.Version = strings.ToLower(ident.Secret(10)), Asked, 1
	} else {
		was, err := s.member(ctx, s.DB.R(), m.ID)
		if err != nil {
			return "", err
		}
		m.Client, m.Version = was.Client, was.Version
	}
	if err := s.sound(ctx, &m); err != nil {
		return "", err
	}
	now := s.Now()
	p := Proposal{ID: ident.New(), Member: m, Base: m.Version, AskedBy: a.StaffID, AskedAt: now}
	err := s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if isNew {
			if err := insertMember(ctx, tx, m, now); err != nil {
				return err
			}
		}
		if err := insertProposal(ctx, tx, p); err != nil {
			return err
		}
		return s.record(ctx, tx, now, a, "propose", m.ID, "")
	})
	if db.Unique(err) {
		err = errs.Fields("govstack.invalid", []errs.Field{{Path: "client", Key: "govstack.client_taken"}})
	}
	return m.ID, err
}

// sound checks a grant, and that it names agencies, items and officers there are.
func (s *Service) sound(ctx context.Context, m *Member) error {
	if err := m.check(); err != nil {
		return err
	}
	var fs []errs.Field
	if _, err := s.Offices.Agency(ctx, m.Agency); err != nil {
		fs = append(fs, errs.Field{Path: "agency", Key: "govstack.agency_missing"})
	}
	for _, key := range m.Items {
		if key == AllItems {
			continue
		}
		if _, err := s.Items.Item(ctx, key); errs.KindOf(err) == errs.NotFound {
			fs = append(fs, errs.Field{Path: "items", Key: "govstack.item_unknown", Params: errs.P{"item": key}})
		} else if err != nil {
			return err
		}
	}
	for _, id := range m.Operators {
		if st, err := s.Offices.Staff(ctx, id); errs.KindOf(err) == errs.NotFound || err == nil && st.Disabled {
			fs = append(fs, errs.Field{Path: "operators", Key: "govstack.operator_unknown", Params: errs.P{"staff": id}})
		} else if err != nil {
			return err
		}
	}
	return errs.Fields("govstack.invalid", fs)
}

// Approve puts a grant in force. Whoever asked cannot approve: errs.Forbidden govstack.own_proposal. A member that was changed since is errs.Conflict.
func (s *Service) Approve(ctx context.Context, a authz.Actor, id string) error {
	return s.decide(ctx, a, id, Approved)
}

// Refuse turns a proposal down; also whoever asked may take it back.
func (s *Service) Refuse(ctx context.Context, a authz.Actor, id string) error {
	return s.decide(ctx, a, id, Refused)
}

func (s *Service) decide(ctx context.Context, a authz.Actor, id, to string) error {
	if a.StaffID == "" {
		return errs.New(errs.Forbidden, "base.forbidden")
	}
	p, err := findProposal(ctx, s.DB.R(), id)
	if err != nil {
		return err
	}
	if to == Approved && (p.AskedBy == a.StaffID || s.Offices.SameOffice(ctx, p.AskedBy, a.StaffID)) {
		return errs.New(errs.Forbidden, "govstack.own_proposal")
	}
	now := s.Now()
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := decideProposal(ctx, tx, id, to, a.StaffID, now); err != nil {
			return err
		}
		if to == Approved {
			if err := putMember(ctx, tx, p.Member, p.Base, now); err != nil {
				return err
			}
		}
		return s.record(ctx, tx, now, a, map[string]string{Approved: "approve", Refused: "refuse"}[to], p.Member.ID, "")
	})
}

// Suspend stops a member at once; one officer is enough to stop, two are needed to let it go on.
func (s *Service) Suspend(ctx context.Context, a authz.Actor, id, reason string) error {
	reason = strings.TrimSpace(reason)
	if reason == "" || utf8.RuneCountInString(reason) > longBasis {
		return errs.Fields("govstack.invalid", []errs.Field{{Path: "reason", Key: "govstack.reason_missing"}})
	}
	now := s.Now()
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := suspendMember(ctx, tx, id, now); err != nil {
			return err
		}
		return s.record(ctx, tx, now, a, "suspend", id, reason)
	})
}

// NewToken makes the token of an active member. It is given once; only its hash is kept, and the one before it is void.
func (s *Service) NewToken(ctx context.Context, a authz.Actor, id string) (string, error) {
	token, now := "tbgs_"+ident.Secret(32), s.Now()
	return token, s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := setToken(ctx, tx, id, hashOf(token)); err != nil {
			return err
		}
		return s.record(ctx, tx, now, a, "new_token", id, "")
	})
}

// Members lists all members by name, and the proposals that wait for a second officer.
func (s *Service) Members(ctx context.Context) ([]Member, []Proposal, error) {
	ms, err := s.members(ctx)
	if err != nil {
		return nil, nil, err
	}
	ps, err := openProposals(ctx, s.DB.R())
	return ms, ps, err
}

// Member gives one with what was asked about it, newest first; errs.NotFound govstack.member_unknown.
func (s *Service) Member(ctx context.Context, id string) (Member, []Proposal, error) {
	m, err := s.member(ctx, s.DB.R(), id)
	if err != nil {
		return m, nil, err
	}
	ps, err := proposalsOf(ctx, s.DB.R(), id)
	return m, ps, err
}

// EnsureMember registers a member that is let in without a token, for the demo city and tests. Outside of the demo it is errs.Forbidden.
func (s *Service) EnsureMember(ctx context.Context, m Member) error {
	if !s.Demo {
		return errs.New(errs.Forbidden, "base.forbidden")
	}
	if err := m.check(); err != nil {
		return err
	}
	now := s.Now()
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		was, err := s.memberOf(ctx, tx, m.Client)
		if errs.KindOf(err) == errs.NotFound {
			m.ID, m.State = strings.ToLower(ident.Secret(10)), Asked
			was, err = Member{ID: m.ID, Version: 1}, insertMember(ctx, tx, m, now)
		}
		if err != nil {
			return err
		}
		m.ID = was.ID
		if err := putMember(ctx, tx, m, was.Version, now); err != nil {
			return err
		}
		if err := openMember(ctx, tx, m.ID); err != nil {
			return err
		}
		return s.record(ctx, tx, now, authz.System, "ensure", m.ID, "")
	})
}
