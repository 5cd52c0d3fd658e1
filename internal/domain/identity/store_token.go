package identity

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
)

// CreateToken makes a personal access token for the signed-in account and the firm acted for now, valid for 1 to 365 days. The secret is
// given once and stored nowhere. Errors: Invalid (fields "name", "days"), Conflict "identity.tokens_full", Forbidden "identity.fresh_needed",
// "identity.token_mandate" and "identity.token_federated".
func (s *Service) CreateToken(ctx context.Context, a authz.Actor, name string, days int) (t Token, secret string, err error) {
	if a.SessionID == "" {
		return t, "", errEnded // a token cannot make tokens
	}
	if a.MandateID != "" || a.ForPerson != "" { // a mandate can be revoked at any moment and every act under it is told: a program cannot stand in for that
		return t, "", errs.New(errs.Forbidden, "identity.token_mandate")
	}
	if a.Is(authz.Limited) {
		return t, "", errs.New(errs.Forbidden, "base.forbidden")
	}
	se, err := s.actorSession(ctx, a)
	switch {
	case err != nil:
		return t, "", err
	case se.federated(): // the token would have the level the person proved elsewhere
		return t, "", errs.New(errs.Forbidden, "identity.token_federated")
	}
	if err := s.Fresh(a, tokenFresh); err != nil {
		return t, "", err
	}
	name = strings.TrimSpace(name)
	var fs []errs.Field
	if n := utf8.RuneCountInString(name); n == 0 || n > tokenNameMax {
		fs = append(fs, errs.Field{Path: "name", Key: "identity.token_name", Params: errs.P{"max": tokenNameMax}})
	}
	if days < 1 || days > tokenDays {
		fs = append(fs, errs.Field{Path: "days", Key: "identity.token_days", Params: errs.P{"max": tokenDays}})
	}
	if err := invalid(fs); err != nil {
		return t, "", err
	}
	now := s.now()
	t = Token{ID: ident.New(), Name: name, FirmID: a.FirmID, Created: now, Ends: now.AddDate(0, 0, days)}
	secret = tokenMark + ident.Secret(25)
	return t, secret, s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		open, err := s.tokens(ctx, tx, a, now)
		if err != nil {
			return err
		}
		if len(open) >= tokensOpen {
			return errs.New(errs.Conflict, "identity.tokens_full", errs.P{"max": tokensOpen})
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO identity_token (id, token_hash, person_id, staff_id, firm_id, firm_ms, name, created_ms, ends_ms, used_ms, ended_ms)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $6, $8, 0, 0)`,
			t.ID, hashOf(secret), a.PersonID, a.StaffID, a.FirmID, now.UnixMilli(), s.v.SealText("identity_token.name."+t.ID, name), t.Ends.UnixMilli()); err != nil {
			return err
		}
		return s.record(ctx, tx, now, a, "identity.token_create", "token:"+t.ID, "")
	})
}

// RevokeToken ends one of the account's own tokens. Errors: NotFound.
func (s *Service) RevokeToken(ctx context.Context, a authz.Actor, id string) error {
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := s.now()
		if err := tx.Exec1(ctx, errs.New(errs.NotFound, "identity.token_unknown"), `UPDATE identity_token SET ended_ms = $1
			WHERE id = $2 AND person_id = $3 AND staff_id = $4 AND ended_ms = 0`, now.UnixMilli(), id, a.PersonID, a.StaffID); err != nil {
			return err
		}
		return s.record(ctx, tx, now, a, "identity.token_revoke", "token:"+id, "")
	})
}

func (s *Service) tokens(ctx context.Context, q db.Q, a authz.Actor, now time.Time) ([]Token, error) {
	return db.All(ctx, q, s.scanToken, `SELECT id, name, firm_id, created_ms, ends_ms, used_ms FROM identity_token
		WHERE person_id = $1 AND staff_id = $2 AND ended_ms = 0 AND ends_ms > $3 ORDER BY id DESC`, a.PersonID, a.StaffID, now.UnixMilli())
}

func (s *Service) tokenActor(ctx context.Context, token string) (authz.Actor, error) {
	all, err := db.All(ctx, s.d.R(), scanHeld, `SELECT id, person_id, staff_id, firm_id, firm_ms, ends_ms, used_ms, ended_ms FROM identity_token WHERE token_hash = $1`, hashOf(token))
	now := s.now()
	if err != nil || len(all) == 0 || all[0].ended > 0 || now.UnixMilli() >= all[0].endsMS {
		return authz.Actor{}, err
	}
	h := all[0]
	if now.Sub(time.UnixMilli(h.usedMS)) >= seenEvery {
		if err := s.tokenUsed(ctx, h.id, now); err != nil {
			s.log.Warn("token not touched", "err", err)
		}
	}
	a, err := s.sessionActor(ctx, session{personID: h.personID, staffID: h.staffID}, now)
	if err != nil || !a.Signed() {
		return authz.Actor{}, err
	}
	ok, err := s.stillActs(ctx, h.personID, h.firmID, time.UnixMilli(h.firmMS), `UPDATE identity_token SET firm_ms = $1 WHERE id = $2`, h.id)
	if err != nil || !ok {
		return authz.Actor{}, err // made for the firm: it must never act for the person instead
	}
	a.FirmID, a.Level = h.firmID, min(a.Level, LevelChecked) // nobody is there to be level 3
	return a, nil
}

func (s *Service) tokenUsed(ctx context.Context, id string, now time.Time) error {
	return s.d.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE identity_token SET used_ms = $1 WHERE id = $2 AND used_ms < $1`, now.UnixMilli(), id)
		return err
	})
}
