package factor

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"os"
	"time"

	"github.com/emmansun/gmsm/smx509"

	"tongban/internal/base/errs"
)

// CRLFiles gives revocation lists from files, read anew each time they are asked for: an authority's list changes every day.
func CRLFiles(paths ...string) func(context.Context) ([][]byte, error) {
	return func(context.Context) ([][]byte, error) {
		var out [][]byte
		for _, p := range paths {
			b, err := os.ReadFile(p)
			if err != nil {
				return nil, err
			}
			out = append(out, b)
		}
		return out, nil
	}
}

// notRevoked looks for a chain's certificates in the lists of their issuers. An issuer without a list is not checked; a list that is overdue
// or cannot be read lets nobody in, for it may be kept back on purpose. Errors: Forbidden factor.cert_revoked, Unavailable factor.cert_crl.
func notRevoked(chain []*smx509.Certificate, lists [][]byte, at time.Time) error {
	for _, raw := range lists {
		if block, _ := pem.Decode(raw); block != nil {
			raw = block.Bytes
		}
		crl, err := smx509.ParseRevocationList(raw)
		if err != nil {
			return errs.Wrap(err, errs.Unavailable, "factor.cert_crl")
		}
		for i := 0; i+1 < len(chain); i++ {
			if !bytes.Equal(crl.RawIssuer, chain[i].RawIssuer) {
				continue
			}
			if err := inList(crl, chain[i], chain[i+1], at); err != nil {
				return err
			}
		}
	}
	return nil
}

func inList(crl *smx509.RevocationList, c, issuer *smx509.Certificate, at time.Time) error {
	if len(crl.AuthorityKeyId) > 0 && len(issuer.SubjectKeyId) > 0 && !bytes.Equal(crl.AuthorityKeyId, issuer.SubjectKeyId) {
		return nil // another key of an authority of the same name
	}
	if err := crl.CheckSignatureFrom(issuer); err != nil {
		return errs.Wrap(err, errs.Unavailable, "factor.cert_crl")
	}
	if !crl.NextUpdate.IsZero() && at.After(crl.NextUpdate) || at.Before(crl.ThisUpdate) {
		return errs.Wrap(errors.New("the list is not of today"), errs.Unavailable, "factor.cert_crl")
	}
	for _, e := range crl.RevokedCertificateEntries {
		if e.SerialNumber != nil && e.SerialNumber.Cmp(c.SerialNumber) == 0 {
			return errs.New(errs.Forbidden, "factor.cert_revoked")
		}
	}
	return nil
}
