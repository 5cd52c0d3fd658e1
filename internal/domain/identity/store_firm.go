package identity

import (
	"context"
	"encoding/json"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
)

// Firm gives a firm by our id, as it was last seen; errs.NotFound if there is none.
func (s *Service) Firm(ctx context.Context, id string) (Firm, error) {
	return db.One(ctx, s.d.R(), errNoFirm, s.scanFirm, `SELECT id, data FROM identity_firm WHERE id = $1`, id)
}

func (s *Service) firmByCode(ctx context.Context, q db.Q, code string) (Firm, error) {
	return db.One(ctx, q, errNoFirm, s.scanFirm, `SELECT id, data FROM identity_firm WHERE credit_key = $1`, s.SubjectOf(code))
}

// keepFirm stores what the registry said and gives the firm its id. What is already so is not written again.
func (s *Service) keepFirm(ctx context.Context, f Firm) (Firm, error) {
	held, err := s.firmByCode(ctx, s.d.R(), f.CreditCode)
	if err == nil {
		if f.ID = held.ID; f == held {
			return f, nil
		}
	} else if errs.KindOf(err) != errs.NotFound {
		return f, err
	}
	b, err := json.Marshal(f)
	if err != nil {
		return f, err
	}
	err = s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		held, err := s.firmByCode(ctx, tx, f.CreditCode)
		switch {
		case err == nil:
			f.ID = held.ID
		case errs.KindOf(err) == errs.NotFound:
			f.ID = ident.New()
		default:
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO identity_firm (id, credit_key, data, asked_ms) VALUES ($1, $2, $3, $4)
			ON CONFLICT (id) DO UPDATE SET data = excluded.data, asked_ms = excluded.asked_ms`,
			f.ID, s.SubjectOf(f.CreditCode), s.v.Seal("identity_firm.data."+f.ID, b), s.now().UnixMilli())
		return err
	})
	if db.Unique(err) { // another request added it at the same moment
		return s.firmByCode(ctx, s.d.R(), f.CreditCode)
	}
	return f, err
}
