package identity

import (
	"context"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

// SessionInfo is one open session of an account, as its holder sees it.
type SessionInfo struct {
	ID       string
	Agent    string // "Chrome · Windows"
	Origin   string // network address
	AMR      []string
	Created  time.Time
	Seen     time.Time
	AuthTime time.Time
	Issuer   string // the outside provider through which it was opened, or empty
	Current  bool
	Locked   bool
}

// EndSession ends one of the account's own sessions. Errors: NotFound.
func (s *Service) EndSession(ctx context.Context, a authz.Actor, id string) error {
	return s.endOwn(ctx, a, "session:"+id, `id = $3`, id)
}

// EndOthers ends all sessions of the account but this one.
func (s *Service) EndOthers(ctx context.Context, a authz.Actor) error {
	err := s.endOwn(ctx, a, a.Name(), `id <> $3`, a.SessionID)
	if errs.KindOf(err) == errs.NotFound {
		return nil // there were none
	}
	return err
}

func (s *Service) endOwn(ctx context.Context, a authz.Actor, object, which, id string) error {
	if !a.Signed() {
		return errEnded
	}
	column, own := ownerColumn(a.Name())
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := s.now()
		n, err := endSessions(ctx, tx, now, column+` = $2 AND `+which, own, id)
		switch {
		case err != nil:
			return err
		case n == 0:
			return errs.New(errs.NotFound, "identity.session_unknown")
		}
		return s.record(ctx, tx, now, a, "identity.session_end", object, "")
	})
}
