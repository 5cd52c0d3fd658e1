package identity

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/domain/factor"
)

func TestTheLevelOfASession(t *testing.T) {
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	standing := func(level int, method string) Proof { return Proof{Level: level, Method: method} }
	own := func(level int, method, session string) Proof {
		return Proof{Level: level, Method: method, Session: session}
	}
	counter := Proof{Level: 3, Method: ByCounter, Expires: now.Add(time.Millisecond)}
	over := Proof{Level: 3, Method: ByCounter, Expires: now}
	for name, c := range map[string]struct {
		proofs    []Proof
		federated bool
		want      int
	}{
		"nobody knows anything":               {nil, false, 0},
		"a phone":                             {[]Proof{standing(1, BySMS)}, false, 1},
		"phone and registry":                  {[]Proof{standing(1, BySMS), standing(2, ByRegistry)}, false, 2},
		"a counter":                           {[]Proof{standing(2, ByRegistry), counter}, false, 3},
		"a counter's proof that ran out":      {[]Proof{standing(2, ByRegistry), over}, false, 2},
		"a face in this session":              {[]Proof{standing(2, ByRegistry), own(3, ByFace, "s")}, false, 3},
		"a face in another session":           {[]Proof{standing(2, ByRegistry), own(3, ByFace, "other")}, false, 2},
		"a certificate":                       {[]Proof{standing(2, ByRegistry), own(4, ByCertificate, "s")}, false, 4},
		"a provider's word caps the rest":     {[]Proof{standing(2, ByRegistry), counter, own(1, ByFederation, "s")}, true, 1},
		"and what is proved in it raises it":  {[]Proof{standing(2, ByRegistry), own(1, ByFederation, "s"), own(3, ByFace, "s")}, true, 3},
		"a federated session without a proof": {[]Proof{standing(2, ByRegistry)}, true, 0},
	} {
		if got := levelOf(c.proofs, "s", c.federated, now); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	if got := levelOf([]Proof{own(4, ByCertificate, "")}, "", false, now); got != 4 {
		t.Errorf("standing, without a session: %d", got)
	}
	if _, ok := counterProof([]Proof{over, own(3, ByCounter, "s")}, now); ok {
		t.Error("no counter proof stands")
	}
}

func TestDelaysGrow(t *testing.T) {
	b := backoff{free: 2, steps: []time.Duration{time.Second, time.Minute}}
	for n, want := range []time.Duration{0, 0, 0, time.Second, time.Minute, time.Minute} {
		if got := b.wait(n); got != want {
			t.Errorf("after %d: %v, want %v", n, got, want)
		}
	}
	if (backoff{}).wait(100) != 0 {
		t.Error("a delay out of nothing")
	}
	for name, b := range map[string]backoff{"account": accountTries, "address": addressTries, "network": networkTries, "phone": phoneCodes} {
		if !slices.IsSorted(b.steps) || b.quiet < b.steps[len(b.steps)-1] {
			t.Errorf("%s: a delay shrinks, or is longer than the memory of it", name)
		}
	}
	if accountTries.wait(5) != 30*time.Minute {
		t.Error("five failures lock for half an hour (GB/T 22239)")
	}
}

func TestWhatASecondStepNeeds(t *testing.T) {
	key := []factor.Passkey{{}}
	cert := []factor.Certificate{{}}
	for name, c := range map[string]struct {
		roles []authz.Role
		m     factor.Methods
		phone bool
		want  string
		enrol bool
	}{
		"an officer with a phone":           {[]authz.Role{authz.Officer}, factor.Methods{}, true, "sms", false},
		"with everything":                   {[]authz.Role{authz.Officer}, factor.Methods{TOTP: true, Passkeys: key, Certificates: cert}, true, "passkey certificate totp sms", false},
		"with nothing":                      {[]authz.Role{authz.Clerk}, factor.Methods{}, false, "", false},
		"an administrator with a passkey":   {[]authz.Role{authz.Clerk, authz.Admin}, factor.Methods{TOTP: true, Passkeys: key}, true, "passkey", false},
		"an auditor with a certificate":     {[]authz.Role{authz.Auditor}, factor.Methods{Certificates: cert}, true, "certificate", false},
		"a security officer with a phone":   {[]authz.Role{authz.Security}, factor.Methods{TOTP: true}, true, "totp sms", true},
		"an administrator without anything": {[]authz.Role{authz.Admin}, factor.Methods{}, false, "", true},
	} {
		needs, enrol := staffNeeds(c.roles, c.m, c.phone)
		if strings.Join(needs, " ") != c.want || enrol != c.enrol {
			t.Errorf("%s: %v %v", name, needs, enrol)
		}
	}
	for want, m := range map[string]factor.Methods{"sms": {Password: true}, "totp": {TOTP: true}, "totp recovery": {TOTP: true, RecoveryLeft: 1}, "passkey sms": {Passkeys: key}, "passkey totp": {TOTP: true, Passkeys: key}} {
		if got := strings.Join(personNeeds(m), " "); got != want {
			t.Errorf("person %+v: %s, want %s", m, got, want)
		}
	}
}

func TestWaysUp(t *testing.T) {
	all := factor.Methods{Password: true, TOTP: true, Passkeys: []factor.Passkey{{}}}
	for name, c := range map[string]struct {
		m    factor.Methods
		f    wayFacts
		need int
		want string
	}{
		"fresh":                                  {all, wayFacts{level: 2, named: true, phone: true, face: true}, 0, "passkey password totp sms face certificate"},
		"a shell to 2":                           {factor.Methods{}, wayFacts{level: 1, phone: true}, 2, "name counter"},
		"named to 3":                             {all, wayFacts{level: 2, named: true, phone: true, face: true}, 3, "face certificate counter"},
		"named to 3 without a provider":          {all, wayFacts{level: 2, named: true, phone: true}, 3, "certificate counter"},
		"to 4 by passkey after a counter":        {all, wayFacts{level: 3, named: true, phone: true, counter: true}, 4, "passkey certificate"},
		"to 4 by passkey, the counter to do":     {all, wayFacts{level: 2, named: true, phone: true}, 4, "certificate counter"},
		"to 4 without a passkey":                 {factor.Methods{}, wayFacts{level: 2, named: true, phone: true}, 4, "certificate"},
		"to 4 with a certificate of the account": {factor.Methods{Certificates: []factor.Certificate{{}}}, wayFacts{level: 2, named: true}, 4, "certificate"},
	} {
		var got []string
		for _, w := range fits(ways(c.m, c.f), c.need) {
			got = append(got, w.Method)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %s", name, got, c.want)
		}
	}
}

func TestMethodsAsOthersAreTold(t *testing.T) {
	for amr, want := range map[string]string{
		"": "", "sms": "sms", "pwd": "pwd", "pwd sms": "pwd sms mfa", "sms otp": "sms otp", "hwk": "hwk mfa", "fed pwd": "fed pwd", "sms face": "sms face mfa", "sc": "sc mfa",
	} {
		if got := strings.Join(shownAMR(amr), " "); got != want {
			t.Errorf("%q: %q, want %q", amr, got, want)
		}
	}
	if got := addAMR("pwd sms", "sms", "", "face"); got != "pwd sms face" {
		t.Error(got)
	}
}

func TestNetworks(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.7": "192.0.2.0/24", "::ffff:192.0.2.9": "192.0.2.0/24", "2001:db8:1:2::3": "2001:db8:1::/48", "fe80::1%eth0": "fe80::/48", "": "", "localhost": "", "192.0.2.7:80": "",
	} {
		if got := network(address); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}

func TestAgents(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0": "Edge · Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 MicroMessenger/8.0 Safari/604":                      "微信 · iPhone",
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                    "Firefox · Linux",
		"curl/8": "—", "": "—", "Linux": "Linux",
	} {
		if got := agentName(agent); got != want {
			t.Errorf("%q: %q, want %q", agent, got, want)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add(PasskeyAnswer("id", []byte(`{"a":1}`)))
	f.Add(CertificateAnswer("id", []byte("pem"), []byte{0, 255}))
	f.Add(`{"id":1}`)
	f.Add("")
	f.Fuzz(func(t *testing.T, typed string) {
		a := unpack(typed)
		if b := unpack(pack(a)); b.ID != strings.ToValidUTF8(a.ID, "\uFFFD") || string(b.Response) != string(a.Response) || string(b.Signature) != string(a.Signature) {
			t.Errorf("%+v became %+v", a, b)
		}
	})
}

func FuzzFrom(f *testing.F) {
	f.Add("192.0.2.7", "Mozilla/5.0 (Windows NT 10.0) Chrome/1")
	f.Add("2001:db8::1%z", "")
	f.Fuzz(func(t *testing.T, origin, agent string) {
		if n := network(origin); n != "" && !strings.Contains(n, "/") {
			t.Errorf("%q is in %q", origin, n)
		}
		if name := agentName(agent); name == "" || len(name) > 60 {
			t.Errorf("%q is called %q", agent, name)
		}
		if c := clip(agent, 20); len(c) > 20 {
			t.Errorf("clipped to %d bytes", len(c))
		}
		if d := digits(agent); strings.Trim(d, "0123456789x") != "" {
			t.Errorf("%q has the digits %q", agent, d)
		}
	})
}
