package factor

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/emmansun/gmsm/smx509"
	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
)

const evidenceForm = "tongban-evidence-1"

// evidence is the proof of a signature as a JSON file. The platform's seal is a detached CMS over the file without its last member: the bytes
// before `,"seal":"` and a closing brace.
type evidence struct {
	Format      string        `json:"format"`
	Envelope    string        `json:"envelope"`
	Method      string        `json:"method"`
	Signed      string        `json:"signed"` // RFC 3339, UTC
	Passkey     *passkeyProof `json:"passkey,omitempty"`
	Certificate *certProof    `json:"certificate,omitempty"`
}

// passkeyProof is a WebAuthn assertion whose challenge is the SHA-256 of the envelope.
type passkeyProof struct {
	RPID              string `json:"rp_id"`
	Origin            string `json:"origin"`
	CredentialID      []byte `json:"credential_id"`
	PublicKey         []byte `json:"public_key"` // COSE
	AuthenticatorData []byte `json:"authenticator_data"`
	ClientData        []byte `json:"client_data"`
	Signature         []byte `json:"signature"`
}

// certProof is a signature over the envelope's bytes.
type certProof struct {
	Chain     [][]byte `json:"chain"` // DER: the person's certificate, then those between it and the root
	Signature []byte   `json:"signature"`
}

const sealMark = `,"seal":"`

func (e evidence) bytes() ([]byte, error) { return json.Marshal(e) }

// withSeal puts the seal into the file.
func withSeal(body, seal []byte) []byte {
	return fmt.Appendf(nil, `%s%s%s"}`, body[:len(body)-1], sealMark, base64.StdEncoding.EncodeToString(seal))
}

// Trust is whom a verifier believes: the authorities of the platform's seals and those of people's certificates (PEM). They are kept apart, or a
// person with a certificate could seal for the platform.
type Trust struct{ Seals, Holders [][]byte }

// Check is one thing that was looked at.
type Check struct {
	Name   string `json:"name"` // form, envelope, passkey, certificate, declared, seal, time
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
}

// Report is what VerifyEvidence found. The other fields hold only what could be read and mean nothing unless OK.
type Report struct {
	OK       bool      `json:"ok"`
	Checks   []Check   `json:"checks"`
	Method   string    `json:"method"`
	Signed   time.Time `json:"signed"`
	Envelope Envelope  `json:"envelope"`
	Holder   string    `json:"holder,omitempty"` // the subject of the person's certificate
	Sealer   string    `json:"sealer,omitempty"` // the subject of the platform's
}

func (r *Report) add(name, good string, err error) bool {
	c := Check{Name: name, OK: err == nil, Detail: good}
	if err != nil {
		c.Detail = err.Error()
	}
	r.Checks = append(r.Checks, c)
	return c.OK
}

// VerifyEvidence judges the proof of a signature offline: that the file is the one form of what it says, that envelope and text are whole, that
// the person's key signed exactly this envelope (or that the platform witnessed a second secret), and that the platform sealed all of it at
// that time. It is pure.
func VerifyEvidence(file []byte, t Trust) Report {
	var r Report
	e, body, seal, err := readEvidence(file)
	if !r.add("form", "the file is in its one form", err) {
		return r
	}
	env, err := ParseEnvelope([]byte(e.Envelope))
	if !r.add("envelope", "the text is whole", err) {
		return r
	}
	r.Envelope, r.Method = env, e.Method
	r.Signed, err = time.Parse(time.RFC3339, e.Signed)
	if err == nil && (r.Signed.Before(env.Asked) || r.Signed.After(env.Asked.Add(askLife))) {
		err = errors.New("it was not signed in the time it could be")
	}
	ok := r.add("time", "signed at "+e.Signed, err)
	ok = r.checkProof(e, env, t) && ok
	r.OK = r.checkSeal(body, seal, t) && ok
	return r
}

// readEvidence takes a file apart and proves that it is the only form of what it says.
func readEvidence(file []byte) (e evidence, body, seal []byte, err error) {
	at := bytes.LastIndex(file, []byte(sealMark))
	if at < 0 || len(file) > 1<<20 || !bytes.HasSuffix(file, []byte(`"}`)) || len(file)-2 < at+len(sealMark) {
		return e, nil, nil, errors.New("not an evidence file")
	}
	body = append(bytes.Clone(file[:at]), '}')
	if seal, err = base64.StdEncoding.Strict().DecodeString(string(file[at+len(sealMark) : len(file)-2])); err != nil {
		return e, nil, nil, errors.New("the seal cannot be read")
	}
	if err := json.Unmarshal(body, &e); err != nil {
		return e, nil, nil, errors.New("the file cannot be read")
	}
	again, err := e.bytes()
	if err != nil || !bytes.Equal(withSeal(again, seal), file) || e.Format != evidenceForm {
		return e, nil, nil, errors.New("not the canonical form")
	}
	return e, body, seal, nil
}

func (r *Report) checkProof(e evidence, env Envelope, t Trust) bool {
	switch {
	case e.Method == ByPasskey && e.Passkey != nil && e.Certificate == nil:
		return r.add("passkey", "a passkey signed this text, its user was verified", e.Passkey.check(env))
	case e.Method == ByCertificate && e.Certificate != nil && e.Passkey == nil:
		holder, err := e.Certificate.check(env, t.Holders, r.Signed)
		r.Holder = holder
		return r.add("certificate", "signed with the key of "+holder, err)
	case (e.Method == ByPassword || e.Method == ByApp) && e.Certificate == nil && e.Passkey == nil:
		return r.add("declared", "the platform witnessed the signer's second secret ("+e.Method+")", nil)
	}
	return r.add("method", "", errors.New("method and proof do not belong together"))
}

// check proves the assertion: WebAuthn Level 3, 7.2, without what needs the server's memory.
func (p *passkeyProof) check(env Envelope) error {
	var client protocol.CollectedClientData
	if err := json.Unmarshal(p.ClientData, &client); err != nil {
		return errors.New("the client data cannot be read")
	}
	rp := sha256.Sum256([]byte(p.RPID))
	var auth protocol.AuthenticatorData
	if err := auth.Unmarshal(p.AuthenticatorData); err != nil {
		return errors.New("the authenticator data cannot be read")
	}
	switch {
	case client.Type != protocol.AssertCeremony:
		return errors.New("not an assertion")
	case client.Challenge != base64.RawURLEncoding.EncodeToString(env.Digest()):
		return errors.New("the passkey signed another text")
	case client.Origin != p.Origin || !strings.EqualFold(p.Origin, env.Site) || client.CrossOrigin:
		return errors.New("signed on another site")
	case !bytes.Equal(auth.RPIDHash, rp[:]):
		return errors.New("signed for another site")
	case !auth.Flags.HasUserPresent() || !auth.Flags.HasUserVerified():
		return errors.New("the user was not verified")
	}
	key, err := webauthncose.ParsePublicKey(p.PublicKey)
	if err != nil {
		return errors.New("the public key cannot be read")
	}
	h := sha256.Sum256(p.ClientData)
	if ok, err := webauthncose.VerifySignature(key, append(bytes.Clone(p.AuthenticatorData), h[:]...), p.Signature); err != nil || !ok {
		return errors.New("the signature is not the passkey's")
	}
	return nil
}

func (c *certProof) check(env Envelope, roots [][]byte, at time.Time) (holder string, err error) {
	trust, err := newCertTrust(roots)
	if err != nil {
		return "", fmt.Errorf("the trusted authorities cannot be read: %w", err)
	}
	var chain []*smx509.Certificate
	for _, der := range c.Chain {
		cert, err := smx509.ParseCertificate(der)
		if err != nil || len(chain) == chainMost {
			return "", errors.New("a certificate cannot be read")
		}
		chain = append(chain, cert)
	}
	if len(chain) == 0 {
		return "", errors.New("no certificate")
	}
	holder = readable(chain[0].Subject.String())
	if _, err := trust.chain(chain[0], chain[1:], at); err != nil {
		return holder, fmt.Errorf("the certificate: %w", err)
	}
	if !signedBy(chain[0], env.Bytes(), c.Signature) {
		return holder, errors.New("the signature is not the certificate's")
	}
	return holder, nil
}

func (r *Report) checkSeal(body, seal []byte, t Trust) bool {
	trust, err := newCertTrust(t.Seals)
	if err != nil {
		return r.add("seal", "", fmt.Errorf("the trusted authorities cannot be read: %w", err))
	}
	signer, at, err := checkSeal(body, seal, trust)
	if err == nil && (at.Before(r.Signed.Add(-sealLate)) || at.After(r.Signed.Add(sealLate))) {
		err = errors.New("sealed at another time than it was signed")
	}
	r.Sealer = signer
	return r.add("seal", "sealed by "+signer, err)
}

// sealLate is how far the seal's own clock may be from the time of signing.
const sealLate = 5 * time.Minute
