package privacy

import (
	"context"

	"tongban/internal/base/authz"
	"tongban/internal/domain/factor"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/mandate"
)

// Accounts is what the export asks of identity.
type Accounts interface {
	Proofs(ctx context.Context, personID string) ([]identity.Proof, error)
	Sessions(ctx context.Context, a authz.Actor) ([]identity.SessionInfo, error)
	Tokens(ctx context.Context, a authz.Actor) ([]identity.Token, error)
}

type exportedProof struct {
	Level      int    `json:"level"`
	Method     string `json:"method"`
	VerifiedAt string `json:"verified_at"`
	Expires    string `json:"expires,omitempty"`
	Issuer     string `json:"issuer,omitempty"`
}

type exportedSession struct {
	Opened   string   `json:"opened_at"`
	Seen     string   `json:"last_seen_at"`
	Device   string   `json:"device,omitempty"`
	Address  string   `json:"network_address,omitempty"`
	Methods  []string `json:"methods"`
	Provider string   `json:"provider,omitempty"`
}

type exportedToken struct {
	Name    string `json:"name"`
	Created string `json:"created_at"`
	Ends    string `json:"ends_at"`
	Used    string `json:"last_used_at,omitempty"`
}

// FromIdentity makes the parts proofs, sessions and tokens.
func FromIdentity(s Accounts) []Source {
	return []Source{
		{"proofs", func(ctx context.Context, a authz.Actor) (any, error) {
			ps, err := s.Proofs(ctx, a.PersonID)
			return each(ps, func(p identity.Proof) exportedProof {
				return exportedProof{p.Level, p.Method, stamp(p.VerifiedAt), stamp(p.Expires), p.Issuer}
			}), err
		}},
		{"sessions", func(ctx context.Context, a authz.Actor) (any, error) {
			ss, err := s.Sessions(ctx, a)
			return each(ss, func(i identity.SessionInfo) exportedSession {
				return exportedSession{stamp(i.Created), stamp(i.Seen), i.Agent, i.Origin, i.AMR, i.Issuer}
			}), err
		}},
		{"tokens", func(ctx context.Context, a authz.Actor) (any, error) {
			ts, err := s.Tokens(ctx, a)
			return each(ts, func(k identity.Token) exportedToken {
				return exportedToken{k.Name, stamp(k.Created), stamp(k.Ends), stamp(k.Used)}
			}), err
		}},
	}
}

// Factors is what the export asks of factor.
type Factors interface {
	Methods(ctx context.Context, owner string) (factor.Methods, error)
}

type exportedFactors struct {
	Password     bool                  `json:"password"`
	App          bool                  `json:"authenticator_app"`
	RecoveryLeft int                   `json:"recovery_codes_left"`
	Passkeys     []exportedPasskey     `json:"passkeys"`
	Certificates []exportedCertificate `json:"certificates"`
}

type exportedPasskey struct {
	Label string `json:"label"`
	Made  string `json:"made_at"`
	Used  string `json:"last_used_at,omitempty"`
}

type exportedCertificate struct {
	Subject     string `json:"subject"`
	Issuer      string `json:"issuer"`
	Serial      string `json:"serial"`
	Algorithm   string `json:"algorithm"`
	NotAfter    string `json:"not_after"`
	Fingerprint string `json:"sha256"`
}

// FromFactor makes the part factors: that there are secrets, never the secrets.
func FromFactor(s Factors) Source {
	return Source{"factors", func(ctx context.Context, a authz.Actor) (any, error) {
		m, err := s.Methods(ctx, "person:"+a.PersonID)
		return exportedFactors{
			Password: m.Password, App: m.TOTP, RecoveryLeft: m.RecoveryLeft,
			Passkeys: each(m.Passkeys, func(k factor.Passkey) exportedPasskey { return exportedPasskey{k.Label, stamp(k.Made), stamp(k.Used)} }),
			Certificates: each(m.Certificates, func(c factor.Certificate) exportedCertificate {
				return exportedCertificate{c.Subject, c.Issuer, c.Serial, c.Algorithm, stamp(c.NotAfter), c.Fingerprint}
			}),
		}, err
	}}
}

// Mandates is what the export asks of mandate.
type Mandates interface {
	Mine(ctx context.Context, a authz.Actor) (mandate.Lists, error)
}

type exportedMandate struct {
	ID       string   `json:"id"`
	Kind     string   `json:"kind"`
	Side     string   `json:"side"` // of the actor: giver or holder
	Other    string   `json:"other_side"`
	Items    []string `json:"items"`
	Acts     []string `json:"acts"`
	State    string   `json:"state"`
	Asked    string   `json:"asked_at"`
	Accepted string   `json:"accepted_at,omitempty"`
	Ended    string   `json:"ended_at,omitempty"`
}

// FromMandate makes the part mandates: what the person gave and holds.
func FromMandate(s Mandates) Source {
	return Source{"mandates", func(ctx context.Context, a authz.Actor) (any, error) {
		ls, err := s.Mine(ctx, a)
		out := []exportedMandate{}
		for _, list := range [][]mandate.View{ls.Asked, ls.Held, ls.Given, ls.Past} {
			out = append(out, each(list, func(v mandate.View) exportedMandate {
				return exportedMandate{
					v.ID, string(v.Kind), string(v.Side), v.Toward(), v.Scope.Items, v.Scope.Acts, string(v.State), stamp(v.AskedAt), stamp(v.AcceptedAt), stamp(v.EndedAt),
				}
			})...)
		}
		return out, err
	}}
}

// each turns every element; none is an empty list in the file, not null.
func each[A, B any](in []A, fn func(A) B) []B {
	out := make([]B, 0, len(in))
	for _, a := range in {
		out = append(out, fn(a))
	}
	return out
}
