package identity

import (
	"context"
	"encoding/json"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"

	"tongban/internal/base/ident"
)

// StartQR begins a sign-in on a screen. Errors: TooMany.
func (s *Service) StartQR(ctx context.Context, from From) (QR, error) {
	now := s.now()
	q := QR{ID: ident.New(), Secret: ident.Secret(20), Code: ident.Secret(10), Match: ident.Digits(2), Ends: now.Add(qrLife)}
	data, err := json.Marshal(screen{from.Origin, clip(from.Agent, 300), s.deviceKey(from.Device)})
	if err != nil {
		return QR{}, err
	}
	err = s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if wait, err := take(ctx, tx, now, "qr:"+s.v.Blind("origin", from.Origin), qrPerOrigin); err != nil || wait > 0 {
			return orTooMany(err, wait)
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO identity_qr (id, secret_hash, code_hash, match_digits, state, person_id, session_id, data, created_ms, ends_ms)
			VALUES ($1, $2, $3, $4, $5, '', '', $6, $7, $8)`, q.ID, hashOf(q.Secret), hashOf(q.Code), q.Match, QRWaiting, s.v.Seal("identity_qr.data."+q.ID, data), now.UnixMilli(), q.Ends.UnixMilli())
		return err
	})
	return q, err
}

func (s *Service) findQR(ctx context.Context, column, value string) (qrRow, error) {
	return db.One(ctx, s.d.R(), errQR, func(r *db.Rows) (qrRow, error) {
		var q qrRow
		var sealed []byte
		var created, ends int64
		if err := r.Scan(&q.id, &q.match, &q.state, &q.personID, &q.sessionID, &sealed, &created, &ends); err != nil {
			return q, err
		}
		q.created, q.ends = time.UnixMilli(created), time.UnixMilli(ends)
		data, err := s.v.Open("identity_qr.data."+q.id, sealed)
		if err == nil {
			err = json.Unmarshal(data, &q.data)
		}
		return q, err
	}, `SELECT id, match_digits, state, person_id, session_id, data, created_ms, ends_ms FROM identity_qr WHERE `+column+` = $1`, hashOf(value))
}

func (s *Service) moveQR(ctx context.Context, a authz.Actor, q qrRow, to string) error {
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := tx.Exec1(ctx, errQR, `UPDATE identity_qr SET state = $1, person_id = $2, session_id = $3 WHERE id = $4 AND state = $5 AND person_id = $6`,
			to, a.PersonID, a.SessionID, q.id, q.state, q.personID); err != nil {
			return err
		}
		return s.record(ctx, tx, s.now(), a, "identity.qr_"+to, "qr:"+q.id, "")
	})
}

// useQR uses an approved sign-in up; only one of those who ask at once gets it.
func useQR(ctx context.Context, tx *db.Tx, id string) error {
	return tx.Exec1(ctx, errQR, `UPDATE identity_qr SET state = $1 WHERE id = $2 AND state = $3`, qrUsed, id, QRApproved)
}
