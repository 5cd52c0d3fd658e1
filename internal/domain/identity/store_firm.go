package identity

import (
	"context"
	"encoding/json"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
)

// Firm gives a firm by our id, as it was last seen; errs.NotFound if there is none.
func (s *Service) Firm(ctx context.Context, id string) (Firm, error) {
	return db.One(ctx, s.d.R(), errNoFirm, s.scanFirm, `SELECT id, data FROM identity_firm WHERE id = $1`, id)
}

// ActFor lets the session act for a firm whose legal representative the person is, asked live; firmID "" ends it. Errors: Forbidden
// "identity.need_level" and "identity.not_legal_person", Unavailable.
func (s *Service) ActFor(ctx context.Context, a authz.Actor, firmID string) error {
	if firmID != "" {
		if a.Level < LevelChecked {
			return errs.New(errs.Forbidden, "identity.need_level")
		}
		if ok, err := s.represents(ctx, a.PersonID, firmID); err != nil {
			return err
		} else if !ok {
			return errs.New(errs.Forbidden, "identity.not_legal_person")
		}
	}
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := s.now()
		if err := tx.Exec1(ctx, errEnded, `UPDATE identity_session SET firm_id = $1, firm_ms = $2 WHERE id = $3 AND person_id = $4 AND ended_ms = 0`,
			firmID, now.UnixMilli(), a.SessionID, a.PersonID); err != nil {
			return err
		}
		a.FirmID = firmID
		return s.record(ctx, tx, now, a, "identity.act_for", "person:"+a.PersonID, "")
	})
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
