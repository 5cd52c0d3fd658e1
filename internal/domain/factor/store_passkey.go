package factor

import (
	"context"
	"encoding/json"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

// The kinds of challenges.
const (
	kindRegister    = "register"
	kindSignIn      = "sign_in"
	kindSign        = "sign"
	kindCertificate = "certificate"
)

type challengeRow struct {
	id, kind, owner, handle, object, challenge string
	ends                                       time.Time
}

// insertChallenge keeps a challenge and clears away those that ended.
func insertChallenge(ctx context.Context, tx *db.Tx, now time.Time, c challengeRow) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM factor_challenge WHERE ends_ms < $1`, now.UnixMilli()); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO factor_challenge (id, kind, owner, handle, object, challenge, ends_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		c.id, c.kind, c.owner, c.handle, c.object, c.challenge, c.ends.UnixMilli())
	return err
}

func challengeByID(ctx context.Context, q db.Q, id string) (challengeRow, error) {
	return db.One(ctx, q, errs.New(errs.Gone, "factor.challenge_gone"), func(r *db.Rows) (c challengeRow, err error) {
		var ends int64
		err = r.Scan(&c.id, &c.kind, &c.owner, &c.handle, &c.object, &c.challenge, &ends)
		c.ends = time.UnixMilli(ends)
		return c, err
	}, `SELECT id, kind, owner, handle, object, challenge, ends_ms FROM factor_challenge WHERE id = $1`, id)
}

// deleteChallenge spends a challenge; of two who answer the same one, one fails.
func deleteChallenge(ctx context.Context, tx *db.Tx, id string) error {
	return tx.Exec1(ctx, errs.New(errs.Gone, "factor.challenge_gone"), `DELETE FROM factor_challenge WHERE id = $1`, id)
}

// handleOf gives an owner's newest handle; empty when there is none.
func handleOf(ctx context.Context, q db.Q, owner string) (string, error) {
	rows, err := db.All(ctx, q, func(r *db.Rows) (h string, err error) { return h, r.Scan(&h) },
		`SELECT handle FROM factor_handle WHERE owner = $1 ORDER BY made_ms DESC LIMIT 1`, owner)
	if err != nil || len(rows) == 0 {
		return "", err
	}
	return rows[0], nil
}

func insertHandle(ctx context.Context, tx *db.Tx, now time.Time, handle, owner string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO factor_handle (handle, owner, made_ms) VALUES ($1, $2, $3)`, handle, owner, now.UnixMilli())
	return err
}

type passkeyRow struct {
	Passkey
	owner, handle, key string
	counter            int64
	cred               webauthn.Credential
}

func insertPasskey(ctx context.Context, tx *db.Tx, p passkeyRow, credential, label []byte) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO factor_passkey (id, owner, handle, cred_key, credential, label, synced, counter, made_ms, used_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)`, p.ID, p.owner, p.handle, p.key, credential, label, p.Synced, p.counter, p.Made.UnixMilli())
	return err
}

const selectPasskey = `SELECT id, owner, handle, cred_key, credential, label, synced, counter, made_ms, used_ms FROM factor_passkey WHERE `

func (s *Service) scanPasskey(r *db.Rows) (passkeyRow, error) {
	var p passkeyRow
	var credential, label []byte
	var made, used int64
	if err := r.Scan(&p.ID, &p.owner, &p.handle, &p.key, &credential, &label, &p.Synced, &p.counter, &made, &used); err != nil {
		return p, err
	}
	p.Made, p.Used = db.Instant(made), db.Instant(used)
	var err error
	if p.Label, err = s.v.OpenText("factor_passkey.label."+p.ID, label); err != nil {
		return p, err
	}
	b, err := s.v.Open("factor_passkey.credential."+p.ID, credential)
	if err != nil {
		return p, err
	}
	err = json.Unmarshal(b, &p.cred)
	p.cred.Authenticator.SignCount = uint32(p.counter) //nolint:gosec // only ever written from a uint32
	return p, err
}

func (s *Service) passkeys(ctx context.Context, q db.Q, owner string) ([]passkeyRow, error) {
	return db.All(ctx, q, s.scanPasskey, selectPasskey+`owner = $1 ORDER BY made_ms, id`, owner)
}

func (s *Service) passkeyByKey(ctx context.Context, q db.Q, key string) (passkeyRow, error) {
	return db.One(ctx, q, errs.New(errs.NotFound, "factor.not_there"), s.scanPasskey, selectPasskey+`cred_key = $1`, key)
}

func (s *Service) passkeyByID(ctx context.Context, q db.Q, owner, id string) (passkeyRow, error) {
	return db.One(ctx, q, errs.New(errs.NotFound, "factor.not_there"), s.scanPasskey, selectPasskey+`id = $1 AND owner = $2`, id, owner)
}

// count moves the counter on; one that does not grow is Forbidden factor.passkey_copied.
func count(ctx context.Context, tx *db.Tx, id string, counter int64, now time.Time) error {
	return tx.Exec1(ctx, errs.New(errs.Forbidden, "factor.passkey_copied"),
		`UPDATE factor_passkey SET counter = $1, used_ms = $2 WHERE id = $3 AND (counter < $1 OR (counter = 0 AND $1 = 0))`, counter, now.UnixMilli(), id)
}

func relabel(ctx context.Context, tx *db.Tx, owner, id string, label []byte) error {
	return tx.Exec1(ctx, errs.New(errs.NotFound, "factor.not_there"), `UPDATE factor_passkey SET label = $1 WHERE id = $2 AND owner = $3`, label, id, owner)
}

func deletePasskey(ctx context.Context, tx *db.Tx, owner, id string) error {
	return tx.Exec1(ctx, errs.New(errs.NotFound, "factor.not_there"), `DELETE FROM factor_passkey WHERE id = $1 AND owner = $2`, id, owner)
}
