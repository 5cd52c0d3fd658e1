package sso

import (
	"context"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
)

// Proposal is a registration that one security officer asks for and another one decides on.
type Proposal struct {
	ID        string
	Client    Client
	Base      int64  // the client's version it was made of
	State     string // asked, approved, refused
	AskedBy   string // staff id
	AskedAt   time.Time
	DecidedBy string
	DecidedAt time.Time
}

// The states of a proposal besides Asked.
const (
	Approved = "approved"
	Refused  = "refused"
)

// Propose asks for a new system (no ID), for changes of one, or for a suspended one to go on. The error is sso.invalid with the fields of the
// form. It gives the client's id.
func (s *Service) Propose(ctx context.Context, a authz.Actor, c Client) (string, error) {
	if a.StaffID == "" {
		return "", errs.New(errs.Forbidden, "base.forbidden")
	}
	if err := c.check(s.AllowHTTP); err != nil {
		return "", err
	}
	isNew := c.ID == ""
	if isNew {
		c.ID, c.State, c.Version = strings.ToLower(ident.Secret(10)), Asked, 1
	} else {
		was, err := findClient(ctx, s.DB.R(), c.ID)
		if err != nil {
			return "", err
		}
		c.Version = was.Version
	}
	now := s.Now()
	p := Proposal{ID: ident.New(), Client: c, Base: c.Version, AskedBy: a.StaffID, AskedAt: now}
	return c.ID, s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if isNew {
			if err := insertClient(ctx, tx, c, now); err != nil {
				return err
			}
		}
		if err := insertProposal(ctx, tx, p); err != nil {
			return err
		}
		return s.record(ctx, tx, now, a, "sso.propose", "client:"+c.ID, "")
	})
}

// Approve puts a proposal in force. Whoever asked cannot approve: errs.Forbidden "sso.own_proposal". A client that was changed since the proposal was
// made is errs.Conflict.
func (s *Service) Approve(ctx context.Context, a authz.Actor, id string) error {
	return s.decide(ctx, a, id, Approved)
}

// Refusal turns a proposal down; also whoever asked may take it back.
func (s *Service) Refusal(ctx context.Context, a authz.Actor, id string) error {
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
	if to == Approved && s.SameOffice(ctx, p.AskedBy, a.StaffID) {
		return errs.New(errs.Forbidden, "sso.own_proposal")
	}
	now := s.Now()
	defer s.forget()
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := decideProposal(ctx, tx, id, to, a.StaffID, now); err != nil {
			return err
		}
		if to == Approved {
			if err := putClient(ctx, tx, p.Client, p.Base, now); err != nil {
				return err
			}
			if err := touch(ctx, tx); err != nil {
				return err
			}
		}
		return s.record(ctx, tx, now, a, "sso."+map[string]string{Approved: "approve_client", Refused: "refuse_client"}[to], "client:"+p.Client.ID, "")
	})
}

// Suspend stops a system at once; one officer is enough to stop, two are needed to let it go on. Its tokens are worth nothing meanwhile.
func (s *Service) Suspend(ctx context.Context, a authz.Actor, clientID, reason string) error {
	reason = strings.TrimSpace(reason)
	if reason == "" || len(reason) > 4*longText {
		return errs.Fields("sso.invalid", []errs.Field{{Path: "reason", Key: "sso.reason_missing"}})
	}
	now := s.Now()
	defer s.forget()
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := setState(ctx, tx, clientID, Active, Suspended, now); err != nil {
			return err
		}
		if err := touch(ctx, tx); err != nil {
			return err
		}
		return s.record(ctx, tx, now, a, "sso.suspend_client", "client:"+clientID, reason)
	})
}

// NewSecret makes the secret of an active client that was allowed client_secret_basic. It is shown once; only its hash is kept, and the one before it
// is void.
func (s *Service) NewSecret(ctx context.Context, a authz.Actor, clientID string) (string, error) {
	c, err := findClient(ctx, s.DB.R(), clientID)
	if err != nil {
		return "", err
	}
	if c.Auth != AuthSecret || c.State != Active {
		return "", errs.New(errs.Conflict, "sso.no_secret")
	}
	secret, now := "tbcs_"+ident.Secret(25), s.Now()
	defer s.forget()
	return secret, s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := setSecret(ctx, tx, clientID, hashOf(secret)); err != nil {
			return err
		}
		if err := touch(ctx, tx); err != nil {
			return err
		}
		return s.record(ctx, tx, now, a, "sso.new_secret", "client:"+clientID, "")
	})
}

// Clients lists all systems and the proposals that wait for a second officer.
func (s *Service) Clients(ctx context.Context) ([]Client, []Proposal, error) {
	cs, err := listClients(ctx, s.DB.R())
	if err != nil {
		return nil, nil, err
	}
	slices.SortStableFunc(cs, func(a, b Client) int { return strings.Compare(a.Agency+a.Name, b.Agency+b.Name) })
	ps, err := openProposals(ctx, s.DB.R())
	return cs, ps, err
}

// Client gives one system with what was asked about it, newest first; errs.NotFound if there is none.
func (s *Service) Client(ctx context.Context, id string) (Client, []Proposal, error) {
	c, err := findClient(ctx, s.DB.R(), id)
	if err != nil {
		return c, nil, err
	}
	ps, err := proposalsOf(ctx, s.DB.R(), id)
	return c, ps, err
}

// EnsureClient registers a system and lets it sign people in at once, for the demo city and tests; the secret, where the client uses one, is
// the one given. Outside of demo it is errs.Forbidden.
func (s *Service) EnsureClient(ctx context.Context, c Client, secret string) error {
	if !s.Demo {
		return errs.New(errs.Forbidden, "base.forbidden")
	}
	if err := c.check(s.AllowHTTP); err != nil {
		return err
	}
	if c.ID == "" {
		return errs.New(errs.Invalid, "sso.invalid")
	}
	now := s.Now()
	defer s.forget()
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		was, err := findClient(ctx, tx, c.ID)
		if errs.KindOf(err) == errs.NotFound {
			c.State = Asked
			err, was.Version = insertClient(ctx, tx, c, now), 1
		}
		if err != nil {
			return err
		}
		if err := putClient(ctx, tx, c, was.Version, now); err != nil {
			return err
		}
		if secret != "" {
			if err := setSecret(ctx, tx, c.ID, hashOf(secret)); err != nil {
				return err
			}
		}
		if err := touch(ctx, tx); err != nil {
			return err
		}
		return s.record(ctx, tx, now, authz.System, "sso.ensure", "client:"+c.ID, "")
	})
}

// ClientName is a system's name, for the record of who saw a person's data; its id if it is not registered any more.
func (s *Service) ClientName(ctx context.Context, id string) string {
	snap, err := s.snapshot(ctx)
	if err != nil || snap.clients[id].Name == "" {
		return id
	}
	return snap.clients[id].Name
}
