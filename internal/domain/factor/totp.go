package factor

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"net/url"
	"strings"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
)

// Authenticator apps (RFC 6238): six digits, thirty seconds, SHA-1, which is what every app can do; a code counts one step early or late and
// once.
const (
	totpStep   = 30
	totpSecret = 20 // bytes, as RFC 4226 recommends
	totpWindow = 1

	totpAsked = "asked"
	totpOn    = "on"

	tryTOTP    = "totp"
	tryRecover = "totp.recover"
)

// BeginTOTP makes a secret for an owner's app. An app set up before goes on until the new one is confirmed. account is what the app shows.
func (s *Service) BeginTOTP(ctx context.Context, owner, account string) (TOTPSetup, error) {
	raw := make([]byte, totpSecret)
	_, _ = rand.Read(raw)
	secret := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw)
	err := s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		id := ident.New()
		return askTOTP(ctx, tx, s.now(), id, owner, s.v.SealText("factor_totp.secret."+id, secret))
	})
	return TOTPSetup{Secret: secret, URI: s.totpURI(account, secret)}, err
}

// PendingTOTP gives the setup that waits to be confirmed, so that the page can be shown again. Errors: NotFound factor.not_there.
func (s *Service) PendingTOTP(ctx context.Context, owner, account string) (TOTPSetup, error) {
	row, err := totpOf(ctx, s.d.R(), owner, totpAsked)
	if err != nil {
		return TOTPSetup{}, err
	}
	secret, err := s.v.OpenText("factor_totp.secret."+row.id, row.secret)
	return TOTPSetup{Secret: secret, URI: s.totpURI(account, secret)}, err
}

// totpURI is the address authenticator apps scan (Key URI Format of Google Authenticator).
func (s *Service) totpURI(account, secret string) string {
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + s.deps.SiteName + ":" + account}
	q := url.Values{"secret": {secret}, "issuer": {s.deps.SiteName}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"}}
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20")
	return u.String()
}

// ConfirmTOTP puts the app that was set up into use, once it shows a right code. Errors: NotFound factor.not_there, Invalid factor.totp_wrong,
// TooMany factor.too_many.
func (s *Service) ConfirmTOTP(ctx context.Context, a authz.Actor, owner, code string) error {
	row, err := totpOf(ctx, s.d.R(), owner, totpAsked)
	if err != nil {
		return err
	}
	if err := s.take(ctx, owner, tryTOTP); err != nil {
		return err
	}
	step, ok, err := s.stepOf(row, code)
	switch {
	case err != nil:
		return err
	case !ok:
		return errs.New(errs.Invalid, "factor.totp_wrong")
	}
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := s.now()
		if err := confirmTOTP(ctx, tx, owner, row.id, step); err != nil {
			return err
		}
		if err := forget(ctx, tx, owner, tryTOTP); err != nil {
			return err
		}
		return s.record(ctx, tx, now, a, owner, "app_added", "app_added", nil)
	})
}

// CheckTOTP says whether the owner's app shows this code now. Each code counts once. Errors: TooMany factor.too_many after wrong codes.
func (s *Service) CheckTOTP(ctx context.Context, owner, code string) (bool, error) {
	return s.checkTOTP(ctx, owner, tryTOTP, code)
}

// RecoverTOTP is CheckTOTP for somebody who has proved nothing yet. Its tries have a count of their own: a stranger who knows name and number can
// use up these, and not those of the owner who signs in.
func (s *Service) RecoverTOTP(ctx context.Context, owner, code string) (bool, error) {
	return s.checkTOTP(ctx, owner, tryRecover, code)
}

func (s *Service) checkTOTP(ctx context.Context, owner, kind, code string) (bool, error) {
	row, err := totpOf(ctx, s.d.R(), owner, totpOn)
	if errs.KindOf(err) == errs.NotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := s.take(ctx, owner, kind); err != nil {
		return false, err
	}
	step, ok, err := s.stepOf(row, code)
	if err != nil || !ok {
		return false, err
	}
	err = s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := useStep(ctx, tx, row.id, step); err != nil {
			return err
		}
		return forget(ctx, tx, owner, kind)
	})
	if errs.Is(err, "factor.totp_used") {
		return false, nil
	}
	return err == nil, err
}

// RemoveTOTP takes the owner's app away. Errors: NotFound factor.not_there.
func (s *Service) RemoveTOTP(ctx context.Context, a authz.Actor, owner string) error {
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := deleteTOTP(ctx, tx, owner); err != nil {
			return err
		}
		return s.record(ctx, tx, s.now(), a, owner, "app_removed", "app_removed", nil)
	})
}

// stepOf finds the time step whose code this is, newer than any used before.
func (s *Service) stepOf(row totpRow, code string) (int64, bool, error) {
	code = strings.ReplaceAll(normal(strings.TrimSpace(code)), " ", "")
	secret, err := s.v.OpenText("factor_totp.secret."+row.id, row.secret)
	if err != nil || len(code) != 6 {
		return 0, false, err
	}
	at := s.now().Unix() / totpStep
	for step := at - totpWindow; step <= at+totpWindow; step++ {
		want, err := hotp.GenerateCodeCustom(secret, uint64(step), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err != nil {
			return 0, false, err
		}
		if ident.Equal(want, code) && step > row.lastStep {
			return step, true, nil
		}
	}
	return 0, false, nil
}
