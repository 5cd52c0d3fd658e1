package factor

import (
	"context"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

// Methods lists what an owner has.
func (s *Service) Methods(ctx context.Context, owner string) (Methods, error) {
	var m Methods
	q := s.d.R()
	signIn, err := passwordOf(ctx, q, owner, useSignIn)
	if err != nil {
		return m, err
	}
	sign, err := passwordOf(ctx, q, owner, useSign)
	if err != nil {
		return m, err
	}
	m.Password, m.MustChange, m.SignPassword = signIn.hash != "", signIn.mustChange, sign.hash != ""
	_, err = totpOf(ctx, q, owner, totpOn)
	if m.TOTP = err == nil; err != nil && errs.KindOf(err) != errs.NotFound {
		return m, err
	}
	rows, err := s.passkeys(ctx, q, owner)
	if err != nil {
		return m, err
	}
	for _, r := range rows {
		m.Passkeys = append(m.Passkeys, r.Passkey)
	}
	codes, err := recoveryOf(ctx, q, owner)
	if err != nil {
		return m, err
	}
	m.RecoveryLeft = len(codes)
	m.Certificates, err = s.certificates(ctx, q, owner)
	return m, err
}

// MoveTx gives one owner's factors to another, when two accounts turn out to be one person. What can be there once stays as the second has it.
func (s *Service) MoveTx(ctx context.Context, tx *db.Tx, from, into string) error {
	if err := moveAll(ctx, tx, from, into); err != nil {
		return err
	}
	return s.record(ctx, tx, s.now(), authz.From(ctx), into, "moved", "", nil)
}

// EndBeforeTx takes the factors of an owner away that are older than an instant, and tells whether there were any: a telephone number that was given
// to somebody else may still have the keys of its earlier holder.
func (s *Service) EndBeforeTx(ctx context.Context, tx *db.Tx, now time.Time, owner string, before time.Time) (bool, error) {
	n, err := endBefore(ctx, tx, owner, before)
	if err != nil || n == 0 {
		return false, err
	}
	return true, s.record(ctx, tx, now, authz.From(ctx), owner, "ended", "", nil)
}

// EndTx takes all factors of an owner away: the person died, the account was closed, the staff member left. Signatures stay: they prove what
// was declared.
func (s *Service) EndTx(ctx context.Context, tx *db.Tx, now time.Time, owner string) error {
	if err := endAll(ctx, tx, owner); err != nil {
		return err
	}
	return s.record(ctx, tx, now, authz.From(ctx), owner, "ended", "", nil)
}
