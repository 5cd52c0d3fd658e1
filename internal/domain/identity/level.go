package identity

import (
	"slices"
	"strings"
	"time"
)

// The ways a level was proved.
const (
	BySMS            = "sms"
	ByRegistry       = "registry"
	ByFace           = "face"
	ByCounter        = "counter"
	ByCertificate    = "certificate"
	ByCounterPasskey = "counter+passkey"
	ByFederation     = "federation"
)

// Proof is one time a level was proved. A proof with a Session counts in that session only; the others stand until they expire.
type Proof struct {
	ID         string
	Level      int
	Method     string
	VerifiedAt time.Time
	Expires    time.Time // zero = never
	Issuer     string    // who vouches: an agency key, a provider, or empty for the registry
	Session    string
}

func (p Proof) valid(now time.Time) bool { return p.Expires.IsZero() || now.Before(p.Expires) }

// levelOf is the level of a session: the highest of the person's standing proofs and the session's own. In a federated session, which an outside
// provider opened, only what was proved in it counts, the provider's word included: who signs in weakly over there is not strong here.
func levelOf(proofs []Proof, session string, federated bool, now time.Time) int {
	level := 0
	for _, p := range proofs {
		own := session != "" && p.Session == session
		if p.valid(now) && (own || p.Session == "" && !federated) {
			level = max(level, p.Level)
		}
	}
	return level
}

// counterProof gives a standing proof of a counter that is valid, with which a passkey makes level 4.
func counterProof(proofs []Proof, now time.Time) (Proof, bool) {
	for _, p := range proofs {
		if p.Method == ByCounter && p.Session == "" && p.valid(now) {
			return p, true
		}
	}
	return Proof{}, false
}

// addAMR adds authentication methods (RFC 8176) to those of a session, each once, in the order they were used.
func addAMR(amr string, more ...string) string {
	have := strings.Fields(amr)
	for _, m := range more {
		if m != "" && !slices.Contains(have, m) {
			have = append(have, m)
		}
	}
	return strings.Join(have, " ")
}

// shownAMR is the list of methods as others are told: with "mfa" where factors of two kinds were proved, or one that holds two (a passkey checks its
// user, a certificate's key has a PIN).
func shownAMR(amr string) []string {
	list := strings.Fields(amr)
	kinds := map[string]bool{}
	for _, m := range list {
		switch m {
		case "pwd":
			kinds["knows"] = true
		case "sms", "otp":
			kinds["has"] = true
		case "face":
			kinds["is"] = true
		case "hwk", "swk", "sc":
			return append(list, "mfa")
		}
	}
	if len(kinds) > 1 {
		list = append(list, "mfa")
	}
	return list
}
