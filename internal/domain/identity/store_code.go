package identity

import (
	"context"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/domain/notify"
)

// sendCode makes a code that opens one thing, replacing an earlier one, and hands it to notify in the same transaction.
func (s *Service) sendCode(ctx context.Context, tx *db.Tx, now time.Time, opens, phone string) error {
	forKey, id, code := s.v.Blind("code.for", opens), ident.New(), ident.Digits(codeDigits)
	if _, err := tx.ExecContext(ctx, `UPDATE identity_code SET ends_ms = 0 WHERE for_key = $1 AND used_ms = 0`, forKey); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO identity_code (id, for_key, code_key, tries, created_ms, ends_ms, used_ms) VALUES ($1, $2, $3, 0, $4, $5, 0)`,
		id, forKey, s.v.Blind("code", id+code), now.UnixMilli(), now.Add(codeLife).UnixMilli()); err != nil {
		return err
	}
	return s.deps.Send(ctx, tx, now, notify.Message{
		Template: "sign_in.code", Key: "identity.code:" + id, To: notify.To{Phone: phone},
		Data:  map[string]string{"code": code, "minutes": "5"},
		Until: now.Add(codeLife),
	})
}

// useCode checks a code within a transaction that must be committed whatever comes out, because a wrong try counts: refused is the finding
// for the person, err a failure of the database.
func (s *Service) useCode(ctx context.Context, tx *db.Tx, now time.Time, opens, typed string) (refused, err error) {
	type row struct {
		id, key string
		ends    int64
		used    int64
	}
	rows, err := db.All(ctx, tx, func(r *db.Rows) (row, error) {
		var c row
		err := r.Scan(&c.id, &c.key, &c.ends, &c.used)
		return c, err
	}, `SELECT id, code_key, ends_ms, used_ms FROM identity_code WHERE for_key = $1 ORDER BY created_ms DESC, id DESC LIMIT 1`, s.v.Blind("code.for", opens))
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 || rows[0].used > 0 || now.UnixMilli() >= rows[0].ends {
		return codeError("identity.code_expired"), nil
	}
	c := rows[0]
	var tries int
	counted, err := db.All(ctx, tx, func(r *db.Rows) (bool, error) { return true, r.Scan(&tries) },
		`UPDATE identity_code SET tries = tries + 1 WHERE id = $1 AND tries < $2 AND used_ms = 0 RETURNING tries`, c.id, codeTries)
	switch {
	case err != nil:
		return nil, err
	case len(counted) == 0:
		return codeError("identity.code_tries"), nil
	case !ident.Equal(c.key, s.v.Blind("code", c.id+digits(typed))):
		if tries == codeTries {
			return codeError("identity.code_tries"), nil
		}
		return codeError("identity.code_wrong", errs.P{"left": codeTries - tries}), nil
	}
	return nil, tx.Exec1(ctx, codeError("identity.code_expired"), `UPDATE identity_code SET used_ms = $1 WHERE id = $2 AND used_ms = 0`, now.UnixMilli(), c.id)
}
