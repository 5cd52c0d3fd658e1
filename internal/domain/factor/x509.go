package factor

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"strings"
	"time"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"tongban/internal/base/errs"
)

const (
	certMost   = 64 << 10 // bytes of what somebody sends as a certificate with its chain
	chainMost  = 6
	rsaBitsMin = 2048
)

// certTrust is the authorities whose certificates count.
type certTrust struct {
	roots, mids *smx509.CertPool
	all         []*smx509.Certificate
}

// newCertTrust reads authorities from PEM texts. A certificate that signed itself is a root, any other an intermediate authority.
func newCertTrust(pems [][]byte) (*certTrust, error) {
	t := &certTrust{roots: smx509.NewCertPool(), mids: smx509.NewCertPool()}
	for _, p := range pems {
		certs, err := readCerts(p, 1000)
		if err != nil {
			return nil, err
		}
		for _, c := range certs {
			if !c.IsCA {
				return nil, errs.New(errs.Invalid, "factor.cert_no_authority", errs.P{"name": c.Subject.CommonName})
			}
			if bytes.Equal(c.RawSubject, c.RawIssuer) && c.CheckSignatureFrom(c) == nil {
				t.roots.AddCert(c)
			} else {
				t.mids.AddCert(c)
			}
			t.all = append(t.all, c)
		}
	}
	return t, nil
}

// readCerts reads certificates as people send them: PEM with a chain, DER, or base64 of DER.
func readCerts(b []byte, most int) ([]*smx509.Certificate, error) {
	bad := func(err error) error { return errs.Wrap(err, errs.Invalid, "factor.cert_unreadable") }
	var ders [][]byte
	for rest := b; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" || len(ders) == most {
			return nil, bad(errors.New("not only certificates, or too many"))
		}
		ders = append(ders, block.Bytes)
	}
	if len(ders) == 0 {
		der := b
		if text := unspaced(b); len(text) > 0 {
			if d, err := base64.StdEncoding.DecodeString(text); err == nil {
				der = d
			}
		}
		ders = [][]byte{der}
	}
	var out []*smx509.Certificate
	for _, der := range ders {
		c, err := smx509.ParseCertificate(der)
		if err != nil {
			return nil, bad(err)
		}
		out = append(out, c)
	}
	return out, nil
}

func unspaced(b []byte) string { return strings.Join(strings.Fields(string(b)), "") }

// chain finds a way from a person's certificate to a root at a time; the first one it finds, without the root at the end.
func (t *certTrust) chain(leaf *smx509.Certificate, sent []*smx509.Certificate, at time.Time) ([]*smx509.Certificate, error) {
	switch {
	case len(t.all) == 0:
		return nil, errs.New(errs.Unavailable, "factor.cert_off")
	case at.Before(leaf.NotBefore):
		return nil, errs.New(errs.Invalid, "factor.cert_not_yet", errs.P{"date": leaf.NotBefore.In(china).Format(time.DateOnly)})
	case at.After(leaf.NotAfter):
		return nil, errs.New(errs.Invalid, "factor.cert_expired", errs.P{"date": leaf.NotAfter.In(china).Format(time.DateOnly)})
	}
	if err := goodUse(leaf); err != nil {
		return nil, err
	}
	mids := t.mids.Clone()
	for _, c := range sent {
		mids.AddCert(c)
	}
	chains, err := leaf.Verify(smx509.VerifyOptions{Roots: t.roots, Intermediates: mids, CurrentTime: at, KeyUsages: []smx509.ExtKeyUsage{smx509.ExtKeyUsageAny}})
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "factor.cert_untrusted")
	}
	return chains[0], nil
}

var china = time.FixedZone("Asia/Shanghai", 8*60*60)

// goodUse checks that a certificate is one a person signs with: not an authority's, not a server's, and with a key of today's strength.
func goodUse(c *smx509.Certificate) error {
	signs := c.KeyUsage == 0 || c.KeyUsage&(smx509.KeyUsageDigitalSignature|smx509.KeyUsageContentCommitment) != 0
	if c.IsCA || !signs || !forPeople(c) {
		return errs.New(errs.Invalid, "factor.cert_usage")
	}
	if algorithm(c) == "" {
		return errs.New(errs.Invalid, "factor.cert_weak")
	}
	return nil
}

// forPeople: a certificate without extended uses is for anything; one that names only uses of machines is not for people.
func forPeople(c *smx509.Certificate) bool {
	if len(c.ExtKeyUsage) == 0 || len(c.UnknownExtKeyUsage) > 0 {
		return true
	}
	for _, u := range c.ExtKeyUsage {
		switch u {
		case smx509.ExtKeyUsageAny, smx509.ExtKeyUsageClientAuth, smx509.ExtKeyUsageEmailProtection:
			return true
		}
	}
	return false
}

// algorithm names a certificate's key; empty for a kind or size that is not accepted.
func algorithm(c *smx509.Certificate) string {
	switch k := c.PublicKey.(type) {
	case *rsa.PublicKey:
		if k.N.BitLen() >= rsaBitsMin {
			return RSA
		}
	case *ecdsa.PublicKey:
		switch k.Curve {
		case sm2.P256():
			return SM2
		case elliptic.P256(), elliptic.P384(), elliptic.P521():
			return ECDSA
		}
	}
	return ""
}

// checkSignature says whether sig is the certificate key's signature over text: RSA with SHA-256 (PKCS #1 v1.5 or PSS), ECDSA with the hash of
// its curve or SHA-256, SM2 with SM3 and the default user id (GB/T 32918.2). Errors: Invalid factor.cert_signature.
func checkSignature(c *smx509.Certificate, text, sig []byte) error {
	for _, form := range signatureForms(sig) {
		if signedBy(c, text, form) {
			return nil
		}
	}
	return errs.New(errs.Invalid, "factor.cert_signature")
}

func signedBy(c *smx509.Certificate, text, sig []byte) bool {
	h := sha256.Sum256(text)
	switch k := c.PublicKey.(type) {
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(k, crypto.SHA256, h[:], sig) == nil || rsa.VerifyPSS(k, crypto.SHA256, h[:], sig, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthAuto}) == nil
	case *ecdsa.PublicKey:
		switch k.Curve {
		case sm2.P256():
			return sm2.VerifyASN1WithSM2(k, nil, text, sig)
		case elliptic.P384():
			long := sha512.Sum384(text)
			return ecdsa.VerifyASN1(k, h[:], sig) || ecdsa.VerifyASN1(k, long[:], sig)
		case elliptic.P521():
			long := sha512.Sum512(text)
			return ecdsa.VerifyASN1(k, h[:], sig) || ecdsa.VerifyASN1(k, long[:], sig)
		}
		return ecdsa.VerifyASN1(k, h[:], sig)
	}
	return false
}

// signatureForms gives what a signature may be under its wrapping: as it came, out of base64 or hexadecimal, and as DER where two plain numbers
// came, as key tokens give them.
func signatureForms(sig []byte) [][]byte {
	if len(sig) == 0 || len(sig) > certMost {
		return nil
	}
	forms := [][]byte{sig}
	text := unspaced(sig)
	if b, err := base64.StdEncoding.DecodeString(text); err == nil {
		forms = append(forms, b)
	}
	if b, err := hex.DecodeString(text); err == nil {
		forms = append(forms, b)
	}
	for _, f := range forms {
		if n := len(f); n == 64 || n == 96 || n == 132 {
			forms = append(forms, derOf(f[:n/2], f[n/2:]))
		}
	}
	return forms
}

// derOf writes two numbers as the DER of an ECDSA signature.
func derOf(r, s []byte) []byte {
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, n := range [][]byte{r, s} {
			if n = bytes.TrimLeft(n, "\x00"); len(n) == 0 || n[0] >= 0x80 {
				n = append([]byte{0}, n...)
			}
			b.AddASN1(asn1.INTEGER, func(b *cryptobyte.Builder) { b.AddBytes(n) })
		}
	})
	out, err := b.Bytes()
	if err != nil {
		return nil
	}
	return out
}
