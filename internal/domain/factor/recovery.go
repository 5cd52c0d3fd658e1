package factor

import (
	"context"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/ident"
)

// recoveryCodes is how many codes a person gets; each is fifty bits.
const recoveryCodes = 10

// NewRecoveryCodes makes ten codes and lets the earlier ones lapse. They are shown once and kept as keyed hashes.
func (s *Service) NewRecoveryCodes(ctx context.Context, a authz.Actor, owner string) ([]string, error) {
	codes := make([]string, recoveryCodes)
	err := s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := s.now()
		if _, err := deleteRecovery(ctx, tx, owner); err != nil {
			return err
		}
		for i := range codes {
			code := ident.Secret(7)[:10]
			codes[i] = code[:5] + "-" + code[5:]
			id := ident.New()
			if err := insertRecovery(ctx, tx, now, id, owner, s.recoveryHash(id, code)); err != nil {
				return err
			}
		}
		return s.record(ctx, tx, now, a, owner, "recovery_made", "recovery_made", nil)
	})
	return codes, err
}

// UseRecoveryCode says whether it is one of the owner's codes that was not used, and uses it up.
func (s *Service) UseRecoveryCode(ctx context.Context, owner, code string) (bool, error) {
	code = ident.NormalCode(normal(strings.TrimSpace(code)))
	rows, err := recoveryOf(ctx, s.d.R(), owner)
	if err != nil || len(code) != 10 {
		return false, err
	}
	found := ""
	for _, r := range rows {
		if ident.Equal(s.recoveryHash(r.id, code), r.hash) {
			found = r.id
		}
	}
	if found == "" {
		return false, nil
	}
	used := false
	err = s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		if used, err = useRecovery(ctx, tx, found); err != nil || !used {
			return err
		}
		return s.record(ctx, tx, s.now(), authz.From(ctx), owner, "recovery_used", "recovery_used", nil)
	})
	return used && err == nil, err
}

// RemoveRecoveryCodes lets all codes lapse.
func (s *Service) RemoveRecoveryCodes(ctx context.Context, a authz.Actor, owner string) error {
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := deleteRecovery(ctx, tx, owner)
		if err != nil || n == 0 {
			return err
		}
		return s.record(ctx, tx, s.now(), a, owner, "recovery_removed", "", nil)
	})
}

func (s *Service) recoveryHash(id, code string) string { return s.v.Blind("factor_recovery."+id, code) }
