package archive

import (
	"bytes"
	"crypto/ecdsa"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"

	"tongban/internal/engine/seal"
)

// signAlgorithm is written into the manifest; the default user id is that of GM/T 0009-2012.
const signAlgorithm = "SM2 with SM3, user id 1234567812345678"

const chainMost = 3

func chainPEM(s seal.Signer) []byte {
	var b bytes.Buffer
	for _, c := range s.Chain() {
		_ = pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}) // a buffer takes everything
	}
	return b.Bytes()
}

// certificates reads PEM and proves that it is the only form of what it says.
func certificates(text []byte) ([]*smx509.Certificate, bool) {
	var out []*smx509.Certificate
	var again bytes.Buffer
	for rest := text; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		c, err := smx509.ParseCertificate(block.Bytes)
		if err != nil || len(out) == chainMost {
			return nil, false
		}
		out = append(out, c)
		_ = pem.Encode(&again, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
	}
	return out, len(out) > 0 && bytes.Equal(again.Bytes(), text)
}

// signed reports whether sig is the one form of a signature by a certificate over body.
func signed(c *smx509.Certificate, body, sig []byte) bool {
	pub, ok := c.PublicKey.(*ecdsa.PublicKey)
	if !ok || !sm2.IsSM2PublicKey(pub) {
		return false
	}
	var rs struct{ R, S *big.Int }
	if rest, err := asn1.Unmarshal(sig, &rs); err != nil || len(rest) > 0 {
		return false
	}
	again, err := asn1.Marshal(rs)
	return err == nil && bytes.Equal(again, sig) && sm2.VerifyASN1WithSM2(pub, nil, body, sig)
}

// trusted follows the chain to a root by signature, never by name; everything must have been valid when the package was made.
func trusted(chain []*smx509.Certificate, roots [][]byte, at time.Time) (root *smx509.Certificate, broken string) {
	for i, c := range chain {
		if at.Before(c.NotBefore) || at.After(c.NotAfter) {
			return nil, "archive.cert_time"
		}
		if i+1 < len(chain) && !issued(chain[i+1], c) {
			return nil, "archive.cert_chain"
		}
	}
	if chain[0].IsCA || chain[0].KeyUsage&smx509.KeyUsageDigitalSignature == 0 {
		return nil, "archive.cert_chain"
	}
	for _, text := range roots {
		for rest := text; ; {
			var block *pem.Block
			if block, rest = pem.Decode(rest); block == nil {
				break
			}
			r, err := smx509.ParseCertificate(block.Bytes)
			if err == nil && issued(r, chain[len(chain)-1]) && !at.Before(r.NotBefore) && !at.After(r.NotAfter) {
				return r, ""
			}
		}
	}
	return nil, "archive.cert_unknown"
}

func issued(ca, c *smx509.Certificate) bool {
	return ca.IsCA && bytes.Equal(ca.RawSubject, c.RawIssuer) && c.SignatureAlgorithm == smx509.SM2WithSM3 && c.CheckSignatureFrom(ca) == nil
}

// testCert reports whether a certificate bears the mark of test authorities (engine/seal).
func testCert(cs ...*smx509.Certificate) bool {
	return slices.ContainsFunc(cs, func(c *smx509.Certificate) bool {
		return slices.ContainsFunc(c.Subject.OrganizationalUnit, func(u string) bool { return strings.HasPrefix(u, "测试") })
	})
}
