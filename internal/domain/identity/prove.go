package identity

import (
	"context"
	"encoding/json"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/domain/factor"
	"tongban/internal/engine/cnid"
)

// answerMax is the longest answer that is read, in bytes.
const answerMax = 64 << 10

type answer struct {
	ID        string `json:"id"`
	Response  []byte `json:"response,omitempty"`
	Cert      []byte `json:"cert,omitempty"`
	Signature []byte `json:"signature,omitempty"`
}

// PasskeyAnswer packs a finished passkey ceremony as the answer of a step: the challenge's id and the browser's response.
func PasskeyAnswer(challengeID string, response []byte) string {
	return pack(answer{ID: challengeID, Response: response})
}

// CertificateAnswer packs a signed certificate challenge as the answer of a step.
func CertificateAnswer(id string, certPEM, signature []byte) string {
	return pack(answer{ID: id, Cert: certPEM, Signature: signature})
}

func pack(a answer) string {
	b, _ := json.Marshal(a) // strings and bytes always can be
	return string(b)
}

// unpack reads an answer; whatever cannot be read is an empty one, which proves nothing.
func unpack(s string) answer {
	var a answer
	if len(s) > answerMax || json.Unmarshal([]byte(s), &a) != nil {
		return answer{}
	}
	return a
}

// proof is one thing an owner has just proved.
type proof struct {
	method string
	amr    string
	number string // ID number in the certificate
	issuer string // of the certificate
}

// proveOwner judges one answer under the delays of the account. opens names what a text message's code is for. An empty owner takes as long as
// any other and is always wrong. Errors: Invalid with a finding on the field of the method, TooMany.
func (s *Service) proveOwner(ctx context.Context, account, owner, method, typed, opens string, from From) (proof, error) {
	if method == WaySMS { // has a count of its own, which is of one device
		account = ""
	}
	t, err := s.attempt(ctx, account, owner, from)
	if err != nil {
		return proof{}, err
	}
	p, err := s.prove(ctx, owner, method, typed, opens)
	if err == nil {
		return p, s.passed(ctx, t)
	}
	if errs.KindOf(err) == errs.Invalid {
		return proof{}, s.failed(ctx, owner, "identity.sign_in_failed", from, err)
	}
	return proof{}, err
}

func (s *Service) prove(ctx context.Context, owner, method, typed, opens string) (proof, error) {
	p := proof{method: method}
	f := s.deps.Factors
	switch method {
	case WaySMS:
		p.amr = "sms"
		return p, s.checkCode(ctx, opens, typed)
	case WayPassword:
		p.amr = "pwd"
		ok, err := s.checkPassword(ctx, owner, typed)
		return p, wrong(ok, err, "password", "identity.password_wrong")
	case WayTOTP:
		p.amr = "otp"
		check := f.CheckTOTP
		if opens == recovering {
			check = f.RecoverTOTP
		}
		ok, err := check(ctx, owner, digits(typed))
		return p, wrong(ok, err, "code", "identity.totp_wrong")
	case WayRecovery:
		p.amr = "otp"
		ok, err := f.UseRecoveryCode(ctx, owner, typed)
		return p, wrong(ok, err, "code", "identity.recovery_code_wrong")
	case WayPasskey:
		a := unpack(typed)
		got, pk, err := f.FinishPasskeySignIn(ctx, a.ID, a.Response)
		p.amr = passkeyAMR(pk)
		return p, wrong(owner != "" && got == owner, err, "passkey", "identity.passkey_wrong")
	case WayCertificate:
		return s.proveCertificate(ctx, owner, unpack(typed))
	}
	return p, errs.New(errs.Invalid, "identity.way_unknown")
}

func wrong(ok bool, err error, field, key string) error {
	if err != nil || ok {
		return err
	}
	return fieldError(field, key)
}

// passkeyAMR says where the key lives (RFC 8176): in one device, or synced.
func passkeyAMR(pk factor.Passkey) string {
	if pk.Synced {
		return "swk"
	}
	return "hwk"
}

// proveCertificate takes a certificate with the person's own number, or one that was bound to the account.
func (s *Service) proveCertificate(ctx context.Context, owner string, a answer) (proof, error) {
	p := proof{method: WayCertificate, amr: "sc"}
	c, err := s.deps.Factors.FinishCert(ctx, a.ID, a.Cert, a.Signature)
	if err != nil {
		return p, err
	}
	if id, ok := strings.CutPrefix(owner, "person:"); ok && c.Number != "" {
		is, err := s.Person(ctx, id)
		if err != nil {
			return p, err
		}
		if is.Number != "" && is.Number == c.Number {
			p.number, p.issuer = c.Number, c.Issuer
			return p, nil
		}
	}
	m, err := s.deps.Factors.Methods(ctx, owner)
	for _, bound := range m.Certificates {
		if err == nil && bound.Fingerprint == c.Fingerprint {
			return p, nil
		}
	}
	return p, wrong(false, err, "certificate", "identity.certificate_other")
}

// ownProofs are the levels that a proof gives to the session it was made in: a certificate with the person's number 4, a passkey 4 if a counter has
// seen the person.
func (s *Service) ownProofs(ctx context.Context, personID string, p proof) ([]Proof, error) {
	switch {
	case p.method == WayCertificate && p.number != "":
		return []Proof{{Level: LevelCertified, Method: ByCertificate, Issuer: clip(p.issuer, 300)}}, nil
	case p.method == WayPasskey:
		_, proofs, err := standing(ctx, s.d.R(), personID, "")
		if err != nil {
			return nil, err
		}
		if c, ok := counterProof(proofs, s.now()); ok {
			return []Proof{{Level: LevelCertified, Method: ByCounterPasskey, Issuer: c.Issuer, Expires: c.Expires}}, nil
		}
	}
	return nil, nil
}

// BeginPasskeySignIn begins a sign-in with whatever passkey the browser has for this site. The challenge is good for this browser only: its id holds
// a mark of the device, so that an answer to another's challenge cannot be slipped into somebody's browser.
func (s *Service) BeginPasskeySignIn(ctx context.Context, from From) (factor.Challenge, error) {
	c, err := s.deps.Factors.BeginPasskeySignIn(ctx, "")
	c.ID += challengeMark + s.challengeOf(c.ID, from)
	return c, err
}

const challengeMark = "."

func (s *Service) challengeOf(id string, from From) string {
	return s.v.Blind("passkey.device", id+" "+s.deviceKey(from.Device))
}

// FinishPasskeySignIn signs in whoever the passkey belongs to, a person or staff: it holds two factors, the device and what opens it. Errors:
// Invalid, TooMany, Forbidden "identity.dead".
func (s *Service) FinishPasskeySignIn(ctx context.Context, challengeID string, response []byte, from From) (SignedIn, error) {
	t, err := s.attempt(ctx, "", "", from)
	if err != nil {
		return SignedIn{}, err
	}
	id, mark, _ := strings.Cut(challengeID, challengeMark)
	if !ident.Equal(mark, s.challengeOf(id, from)) {
		return SignedIn{}, errs.New(errs.Gone, "factor.challenge_gone")
	}
	owner, pk, err := s.deps.Factors.FinishPasskeySignIn(ctx, id, response)
	if err != nil {
		return SignedIn{}, err
	}
	if err := s.passed(ctx, t); err != nil {
		return SignedIn{}, err
	}
	p := proof{method: WayPasskey, amr: passkeyAMR(pk)}
	if staffID, ok := strings.CutPrefix(owner, "staff:"); ok {
		return s.openStaff(ctx, staffID, opening{staffID: staffID, amr: p.amr}.from(s, from))
	}
	o := opening{personID: strings.TrimPrefix(owner, "person:"), amr: p.amr}.from(s, from)
	if o.own, err = s.ownProofs(ctx, o.personID, p); err != nil {
		return SignedIn{}, err
	}
	return s.openPerson(ctx, o)
}

// CertChallenge gives a text to be signed with the key of a certificate.
func (s *Service) CertChallenge(ctx context.Context) (factor.CertAsk, error) {
	return s.deps.Factors.CertChallenge(ctx)
}

// SignInWithCertificate signs in the person whose number stands in a certificate, by a signed challenge. A person who was not known here is
// checked with the registry first. Errors: Invalid, Invalid "identity.certificate_firm", TooMany, Forbidden "identity.dead", Unavailable.
func (s *Service) SignInWithCertificate(ctx context.Context, id string, certPEM, signature []byte, from From) (SignedIn, error) {
	return s.withCertificate(ctx, from, func() (factor.Certificate, error) { return s.deps.Factors.FinishCert(ctx, id, certPEM, signature) })
}

// SignInWithClientCert is SignInWithCertificate for a certificate (DER) with which the TLS connection itself was made; the TLS side checked the key.
func (s *Service) SignInWithClientCert(ctx context.Context, der []byte, from From) (SignedIn, error) {
	return s.withCertificate(ctx, from, func() (factor.Certificate, error) { return s.deps.Factors.ReadCert(ctx, der) })
}

func (s *Service) withCertificate(ctx context.Context, from From, read func() (factor.Certificate, error)) (SignedIn, error) {
	t, err := s.attempt(ctx, "", "", from)
	if err != nil {
		return SignedIn{}, err
	}
	c, err := read()
	if err != nil {
		return SignedIn{}, err
	}
	if err := s.passed(ctx, t); err != nil {
		return SignedIn{}, err
	}
	p, err := s.certified(ctx, c)
	if err != nil {
		return SignedIn{}, err
	}
	own := Proof{Level: LevelCertified, Method: ByCertificate, Issuer: clip(c.Issuer, 300)}
	if !c.NotAfter.IsZero() {
		own.Expires = c.NotAfter
	}
	return s.openPerson(ctx, opening{personID: p.ID, amr: "sc", own: []Proof{own}}.from(s, from))
}

// certified gives the person of a certificate, adding one the registry knows and we do not.
func (s *Service) certified(ctx context.Context, c factor.Certificate) (Person, error) {
	if code, err := cnid.ParseCreditCode(c.Number); err == nil && code != "" {
		return Person{}, errs.New(errs.Invalid, "identity.certificate_firm")
	}
	name, id, err := namedPerson(c.Name, c.Number, s.today())
	if err != nil {
		return Person{}, errs.New(errs.Invalid, "identity.certificate_nobody")
	}
	p, err := s.PersonByNumber(ctx, id.Number)
	if err == nil && p.Level >= LevelChecked || err != nil && errs.KindOf(err) != errs.NotFound {
		return p, err
	}
	seen, _, err := s.confirm(ctx, "certificate:"+s.SubjectOf(id.Number), name, id, "")
	if err != nil {
		return Person{}, err
	}
	return s.addConfirmed(ctx, seen)
}
