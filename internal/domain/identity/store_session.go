package identity

import (
	"context"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/ident"
)

// sessionFirm gives the firm the session acts for. If the registry says no or is away when it is asked again, the person acts for themself.
func (s *Service) sessionFirm(ctx context.Context, se session) (string, error) {
	ok, err := s.stillActs(ctx, se.personID, se.firmID, se.firmAt, `UPDATE identity_session SET firm_ms = $1 WHERE id = $2`, se.id)
	if ok || err != nil && !away(err) {
		return se.firmID, err
	}
	return "", s.d.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE identity_session SET firm_id = '' WHERE id = $1 AND firm_id = $2`, se.id, se.firmID)
		return err
	})
}

// SignOut ends a session. An unknown token is no error.
func (s *Service) SignOut(ctx context.Context, token string) error {
	se, err := s.findSession(ctx, s.d.R(), "token_hash", hashOf(token))
	if err != nil || se.id == "" || se.ended {
		return err
	}
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := s.now()
		if _, err := tx.ExecContext(ctx, `UPDATE identity_session SET ended_ms = $1, firm_id = '' WHERE id = $2 AND ended_ms = 0`, now.UnixMilli(), se.id); err != nil {
			return err
		}
		a := authz.Actor{PersonID: se.personID, StaffID: se.staffID}
		return s.record(ctx, tx, now, a, "identity.sign_out", "session:"+se.id, "")
	})
}

// openSession adds a session and gives its token.
func openSession(ctx context.Context, tx *db.Tx, now time.Time, personID, staffID string) (token string, err error) {
	token = ident.Secret(20)
	ms := now.UnixMilli()
	_, err = tx.ExecContext(ctx, `INSERT INTO identity_session (id, token_hash, person_id, staff_id, firm_id, firm_ms, created_ms, seen_ms, ended_ms)
		VALUES ($1, $2, $3, $4, '', 0, $5, $5, 0)`, ident.New(), hashOf(token), personID, staffID, ms)
	return token, err
}

// rotate gives an open session a new token, so that a token known to somebody from before is worth nothing after a step up.
func rotate(ctx context.Context, tx *db.Tx, sessionID string) (token string, err error) {
	token = ident.Secret(20)
	return token, tx.Exec1(ctx, errEnded, `UPDATE identity_session SET token_hash = $1 WHERE id = $2 AND ended_ms = 0`, hashOf(token), sessionID)
}

func (s *Service) seen(ctx context.Context, id string, now time.Time) error {
	return s.d.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE identity_session SET seen_ms = $1 WHERE id = $2 AND seen_ms < $1 AND ended_ms = 0`, now.UnixMilli(), id)
		return err
	})
}

// findSession gives a session by a column of ours, or the zero session.
func (s *Service) findSession(ctx context.Context, q db.Q, column, value string) (session, error) {
	all, err := db.All(ctx, q, scanSession, `SELECT id, person_id, staff_id, firm_id, firm_ms, created_ms, seen_ms, ended_ms FROM identity_session WHERE `+column+` = $1`, value)
	if err != nil || len(all) == 0 {
		return session{}, err
	}
	return all[0], nil
}
