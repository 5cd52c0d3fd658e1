package identity

import (
	"context"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
)

// tokenMark begins every personal access token, so that a leaked one is recognised by scanners.
const tokenMark = "tongban_"

// IsAccessToken reports whether a secret has the form of a personal access token, not of a session.
func IsAccessToken(secret string) bool { return strings.HasPrefix(secret, tokenMark) }

const (
	tokenDays    = 365 // the longest life
	tokenNameMax = 60
	tokensOpen   = 20 // of one account
	// tokenFresh is how old the last proof may be: who found a page left open must not take away a key to it for a year.
	tokenFresh = 10 * time.Minute
)

// Token is a personal access token without its secret.
type Token struct {
	ID      string
	Name    string
	FirmID  string // the firm its holder acted for when it was made
	Created time.Time
	Ends    time.Time
	Used    time.Time // zero = never; written once a minute
}

// Tokens lists the account's tokens that still work, newest first.
func (s *Service) Tokens(ctx context.Context, a authz.Actor) ([]Token, error) {
	return s.tokens(ctx, s.d.R(), a, s.now())
}

func (s *Service) scanToken(r *db.Rows) (Token, error) {
	var t Token
	var name []byte
	var created, ends, used int64
	err := r.Scan(&t.ID, &name, &t.FirmID, &created, &ends, &used)
	if err != nil {
		return t, err
	}
	t.Created, t.Ends = time.UnixMilli(created), time.UnixMilli(ends)
	if used > 0 {
		t.Used = time.UnixMilli(used)
	}
	t.Name, err = s.v.OpenText("identity_token.name."+t.ID, name)
	return t, err
}

// held is what a token opens.
type held struct {
	id, personID, staffID, firmID string
	firmMS, endsMS, usedMS, ended int64
}

func scanHeld(r *db.Rows) (held, error) {
	var h held
	err := r.Scan(&h.id, &h.personID, &h.staffID, &h.firmID, &h.firmMS, &h.endsMS, &h.usedMS, &h.ended)
	return h, err
}
