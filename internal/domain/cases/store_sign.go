package cases

import (
	"context"
	"fmt"

	"tongban/internal/base/db"
)

func (s *Service) putSignatureTx(ctx context.Context, tx *db.Tx, id string, g Signature) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO cases_signature (case_id, round, signature_id, actor, text, at_ms) VALUES ($1, $2, $3, $4, $5, $6)`,
		id, g.Round, g.ID, g.By, s.Vault.SealText(signPlace(id, g.Round), g.Text), db.Millis(g.At))
	return err
}

func signPlace(id string, round int) string {
	return aad("signature", "text", fmt.Sprintf("%s:%d", id, round))
}

func (s *Service) signatures(ctx context.Context, id string) ([]Signature, error) {
	return db.All(ctx, s.DB.R(), func(r *db.Rows) (Signature, error) {
		var g Signature
		var text []byte
		var at int64
		err := r.Scan(&g.ID, &g.Round, &g.By, &text, &at)
		if err != nil {
			return g, err
		}
		g.At = db.Instant(at)
		g.Text, err = s.Vault.OpenText(signPlace(id, g.Round), text)
		return g, err
	}, `SELECT signature_id, round, actor, text, at_ms FROM cases_signature WHERE case_id = $1 ORDER BY round`, id)
}
