package identity

import (
	"context"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
)

const sessionColumns = `id, person_id, staff_id, firm_id, for_person, mandate_id, amr, device_id, device_key, issuer, limited, firm_ms, created_ms, seen_ms, auth_ms, ended_ms`

func scanSession(r *db.Rows, more ...any) (session, error) {
	var se session
	var firm, created, seen, auth, ended int64
	err := r.Scan(append(more, &se.id, &se.personID, &se.staffID, &se.firmID, &se.forPerson, &se.mandateID, &se.amr, &se.deviceID, &se.deviceKey, &se.issuer, &se.limited,
		&firm, &created, &seen, &auth, &ended)...)
	if auth == 0 {
		auth = created
	}
	se.firmAt, se.created, se.seen, se.authAt, se.ended = time.UnixMilli(firm), time.UnixMilli(created), time.UnixMilli(seen), time.UnixMilli(auth), ended > 0
	return se, err
}

// findSession gives a session by a column of ours, or the zero session.
func (s *Service) findSession(ctx context.Context, q db.Q, column, value string) (session, error) {
	all, err := db.All(ctx, q, func(r *db.Rows) (session, error) { return scanSession(r) }, `SELECT `+sessionColumns+` FROM identity_session WHERE `+column+` = $1`, value)
	if err != nil || len(all) == 0 {
		return session{}, err
	}
	return all[0], nil
}

// insertSession adds a session with a new token. agent and origin are sealed.
func (s *Service) insertSession(ctx context.Context, tx *db.Tx, now time.Time, se session, agent, origin string) (token string, err error) {
	token = ident.Secret(20)
	_, err = tx.ExecContext(ctx, `INSERT INTO identity_session (id, token_hash, person_id, staff_id, firm_id, firm_ms, created_ms, seen_ms, ended_ms, amr, auth_ms, device_id, issuer, limited, agent, origin, device_key)
		VALUES ($1, $2, $3, $4, '', 0, $5, $5, 0, $6, $7, $8, $9, $10, $11, $12, $13)`, se.id, hashOf(token), se.personID, se.staffID, now.UnixMilli(),
		se.amr, se.authAt.UnixMilli(), se.deviceID, se.issuer, se.limited, s.v.SealText("identity_session.agent."+se.id, clip(agent, 300)), s.v.SealText("identity_session.origin."+se.id, origin), se.deviceKey)
	return token, err
}

// rotate gives an open session a new token, so that a token known to somebody from before is worth nothing after a step up.
func rotate(ctx context.Context, tx *db.Tx, sessionID string) (token string, err error) {
	token = ident.Secret(20)
	return token, tx.Exec1(ctx, errEnded, `UPDATE identity_session SET token_hash = $1 WHERE id = $2 AND ended_ms = 0`, hashOf(token), sessionID)
}

// proved notes a fresh proof in a session and rotates its token.
func proved(ctx context.Context, tx *db.Tx, now time.Time, se session, amr ...string) (token string, err error) {
	if err := tx.Exec1(ctx, errEnded, `UPDATE identity_session SET amr = $1, auth_ms = $2, seen_ms = $2 WHERE id = $3 AND ended_ms = 0`, addAMR(se.amr, amr...), now.UnixMilli(), se.id); err != nil {
		return "", err
	}
	return rotate(ctx, tx, se.id)
}

func (s *Service) seen(ctx context.Context, id string, now time.Time) error {
	return s.d.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE identity_session SET seen_ms = $1 WHERE id = $2 AND seen_ms < $1 AND ended_ms = 0`, now.UnixMilli(), id)
		return err
	})
}

// unlimit takes one of the things to be done off a session.
func (s *Service) unlimit(ctx context.Context, id, what string) error {
	return s.d.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error { return unlimitTx(ctx, tx, id, what) })
}

func unlimitTx(ctx context.Context, tx *db.Tx, id, what string) error {
	_, err := tx.ExecContext(ctx, `UPDATE identity_session SET limited = TRIM(REPLACE(limited, $1, '')) WHERE id = $2`, what, id)
	return err
}

// SignOut ends a session. An unknown token is no error.
func (s *Service) SignOut(ctx context.Context, token string) error {
	se, err := s.findSession(ctx, s.d.R(), "token_hash", hashOf(token))
	if err != nil || se.id == "" || se.ended {
		return err
	}
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := s.now()
		if _, err := endSessions(ctx, tx, now, `id = $2`, se.id); err != nil {
			return err
		}
		a := authz.Actor{PersonID: se.personID, StaffID: se.staffID}
		return s.record(ctx, tx, now, a, "identity.sign_out", "session:"+se.id, "")
	})
}

// endSessions ends the open sessions that meet a condition, whose arguments begin at $2, and tells of each. Every session ends here.
func endSessions(ctx context.Context, tx *db.Tx, now time.Time, where string, args ...any) (int, error) {
	ended, err := db.All(ctx, tx, func(r *db.Rows) (SessionEnded, error) {
		var e SessionEnded
		err := r.Scan(&e.SessionID, &e.PersonID, &e.StaffID)
		return e, err
	}, `UPDATE identity_session SET ended_ms = $1, firm_id = '', for_person = '', mandate_id = '' WHERE ended_ms = 0 AND `+where+` RETURNING id, person_id, staff_id`,
		append([]any{now.UnixMilli()}, args...)...)
	if err != nil {
		return 0, err
	}
	for _, e := range ended {
		if err := event.Publish(ctx, tx, now, e); err != nil {
			return 0, err
		}
	}
	return len(ended), nil
}

// ownerColumn is the column and value by which the sessions of an owner are found.
func ownerColumn(owner string) (column, id string) {
	kind, id, _ := strings.Cut(owner, ":")
	if kind == "staff" {
		return "staff_id", id
	}
	return "person_id", id
}

// keepNewest ends an owner's oldest sessions beyond those they may have open. Sessions that are over by the clock end too.
func keepNewest(ctx context.Context, tx *db.Tx, now time.Time, owner string) error {
	column, id := ownerColumn(owner)
	keep := personSessions
	if column == "staff_id" {
		keep = staffSessions
	}
	_, err := endSessions(ctx, tx, now, column+` = $2 AND id NOT IN (SELECT id FROM identity_session WHERE `+column+` = $2 AND ended_ms = 0
		ORDER BY created_ms DESC, id DESC LIMIT $3)`, id, keep)
	return err
}

// Sessions lists the open sessions of the actor's account, the newest first.
func (s *Service) Sessions(ctx context.Context, a authz.Actor) ([]SessionInfo, error) {
	column, id := ownerColumn(a.Name())
	now := s.now()
	all, err := db.All(ctx, s.d.R(), s.scanInfo(now, a.SessionID), `SELECT agent, origin, `+sessionColumns+` FROM identity_session WHERE `+column+` = $1 AND ended_ms = 0 AND created_ms > $2
		ORDER BY created_ms DESC, id DESC`, id, now.Add(-sessionLife).UnixMilli())
	var out []SessionInfo
	for _, i := range all {
		if i.ID != "" {
			out = append(out, i)
		}
	}
	return out, err
}

// scanInfo gives nothing for a session that is over by the clock.
func (s *Service) scanInfo(now time.Time, current string) func(*db.Rows) (SessionInfo, error) {
	return func(r *db.Rows) (SessionInfo, error) {
		var agent, origin []byte
		se, err := scanSession(r, &agent, &origin)
		if err != nil || !se.open(now) && !se.locked(now) {
			return SessionInfo{}, err
		}
		i := SessionInfo{
			ID: se.id, AMR: shownAMR(se.amr), Created: se.created, Seen: se.seen, AuthTime: se.authAt, Issuer: se.issuer,
			Current: se.id == current, Locked: se.locked(now),
		}
		if i.Origin, err = s.v.OpenText("identity_session.origin."+se.id, origin); err != nil {
			return i, err
		}
		ua, err := s.v.OpenText("identity_session.agent."+se.id, agent)
		i.Agent = agentName(ua)
		return i, err
	}
}

// endAll ends an owner's sessions but one, and all access tokens: whoever stole a way in is out.
func (s *Service) endAll(ctx context.Context, tx *db.Tx, now time.Time, owner, but string) error {
	column, id := ownerColumn(owner)
	if _, err := endSessions(ctx, tx, now, column+` = $2 AND id <> $3`, id, but); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE identity_token SET ended_ms = $1 WHERE `+column+` = $2 AND ended_ms = 0`, now.UnixMilli(), id)
	return err
}

// Lock locks an open staff session now, for the page whose own clock says that nobody has touched it. Any other token is left as it is.
func (s *Service) Lock(ctx context.Context, token string) error {
	return s.d.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		idle := s.now().Add(-staffIdle).UnixMilli()
		_, err := tx.ExecContext(ctx, `UPDATE identity_session SET seen_ms = $1 WHERE token_hash = $2 AND staff_id <> '' AND ended_ms = 0 AND seen_ms > $1`, idle, hashOf(token))
		return err
	})
}

// limitWeak limits a staff member's sessions in which neither passkey nor certificate was used.
func limitWeak(ctx context.Context, tx *db.Tx, staffID string) error {
	_, err := tx.ExecContext(ctx, `UPDATE identity_session SET limited = TRIM(limited || ' ' || $1) WHERE staff_id = $2 AND ended_ms = 0 AND limited NOT LIKE '%' || $1 || '%'
		AND amr <> 'demo' AND amr NOT LIKE '%hwk%' AND amr NOT LIKE '%swk%' AND amr NOT LIKE '%sc%'`, mustEnrol, staffID)
	return err
}
