package identity

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"tongban/internal/base/errs"
)

// Passwords of staff. argon2id with 19 MiB and two passes is the weakest setting OWASP recommends for it; a server of modest memory can still
// serve an office that starts at nine.
const (
	argonMemory = 19 * 1024
	argonTime   = 2
	argonLanes  = 1
	argonKey    = 32
	argonSalt   = 16

	passwordMin = 12
	passwordMax = 128
)

// goodPassword refuses what is too short, too long, of one kind of characters, or holds the login name.
func goodPassword(login, password string) error {
	n := utf8.RuneCountInString(password)
	switch {
	case n < passwordMin:
		return errs.New(errs.Invalid, "identity.password_short", errs.P{"min": passwordMin})
	case n > passwordMax:
		return errs.New(errs.Invalid, "identity.password_long", errs.P{"max": passwordMax})
	case login != "" && strings.Contains(strings.ToLower(password), strings.ToLower(login)):
		return errs.New(errs.Invalid, "identity.password_login")
	case kindsOf(password) < 2:
		return errs.New(errs.Invalid, "identity.password_plain")
	}
	return nil
}

// kindsOf counts the kinds of characters: letters, digits, everything else.
func kindsOf(s string) int {
	var letter, digit, other int
	for _, r := range s {
		switch {
		case unicode.IsLetter(r):
			letter = 1
		case unicode.IsDigit(r):
			digit = 1
		default:
			other = 1
		}
	}
	return letter + digit + other
}

// hashPassword gives a PHC string.
func (s *Service) hashPassword(password string) string {
	salt := make([]byte, argonSalt)
	_, _ = rand.Read(salt)
	key := s.argon(password, salt)
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonLanes, enc.EncodeToString(salt), enc.EncodeToString(key))
}

func (s *Service) argon(password string, salt []byte) []byte {
	s.hash <- struct{}{}
	defer func() { <-s.hash }()
	return argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonLanes, argonKey)
}

// samePassword compares with a hash we made. Without a hash it takes as long and says no, so that a login name that does not exist cannot be
// told from one that does.
func (s *Service) samePassword(hash, password string) bool {
	parts := strings.Split(hash, "$")
	if len(password) > 4*passwordMax {
		return false
	}
	if len(parts) != 6 {
		s.argon(password, make([]byte, argonSalt))
		return false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	return err1 == nil && err2 == nil && subtle.ConstantTimeCompare(s.argon(password, salt), want) == 1
}
