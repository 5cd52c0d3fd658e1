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

// RequestCode sends a sign-in code to a mobile number. It answers the same whether or not there is an account. origin is the network address
// asked from. Errors: Invalid (field "phone"), TooMany "identity.code_wait" or "identity.code_day".
func (s *Service) RequestCode(ctx context.Context, phone, origin string) error {
	mobile, err := cnid.ParseMobile(phone)
	if err != nil {
		return invalid(finding(nil, "phone", err))
	}
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return s.sendCode(ctx, tx, s.now(), "phone:"+mobile, mobile, origin)
	})
}

// mayAsk keeps the limits: one a minute and ten a day to a phone, thirty an hour from an address.
func (s *Service) mayAsk(ctx context.Context, tx *db.Tx, now time.Time, phone, origin string) error {
	wait, err := take(ctx, tx, now, "code:"+s.phoneKey(phone), codesPerPhone)
	if err == nil && wait == 0 && origin != "" {
		wait, err = take(ctx, tx, now, "origin:"+s.v.Blind("origin", origin), limit{n: s.deps.CodesPerOrigin, window: time.Hour})
	}
	switch {
	case err != nil:
		return err
	case wait > time.Hour:
		return errs.New(errs.TooMany, "identity.code_day", errs.P{"seconds": seconds(wait)})
	case wait > 0:
		return errs.New(errs.TooMany, "identity.code_wait", errs.P{"seconds": seconds(wait)})
	}
	return nil
}

func codeError(key string, p ...errs.P) error {
	f := errs.Field{Path: "code", Key: key}
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
