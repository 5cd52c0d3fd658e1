// Package ident makes the identifiers and secrets Tongban hands out. It owns no tables; anyone may call it.
package ident

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"strings"

	"github.com/google/uuid"
)

// New makes a UUIDv7 (RFC 9562): sorted by the time it was made, so an index on it grows at one end.
func New() string { return uuid.Must(uuid.NewV7()).String() }

// Valid reports whether s looks like one of our identifiers.
func Valid(s string) bool { return uuid.Validate(s) == nil }

// crockford leaves out letters that are misread on paper or over the telephone (I, L, O, U).
var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// Secret makes a random token of n bytes, for sessions, access tokens and client keys.
func Secret(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails since Go 1.24
	return crockford.EncodeToString(b)
}

// QueryCode makes the eight characters with which anyone holding a receipt looks a case up: 40 bits, tried under a rate limit.
func QueryCode() string { return Secret(5) }

// NormalCode undoes what people do to codes: lower case, spaces, dashes and the letters that look like digits.
func NormalCode(s string) string {
	return strings.NewReplacer(" ", "", "-", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(s))
}

// Digits makes a random numeric code of n digits, for text messages.
func Digits(n int) string {
	out := make([]byte, 0, n)
	b := make([]byte, 1)
	for len(out) < n {
		_, _ = rand.Read(b)
		if b[0] < 250 { // 250 is a multiple of ten: no digit is likelier than another
			out = append(out, '0'+b[0]%10)
		}
	}
	return string(out)
}

// Equal compares two secrets in constant time.
func Equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
