package identity

import (
	"context"
	"encoding/hex"
	"strings"
	"time"

	"github.com/emmansun/gmsm/sm3"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

// How long a session lives: without a request, and at most (GB/T 22239: idle logout, shorter for officers).
const (
	personIdle  = 30 * time.Minute
	staffIdle   = 15 * time.Minute
	sessionLife = 12 * time.Hour
	// seenEvery is how often a session's last request is written down; a page load is not worth a write.
	seenEvery = time.Minute
)

type session struct {
	id, personID, staffID, firmID string
	firmAt, created, seen         time.Time
	ended                         bool
}

// ends is when the session ends if nothing more is asked.
func (s session) ends() time.Time {
	idle := personIdle
	if s.staffID != "" {
		idle = staffIdle
	}
	end, last := s.seen.Add(idle), s.created.Add(sessionLife)
	if last.Before(end) {
		return last
	}
	return end
}

func (s session) open(now time.Time) bool { return !s.ended && now.Before(s.ends()) }

var errEnded = errs.New(errs.Unauthorized, "identity.session_ended")

// hashOf is what stands for a token in the database. Tokens are random, so a plain hash cannot be reversed.
func hashOf(token string) string {
	sum := sm3.Sum([]byte(token))
	return hex.EncodeToString(sum[:])
}

// Actor tells who holds a session token or personal access token. A token that is unknown or has ended is a visitor, not an error; so are
// a disabled staff account and a person who died.
func (s *Service) Actor(ctx context.Context, token string) (authz.Actor, error) {
	switch {
	case token == "":
		return authz.Actor{}, nil
	case strings.HasPrefix(token, tokenMark):
		return s.tokenActor(ctx, token)
	}
	se, err := s.findSession(ctx, s.d.R(), "token_hash", hashOf(token))
	if err != nil || se.id == "" {
		return authz.Actor{}, err
	}
	now := s.now()
	if !se.open(now) {
		return authz.Actor{}, nil
	}
	if now.Sub(se.seen) >= seenEvery {
		if err := s.seen(ctx, se.id, now); err != nil { // a full disk must not sign people out
			s.log.Warn("session not touched", "err", err)
		}
	}
	a, err := s.actorOf(ctx, se.personID, se.staffID)
	if err != nil || !a.Signed() {
		return authz.Actor{}, err
	}
	a.SessionID = se.id
	a.FirmID, err = s.sessionFirm(ctx, se)
	return a, err
}

// actorOf builds the actor from what person or staff member is now, not from what they were at sign-in.
func (s *Service) actorOf(ctx context.Context, personID, staffID string) (authz.Actor, error) {
	if staffID != "" {
		return s.staffActor(ctx, staffID)
	}
	level, alive, err := standing(ctx, s.d.R(), personID)
	if db.NoRows(err) || err == nil && !alive {
		return authz.Actor{}, nil
	}
	return authz.Actor{PersonID: personID, Roles: []authz.Role{authz.Person}, Level: level}, err
}

// stillActs reports whether a person may go on acting for a firm. After an hour the registry is asked again, which may be errs.Unavailable.
func (s *Service) stillActs(ctx context.Context, personID, firmID string, asked time.Time, confirmed string, id string) (bool, error) {
	now := s.now()
	if firmID == "" || now.Sub(asked) < firmTrust {
		return true, nil
	}
	ok, err := s.represents(ctx, personID, firmID)
	if err != nil || !ok {
		return false, err
	}
	return true, s.d.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, confirmed, now.UnixMilli(), id)
		return err
	})
}

// Extend keeps a session open as if a page had been asked for, and gives the new end.
func (s *Service) Extend(ctx context.Context, a authz.Actor) (time.Time, error) {
	if err := s.seen(ctx, a.SessionID, s.now()); err != nil {
		return time.Time{}, err
	}
	return s.SessionEnds(ctx, a)
}

// SessionEnds is when the actor's session ends if nothing more is asked; zero for a visitor or an access token.
func (s *Service) SessionEnds(ctx context.Context, a authz.Actor) (time.Time, error) {
	if a.SessionID == "" {
		return time.Time{}, nil
	}
	se, err := s.findSession(ctx, s.d.R(), "id", a.SessionID)
	if err != nil || se.id == "" {
		return time.Time{}, err
	}
	return se.ends(), nil
}

func scanSession(r *db.Rows) (session, error) {
	var se session
	var firm, created, seen, ended int64
	err := r.Scan(&se.id, &se.personID, &se.staffID, &se.firmID, &firm, &created, &seen, &ended)
	se.firmAt, se.created, se.seen, se.ended = time.UnixMilli(firm), time.UnixMilli(created), time.UnixMilli(seen), ended > 0
	return se, err
}

// WasStaff reports whether a session token, open or ended, is or was a staff member's: their sign-in page is another one.
func (s *Service) WasStaff(ctx context.Context, token string) bool {
	se, err := s.findSession(ctx, s.d.R(), "token_hash", hashOf(token))
	return err == nil && se.staffID != ""
}
