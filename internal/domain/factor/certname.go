package factor

import (
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/emmansun/gmsm/smx509"
)

// Where Chinese certificates keep the holder's number: the identity code, business registration, organisation code and tax extensions of GM/T
// 0015-2012 (5.2.4), and the older identity extension some authorities still use.
var numberExtensions = []asn1.ObjectIdentifier{
	{1, 2, 156, 10260, 4, 1, 1}, // IdentityCode
	{1, 2, 86, 11, 7, 1},        // individual identity code
	{1, 2, 156, 10260, 4, 1, 5}, // TaxationNumber: the credit code of a firm since 2015
	{1, 2, 156, 10260, 4, 1, 4}, // OrganizationCode
	{1, 2, 156, 10260, 4, 1, 3}, // ICRegistrationNumber
}

var (
	oidOrganisation = asn1.ObjectIdentifier{2, 5, 4, 97} // organizationIdentifier (ETSI EN 319 412-1)
	numberForm      = regexp.MustCompile(`^[0-9A-Z][0-9A-Z()/-]{3,39}$`)
)

// factsOf reads what a certificate says of its holder.
func factsOf(c *smx509.Certificate) Certificate {
	sum := sha256.Sum256(c.Raw)
	return Certificate{
		Subject: readable(c.Subject.String()), Name: readable(strings.TrimSpace(c.Subject.CommonName)), Number: holderNumber(c), Issuer: readable(c.Issuer.String()),
		Serial: hex.EncodeToString(c.SerialNumber.Bytes()), Algorithm: algorithm(c), NotAfter: c.NotAfter, Fingerprint: hex.EncodeToString(sum[:]),
	}
}

// readable keeps a name from a certificate printable and short.
func readable(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		return r
	}, s)
	if rs := []rune(s); len(rs) > 200 {
		s = string(rs[:200])
	}
	return s
}

// holderNumber finds the holder's number: the extensions made for it, then the subject's serial number, then the organisation's identifier.
func holderNumber(c *smx509.Certificate) string {
	for _, oid := range numberExtensions {
		i := slices.IndexFunc(c.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(oid) })
		if i < 0 {
			continue
		}
		if n := normalNumber(textIn(c.Extensions[i].Value, 4)); n != "" {
			return n
		}
	}
	if n := normalNumber(c.Subject.SerialNumber); n != "" {
		return n
	}
	for _, a := range c.Subject.Names {
		if text, ok := a.Value.(string); ok && a.Type.Equal(oidOrganisation) {
			return normalNumber(text)
		}
	}
	return ""
}

// textIn finds the text in an extension: a string, or one inside the tags of a CHOICE or SEQUENCE.
func textIn(der []byte, depth int) string {
	var v asn1.RawValue
	if rest, err := asn1.Unmarshal(der, &v); err != nil || len(rest) > 0 || depth == 0 {
		return string(der)
	}
	if v.IsCompound {
		return textIn(v.Bytes, depth-1)
	}
	return string(v.Bytes)
}

func normalNumber(s string) string {
	s = strings.ToUpper(strings.TrimSpace(s))
	if !numberForm.MatchString(s) {
		return ""
	}
	return s
}
