package sso

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/emmansun/gmsm/sm3"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

// hashOf is what stands for a token or secret in the database. They are random, so a plain hash cannot be reversed.
func hashOf(secret string) string {
	sum := sm3.Sum([]byte(secret))
	return hex.EncodeToString(sum[:])
}

func version(ctx context.Context, q db.Q) (int64, error) {
	var n int64
	err := q.QueryRowContext(ctx, `SELECT n FROM sso_version WHERE one = 1`).Scan(&n)
	return n, db.Classify(err)
}

// bump says that clients or keys changed; errMoved if somebody else did it since n was read.
func bump(ctx context.Context, tx *db.Tx, n int64) error {
	return tx.Exec1(ctx, errMoved, `UPDATE sso_version SET n = n + 1 WHERE one = 1 AND n = $1`, n)
}

func touch(ctx context.Context, tx *db.Tx) error {
	_, err := tx.ExecContext(ctx, `UPDATE sso_version SET n = n + 1 WHERE one = 1`)
	return err
}

func countKeys(ctx context.Context, q db.Q) (int, error) {
	var n int
	err := q.QueryRowContext(ctx, `SELECT COUNT(*) FROM sso_key`).Scan(&n)
	return n, db.Classify(err)
}

func listKeys(ctx context.Context, q db.Q) ([]keyRow, error) {
	return db.All(ctx, q, func(r *db.Rows) (keyRow, error) {
		var k keyRow
		var public string
		var made, signs, gone int64
		err := r.Scan(&k.kid, &k.alg, &k.state, &k.private, &public, &made, &signs, &gone)
		k.public, k.made, k.signs, k.gone = []byte(public), time.UnixMilli(made), time.UnixMilli(signs), time.UnixMilli(gone)
		return k, err
	}, `SELECT kid, alg, state, private, CAST(public AS TEXT), made_ms, signs_ms, gone_ms FROM sso_key ORDER BY made_ms, kid`)
}

func insertKeys(ctx context.Context, tx *db.Tx, ks []keyRow) error {
	for _, k := range ks {
		signs := int64(0)
		if !k.signs.IsZero() {
			signs = k.signs.UnixMilli()
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO sso_key (kid, alg, state, private, public, made_ms, signs_ms, gone_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)`,
			k.kid, k.alg, k.state, k.private, string(k.public), k.made.UnixMilli(), signs); err != nil {
			return err
		}
	}
	return nil
}

// signsSince reports whether a key has been signing since a time or longer.
func signsSince(ctx context.Context, q db.Q, at time.Time) (bool, error) {
	var n int
	err := q.QueryRowContext(ctx, `SELECT COUNT(*) FROM sso_key WHERE state = 'now' AND signs_ms <= $1`, at.UnixMilli()).Scan(&n)
	return n > 0, err
}

func rotateKeys(ctx context.Context, tx *db.Tx, now, gone time.Time) error {
	if _, err := tx.ExecContext(ctx, `UPDATE sso_key SET state = 'old', gone_ms = $1 WHERE state = 'now'`, gone.UnixMilli()); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE sso_key SET state = 'now', signs_ms = $1 WHERE state = 'next'`, now.UnixMilli())
	return err
}

// retireKeys destroys the private parts of keys whose last token has expired; it returns how many.
func retireKeys(ctx context.Context, tx *db.Tx, now time.Time) (int64, error) {
	r, err := tx.ExecContext(ctx, `UPDATE sso_key SET state = 'gone', private = NULL WHERE state = 'old' AND gone_ms <= $1`, now.UnixMilli())
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func burnAssertion(ctx context.Context, tx *db.Tx, hash string, until time.Time) error {
	return tx.Exec1(ctx, errReplayed, `INSERT INTO sso_assertion (hash, until_ms) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING`, hash, until.UnixMilli())
}

const clientColumns = `c.id, c.state, c.version, CAST(c.data AS TEXT), c.secret_hash, c.since_ms`

func scanClient(r *db.Rows) (Client, error) {
	var c Client
	var data string
	var since int64
	if err := r.Scan(&c.ID, &c.State, &c.Version, &data, &c.secretHash, &since); err != nil {
		return c, err
	}
	c.Since, c.HasSecret = time.UnixMilli(since), c.secretHash != ""
	return c, json.Unmarshal([]byte(data), &c)
}

func listClients(ctx context.Context, q db.Q) ([]Client, error) {
	return db.All(ctx, q, scanClient, `SELECT `+clientColumns+` FROM sso_client c ORDER BY c.id`)
}

var errNoClient = errs.New(errs.NotFound, "sso.client_unknown")

func findClient(ctx context.Context, q db.Q, id string) (Client, error) {
	return db.One(ctx, q, errNoClient, scanClient, `SELECT `+clientColumns+` FROM sso_client c WHERE c.id = $1`, id)
}

func insertClient(ctx context.Context, tx *db.Tx, c Client, now time.Time) error {
	data, err := json.Marshal(c)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO sso_client (id, state, version, data, secret_hash, since_ms) VALUES ($1, $2, 1, $3, '', $4)`, c.ID, c.State, string(data), now.UnixMilli())
	return err
}

// putClient makes a registration the one in force; base is the version it was made of.
func putClient(ctx context.Context, tx *db.Tx, c Client, base int64, now time.Time) error {
	data, err := json.Marshal(c)
	if err != nil {
		return err
	}
	keep := "secret_hash"
	if c.Auth != AuthSecret {
		keep = "''" // a secret that is no longer allowed is forgotten
	}
	return tx.Exec1(ctx, errs.New(errs.Conflict, "sso.moved_meanwhile"),
		`UPDATE sso_client SET state = 'active', version = version + 1, data = $1, secret_hash = `+keep+`, since_ms = $2 WHERE id = $3 AND version = $4`,
		string(data), now.UnixMilli(), c.ID, base)
}

func setState(ctx context.Context, tx *db.Tx, id, from, to string, now time.Time) error {
	return tx.Exec1(ctx, errs.New(errs.Conflict, "sso.moved_meanwhile"),
		`UPDATE sso_client SET state = $1, version = version + 1, since_ms = $2 WHERE id = $3 AND state = $4`, to, now.UnixMilli(), id, from)
}

func setSecret(ctx context.Context, tx *db.Tx, id, hash string) error {
	return tx.Exec1(ctx, errs.New(errs.Conflict, "sso.moved_meanwhile"), `UPDATE sso_client SET secret_hash = $1 WHERE id = $2 AND state = 'active'`, hash, id)
}

const proposalColumns = `p.id, p.client_id, p.base, CAST(p.data AS TEXT), p.state, p.asked_by, p.asked_ms, p.decided_by, p.decided_ms`

func scanProposal(r *db.Rows) (Proposal, error) {
	var p Proposal
	var data string
	var asked, decided int64
	if err := r.Scan(&p.ID, &p.Client.ID, &p.Base, &data, &p.State, &p.AskedBy, &asked, &p.DecidedBy, &decided); err != nil {
		return p, err
	}
	p.AskedAt = time.UnixMilli(asked)
	if decided > 0 {
		p.DecidedAt = time.UnixMilli(decided)
	}
	return p, json.Unmarshal([]byte(data), &p.Client)
}

func proposalsOf(ctx context.Context, q db.Q, client string) ([]Proposal, error) {
	return db.All(ctx, q, scanProposal, `SELECT `+proposalColumns+` FROM sso_proposal p WHERE p.client_id = $1 ORDER BY p.asked_ms DESC, p.id DESC LIMIT 50`, client)
}

func openProposals(ctx context.Context, q db.Q) ([]Proposal, error) {
	return db.All(ctx, q, scanProposal, `SELECT `+proposalColumns+` FROM sso_proposal p WHERE p.state = 'asked' ORDER BY p.asked_ms, p.id`)
}

func findProposal(ctx context.Context, q db.Q, id string) (Proposal, error) {
	return db.One(ctx, q, errs.New(errs.NotFound, "sso.proposal_unknown"), scanProposal, `SELECT `+proposalColumns+` FROM sso_proposal p WHERE p.id = $1`, id)
}

func insertProposal(ctx context.Context, tx *db.Tx, p Proposal) error {
	data, err := json.Marshal(p.Client)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO sso_proposal (id, client_id, base, data, state, asked_by, asked_ms, decided_by, decided_ms) VALUES ($1, $2, $3, $4, 'asked', $5, $6, '', 0)`,
		p.ID, p.Client.ID, p.Base, string(data), p.AskedBy, p.AskedAt.UnixMilli())
	return err
}

func decideProposal(ctx context.Context, tx *db.Tx, id, state, by string, now time.Time) error {
	return tx.Exec1(ctx, errs.New(errs.Conflict, "sso.decided_already"),
		`UPDATE sso_proposal SET state = $1, decided_by = $2, decided_ms = $3 WHERE id = $4 AND state = 'asked' AND (asked_by <> $2 OR CAST($1 AS TEXT) = 'refused')`, state, by, now.UnixMilli(), id)
}
