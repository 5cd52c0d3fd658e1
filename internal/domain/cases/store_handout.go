package cases

import (
	"context"

	"tongban/internal/base/db"
)

func (s *Service) putHandOutTx(ctx context.Context, tx *db.Tx, id string, h HandOut) error {
	body, err := s.sealJSON(aad("handout", "body", id), h.Behalf)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO cases_handout (case_id, person_id, body, actor, at_ms) VALUES ($1, $2, $3, $4, $5)`, id, h.personID, body, h.By, db.Millis(h.At))
	return err
}

func (s *Service) handOut(ctx context.Context, id string) (*HandOut, error) {
	hs, err := db.All(ctx, s.DB.R(), func(r *db.Rows) (HandOut, error) {
		var h HandOut
		var body []byte
		var at int64
		if err := r.Scan(&h.personID, &body, &h.By, &at); err != nil {
			return h, err
		}
		h.At = db.Instant(at)
		return h, s.openJSON(aad("handout", "body", id), body, &h.Behalf)
	}, `SELECT person_id, body, actor, at_ms FROM cases_handout WHERE case_id = $1`, id)
	if err != nil || len(hs) == 0 {
		return nil, err
	}
	return &hs[0], nil
}
