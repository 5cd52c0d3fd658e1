package seal

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/smx509"
)

// Object identifiers of GM/T 0006-2012 and GM/T 0010-2012, and of the attributes of RFC 5652 and RFC 5035.
var (
	oidSM3            = asn1.ObjectIdentifier{1, 2, 156, 10197, 1, 401}
	oidSM2Sign        = asn1.ObjectIdentifier{1, 2, 156, 10197, 1, 301, 1}
	oidData           = asn1.ObjectIdentifier{1, 2, 156, 10197, 6, 1, 4, 2, 1}
	oidSignedData     = asn1.ObjectIdentifier{1, 2, 156, 10197, 6, 1, 4, 2, 2}
	oidContentType    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidSigningTime    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5}
	oidSigningCertsV2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
)

// cms is everything a signature says. build gives its only encoding; parse accepts nothing else.
type cms struct {
	chain     []*smx509.Certificate
	digest    []byte    // SM3 of the signed bytes
	signed    time.Time // to the second
	signature []byte    // DER of r and s
}

type attribute struct {
	Type   asn1.ObjectIdentifier
	Values []asn1.RawValue `asn1:"set"`
}

type certID struct {
	Hash     pkix.AlgorithmIdentifier
	CertHash []byte
}

type signerInfo struct {
	Version      int
	SID          issuerAndSerial
	Digest       pkix.AlgorithmIdentifier
	SignedAttrs  asn1.RawValue
	SignatureAlg pkix.AlgorithmIdentifier
	Signature    []byte
}

type issuerAndSerial struct {
	Issuer asn1.RawValue
	Serial asn1.RawValue
}

type signedData struct {
	Version     int
	DigestAlgs  []pkix.AlgorithmIdentifier `asn1:"set"`
	Content     struct{ Type asn1.ObjectIdentifier }
	Certs       asn1.RawValue
	SignerInfos []signerInfo `asn1:"set"`
}

type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue
}

// attributes gives the DER SET OF signed attributes, the message that is signed (RFC 5652, 5.4). The certificates are bound by their
// digests (signingCertificateV2), so that none can be exchanged for another one over the same key.
func (c cms) attributes() ([]byte, error) {
	sm3ID := pkix.AlgorithmIdentifier{Algorithm: oidSM3}
	var ids []certID
	for _, cert := range c.chain {
		h := sm3.Sum(cert.Raw)
		ids = append(ids, certID{sm3ID, h[:]})
	}
	var attrs []attribute
	for _, a := range []struct {
		oid   asn1.ObjectIdentifier
		value any
	}{
		{oidContentType, oidData},
		{oidSigningTime, c.signed.UTC()},
		{oidMessageDigest, c.digest},
		{oidSigningCertsV2, struct{ Certs []certID }{ids}},
	} {
		der, err := asn1.Marshal(a.value)
		if err != nil {
			return nil, err
		}
		attrs = append(attrs, attribute{a.oid, []asn1.RawValue{{FullBytes: der}}})
	}
	return asn1.MarshalWithParams(attrs, "set") // sorts, as DER asks
}

// build gives the DER encoding.
func (c cms) build() ([]byte, error) {
	attrs, err := c.attributes()
	if err != nil {
		return nil, err
	}
	sid, err := signerID(c.chain[0])
	if err != nil {
		return nil, err
	}
	implicit := bytes.Clone(attrs)
	implicit[0] = 0xa0 // [0] IMPLICIT instead of SET
	var certs []byte
	for _, cert := range c.chain {
		certs = append(certs, cert.Raw...)
	}
	digestAlg := pkix.AlgorithmIdentifier{Algorithm: oidSM3, Parameters: asn1.NullRawValue}
	sd := signedData{
		Version: 1, DigestAlgs: []pkix.AlgorithmIdentifier{digestAlg},
		Certs: asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: certs},
		SignerInfos: []signerInfo{{
			Version: 1, SID: sid, Digest: digestAlg, SignedAttrs: asn1.RawValue{FullBytes: implicit},
			SignatureAlg: pkix.AlgorithmIdentifier{Algorithm: oidSM2Sign, Parameters: asn1.NullRawValue}, Signature: c.signature,
		}},
	}
	sd.Content.Type = oidData
	inner, err := asn1.Marshal(sd)
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(contentInfo{oidSignedData, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: inner}})
}

// signerID copies issuer and serial number from the certificate's own bytes.
func signerID(c *smx509.Certificate) (issuerAndSerial, error) {
	serial, err := asn1.Marshal(c.SerialNumber)
	return issuerAndSerial{asn1.RawValue{FullBytes: c.RawIssuer}, asn1.RawValue{FullBytes: serial}}, err
}

// parse reads a CMS and proves that der is the one encoding of what it says: it is built again and compared byte by byte. That leaves no
// room for unsigned attributes, further certificates or signers, other versions, other algorithms or another way to write a number.
func parse(der []byte) (cms, error) {
	var ci contentInfo
	if rest, err := asn1.Unmarshal(der, &ci); err != nil || len(rest) > 0 {
		return cms{}, fmt.Errorf("content info: %w", orTrailing(err))
	}
	var sd signedData
	if rest, err := asn1.Unmarshal(ci.Content.Bytes, &sd); err != nil || len(rest) > 0 {
		return cms{}, fmt.Errorf("signed data: %w", orTrailing(err))
	}
	if len(sd.SignerInfos) != 1 {
		return cms{}, errors.New("not exactly one signer")
	}
	chain, err := smx509.ParseCertificates(sd.Certs.Bytes)
	if err != nil || len(chain) == 0 || len(chain) > maxChain {
		return cms{}, errors.New("certificates cannot be read")
	}
	c := cms{chain: chain, signature: sd.SignerInfos[0].Signature}
	if err := c.readAttributes(sd.SignerInfos[0].SignedAttrs); err != nil {
		return cms{}, err
	}
	again, err := c.build()
	if err != nil {
		return cms{}, err
	}
	if !bytes.Equal(again, der) {
		return cms{}, errors.New("not the canonical encoding")
	}
	return c, nil
}

func orTrailing(err error) error {
	if err == nil {
		return errors.New("trailing bytes")
	}
	return err
}

// readAttributes takes digest and time from the signed attributes; build proves the rest of them.
func (c *cms) readAttributes(raw asn1.RawValue) error {
	set := bytes.Clone(raw.FullBytes)
	if len(set) == 0 || set[0] != 0xa0 {
		return errors.New("no signed attributes")
	}
	set[0] = 0x31
	var attrs []attribute
	if rest, err := asn1.UnmarshalWithParams(set, &attrs, "set"); err != nil || len(rest) > 0 {
		return fmt.Errorf("signed attributes: %w", orTrailing(err))
	}
	for _, a := range attrs {
		if len(a.Values) != 1 {
			return errors.New("attribute without exactly one value")
		}
		var err error
		switch {
		case a.Type.Equal(oidMessageDigest):
			_, err = asn1.Unmarshal(a.Values[0].FullBytes, &c.digest)
		case a.Type.Equal(oidSigningTime):
			_, err = asn1.Unmarshal(a.Values[0].FullBytes, &c.signed)
		}
		if err != nil {
			return fmt.Errorf("signed attribute %v: %w", a.Type, err)
		}
	}
	if len(c.digest) != sm3.Size || c.signed.IsZero() {
		return errors.New("a required signed attribute is missing")
	}
	return nil
}

// verify checks the SM2 signature with the key of the first certificate.
func (c cms) verify() bool {
	pub, ok := c.chain[0].PublicKey.(*ecdsa.PublicKey)
	if !ok || !sm2.IsSM2PublicKey(pub) {
		return false
	}
	var rs struct{ R, S *big.Int }
	if rest, err := asn1.Unmarshal(c.signature, &rs); err != nil || len(rest) > 0 {
		return false
	}
	if again, err := asn1.Marshal(rs); err != nil || !bytes.Equal(again, c.signature) {
		return false
	}
	attrs, err := c.attributes()
	return err == nil && sm2.VerifyASN1WithSM2(pub, nil, attrs, c.signature)
}
