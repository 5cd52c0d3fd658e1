package factor

import (
	"encoding/json"
	"time"
)

// TOTPSetup is an authenticator app being set up: the secret to type and the otpauth address to scan.
type TOTPSetup struct{ Secret, URI string }

// Challenge is a WebAuthn ceremony that was begun, as the page's script gets it: Options is what the browser's API is given, Words is what the script
// says when the browser gives no answer, in the request's language.
type Challenge struct {
	ID      string            `json:"id"`
	Options json.RawMessage   `json:"options"`
	Words   map[string]string `json:"words"`
}

// Passkey is a registered passkey.
type Passkey struct {
	ID     string
	Label  string
	Synced bool // kept by a provider on several devices; else bound to one device
	Made   time.Time
	Used   time.Time // zero = never
}

// CertAsk is a text to be signed with a certificate's key to sign in.
type CertAsk struct{ ID, Text string }

// The algorithms of certificates.
const (
	RSA   = "RSA"
	ECDSA = "ECDSA"
	SM2   = "SM2"
)

// Certificate is what was read from a valid certificate.
type Certificate struct {
	ID          string `json:"-"` // of a certificate bound to an account; else empty
	Subject     string
	Name        string // holder
	Number      string // ID number or credit code; empty if the certificate names none
	Issuer      string
	Serial      string // hexadecimal
	Algorithm   string // RSA, ECDSA or SM2
	NotAfter    time.Time
	Fingerprint string // SHA-256 of the DER, hexadecimal
}

// Methods is what an owner has.
type Methods struct {
	Password     bool
	MustChange   bool // the password
	SignPassword bool // the second secret, for signing only
	Passkeys     []Passkey
	TOTP         bool
	RecoveryLeft int
	Certificates []Certificate
}

// Ask is a text to be signed with the second key.
type Ask struct {
	Object string // "<kind>:<id>", e.g. "case:…"
	Title  string
	Text   string // exactly what is shown and signed
	Back   string // local address to return to
}

// The ways to sign a text.
const (
	ByPasskey     = "passkey"
	ByPassword    = "password" // the signing password, then the platform's seal
	ByApp         = "app"      // a code of the authenticator app, then the platform's seal
	ByCertificate = "certificate"
)

// Signature is a text that was signed.
type Signature struct {
	ID     string
	Method string
	At     time.Time
	Digest string // SHA-256 of the signed envelope, hexadecimal
}
