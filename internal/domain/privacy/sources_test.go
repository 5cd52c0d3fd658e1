package privacy_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/domain/factor"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/mandate"
	"tongban/internal/domain/privacy"
)

type below struct{ err error }

func (b below) Proofs(context.Context, string) ([]identity.Proof, error) {
	return []identity.Proof{{Level: 2, Method: "registry", VerifiedAt: friday}}, b.err
}

func (b below) Sessions(context.Context, authz.Actor) ([]identity.SessionInfo, error) {
	return []identity.SessionInfo{{Agent: "Chrome · Windows", Origin: "192.0.2.1", AMR: []string{"sms"}, Created: friday, Seen: friday}}, b.err
}

func (b below) Tokens(context.Context, authz.Actor) ([]identity.Token, error) { return nil, b.err }

func (b below) Methods(_ context.Context, owner string) (factor.Methods, error) {
	return factor.Methods{Password: owner == "person:p1", Passkeys: []factor.Passkey{{Label: "手机", Made: friday}}}, b.err
}

func (b below) Mine(context.Context, authz.Actor) (mandate.Lists, error) {
	m := mandate.View{Mandate: mandate.Mandate{ID: "m1", Kind: mandate.Family, Scope: authz.Scope{Items: []string{"*"}, Acts: []string{"view"}}, AskedAt: friday}, Side: mandate.Giver, Held: "林*安"}
	return mandate.Lists{Given: []mandate.View{m}}, b.err
}

func TestWhatTheRoomsBelowKeepStandsInTheFile(t *testing.T) {
	all := func(b below) []privacy.Source {
		return append(privacy.FromIdentity(b), privacy.FromFactor(b), privacy.FromMandate(b))
	}
	doc := map[string]any{}
	for _, s := range all(below{}) {
		v, err := s.Export(t.Context(), lin)
		if err != nil {
			t.Fatal(err)
		}
		doc[s.Key] = v
	}
	b, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	at := friday.Format(time.RFC3339)
	for _, want := range []string{
		`"proofs":[{"level":2,"method":"registry","verified_at":"` + at + `"}]`, `"network_address":"192.0.2.1"`, `"tokens":[]`, `"password":true`, `"passkeys":[{"label":"手机"`,
		`"other_side":"林*安"`, `"items":["*"]`,
	} {
		if !strings.Contains(string(b), want) {
			t.Errorf("no %s in %s", want, b)
		}
	}
	for _, s := range all(below{errors.New("away")}) {
		if _, err := s.Export(t.Context(), lin); err == nil {
			t.Errorf("%s hides that its room failed", s.Key)
		}
	}
}
