package identity

import (
	"crypto/subtle"
	"encoding/base64"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The cost of the hashes in identity_credential (argon2id), which are still read and no longer written.
const (
	argonMemory = 19 * 1024
	argonTime   = 2
	argonLanes  = 1
	argonKey    = 32

	passwordBytes = 512
)

func (s *Service) argon(password string, salt []byte) []byte {
	s.hash <- struct{}{}
	defer func() { <-s.hash }()
	return argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonLanes, argonKey)
}

// samePassword compares with a PHC string.
func (s *Service) samePassword(hash, password string) bool {
	parts := strings.Split(hash, "$")
	if len(password) > passwordBytes || len(parts) != 6 {
		return false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	return err1 == nil && err2 == nil && subtle.ConstantTimeCompare(s.argon(password, salt), want) == 1
}
