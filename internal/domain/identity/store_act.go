package identity

import (
	"context"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"

	"tongban/internal/base/errs"
)

// ActFor lets the session act for a firm, as its legal representative (asked live) or by mandate, or for a person by mandate; kind "" ends it.
// Errors: Forbidden "identity.need_level", "identity.not_legal_person" (a firm) and "identity.no_mandate" (a person), Unavailable.
func (s *Service) ActFor(ctx context.Context, a authz.Actor, kind, id string) error {
	now := s.now()
	to := session{firmAt: now}
	if kind != "" {
		if a.Level < LevelChecked {
			return errs.New(errs.Forbidden, "identity.need_level")
		}
		var err error
		if to, err = s.represented(ctx, a, kind, id); err != nil {
			return err
		}
	}
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := tx.Exec1(ctx, errEnded, `UPDATE identity_session SET firm_id = $1, firm_ms = $2, for_person = $3, mandate_id = $4, lost = '' WHERE id = $5 AND person_id = $6 AND ended_ms = 0`,
			to.firmID, now.UnixMilli(), to.forPerson, to.mandateID, a.SessionID, a.PersonID); err != nil {
			return err
		}
		a.FirmID, a.ForPerson, a.MandateID = to.firmID, to.forPerson, to.mandateID
		return s.record(ctx, tx, now, a, "identity.act_for", personOwner(a.PersonID), "")
	})
}

func (s *Service) lose(ctx context.Context, se session, whom string) error {
	return s.d.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE identity_session SET firm_id = '', for_person = '', mandate_id = '', lost = $1 WHERE id = $2 AND firm_id = $3 AND for_person = $4`,
			whom, se.id, se.firmID, se.forPerson)
		return err
	})
}

// LostPrincipal gives, once, whom the session acted for when the right to do so ended.
func (s *Service) LostPrincipal(ctx context.Context, a authz.Actor) (Principal, bool, error) {
	lost, err := db.All(ctx, s.d.R(), scanText, `SELECT lost FROM identity_session WHERE id = $1 AND lost <> ''`, a.SessionID)
	if err != nil || len(lost) == 0 {
		return Principal{}, false, err
	}
	err = s.d.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE identity_session SET lost = '' WHERE id = $1`, a.SessionID)
		return err
	})
	kind, id, _ := strings.Cut(lost[0], ":")
	return Principal{Kind: kind, ID: id}, true, err
}
