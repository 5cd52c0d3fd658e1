package factor

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"tongban/internal/base/errs"
)

// Cost is the cost of argon2id (RFC 9106): memory in KiB, passes, lanes.
type Cost struct {
	Memory, Time uint32
	Lanes        uint8
}

// DefaultCost is the weakest setting OWASP recommends: 19 MiB, two passes, one lane. A server of modest memory can still serve an office that
// starts at nine; a stronger one renews each hash when its password is next used.
var DefaultCost = Cost{Memory: 19 * 1024, Time: 2, Lanes: 1}

const (
	argonKey  = 32
	argonSalt = 16
	// argonMost bounds what a stored hash may ask of the machine: 1 GiB, 16 passes.
	argonMostMemory, argonMostTime = 1 << 20, 16
)

var errBadHash = errors.New("factor: a stored password hash cannot be read")

// normal undoes what input methods do: full-width letters and digits are typed for narrow ones (Unicode NFKC).
func normal(password string) string { return norm.NFKC.String(password) }

// newHash gives the PHC string of a password under today's cost.
func (s *Service) newHash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, argonSalt)
	_, _ = rand.Read(salt)
	key, err := s.argon(ctx, s.deps.Cost, normal(password), salt)
	return phc(s.deps.Cost, salt, key), err
}

// same compares a password with a hash.
func (s *Service) same(ctx context.Context, hash, password string) (bool, error) {
	c, salt, want, err := parsePHC(hash)
	if err != nil {
		return false, err
	}
	if len(password) > 4*passwordMax {
		password = "" // nobody's: too long to hash for a stranger
	}
	got, err := s.argon(ctx, c, normal(password), salt)
	return err == nil && subtle.ConstantTimeCompare(got, want) == 1, err
}

// outdated reports whether a hash was made under another cost.
func (s *Service) outdated(hash string) bool {
	c, _, _, err := parsePHC(hash)
	return err == nil && c != s.deps.Cost
}

// argon hashes when a place is free: memory is taken for a few at a time, whatever number of people sign in.
func (s *Service) argon(ctx context.Context, c Cost, password string, salt []byte) ([]byte, error) {
	select {
	case s.hash <- struct{}{}:
	case <-ctx.Done():
		return nil, errs.Wrap(ctx.Err(), errs.Unavailable, "factor.busy")
	}
	defer func() { <-s.hash }()
	return argon2.IDKey([]byte(password), salt, c.Time, c.Memory, c.Lanes, argonKey), nil
}

var b64 = base64.RawStdEncoding

// phc writes a hash as a PHC string: algorithm, version, cost, salt and key.
func phc(c Cost, salt, key []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.Memory, c.Time, c.Lanes, b64.EncodeToString(salt), b64.EncodeToString(key))
}

// parsePHC undoes phc; it accepts no cost that would exhaust the machine.
func parsePHC(s string) (c Cost, salt, key []byte, err error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, errBadHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.Memory, &c.Time, &c.Lanes); err != nil {
		return c, nil, nil, errBadHash
	}
	salt, err1 := b64.DecodeString(parts[4])
	key, err2 := b64.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(salt) < 8 || len(key) != argonKey || phc(c, salt, key) != s ||
		c.Memory < 8*uint32(c.Lanes) || c.Memory > argonMostMemory || c.Time < 1 || c.Time > argonMostTime || c.Lanes < 1 {
		return c, nil, nil, errBadHash
	}
	return c, salt, key, nil
}
