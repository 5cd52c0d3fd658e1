package seal

import (
	"bytes"
	"crypto/rand"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"slices"
	"time"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"

	"tongban/internal/base/errs"
)

// testMark is the organisational unit that marks certificates of test authorities; nothing they sign passes for real.
const testMark = "测试 TEST"

// Authority is a certificate authority with its SM2 key in memory: the demo's, a test's, or a small city's own.
type Authority struct {
	cert  *smx509.Certificate
	above []*smx509.Certificate // from its own certificate up to below the root; empty for a root
	key   *sm2.PrivateKey
	rand  io.Reader
}

// NewCA makes a self-signed root valid from…until. random nil means crypto/rand.
func NewCA(name string, from, until time.Time, test bool, random io.Reader) (*Authority, error) {
	if random == nil {
		random = rand.Reader
	}
	key, err := sm2.GenerateKey(random)
	if err != nil {
		return nil, fmt.Errorf("seal: make CA key: %w", err)
	}
	subject := pkix.Name{Country: []string{"CN"}, CommonName: name}
	if test {
		subject.OrganizationalUnit = []string{testMark}
	}
	a := &Authority{key: key, rand: random}
	a.cert, err = a.create(subject, from, until, key, true)
	return a, err
}

// LoadCA reads an authority back from its PEM files.
func LoadCA(keyPEM, certPEM []byte, random io.Reader) (*Authority, error) {
	s, err := NewSoftSigner(keyPEM, certPEM, random)
	if err != nil {
		return nil, err
	}
	return &Authority{cert: s.chain[0], key: s.key, rand: s.rand}, nil
}

// NewSubCA makes an authority below this one, e.g. a city's below a province's. What it issues carries its certificate along.
func (a *Authority) NewSubCA(name string, from, until time.Time) (*Authority, error) {
	if len(a.above)+2 > maxChain {
		return nil, errs.New(errs.Invalid, "seal.chain_too_long")
	}
	key, err := sm2.GenerateKey(a.rand)
	if err != nil {
		return nil, fmt.Errorf("seal: make CA key: %w", err)
	}
	subject := pkix.Name{Country: []string{"CN"}, CommonName: name, OrganizationalUnit: a.cert.Subject.OrganizationalUnit}
	c, err := a.create(subject, from, until, key, true)
	if err != nil {
		return nil, err
	}
	return &Authority{cert: c, above: append([]*smx509.Certificate{c}, a.above...), key: key, rand: a.rand}, nil
}

// CertPEM gives the authority's certificate; a root's is what verifiers name as trusted.
func (a *Authority) CertPEM() []byte { return certPEM(a.cert) }

// KeyPEM gives the private key (PKCS #8, not encrypted: the caller stores it with the other secrets).
func (a *Authority) KeyPEM() ([]byte, error) { return keyPEM(a.key) }

// Issue makes a signing key and certificate for an agency: cn is the name of the seal, org the agency. cert is the whole chain below the root.
func (a *Authority) Issue(cn, org string, from, until time.Time) (key, cert []byte, err error) {
	k, err := sm2.GenerateKey(a.rand)
	if err != nil {
		return nil, nil, fmt.Errorf("seal: make signing key: %w", err)
	}
	subject := pkix.Name{Country: []string{"CN"}, Organization: []string{org}, CommonName: cn, OrganizationalUnit: a.cert.Subject.OrganizationalUnit}
	c, err := a.create(subject, from, until, k, false)
	if err != nil {
		return nil, nil, err
	}
	cert = certPEM(c)
	for _, up := range a.above {
		cert = append(cert, certPEM(up)...)
	}
	key, err = keyPEM(k)
	return key, cert, err
}

func (a *Authority) create(subject pkix.Name, from, until time.Time, key *sm2.PrivateKey, ca bool) (*smx509.Certificate, error) {
	serial := make([]byte, 16)
	if _, err := io.ReadFull(a.rand, serial); err != nil {
		return nil, fmt.Errorf("seal: make serial number: %w", err)
	}
	serial[0] = serial[0]&0x3f | 0x40 // positive and always 16 bytes long
	t := &smx509.Certificate{
		SerialNumber: new(big.Int).SetBytes(serial), Subject: subject, NotBefore: from, NotAfter: until,
		SignatureAlgorithm: smx509.SM2WithSM3, BasicConstraintsValid: true, IsCA: ca,
		KeyUsage: smx509.KeyUsageDigitalSignature | smx509.KeyUsageContentCommitment,
	}
	parent := a.cert
	if ca {
		t.KeyUsage = smx509.KeyUsageCertSign | smx509.KeyUsageCRLSign
	}
	if parent == nil {
		parent = t
	}
	der, err := smx509.CreateCertificate(a.rand, t, parent, &key.PublicKey, a.key)
	if err != nil {
		return nil, fmt.Errorf("seal: make certificate: %w", err)
	}
	return smx509.ParseCertificate(der)
}

func certPEM(c *smx509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}

func keyPEM(k *sm2.PrivateKey) ([]byte, error) {
	der, err := smx509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		return nil, fmt.Errorf("seal: encode key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// parseCerts reads every certificate of a PEM text; what is not a certificate is an error, not skipped.
func parseCerts(text []byte) ([]*smx509.Certificate, error) {
	var out []*smx509.Certificate
	rest := text
	for len(bytes.TrimSpace(rest)) > 0 {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		c, err := smx509.ParseCertificate(block.Bytes)
		if err != nil || block.Type != "CERTIFICATE" {
			return nil, errs.Wrap(err, errs.Invalid, "seal.bad_certificate")
		}
		out = append(out, c)
	}
	if len(out) == 0 {
		return nil, errs.New(errs.Invalid, "seal.bad_certificate")
	}
	return out, nil
}

func isTest(certs ...*smx509.Certificate) bool {
	return slices.ContainsFunc(certs, func(c *smx509.Certificate) bool {
		return slices.Contains(c.Subject.OrganizationalUnit, testMark)
	})
}
