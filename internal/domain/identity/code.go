package identity

import (
	"context"
	"strings"
	"time"
	"unicode"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/engine/cnid"
)

const (
	codeLife   = 5 * time.Minute
	codeTries  = 5
	codeDigits = 6
)

// RequestCode sends a sign-in code to a mobile number. It answers the same whether or not there is an account. The code opens only for the
// device it was asked from, so that strangers who ask for codes to a phone cannot spoil its owner's. Errors: Invalid (field "phone"), TooMany
// "identity.code_wait" or "identity.code_day", Unavailable "identity.code_budget".
func (s *Service) RequestCode(ctx context.Context, phone string, from From) error {
	mobile, err := cnid.ParseMobile(phone)
	if err != nil {
		return invalid(finding(nil, "phone", err))
	}
	a, err := s.accountOf(ctx, s.d.R(), mobile)
	if err != nil {
		return err
	}
	owner := ""
	if a.id != "" {
		owner = personOwner(a.personID)
	}
	return s.textCode(ctx, s.signInOpens(mobile, from), mobile, owner, from)
}

func (s *Service) signInOpens(mobile string, from From) string {
	return "phone:" + mobile + ":" + s.deviceKey(from.Device)
}

// textCode sends a code that opens one thing to a phone, within the limits. owner may be empty.
func (s *Service) textCode(ctx context.Context, opens, phone, owner string, from From) error {
	known, err := s.knownDevice(ctx, s.d.R(), owner, from.Device)
	if err != nil {
		return err
	}
	now := s.now()
	if err := s.mayText(ctx, now, phone, known, from); err != nil {
		return err
	}
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return s.sendCode(ctx, tx, now, opens, phone) })
}

// checkCode spends a code. Errors: Invalid (field "code": identity.code_wrong, code_expired, code_tries).
func (s *Service) checkCode(ctx context.Context, opens, typed string) error {
	var refused error
	err := s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		refused, err = s.useCode(ctx, tx, s.now(), opens, typed)
		return err
	})
	if err == nil {
		err = refused
	}
	return err
}

func codeError(key string, p ...errs.P) error { return fieldError("code", key, p...) }

// fieldError is a finding on one field of a form.
func fieldError(field, key string, p ...errs.P) error {
	f := errs.Field{Path: field, Key: key}
	if len(p) > 0 {
		f.Params = p[0]
	}
	e := errs.New(errs.Invalid, key, f.Params)
	e.Fields = []errs.Field{f}
	return e
}

// digits takes the digits out of what was typed, full-width ones too.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case unicode.IsSpace(r) || r == '-':
			return -1
		}
		return 'x' // never right
	}, s)
}

// clip cuts a text to so many bytes, never inside a character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
