package identity

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/emmansun/gmsm/sm3"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

// How long a session lives: without a request, and at most (GB/T 22239: idle logout, shorter for officers). A person's idle session ends; a
// staff member's locks and opens again with one proof, so that what was typed is not lost.
const (
	personIdle  = 30 * time.Minute
	staffIdle   = 15 * time.Minute
	sessionLife = 12 * time.Hour
	// seenEvery is how often a session's last request is written down; a page load is not worth a write.
	seenEvery = time.Minute
)

// How many sessions an account may have open; the oldest ends when there are more (GB/T 22239, limit of concurrent sessions).
const (
	personSessions = 10
	staffSessions  = 3
)

// What a limited session must do first.
const (
	mustChange = "change" // the password
	mustEnrol  = "enrol"  // a passkey or certificate, as an administrator
)

type session struct {
	id, personID, staffID          string
	firmID, forPerson, mandateID   string
	amr, deviceID, issuer, limited string
	deviceKey                      string
	firmAt, created, seen, authAt  time.Time
	ended                          bool
}

func (s session) owner() string {
	if s.staffID != "" {
		return staffOwner(s.staffID)
	}
	return personOwner(s.personID)
}

func (s session) federated() bool { return s.issuer != "" }

// ends is when the session ends if nothing more is asked; a staff member's locks then.
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

func (s session) open(now time.Time) bool { return s.id != "" && !s.ended && now.Before(s.ends()) }

// locked reports whether one proof would open the session again.
func (s session) locked(now time.Time) bool {
	return s.id != "" && s.staffID != "" && !s.ended && !s.open(now) && now.Before(s.created.Add(sessionLife))
}

var errEnded = errs.New(errs.Unauthorized, "identity.session_ended")

// hashOf is what stands for a token in the database. Tokens are random, so a plain hash cannot be reversed.
func hashOf(token string) string {
	sum := sm3.Sum([]byte(token))
	return hex.EncodeToString(sum[:])
}

// Actor tells who holds a session token or personal access token. A token that is unknown, locked or has ended is a visitor, not an error; so
// are a disabled staff account and a person who died.
func (s *Service) Actor(ctx context.Context, token string) (authz.Actor, error) {
	return s.actorAt(ctx, token, nil)
}

// ActorAt is Actor for a browser that names its device: a session token that turns up in another browser than the one it was given to opens nothing.
func (s *Service) ActorAt(ctx context.Context, token, device string) (authz.Actor, error) {
	key := s.deviceKey(device)
	return s.actorAt(ctx, token, &key)
}

func (s *Service) actorAt(ctx context.Context, token string, deviceKey *string) (authz.Actor, error) {
	switch {
	case token == "":
		return authz.Actor{}, nil
	case strings.HasPrefix(token, tokenMark):
		return s.tokenActor(ctx, token)
	}
	se, err := s.findSession(ctx, s.d.R(), "token_hash", hashOf(token))
	now := s.now()
	if err != nil || !se.open(now) || deviceKey != nil && se.deviceKey != "" && se.deviceKey != *deviceKey {
		return authz.Actor{}, err
	}
	if now.Sub(se.seen) >= seenEvery {
		if err := s.seen(ctx, se.id, now); err != nil { // a full disk must not sign people out
			s.log.Warn("session not touched", "err", err)
		}
	}
	a, err := s.sessionActor(ctx, se, now)
	if err != nil || !a.Signed() {
		return authz.Actor{}, err
	}
	a.SessionID, a.AuthTime = se.id, se.authAt
	if a.Is(authz.Limited) {
		return a, nil
	}
	return a, s.acting(ctx, se, &a)
}

// sessionActor builds the actor from what person or staff member is now, not from what they were at sign-in.
func (s *Service) sessionActor(ctx context.Context, se session, now time.Time) (authz.Actor, error) {
	if se.staffID != "" {
		a, err := s.staffActor(ctx, se.staffID)
		if err != nil || !a.Signed() || se.limited == "" {
			return a, err
		}
		return a, s.limit(ctx, se, &a)
	}
	alive, proofs, err := standing(ctx, s.d.R(), se.personID, se.id)
	if db.NoRows(err) || err == nil && !alive {
		return authz.Actor{}, nil
	}
	level := levelOf(proofs, se.id, se.federated(), now)
	a := authz.Actor{PersonID: se.personID, Roles: []authz.Role{authz.Person}, Level: level}
	if err != nil || se.limited == "" {
		return a, err
	}
	return a, s.limit(ctx, se, &a)
}

// limit takes the powers away from a session whose holder must first do something. They are back as soon as it is done: a passkey or certificate of an
// administrator is there (registering it proved that they have it), or a person's password was changed or taken away. A staff member's password
// may be kept elsewhere; setting it ends the limit.
func (s *Service) limit(ctx context.Context, se session, a *authz.Actor) error {
	m, err := s.deps.Factors.Methods(ctx, se.owner())
	if err != nil {
		return err
	}
	left := false
	for _, what := range strings.Fields(se.limited) {
		done := what == mustEnrol && len(m.Passkeys)+len(m.Certificates) > 0 || what == mustChange && se.staffID == "" && !m.MustChange
		if !done {
			left = true
			continue
		}
		if err := s.unlimit(ctx, se.id, what); err != nil {
			return err
		}
	}
	if left {
		a.Roles = []authz.Role{authz.Limited}
	}
	return nil
}

// Todo tells what the holder of a limited session must do first.
func (s *Service) Todo(ctx context.Context, a authz.Actor) (change, enrol bool, err error) {
	if !a.Is(authz.Limited) {
		return false, false, nil
	}
	se, err := s.findSession(ctx, s.d.R(), "id", a.SessionID)
	todo := strings.Fields(se.limited)
	return slices.Contains(todo, mustChange), slices.Contains(todo, mustEnrol), err
}

// Extend keeps a session open as if a page had been asked for, and gives the new end.
func (s *Service) Extend(ctx context.Context, a authz.Actor) (time.Time, error) {
	if err := s.seen(ctx, a.SessionID, s.now()); err != nil {
		return time.Time{}, err
	}
	return s.SessionEnds(ctx, a)
}

// SessionEnds is when the actor's session ends, or locks, if nothing more is asked; zero for a visitor or an access token.
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

// Auth is how and when a session proved who it is.
type Auth struct {
	SessionID string
	PersonID  string // of a person
	StaffID   string // of staff
	Level     int
	AMR       []string  // RFC 8176, with "mfa" where two kinds of factor were used
	At        time.Time // of the last proof
	Open      bool      // neither ended nor locked nor limited, and the account may sign in
}

// Auth tells how a session stands; one that is not there is not open.
func (s *Service) Auth(ctx context.Context, sessionID string) (Auth, error) {
	se, err := s.findSession(ctx, s.d.R(), "id", sessionID)
	if err != nil || se.id == "" {
		return Auth{}, err
	}
	now := s.now()
	a, err := s.sessionActor(ctx, se, now)
	return Auth{SessionID: se.id, PersonID: se.personID, StaffID: se.staffID, Level: a.Level, AMR: shownAMR(se.amr), At: se.authAt, Open: se.open(now) && a.Signed() && !a.Is(authz.Limited)}, err
}

// WasStaff reports whether a session token, open or ended, is or was a staff member's: their sign-in page is another one.
func (s *Service) WasStaff(ctx context.Context, token string) bool {
	se, err := s.findSession(ctx, s.d.R(), "token_hash", hashOf(token))
	return err == nil && se.staffID != ""
}

// Fresh refuses an actor whose session proved who it is longer ago than max. Errors: Forbidden "identity.fresh_needed".
func (s *Service) Fresh(a authz.Actor, max time.Duration) error {
	if a.AuthTime.IsZero() || s.now().Sub(a.AuthTime) > max {
		return errs.New(errs.Forbidden, "identity.fresh_needed", errs.P{"minutes": minutes(max)})
	}
	return nil
}
