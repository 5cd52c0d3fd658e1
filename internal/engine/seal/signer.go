package seal

import (
	"bytes"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"io"
	"strings"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"

	"tongban/internal/base/errs"
)

// maxChain is the most certificates a signature carries: the signer's and two intermediate authorities. Roots are never carried.
const maxChain = 3

// Signer is a key that can seal. A hardware module implements it instead of SoftSigner.
type Signer interface {
	// Sign gives the SM2 signature (DER, r and s) over message, which is hashed with SM3 after the signer's Z value with the default
	// user id 1234567812345678 (GB/T 32918.2-2016, 5.5; GM/T 0009-2012, 10). A module that wants a digest computes Z from Chain()[0].
	Sign(message []byte) ([]byte, error)
	// Chain gives the signer's certificate and then the intermediate authorities in order, without the root.
	Chain() []*smx509.Certificate
}

// SoftSigner signs with a key in memory.
type SoftSigner struct {
	key   *sm2.PrivateKey
	chain []*smx509.Certificate
	rand  io.Reader
}

// NewSoftSigner reads a key and its certificate chain from PEM. It returns errs.Invalid "seal.bad_key" or "seal.bad_certificate" when they
// cannot be read, and "seal.key_mismatch" when they do not belong together. random nil means crypto/rand.
func NewSoftSigner(keyPEM, chainPEM []byte, random io.Reader) (*SoftSigner, error) {
	block, _ := pem.Decode(keyPEM)
	if block == nil {
		return nil, errs.New(errs.Invalid, "seal.bad_key")
	}
	parsed, err := smx509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "seal.bad_key")
	}
	key, ok := parsed.(*sm2.PrivateKey)
	if !ok {
		return nil, errs.Wrap(fmt.Errorf("%T is not an SM2 key", parsed), errs.Invalid, "seal.bad_key")
	}
	chain, err := parseCerts(chainPEM)
	if err != nil {
		return nil, err
	}
	if len(chain) > maxChain {
		return nil, errs.New(errs.Invalid, "seal.bad_certificate")
	}
	if !key.PublicKey.Equal(chain[0].PublicKey) {
		return nil, errs.New(errs.Invalid, "seal.key_mismatch")
	}
	if random == nil {
		random = rand.Reader
	}
	return &SoftSigner{key: key, chain: chain, rand: random}, nil
}

// Sign implements Signer.
func (s *SoftSigner) Sign(message []byte) ([]byte, error) {
	return s.key.Sign(s.rand, message, sm2.NewSM2SignerOption(true, nil))
}

// Chain implements Signer.
func (s *SoftSigner) Chain() []*smx509.Certificate { return s.chain }

// Trust is the set of root certificates a verifier was told to trust. There is no built-in one.
type Trust struct{ roots []*smx509.Certificate }

// NewTrust reads roots from PEM texts. It returns errs.Invalid "seal.bad_certificate" for anything that is not a CA certificate.
func NewTrust(pems ...[]byte) (*Trust, error) {
	t := &Trust{}
	for _, p := range pems {
		certs, err := parseCerts(p)
		if err != nil {
			return nil, err
		}
		for _, c := range certs {
			if !c.IsCA {
				return nil, errs.New(errs.Invalid, "seal.bad_certificate")
			}
		}
		t.roots = append(t.roots, certs...)
	}
	return t, nil
}

// named gives the roots an issuer name may be taken for: the same bytes, the same to the eye, or at least the same common name.
func (t *Trust) named(issuer *smx509.Certificate) (out []*smx509.Certificate) {
	if t == nil {
		return nil
	}
	for _, r := range t.roots {
		a, b := strings.TrimSpace(r.Subject.CommonName), strings.TrimSpace(issuer.Issuer.CommonName)
		if bytes.Equal(r.RawSubject, issuer.RawIssuer) || r.Subject.String() == issuer.Issuer.String() || a != "" && strings.EqualFold(a, b) {
			out = append(out, r)
		}
	}
	return out
}

func (t *Trust) empty() bool { return t == nil || len(t.roots) == 0 }
