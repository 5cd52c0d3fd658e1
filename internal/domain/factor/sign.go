package factor

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
)

// The states of a text that is to be signed.
const (
	Asked   = "asked"
	Signed  = "signed"
	Refused = "refused"
)

// askLife is how long a text waits to be signed.
const askLife = time.Hour

const trySign = "sign"

// Paper is a text to be signed as its page shows it.
type Paper struct {
	ID       string
	State    string // asked, signed, refused
	Envelope Envelope
	Back     string
	Ends     time.Time
	Signature
	owner string
}

// AskSignature keeps a text for the actor to sign on /my/sign/{id}. What cannot be seen is taken out of the text, see cleanText. Errors:
// Unauthorized, Invalid factor.ask_bad, Unavailable factor.no_seal.
func (s *Service) AskSignature(ctx context.Context, a authz.Actor, ask Ask) (id string, err error) {
	switch ask, err = ask.clean(); {
	case err != nil:
		return "", err
	case !a.Signed():
		return "", errs.New(errs.Unauthorized, "base.unauthorized")
	case s.deps.Seal == nil:
		return "", errs.New(errs.Unavailable, "factor.no_seal")
	}
	now := s.now()
	p := Paper{
		ID: ident.New(), State: Asked, Back: ask.Back, Ends: now.Add(askLife),
		Envelope: Envelope{
			Site: s.origin, Owner: a.Name(), For: a.OnBehalf(), Object: ask.Object, Title: ask.Title, Asked: now.UTC().Truncate(time.Second),
			Nonce: ident.Secret(16), Text: ask.Text,
		},
	}
	err = s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return insertPaper(ctx, tx, now, p, s.textKey(ask.Text), s.v.Seal("factor_signature.envelope."+p.ID, p.Envelope.Bytes()))
	})
	return p.ID, err
}

func (s *Service) textKey(text string) string { return s.v.Blind("factor_text", text) }

// Paper gives a text the owner was asked to sign. Errors: NotFound factor.no_paper.
func (s *Service) Paper(ctx context.Context, owner, id string) (Paper, error) {
	return s.paper(ctx, s.d.R(), owner, id)
}

// open gives a text that can still be signed. Errors: NotFound factor.no_paper, Conflict factor.paper_done, Gone factor.paper_late.
func (s *Service) open(ctx context.Context, owner, id string) (Paper, error) {
	p, err := s.paper(ctx, s.d.R(), owner, id)
	switch {
	case err != nil:
		return p, err
	case p.State != Asked:
		return p, errs.New(errs.Conflict, "factor.paper_done")
	case s.now().After(p.Ends):
		return p, errs.New(errs.Gone, "factor.paper_late")
	}
	return p, nil
}

// SignatureOf finds the owner's newest signature under exactly this text about this object.
func (s *Service) SignatureOf(ctx context.Context, owner, object, text string) (Signature, bool, error) {
	return signatureOf(ctx, s.d.R(), owner, object, s.textKey(cleanText(text)))
}

// Evidence gives the proof of a signature, a JSON file that VerifyEvidence judges offline. Who may have it is for the caller to say. Errors:
// NotFound factor.no_paper.
func (s *Service) Evidence(ctx context.Context, id string) ([]byte, error) {
	sealed, err := evidenceOf(ctx, s.d.R(), id)
	if err != nil {
		return nil, err
	}
	return s.v.Open("factor_signature.evidence."+id, sealed)
}

// SignWithPassword signs with the second secret. Errors: Invalid factor.sign_password_wrong, TooMany factor.too_many, and those of an
// open paper.
func (s *Service) SignWithPassword(ctx context.Context, a authz.Actor, owner, id, password string) error {
	p, err := s.open(ctx, owner, id)
	if err != nil {
		return err
	}
	if err := s.take(ctx, owner, trySign); err != nil {
		return err
	}
	ok, _, err := s.checkPassword(ctx, owner, useSign, password)
	switch {
	case err != nil:
		return err
	case !ok:
		return errs.New(errs.Invalid, "factor.sign_password_wrong")
	}
	return s.finish(ctx, a, p, evidence{Method: ByPassword})
}

// SignWithApp signs with a code of the authenticator app. Errors: Invalid factor.totp_wrong, TooMany factor.too_many.
func (s *Service) SignWithApp(ctx context.Context, a authz.Actor, owner, id, code string) error {
	p, err := s.open(ctx, owner, id)
	if err != nil {
		return err
	}
	ok, err := s.CheckTOTP(ctx, owner, code)
	switch {
	case err != nil:
		return err
	case !ok:
		return errs.New(errs.Invalid, "factor.totp_wrong")
	}
	return s.finish(ctx, a, p, evidence{Method: ByApp})
}

// BeginSignPasskey begins signing with a passkey: the challenge is the digest of the envelope.
func (s *Service) BeginSignPasskey(ctx context.Context, owner, id string) (Challenge, error) {
	if err := s.passkeysHere(); err != nil {
		return Challenge{}, err
	}
	p, err := s.open(ctx, owner, id)
	if err != nil {
		return Challenge{}, err
	}
	allowed, err := s.allowed(ctx, owner)
	if err != nil {
		return Challenge{}, err
	}
	c, session, err := s.web.BeginDiscoverableLogin(webauthn.WithAllowedCredentials(allowed), webauthn.WithChallenge(p.Envelope.Digest()))
	if err != nil {
		return Challenge{}, err
	}
	return s.challenge(ctx, challengeRow{kind: kindSign, owner: owner, object: id, challenge: session.Challenge}, c.Response)
}

// FinishSignPasskey signs with a passkey's answer. Errors as FinishPasskeySignIn and those of an open paper.
func (s *Service) FinishSignPasskey(ctx context.Context, a authz.Actor, owner, id, challengeID string, response []byte) error {
	if err := s.passkeysHere(); err != nil {
		return err
	}
	p, err := s.open(ctx, owner, id)
	if err != nil {
		return err
	}
	c, err := s.spend(ctx, challengeID, kindSign)
	if err != nil {
		return err
	}
	if c.owner != owner || c.object != id {
		return errs.New(errs.Gone, "factor.challenge_gone")
	}
	row, parsed, err := s.assert(ctx, c, response)
	if err != nil {
		return err
	}
	raw := parsed.Raw.AssertionResponse
	return s.finish(ctx, a, p, evidence{Method: ByPasskey, Passkey: &passkeyProof{
		RPID: s.web.Config.RPID, Origin: parsed.Response.CollectedClientData.Origin, CredentialID: row.cred.ID, PublicKey: row.cred.PublicKey,
		AuthenticatorData: raw.AuthenticatorData, ClientData: raw.ClientDataJSON, Signature: raw.Signature,
	}})
}

// SignWithCertificate signs with a certificate's signature over the envelope's bytes. The certificate must be bound to the owner, or
// Deps.MayHold must say that it is theirs. Errors as FinishCert, Forbidden factor.cert_other.
func (s *Service) SignWithCertificate(ctx context.Context, a authz.Actor, owner, id string, certPEM, signature []byte) error {
	p, err := s.open(ctx, owner, id)
	if err != nil {
		return err
	}
	chain, err := s.judge(ctx, certPEM)
	if err != nil {
		return err
	}
	if err := s.holds(ctx, owner, factsOf(chain[0])); err != nil {
		return err
	}
	if err := checkSignature(chain[0], p.Envelope.Bytes(), signature); err != nil {
		return err
	}
	proof := certProof{}
	for _, form := range signatureForms(signature) {
		if signedBy(chain[0], p.Envelope.Bytes(), form) {
			proof.Signature = form
			break
		}
	}
	for _, c := range chain[:max(1, len(chain)-1)] { // without the root
		proof.Chain = append(proof.Chain, c.Raw)
	}
	return s.finish(ctx, a, p, evidence{Method: ByCertificate, Certificate: &proof})
}

func (s *Service) holds(ctx context.Context, owner string, c Certificate) error {
	bound, err := s.OwnerOfCert(ctx, c.Fingerprint)
	switch {
	case err == nil && bound == owner:
		return nil
	case err == nil || s.deps.MayHold == nil && errs.KindOf(err) == errs.NotFound:
		return errs.New(errs.Forbidden, "factor.cert_other")
	case errs.KindOf(err) != errs.NotFound:
		return err
	}
	return s.deps.MayHold(ctx, owner, c)
}

// finish seals the evidence and writes the signature; of two at once, one wins.
func (s *Service) finish(ctx context.Context, a authz.Actor, p Paper, e evidence) error {
	now := s.now()
	body := p.Envelope.Bytes()
	e.Format, e.Envelope, e.Signed = evidenceForm, string(body), now.UTC().Truncate(time.Second).Format(time.RFC3339)
	b, err := e.bytes()
	if err != nil {
		return err
	}
	seal, err := s.deps.Seal(ctx, b)
	if err != nil {
		return errs.Wrap(err, errs.Unavailable, "factor.no_seal")
	}
	sealed := s.v.Seal("factor_signature.evidence."+p.ID, withSeal(b, seal))
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := setSigned(ctx, tx, now, p.ID, e.Method, sealed); err != nil {
			return err
		}
		if err := forget(ctx, tx, p.owner, trySign); err != nil {
			return err
		}
		if err := s.audit(ctx, tx, now, a, p.Envelope.Object, "signed"); err != nil {
			return err
		}
		return s.tell(ctx, tx, now, p.owner, "signed", map[string]string{"title": p.Envelope.Title})
	})
}

// RefuseSignature lets a person say no. Errors: those of an open paper.
func (s *Service) RefuseSignature(ctx context.Context, a authz.Actor, owner, id string) error {
	p, err := s.open(ctx, owner, id)
	if err != nil {
		return err
	}
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := setRefused(ctx, tx, id); err != nil {
			return err
		}
		return s.audit(ctx, tx, s.now(), a, p.Envelope.Object, "sign_refused")
	})
}

func digestOf(p Paper) string { return hex.EncodeToString(p.Envelope.Digest()) }
