package federation

import (
	"context"
	"crypto/ecdsa"
	"time"
)

// Party speaks OpenID Connect with providers; rp.Client is one.
//
// Errors: errs.Unavailable "federation.away" when the provider does not answer or cannot be used, errs.Forbidden "federation.answer_wrong" when
// what it answers is not to be believed; the cause, for the log, names no person.
type Party interface {
	// Authorize gives the address of the provider's own sign-in page.
	Authorize(ctx context.Context, s Settings, q Request) (string, error)
	// Redeem swaps a code for what the provider vouches for.
	Redeem(ctx context.Context, s Settings, b Back) (Vouched, error)
	// Probe looks what the provider says of itself.
	Probe(ctx context.Context, s Settings) (Probe, error)
}

// Request is one sign-in asked of a provider.
type Request struct {
	State, Nonce, Verifier string
	Redirect               string // our callback
	ACR                    []string
	Fresh                  bool // the person must prove themself anew: max_age=0 and prompt=login
	Locale                 string
}

// Back is what came back, with what was asked.
type Back struct {
	Code, Iss       string // Iss: RFC 9207, or empty
	Nonce, Verifier string
	Redirect        string
	Since           time.Time // for a fresh sign-in: when it was asked; zero otherwise
	Key             Key       // of AuthKey
}

// Vouched is what a provider says of a person.
type Vouched struct {
	Issuer, Subject, ACR string
	AMR                  []string
	AuthTime             time.Time // zero if not told
	Claims               map[string]any
}

// text gives a claim that is a text.
func (v Vouched) text(name string) string {
	s, _ := v.Claims[name].(string)
	return s
}

// Probe is what a provider says of itself, for the security officer.
type Probe struct {
	AuthorizeURL, TokenURL string
	PKCE                   bool // announces S256
	Iss                    bool // announces RFC 9207
	Post                   bool // announces form_post
	ACR                    []string
	Keys                   int // signing keys published
}

// Key is one of our signing keys.
type Key struct {
	ID      string
	Private *ecdsa.PrivateKey // P-256: ES256
}
