package identity

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
)

// KeepStash seals a typed form for an hour and gives the token under which its owner gets it back after signing in again. sessionToken is the
// ended session's; of one that is unknown the form belongs to the browser it was sent from: else a stranger could keep a form and send its address
// round, and whoever signs in there would find it ready to be sent in their own name. Errors: TooMany.
func (s *Service) KeepStash(ctx context.Context, sessionToken string, from From, st Stash) (token string, err error) {
	se, err := s.findSession(ctx, s.d.R(), "token_hash", hashOf(sessionToken))
	if err != nil {
		return "", err
	}
	owner := deviceOwner + s.deviceKey(from.Device)
	if se.id != "" {
		owner = authz.Actor{PersonID: se.personID, StaffID: se.staffID}.Name()
	}
	body, err := json.Marshal(st)
	if err != nil {
		return "", err
	}
	id := ident.New()
	token = ident.Secret(20)
	return token, s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := s.now()
		wait, err := take(ctx, tx, now, "stash:"+s.v.Blind("origin", from.Origin), stashPerOrigin)
		if err != nil {
			return err
		}
		if wait > 0 {
			return errs.New(errs.TooMany, "base.too_many", errs.P{"seconds": seconds(wait)})
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO identity_stash (id, token_hash, owner, body, ends_ms) VALUES ($1, $2, $3, $4, $5)`,
			id, hashOf(token), owner, s.v.Seal("identity_stash.body."+id, body), now.Add(stashLife).UnixMilli())
		return err
	})
}

// OpenStash gives a kept form back to its owner; it stays until its hour is over, so that a page loaded twice shows it twice. Errors:
// Gone "identity.stash_gone" for one that ended, never was, or is another's.
func (s *Service) OpenStash(ctx context.Context, a authz.Actor, token string, from From) (Stash, error) {
	var owner string
	var ends int64
	gone := errs.New(errs.Gone, "identity.stash_gone")
	st, err := db.One(ctx, s.d.R(), gone, func(r *db.Rows) (Stash, error) {
		var st Stash
		var id string
		var body []byte
		err := r.Scan(&id, &owner, &body, &ends)
		if err == nil {
			body, err = s.v.Open("identity_stash.body."+id, body)
		}
		if err == nil {
			err = json.Unmarshal(body, &st)
		}
		return st, err
	}, `SELECT id, owner, body, ends_ms FROM identity_stash WHERE token_hash = $1`, hashOf(token))
	switch {
	case err != nil:
		return Stash{}, err
	case !a.Signed(), !s.stashOf(ctx, owner, a, from), s.now().UnixMilli() >= ends:
		return Stash{}, gone
	}
	return st, nil
}

const deviceOwner = "device:"

// stashOf reports whether a kept form is the actor's, or was sent from their browser before anybody had signed in there.
func (s *Service) stashOf(ctx context.Context, owner string, a authz.Actor, from From) bool {
	if device, ok := strings.CutPrefix(owner, deviceOwner); ok {
		return device != "" && device == s.deviceKey(from.Device)
	}
	return owner == a.Name() || s.becameActor(ctx, owner, a)
}

// becameActor reports whether the owner was a shell that has since turned out to be the actor.
func (s *Service) becameActor(ctx context.Context, owner string, a authz.Actor) bool {
	var into string
	const prefix = len("person:")
	if a.PersonID == "" || len(owner) <= prefix {
		return false
	}
	err := s.d.R().QueryRowContext(ctx, `SELECT merged_into FROM identity_person WHERE id = $1`, owner[prefix:]).Scan(&into)
	return err == nil && into == a.PersonID
}

// Sweep ends sessions that are over by the clock, so that others hear of it, and removes what is done with: codes, limits, kept forms, steps, QR
// codes, devices that were not used for half a year, and sessions and tokens that ended thirty days ago. It is run once an hour.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.now()
	if err := s.endIdle(ctx, now); err != nil {
		return err
	}
	day, month := now.Add(-24*time.Hour).UnixMilli(), now.AddDate(0, 0, -30).UnixMilli()
	return s.d.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, q := range []struct {
			sql string
			at  int64
		}{
			{`DELETE FROM identity_code WHERE created_ms < $1`, day},
			{`DELETE FROM identity_limit WHERE last_ms < $1`, day},
			{`DELETE FROM identity_stash WHERE ends_ms <= $1`, now.UnixMilli()},
			{`DELETE FROM identity_step WHERE ends_ms < $1`, day},
			{`DELETE FROM identity_qr WHERE ends_ms < $1`, day},
			{`DELETE FROM identity_face WHERE ends_ms < $1`, day},
			{`DELETE FROM identity_device WHERE last_ms < $1`, now.Add(-deviceLife).UnixMilli()},
			{`DELETE FROM identity_proof WHERE session_id <> '' AND session_id IN (SELECT id FROM identity_session WHERE created_ms < $1)`, month},
			{`DELETE FROM identity_session WHERE created_ms < $1`, month},
			{`DELETE FROM identity_token WHERE ends_ms < $1`, month},
		} {
			if _, err := tx.ExecContext(ctx, q.sql, q.at); err != nil {
				return err
			}
		}
		return nil
	})
}

// endIdle ends sessions that nobody can use any more: people's after half an hour without a request, everybody's after twelve hours.
func (s *Service) endIdle(ctx context.Context, now time.Time) error {
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := endSessions(ctx, tx, now, `(created_ms <= $2 OR staff_id = '' AND seen_ms <= $3)`, now.Add(-sessionLife).UnixMilli(), now.Add(-personIdle).UnixMilli())
		return err
	})
}
