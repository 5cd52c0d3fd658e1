package factor

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"testing"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
	"github.com/go-webauthn/webauthn/webauthn"

	"tongban/internal/base/errs"
	"tongban/internal/engine/seal"
)

// The fuzz targets are inside the package, without a database: what is fuzzed is how strangers' bytes are read.

var fuzzDay = time.Date(2026, 3, 20, 10, 0, 0, 0, time.UTC)

func fuzzKey(f *testing.F) (ca []byte, cert []byte, signer seal.Signer) {
	f.Helper()
	a, err := seal.NewCA("测试根", fuzzDay.AddDate(-1, 0, 0), fuzzDay.AddDate(1, 0, 0), true, nil)
	if err != nil {
		f.Fatal(err)
	}
	key, cert, err := a.Issue("王小梅", "清澜市", fuzzDay.AddDate(-1, 0, 0), fuzzDay.AddDate(1, 0, 0))
	if err != nil {
		f.Fatal(err)
	}
	s, err := seal.NewSoftSigner(key, cert, nil)
	if err != nil {
		f.Fatal(err)
	}
	return a.CertPEM(), cert, s
}

func FuzzReadCert(f *testing.F) {
	ca, cert, signer := fuzzKey(f)
	trust, err := newCertTrust([][]byte{ca})
	if err != nil {
		f.Fatal(err)
	}
	text := []byte("tongban-sign-in-1 https://zwfw.example.cn")
	sig, err := signer.Sign(text)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(cert, sig)
	f.Add(signer.Chain()[0].Raw, []byte(base64.StdEncoding.EncodeToString(sig)))
	f.Add([]byte(base64.StdEncoding.EncodeToString(signer.Chain()[0].Raw)), []byte(hex.EncodeToString(make([]byte, 64))))
	f.Add(append(bytes.Clone(cert), ca...), make([]byte, 64))
	f.Fuzz(func(t *testing.T, cert, sig []byte) {
		certs, err := readCerts(cert, chainMost)
		if err != nil {
			if errs.KindOf(err) != errs.Invalid {
				t.Fatal(err)
			}
			return
		}
		_ = factsOf(certs[0])
		if _, err := trust.chain(certs[0], certs[1:], fuzzDay); err != nil && errs.KindOf(err) != errs.Invalid {
			t.Fatal(err)
		}
		if err := checkSignature(certs[0], text, sig); err != nil && !errs.Is(err, "factor.cert_signature") {
			t.Fatal(err)
		}
	})
}

func FuzzVerifyEvidence(f *testing.F) {
	ca, _, signer := fuzzKey(f)
	env := Envelope{Site: "https://zwfw.example.cn", Owner: "person:p1", Object: "case:c1", Title: "承诺书", Asked: fuzzDay, Nonce: "N", Text: "内容\n"}
	sig, err := signer.Sign(env.Bytes())
	if err != nil {
		f.Fatal(err)
	}
	trust, good := Trust{Seals: [][]byte{ca}, Holders: [][]byte{ca}}, map[string]bool{}
	for _, e := range []evidence{
		{Method: ByPassword},
		{Method: ByPasskey, Passkey: fuzzPasskey(f, env)},
		{Method: ByCertificate, Certificate: &certProof{Chain: [][]byte{signer.Chain()[0].Raw}, Signature: sig}},
	} {
		e.Format, e.Envelope, e.Signed = evidenceForm, string(env.Bytes()), fuzzDay.Format(time.RFC3339)
		body, err := e.bytes()
		if err != nil {
			f.Fatal(err)
		}
		cms, err := SealWith(signer, func() time.Time { return fuzzDay })(f.Context(), body)
		if err != nil {
			f.Fatal(err)
		}
		file := withSeal(body, cms)
		if r := VerifyEvidence(file, trust); !r.OK {
			f.Fatalf("%+v", r)
		}
		good[string(file)] = true
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		if VerifyEvidence(file, trust).OK && !good[string(file)] {
			t.Errorf("%q is good", file)
		}
	})
}

// fuzzPasskey signs an envelope as a passkey does.
func fuzzPasskey(f *testing.F, env Envelope) *passkeyProof {
	f.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	raw, err := k.PublicKey.Bytes()
	if err != nil {
		f.Fatal(err)
	}
	cose, err := webauthncbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: raw[1:33], -3: raw[33:]})
	if err != nil {
		f.Fatal(err)
	}
	p := &passkeyProof{RPID: "zwfw.example.cn", Origin: env.Site, CredentialID: []byte{1}, PublicKey: cose}
	rp := sha256.Sum256([]byte(p.RPID))
	p.AuthenticatorData = append(rp[:], 5, 0, 0, 0, 1)
	p.ClientData, err = json.Marshal(map[string]any{"type": "webauthn.get", "challenge": base64.RawURLEncoding.EncodeToString(env.Digest()), "origin": env.Site})
	if err != nil {
		f.Fatal(err)
	}
	h := sha256.Sum256(p.ClientData)
	sum := sha256.Sum256(append(bytes.Clone(p.AuthenticatorData), h[:]...))
	if p.Signature, err = ecdsa.SignASN1(rand.Reader, k, sum[:]); err != nil {
		f.Fatal(err)
	}
	return p
}

func FuzzPasskeyAnswer(f *testing.F) {
	s := &Service{}
	if err := s.relyingParty("https://zwfw.example.cn", "清澜政务"); err != nil {
		f.Fatal(err)
	}
	p := fuzzPasskey(f, Envelope{Site: s.origin})
	e := base64.RawURLEncoding.EncodeToString
	for _, response := range []map[string]any{
		{"clientDataJSON": e(p.ClientData), "authenticatorData": e(p.AuthenticatorData), "signature": e(p.Signature), "userHandle": "AQ"},
		{"clientDataJSON": e(p.ClientData), "attestationObject": e(p.AuthenticatorData)},
		{},
	} {
		b, err := json.Marshal(map[string]any{"id": "AQ", "rawId": "AQ", "type": "public-key", "response": response, "clientExtensionResults": map[string]any{}})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	row := passkeyRow{handle: "01", cred: webauthn.Credential{ID: []byte{1}, PublicKey: p.PublicKey}}
	c := challengeRow{handle: "01", challenge: e(make([]byte, 32))}
	f.Fuzz(func(t *testing.T, answer []byte) {
		if _, err := s.registered(c, answer); err == nil || errs.KindOf(refused(err)) != errs.Invalid {
			t.Errorf("registered: %v", err)
		}
		if parsed, err := protocol.ParseCredentialRequestResponseBytes(answer); err == nil && s.validate(c, row, parsed) == nil {
			t.Error("signed in")
		}
	})
}
