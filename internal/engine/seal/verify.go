package seal

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/emmansun/gmsm/smx509"

	"tongban/internal/engine/cnid"
)

// clockSkew is how far ahead of the verifier's clock a signing time may lie.
const clockSkew = 10 * time.Minute

// Verify judges a file. Nothing is trusted but the roots in t; at is the present time. With state nil (offline) the check "revocation" is
// reported as ok with the detail "not checked (offline)", and the status can still be valid: what is proven is that the agency issued
// exactly these bytes, not that it has not revoked them since.
//
// Order of judgement: no trace of a signature → unknown; anything about form, bytes or signature that is not exactly as SignPDF makes it →
// forged; an issuer nobody named → unknown; an issuer that only borrows a trusted name → forged; then revoked before expired.
func Verify(file []byte, t *Trust, at time.Time, state StateLookup) Report {
	r := Report{Checks: []Check{}}
	signed := carriesSignature(file)
	if !r.add("signed", signed, outcome(signed, "none"), detail(signed, "carries a signature", "no signature in this file")) {
		return r.as(Unknown)
	}
	if isForeign(file, t) {
		r.add("structure", false, "foreign", "signed by another system with another algorithm; only SM2 seals of this platform can be judged")
		return r.as(Unknown)
	}
	e, why := dissect(file)
	whole := why == ""
	if !r.add("structure", whole, outcome(whole, "bad"), detail(whole, "the signature covers the whole file", why)) {
		return r.as(Forged)
	}
	c, ok := r.checkSignature(file, e)
	if !ok {
		return r.as(Forged)
	}
	if status := r.checkChain(c, t); status != "" {
		return r.as(status)
	}
	if status := r.checkSigningTime(c, e, at); status != "" {
		return r.as(status)
	}
	return r.checkLicence(file, e, c, at, state)
}

func outcome(ok bool, bad string) string { return detail(ok, "ok", bad) }

func detail(ok bool, good, bad string) string {
	if ok {
		return good
	}
	return bad
}

// checkSignature proves that the hole holds one canonical CMS, over exactly these bytes, made with the key of its certificate.
func (r *Report) checkSignature(file []byte, e envelope) (cms, bool) {
	c, err := parse(e.der)
	if err != nil {
		return c, r.add("cms", false, "bad", "signature container: "+err.Error())
	}
	r.add("cms", true, "ok", "one SM2/SM3 signature in canonical form")
	same := bytes.Equal(digestAround(file, e.from, e.to), c.digest)
	if !r.add("digest", same, outcome(same, "bad"), detail(same, "SM3 digest matches", "the bytes were changed after signing: SM3 digest differs")) {
		return c, false
	}
	good := c.verify()
	return c, r.add("signature", good, outcome(good, "bad"), detail(good, "SM2 signature verifies", "SM2 signature does not verify"))
}

// checkChain follows the certificates to a trusted root by signature, never by name. It gives "" or the status to end with.
func (r *Report) checkChain(c cms, t *Trust) string {
	for i, cert := range c.chain {
		if i+1 < len(c.chain) && !issued(c.chain[i+1], cert) {
			r.add("chain", false, "broken", "the certificates do not certify one another")
			return Forged
		}
	}
	last := c.chain[len(c.chain)-1]
	issuer := last.Issuer.CommonName
	if t.empty() {
		r.add("chain", false, "no_trust", "no trusted root certificate was given", "issuer", issuer)
		return Unknown
	}
	named := t.named(last)
	if len(named) == 0 {
		r.add("chain", false, "unknown", "issued by an authority that is not trusted: "+issuer, "issuer", issuer)
		return Unknown
	}
	for _, root := range named {
		if !issued(root, last) {
			continue
		}
		if !mayHaveSigned(c, root) {
			r.add("chain", false, "not_valid", "the certificate was not valid for signing at the signing time", "issuer", issuer)
			return Forged
		}
		r.add("chain", true, "ok", "certificate issued by "+issuer, "issuer", issuer)
		r.Test = isTest(append(c.chain, root)...)
		return ""
	}
	r.add("chain", false, "impostor", "the issuer bears the name of a trusted authority, but has another key: "+issuer, "issuer", issuer)
	return Forged
}

// issued reports whether a CA certificate signed another one, with SM2 and SM3 only.
func issued(ca, cert *smx509.Certificate) bool {
	return ca.IsCA && bytes.Equal(ca.RawSubject, cert.RawIssuer) && cert.SignatureAlgorithm == smx509.SM2WithSM3 && cert.CheckSignatureFrom(ca) == nil
}

// mayHaveSigned checks purpose and time: everything valid when signed, the first certificate for signing documents and no CA.
func mayHaveSigned(c cms, root *smx509.Certificate) bool {
	for _, cert := range append([]*smx509.Certificate{root}, c.chain...) {
		if c.signed.Before(cert.NotBefore) || c.signed.After(cert.NotAfter) {
			return false
		}
	}
	return !c.chain[0].IsCA && c.chain[0].KeyUsage&smx509.KeyUsageDigitalSignature != 0
}

func (r *Report) checkSigningTime(c cms, e envelope, at time.Time) string {
	when := c.signed.In(beijing)
	r.Signer, r.SignedAt = c.chain[0].Subject.CommonName, &when
	if org := c.chain[0].Subject.Organization; len(org) > 0 {
		r.Agency = org[0]
	}
	stamp := when.Format(time.RFC3339)
	if e.modified != when.Format(pdfTime) {
		r.add("signing_time", false, "differs", "the signing time in the PDF differs from the signed one", "time", stamp)
		return Forged
	}
	if c.signed.After(at.Add(clockSkew)) {
		r.add("signing_time", false, "future", "signed in the future ("+stamp+"): check the clock of this computer", "time", stamp)
		return Unknown
	}
	r.add("signing_time", true, "ok", "signed "+stamp, "time", stamp)
	return ""
}

// checkLicence judges what the file says about itself, now that its bytes are proven, and asks the register.
func (r Report) checkLicence(file []byte, e envelope, c cms, at time.Time, state StateLookup) Report {
	var info Info
	d := json.NewDecoder(bytes.NewReader(e.info))
	d.DisallowUnknownFields()
	if err := d.Decode(&info); err != nil || d.More() {
		r.add("licence_id", false, "bad", "the licence's own data cannot be read")
		return r.as(Forged)
	}
	if info.ID != "" {
		ok := cnid.CheckLicenceID(info.ID) == nil
		if !r.add("licence_id", ok, outcome(ok, "bad"), detail(ok, info.ID+", check character correct", "wrong check character: "+info.ID), "id", info.ID) {
			return r.as(Forged)
		}
	}
	r.Test = r.Test || info.Test
	r.LicenceID, r.Kind, r.ValidUntil = info.ID, info.Kind, info.ValidUntil
	expired, ok := r.checkValidity(info, at)
	if !ok {
		return r.as(Forged)
	}
	switch status := r.checkRegister(file, info, state); {
	case status == Revoked:
		return r.as(Revoked)
	case expired:
		return r.as(Expired)
	case status != "":
		return r.as(status)
	}
	return r.as(Valid)
}

// checkValidity: the last day counts in full, in Chinese time.
func (r *Report) checkValidity(info Info, at time.Time) (expired, ok bool) {
	if info.ValidUntil == "" {
		return false, r.add("validity", true, "open", "no end date")
	}
	last, err := time.ParseInLocation(time.DateOnly, info.ValidUntil, beijing)
	if err != nil {
		return false, r.add("validity", false, "bad", "the end date cannot be read")
	}
	expired = !at.Before(last.AddDate(0, 0, 1))
	r.add("validity", !expired, outcome(!expired, "expired"), detail(!expired, "valid until ", "expired after ")+info.ValidUntil, "date", info.ValidUntil)
	return expired, true
}

func (r *Report) checkRegister(file []byte, info Info, state StateLookup) string {
	if state == nil {
		r.add("revocation", true, "offline", "not checked (offline)")
		return ""
	}
	word, found, err := state(info.ID, Digest(file))
	switch {
	case err != nil:
		r.add("revocation", false, "unavailable", "the register could not be asked")
		return Unknown
	case !found && info.ID == "":
		r.add("revocation", true, "paper", "a paper, not in the licence register")
		return ""
	case !found:
		r.add("revocation", false, "not_found", "the register does not know this licence")
		return Unknown
	case word != StateValid:
		r.add("revocation", false, "revoked", "state in the register: "+word, "state", word)
		return Revoked
	}
	r.add("revocation", true, "ok", "in force by the register")
	return ""
}
