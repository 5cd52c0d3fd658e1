package factor

import (
	"context"
	"encoding/json"
	"time"

	"github.com/emmansun/gmsm/smx509"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
)

// certificatesMost is how many certificates one owner may bind.
const certificatesMost = 10

// CertChallenge gives a text whose signature signs somebody in by certificate; it counts once and for five minutes. Its first word says what
// the signature is for, so that it is good for nothing else.
func (s *Service) CertChallenge(ctx context.Context) (CertAsk, error) {
	return s.certAsk(ctx, "tongban-sign-in-1", "")
}

// BeginCertificate gives a text whose signature binds a certificate to an owner's account.
func (s *Service) BeginCertificate(ctx context.Context, owner string) (CertAsk, error) {
	return s.certAsk(ctx, "tongban-bind-1", owner)
}

func (s *Service) certAsk(ctx context.Context, what, owner string) (CertAsk, error) {
	if len(s.trust.all) == 0 {
		return CertAsk{}, errs.New(errs.Unavailable, "factor.cert_off")
	}
	now := s.now()
	text := what + " " + s.origin + " " + now.UTC().Format(time.RFC3339) + " " + ident.Secret(16)
	c := challengeRow{id: ident.Secret(16), kind: kindCertificate, owner: owner, challenge: text, ends: now.Add(challengeLife)}
	err := s.d.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error { return insertChallenge(ctx, tx, now, c) })
	return CertAsk{ID: c.id, Text: text}, err
}

// TakesCertificates reports whether any authority is trusted here.
func (s *Service) TakesCertificates() bool { return len(s.trust.all) > 0 }

// FinishCert judges a certificate (PEM with its chain, or DER) and its signature over a challenge's text. The signature may be DER, two plain
// numbers, base64 or hexadecimal. Errors: Gone factor.challenge_gone; Invalid factor.cert_unreadable, cert_untrusted, cert_expired,
// cert_not_yet, cert_usage, cert_weak, cert_signature; Forbidden factor.cert_revoked; Unavailable factor.cert_crl, factor.cert_off.
func (s *Service) FinishCert(ctx context.Context, id string, certPEM, signature []byte) (Certificate, error) {
	return s.finishCert(ctx, id, "", certPEM, signature)
}

func (s *Service) finishCert(ctx context.Context, id, owner string, certPEM, signature []byte) (Certificate, error) {
	ask, err := s.spend(ctx, id, kindCertificate)
	if err != nil {
		return Certificate{}, err
	}
	if ask.owner != owner {
		return Certificate{}, errs.New(errs.Gone, "factor.challenge_gone")
	}
	chain, err := s.judge(ctx, certPEM)
	if err != nil {
		return Certificate{}, err
	}
	if err := checkSignature(chain[0], []byte(ask.challenge), signature); err != nil {
		return Certificate{}, err
	}
	return factsOf(chain[0]), nil
}

// ReadCert judges a certificate alone, as a TLS server got it together with the proof of its key. Errors as FinishCert.
func (s *Service) ReadCert(ctx context.Context, der []byte) (Certificate, error) {
	chain, err := s.judge(ctx, der)
	if err != nil {
		return Certificate{}, err
	}
	return factsOf(chain[0]), nil
}

// judge reads a certificate and proves chain, dates, uses and that it was not revoked.
func (s *Service) judge(ctx context.Context, cert []byte) ([]*smx509.Certificate, error) {
	if len(cert) > certMost {
		return nil, errs.New(errs.Invalid, "factor.cert_unreadable")
	}
	sent, err := readCerts(cert, chainMost)
	if err != nil {
		return nil, err
	}
	now := s.now()
	chain, err := s.trust.chain(sent[0], sent[1:], now)
	if err != nil || s.deps.CRLs == nil {
		return chain, err
	}
	lists, err := s.deps.CRLs(ctx)
	if err != nil {
		return nil, errs.Wrap(err, errs.Unavailable, "factor.cert_crl")
	}
	return chain, notRevoked(chain, lists, now)
}

// AddCertificate binds a certificate to an owner by its signature over the text of BeginCertificate. Errors as FinishCert, Conflict
// factor.cert_known or factor.cert_many, and what Deps.MayHold says.
func (s *Service) AddCertificate(ctx context.Context, a authz.Actor, owner, id string, certPEM, signature []byte) (Certificate, error) {
	c, err := s.finishCert(ctx, id, owner, certPEM, signature)
	if err != nil {
		return c, err
	}
	if s.deps.MayHold != nil {
		if err := s.deps.MayHold(ctx, owner, c); err != nil {
			return c, err
		}
	}
	facts, err := json.Marshal(c)
	if err != nil {
		return c, err
	}
	c.ID = ident.New()
	err = s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := s.now()
		if n, err := countCertificates(ctx, tx, owner); err != nil || n >= certificatesMost {
			return orMany(err)
		}
		row := certRow{id: c.ID, owner: owner, key: s.certKey(c.Fingerprint), facts: s.v.Seal("factor_certificate.facts."+c.ID, facts), notAfter: c.NotAfter, made: now}
		if err := insertCertificate(ctx, tx, row); err != nil {
			return err
		}
		return s.record(ctx, tx, now, a, owner, "certificate_added", "certificate_added", map[string]string{"label": c.Name})
	})
	if db.Unique(err) {
		err = errs.Wrap(err, errs.Conflict, "factor.cert_known")
	}
	return c, err
}

func orMany(err error) error {
	if err != nil {
		return err
	}
	return errs.New(errs.Conflict, "factor.cert_many", errs.P{"max": certificatesMost})
}

// RemoveCertificate unbinds a certificate. Errors: NotFound factor.not_there.
func (s *Service) RemoveCertificate(ctx context.Context, a authz.Actor, owner, id string) error {
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := deleteCertificate(ctx, tx, owner, id); err != nil {
			return err
		}
		return s.record(ctx, tx, s.now(), a, owner, "certificate_removed", "certificate_removed", nil)
	})
}

// OwnerOfCert says to whom a certificate is bound, by its fingerprint. Errors: NotFound factor.not_there.
func (s *Service) OwnerOfCert(ctx context.Context, fingerprint string) (string, error) {
	return certOwner(ctx, s.d.R(), s.certKey(fingerprint))
}

func (s *Service) certKey(fingerprint string) string {
	return s.v.Blind("factor_certificate", fingerprint)
}
