package factor

import (
	"context"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

// The uses of a password.
const (
	useSignIn = "sign_in"
	useSign   = "sign"
)

// SetPasswordTx sets an owner's sign-in password. related are words of the owner's own (login name, name, phone) that it must not lean on.
// It is argon2id work in a transaction, so call it last. Errors: Invalid factor.password_short, _long, _plain, _related, _guess, _breached,
// _same (as the signing password).
func (s *Service) SetPasswordTx(ctx context.Context, tx *db.Tx, now time.Time, owner string, related []string, password string, mustChange bool) error {
	hash, err := s.hashGood(ctx, tx, owner, useSignIn, related, password)
	if err != nil {
		return err
	}
	if err := putPassword(ctx, tx, now, owner, useSignIn, hash, mustChange); err != nil {
		return err
	}
	return s.record(ctx, tx, now, authz.From(ctx), owner, "password_set", "password_set", nil)
}

// AdoptPasswordTx takes over a password hash (PHC string of argon2id) that was kept elsewhere. An owner who has a password keeps it.
func (s *Service) AdoptPasswordTx(ctx context.Context, tx *db.Tx, now time.Time, owner, hash string, mustChange bool) error {
	if _, _, _, err := parsePHC(hash); err != nil {
		return err
	}
	return adoptPassword(ctx, tx, now, owner, hash, mustChange)
}

// CheckPassword says whether it is the owner's sign-in password and whether it must be changed. It takes as long for an owner without one.
// Errors: Unavailable factor.busy when the caller gave up waiting for its turn.
func (s *Service) CheckPassword(ctx context.Context, owner, password string) (ok, mustChange bool, err error) {
	return s.checkPassword(ctx, owner, useSignIn, password)
}

// HasPassword reports whether an owner has a sign-in password.
func (s *Service) HasPassword(ctx context.Context, owner string) (bool, error) {
	row, err := passwordOf(ctx, s.d.R(), owner, useSignIn)
	return row.hash != "", err
}

// SetSignPassword sets the second secret, with which texts are signed. Errors as SetPasswordTx.
func (s *Service) SetSignPassword(ctx context.Context, a authz.Actor, owner string, related []string, password string) error {
	return s.setOwn(ctx, a, owner, useSign, "sign_password_set", related, password)
}

// SetPassword is SetPasswordTx for an owner who does it alone, in a transaction of its own.
func (s *Service) SetPassword(ctx context.Context, a authz.Actor, owner string, related []string, password string) error {
	return s.setOwn(ctx, a, owner, useSignIn, "password_set", related, password)
}

// setOwn hashes first, so that the transaction is short.
func (s *Service) setOwn(ctx context.Context, a authz.Actor, owner, use, what string, related []string, password string) error {
	hash, err := s.hashGood(ctx, s.d.R(), owner, use, related, password)
	if err != nil {
		return err
	}
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := s.now()
		if err := putPassword(ctx, tx, now, owner, use, hash, false); err != nil {
			return err
		}
		return s.record(ctx, tx, now, a, owner, what, what, nil)
	})
}

// RemoveSignPassword takes the second secret away.
func (s *Service) RemoveSignPassword(ctx context.Context, a authz.Actor, owner string) error {
	return s.removePassword(ctx, a, owner, useSign, "sign_password_removed")
}

// RemovePassword takes the sign-in password away; the owner signs in by other ways.
func (s *Service) RemovePassword(ctx context.Context, a authz.Actor, owner string) error {
	return s.removePassword(ctx, a, owner, useSignIn, "password_removed")
}

func (s *Service) removePassword(ctx context.Context, a authz.Actor, owner, use, what string) error {
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := deletePassword(ctx, tx, owner, use); err != nil {
			return err
		}
		return s.record(ctx, tx, s.now(), a, owner, what, what, nil)
	})
}

// hashGood judges a password and gives its hash. It must be another one than the owner's for the other use.
func (s *Service) hashGood(ctx context.Context, q db.Q, owner, use string, related []string, password string) (string, error) {
	if err := s.goodPassword(password, related); err != nil {
		return "", err
	}
	other := useSign
	if use == useSign {
		other = useSignIn
	}
	o, err := passwordOf(ctx, q, owner, other)
	if err != nil {
		return "", err
	}
	if o.hash != "" {
		same, err := s.same(ctx, o.hash, password)
		if err != nil {
			return "", err
		}
		if same {
			return "", errs.New(errs.Invalid, "factor.password_same")
		}
	}
	if use == useSignIn {
		if err := s.changed(ctx, q, owner, password); err != nil {
			return "", err
		}
	}
	return s.newHash(ctx, password)
}

// changed refuses the password that must be changed as its own successor. Errors: Invalid factor.password_unchanged.
func (s *Service) changed(ctx context.Context, q db.Q, owner, password string) error {
	was, err := passwordOf(ctx, q, owner, useSignIn)
	if err != nil || !was.mustChange {
		return err
	}
	same, err := s.same(ctx, was.hash, password)
	if err == nil && same {
		err = errs.New(errs.Invalid, "factor.password_unchanged")
	}
	return err
}

func (s *Service) checkPassword(ctx context.Context, owner, use, password string) (ok, mustChange bool, err error) {
	row, err := passwordOf(ctx, s.d.R(), owner, use)
	if err != nil {
		return false, false, err
	}
	hash := row.hash
	if hash == "" {
		hash = s.blank
	}
	same, err := s.same(ctx, hash, password)
	if err != nil || !same || row.hash == "" {
		return false, false, err
	}
	if s.outdated(row.hash) {
		s.rehash(ctx, owner, use, row.hash, password)
	}
	return true, row.mustChange, nil
}

// rehash keeps a right password under the cost of today. That it failed only means that it is tried again next time.
func (s *Service) rehash(ctx context.Context, owner, use, old, password string) {
	hash, err := s.newHash(ctx, password)
	if err == nil {
		err = s.d.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error { return swapHash(ctx, tx, owner, use, old, hash) })
	}
	if err != nil {
		s.log.Warn("password hash not renewed", "err", err)
	}
}
