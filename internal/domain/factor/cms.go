package factor

import (
	"bytes"
	"context"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"time"

	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/smx509"

	"tongban/internal/engine/seal"
)

// The platform's seal is a detached CMS of GM/T 0010-2012 with SM3 and SM2, in one encoding only: what is read is built again and compared, so
// that not one byte can be changed.
var (
	oidSM3           = asn1.ObjectIdentifier{1, 2, 156, 10197, 1, 401}
	oidSM2Sign       = asn1.ObjectIdentifier{1, 2, 156, 10197, 1, 301, 1}
	oidData          = asn1.ObjectIdentifier{1, 2, 156, 10197, 6, 1, 4, 2, 1}
	oidSignedData    = asn1.ObjectIdentifier{1, 2, 156, 10197, 6, 1, 4, 2, 2}
	oidContentType   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidSigningTime   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5}
)

type (
	cmsInfo struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue
	}
	cmsData struct {
		Version    int
		DigestAlgs []pkix.AlgorithmIdentifier `asn1:"set"`
		Content    struct{ Type asn1.ObjectIdentifier }
		Certs      asn1.RawValue
		Signers    []cmsSigner `asn1:"set"`
	}
	cmsSigner struct {
		Version   int
		ID        struct{ Issuer, Serial asn1.RawValue }
		Digest    pkix.AlgorithmIdentifier
		Attrs     asn1.RawValue
		Alg       pkix.AlgorithmIdentifier
		Signature []byte
	}
	cmsAttr struct {
		Type   asn1.ObjectIdentifier
		Values []asn1.RawValue `asn1:"set"`
	}
)

// SealWith makes the platform's signature of a key of engine/seal, for Deps.Seal.
func SealWith(signer seal.Signer, now func() time.Time) func(context.Context, []byte) ([]byte, error) {
	return func(_ context.Context, data []byte) ([]byte, error) {
		attrs, err := cmsAttributes(data, now())
		if err != nil {
			return nil, err
		}
		sig, err := signer.Sign(attrs)
		if err != nil {
			return nil, err
		}
		return buildCMS(signer.Chain(), attrs, sig)
	}
}

// cmsAttributes gives the signed attributes, the DER SET OF that is signed (RFC 5652, 5.4).
func cmsAttributes(data []byte, at time.Time) ([]byte, error) {
	digest := sm3.Sum(data)
	var attrs []cmsAttr
	for _, a := range []struct {
		oid   asn1.ObjectIdentifier
		value any
	}{{oidContentType, oidData}, {oidSigningTime, at.UTC().Truncate(time.Second)}, {oidMessageDigest, digest[:]}} {
		der, err := asn1.Marshal(a.value)
		if err != nil {
			return nil, err
		}
		attrs = append(attrs, cmsAttr{a.oid, []asn1.RawValue{{FullBytes: der}}})
	}
	return asn1.MarshalWithParams(attrs, "set")
}

func buildCMS(chain []*smx509.Certificate, attrs, sig []byte) ([]byte, error) {
	if len(chain) == 0 {
		return nil, errors.New("factor: a seal without a certificate")
	}
	serial, err := asn1.Marshal(chain[0].SerialNumber)
	if err != nil {
		return nil, err
	}
	implicit := bytes.Clone(attrs)
	implicit[0] = 0xa0 // [0] IMPLICIT instead of SET
	var certs []byte
	for _, c := range chain {
		certs = append(certs, c.Raw...)
	}
	digestAlg := pkix.AlgorithmIdentifier{Algorithm: oidSM3, Parameters: asn1.NullRawValue}
	d := cmsData{
		Version: 1, DigestAlgs: []pkix.AlgorithmIdentifier{digestAlg},
		Certs: asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: certs},
		Signers: []cmsSigner{{
			Version: 1, Digest: digestAlg, Attrs: asn1.RawValue{FullBytes: implicit},
			Alg: pkix.AlgorithmIdentifier{Algorithm: oidSM2Sign, Parameters: asn1.NullRawValue}, Signature: sig,
		}},
	}
	d.Content.Type = oidData
	d.Signers[0].ID.Issuer, d.Signers[0].ID.Serial = asn1.RawValue{FullBytes: chain[0].RawIssuer}, asn1.RawValue{FullBytes: serial}
	inner, err := asn1.Marshal(d)
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(cmsInfo{oidSignedData, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: inner}})
}

// checkSeal proves a seal over data and says whose it is and when it was made.
func checkSeal(data, der []byte, trust *certTrust) (signer string, at time.Time, err error) {
	chain, at, sig, err := parseCMS(der)
	if err != nil {
		return "", at, fmt.Errorf("the seal cannot be read: %w", err)
	}
	signer = readable(chain[0].Subject.String())
	attrs, err := cmsAttributes(data, at)
	if err != nil {
		return signer, at, err
	}
	again, err := buildCMS(chain, attrs, sig)
	if err != nil || !bytes.Equal(again, der) {
		return signer, at, errors.New("the seal is over other data or not in its one form")
	}
	if algorithm(chain[0]) != SM2 || !signedBy(chain[0], attrs, sig) {
		return signer, at, errors.New("the signature is not the seal's")
	}
	if _, err := trust.chain(chain[0], chain[1:], at); err != nil {
		return signer, at, fmt.Errorf("the seal's certificate: %w", err)
	}
	return signer, at, nil
}

// parseCMS reads certificates, time and signature; checkSeal proves the rest.
func parseCMS(der []byte) (chain []*smx509.Certificate, at time.Time, sig []byte, err error) {
	var ci cmsInfo
	var d cmsData
	if rest, err := asn1.Unmarshal(der, &ci); err != nil || len(rest) > 0 {
		return nil, at, nil, errors.New("not a CMS")
	}
	if rest, err := asn1.Unmarshal(ci.Content.Bytes, &d); err != nil || len(rest) > 0 || len(d.Signers) != 1 {
		return nil, at, nil, errors.New("not signed data of one signer")
	}
	chain, err = smx509.ParseCertificates(d.Certs.Bytes)
	if err != nil || len(chain) == 0 || len(chain) > chainMost {
		return nil, at, nil, errors.New("no certificates")
	}
	set := bytes.Clone(d.Signers[0].Attrs.FullBytes)
	if len(set) == 0 {
		return nil, at, nil, errors.New("no signed attributes")
	}
	set[0] = 0x31
	var attrs []cmsAttr
	if rest, err := asn1.UnmarshalWithParams(set, &attrs, "set"); err != nil || len(rest) > 0 {
		return nil, at, nil, errors.New("signed attributes")
	}
	for _, a := range attrs {
		if a.Type.Equal(oidSigningTime) && len(a.Values) == 1 {
			if _, err := asn1.Unmarshal(a.Values[0].FullBytes, &at); err != nil {
				return nil, at, nil, errors.New("signing time")
			}
		}
	}
	return chain, at, d.Signers[0].Signature, nil
}
