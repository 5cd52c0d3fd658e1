package sso

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

// grant is one sign-in of one person or member of staff to one system.
type grant struct {
	id, codeID, clientID, owner, sessionID, sid, sub string
	firmID, forPerson, mandateID                     string
	scopes                                           []string
	level                                            int
	amr                                              []string
	auth, at, until                                  time.Time
	ended                                            bool
}

// token is an access or refresh token as it is stored.
type token struct {
	hash, grantID, kind string
	at, until           time.Time
	used                bool
}

const (
	accessKind  = "access"
	refreshKind = "refresh"
)

// insertGrant makes the grant of a code; false means that the code was used before.
func insertGrant(ctx context.Context, tx *db.Tx, g grant) (bool, error) {
	r, err := tx.ExecContext(ctx, `INSERT INTO sso_grant (id, code_id, client_id, owner, session_id, sid, sub, firm_id, for_person, mandate_id, scopes, level, amr, auth_ms, at_ms, until_ms, ended_ms, ended_why)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 0, '') ON CONFLICT (code_id) DO NOTHING`,
		g.id, g.codeID, g.clientID, g.owner, g.sessionID, g.sid, g.sub, g.firmID, g.forPerson, g.mandateID, strings.Join(g.scopes, " "), g.level, strings.Join(g.amr, " "),
		g.auth.UnixMilli(), g.at.UnixMilli(), g.until.UnixMilli())
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n == 1, err
}

func insertToken(ctx context.Context, tx *db.Tx, t token) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO sso_token (hash, grant_id, kind, at_ms, until_ms, used_ms) VALUES ($1, $2, $3, $4, $5, 0)`,
		t.hash, t.grantID, t.kind, t.at.UnixMilli(), t.until.UnixMilli())
	return err
}

const grantColumns = `g.id, g.code_id, g.client_id, g.owner, g.session_id, g.sid, g.sub, g.firm_id, g.for_person, g.mandate_id, g.scopes, g.level, g.amr, g.auth_ms, g.at_ms, g.until_ms, g.ended_ms`

func (g *grant) places(scopes, amr *string, auth, at, until, ended *int64) []any {
	return []any{&g.id, &g.codeID, &g.clientID, &g.owner, &g.sessionID, &g.sid, &g.sub, &g.firmID, &g.forPerson, &g.mandateID, scopes, &g.level, amr, auth, at, until, ended}
}

func scanGrant(r *db.Rows, more ...any) (grant, error) {
	var g grant
	var scopes, amr string
	var auth, at, until, ended int64
	err := r.Scan(append(g.places(&scopes, &amr, &auth, &at, &until, &ended), more...)...)
	g.scopes, g.amr, g.ended = strings.Fields(scopes), strings.Fields(amr), ended > 0
	g.auth, g.at, g.until = time.UnixMilli(auth), time.UnixMilli(at), time.UnixMilli(until)
	return g, err
}

// held is a token with its grant.
type held struct {
	token
	g grant
}

var errNoToken = errors.New("sso: no such token")

func findToken(ctx context.Context, q db.Q, hash string) (held, error) {
	return db.One(ctx, q, errNoToken, func(r *db.Rows) (held, error) {
		h := held{token: token{hash: hash}}
		var at, until, used int64
		g, err := scanGrant(r, &h.kind, &at, &until, &used)
		h.g, h.grantID, h.at, h.until, h.used = g, g.id, time.UnixMilli(at), time.UnixMilli(until), used > 0
		return h, err
	}, `SELECT `+grantColumns+`, t.kind, t.at_ms, t.until_ms, t.used_ms FROM sso_token t JOIN sso_grant g ON g.id = t.grant_id WHERE t.hash = $1`, hash)
}

// useToken marks a token as used; false means that somebody was faster.
func useToken(ctx context.Context, tx *db.Tx, hash string, now time.Time) (bool, error) {
	r, err := tx.ExecContext(ctx, `UPDATE sso_token SET used_ms = $1 WHERE hash = $2 AND used_ms = 0`, now.UnixMilli(), hash)
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n == 1, err
}

// endGrants ends what meets a condition over sso_grant and is open, and gives what it ended.
func endGrants(ctx context.Context, tx *db.Tx, now time.Time, why, where string, args ...any) ([]grant, error) {
	args = append([]any{now.UnixMilli(), why}, args...)
	return db.All(ctx, tx, func(r *db.Rows) (grant, error) { return scanGrant(r) },
		`UPDATE sso_grant SET ended_ms = $1, ended_why = $2 WHERE ended_ms = 0 AND `+where+` RETURNING `+strings.ReplaceAll(grantColumns, "g.", ""), args...)
}

func endByCode(ctx context.Context, tx *db.Tx, now time.Time, codeID, why string) ([]grant, error) {
	return endGrants(ctx, tx, now, why, `code_id = $3`, codeID)
}

func endByID(ctx context.Context, tx *db.Tx, now time.Time, id, why string) ([]grant, error) {
	return endGrants(ctx, tx, now, why, `id = $3`, id)
}

func endBySession(ctx context.Context, tx *db.Tx, now time.Time, session, why string) ([]grant, error) {
	return endGrants(ctx, tx, now, why, `session_id = $3`, session)
}

func endByOwner(ctx context.Context, tx *db.Tx, now time.Time, owner, client, why string) ([]grant, error) {
	return endGrants(ctx, tx, now, why, `owner = $3 AND (CAST($4 AS TEXT) = '' OR client_id = $4)`, owner, client)
}

// lastSignIns gives when an owner last signed in to each client.
func lastSignIns(ctx context.Context, q db.Q, owner string) (map[string]time.Time, error) {
	type last struct {
		client string
		at     int64
	}
	rows, err := db.All(ctx, q, func(r *db.Rows) (last, error) {
		var l last
		err := r.Scan(&l.client, &l.at)
		return l, err
	}, `SELECT client_id, MAX(at_ms) FROM sso_grant WHERE owner = $1 GROUP BY client_id`, owner)
	out := map[string]time.Time{}
	for _, l := range rows {
		out[l.client] = time.UnixMilli(l.at)
	}
	return out, err
}

func findConsent(ctx context.Context, q db.Q, owner, client string) (Consent, error) {
	c, err := db.All(ctx, q, scanConsent, `SELECT client_id, scopes, at_ms FROM sso_consent WHERE owner = $1 AND client_id = $2`, owner, client)
	if err != nil || len(c) == 0 {
		return Consent{}, err
	}
	return c[0], nil
}

func listConsents(ctx context.Context, q db.Q, owner string) ([]Consent, error) {
	return db.All(ctx, q, scanConsent, `SELECT client_id, scopes, at_ms FROM sso_consent WHERE owner = $1 ORDER BY at_ms DESC, client_id`, owner)
}

func scanConsent(r *db.Rows) (Consent, error) {
	var c Consent
	var scopes string
	var at int64
	err := r.Scan(&c.ClientID, &scopes, &at)
	c.Scopes, c.At = strings.Fields(scopes), time.UnixMilli(at)
	return c, err
}

func putConsent(ctx context.Context, tx *db.Tx, owner, client string, scopes []string, now time.Time) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO sso_consent (owner, client_id, scopes, at_ms) VALUES ($1, $2, $3, $4)
		ON CONFLICT (owner, client_id) DO UPDATE SET scopes = excluded.scopes, at_ms = excluded.at_ms`, owner, client, strings.Join(scopes, " "), now.UnixMilli())
	return err
}

func dropConsent(ctx context.Context, tx *db.Tx, owner, client string) error {
	return tx.Exec1(ctx, errs.New(errs.NotFound, "sso.consent_unknown"), `DELETE FROM sso_consent WHERE owner = $1 AND client_id = $2`, owner, client)
}

// moveConsents gives what one account agreed to to the account it was merged into, unless that one agreed itself.
func moveConsents(ctx context.Context, tx *db.Tx, from, into string) error {
	if _, err := tx.ExecContext(ctx, `UPDATE sso_consent SET owner = $1 WHERE owner = $2 AND client_id NOT IN (SELECT client_id FROM sso_consent WHERE owner = $1)`, into, from); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM sso_consent WHERE owner = $1`, from)
	return err
}

func insertParked(ctx context.Context, tx *db.Tx, p Parked) error {
	data, err := json.Marshal(p.Request)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO sso_parked (id, request, stepped, agreed_by, at_ms) VALUES ($1, $2, 0, '', $3)`, p.ID, string(data), p.At.UnixMilli())
	return err
}

func findParked(ctx context.Context, q db.Q, id string, since time.Time) (Parked, error) {
	return db.One(ctx, q, errs.New(errs.Gone, "sso.request_gone"), func(r *db.Rows) (Parked, error) {
		p := Parked{ID: id}
		var data string
		var stepped, at int64
		if err := r.Scan(&data, &stepped, &p.agreedBy, &at); err != nil {
			return p, err
		}
		p.stepped, p.At = stepped > 0, time.UnixMilli(at)
		return p, json.Unmarshal([]byte(data), &p.Request)
	}, `SELECT CAST(request AS TEXT), stepped, agreed_by, at_ms FROM sso_parked WHERE id = $1 AND at_ms > $2`, id, since.UnixMilli())
}

func markStepped(ctx context.Context, tx *db.Tx, id string) error {
	_, err := tx.ExecContext(ctx, `UPDATE sso_parked SET stepped = 1 WHERE id = $1`, id)
	return err
}

func markAgreed(ctx context.Context, tx *db.Tx, id, by string) error {
	_, err := tx.ExecContext(ctx, `UPDATE sso_parked SET agreed_by = $1 WHERE id = $2`, by, id)
	return err
}

func dropParked(ctx context.Context, tx *db.Tx, id string) error {
	return tx.Exec1(ctx, errs.New(errs.Gone, "sso.request_gone"), `DELETE FROM sso_parked WHERE id = $1`, id)
}

// sweep deletes what cannot be used any more. Grants stay a year for the person's own list.
func sweep(ctx context.Context, tx *db.Tx, now time.Time, parked time.Duration) error {
	for _, st := range []struct {
		sql    string
		before time.Time
	}{
		{`DELETE FROM sso_assertion WHERE until_ms < $1`, now},
		{`DELETE FROM sso_parked WHERE at_ms < $1`, now.Add(-parked)},
		{`DELETE FROM sso_token WHERE until_ms < $1`, now.Add(-time.Hour)},
		{`DELETE FROM sso_grant WHERE until_ms < $1`, now.AddDate(-1, 0, 0)},
	} {
		if _, err := tx.ExecContext(ctx, st.sql, st.before.UnixMilli()); err != nil {
			return err
		}
	}
	return nil
}

// dropConsents deletes every consent of an owner.
func dropConsents(ctx context.Context, tx *db.Tx, owner string) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM sso_consent WHERE owner = $1`, owner)
	return err
}
