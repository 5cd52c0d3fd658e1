package cnid

import "strings"

// licenceRoot begins every electronic licence identifier (GB/T 36904).
const licenceRoot = "1.2.156.3005.2"

// LicenceIDParts are the parts of a licence identifier after its root.
type LicenceIDParts struct {
	Type    string // 21: credit code of the body that defined the type, and three characters
	Agency  string // who issued it: a credit code; some systems write a region of six digits
	Serial  string // 1–32 of 0–9 and A–Z
	Version string // three digits, 001 upward
	Check   string // one character, ISO 7064 MOD 37,36 over the four before
}

// LicenceID makes a licence identifier. typeCode is a credit code and three characters, agency a credit code (both of the right shape;
// their check digits are not looked at), serial 1–32 of 0–9 and A–Z, version three digits above 000. Errors are Invalid:
// cnid.licence_type, cnid.licence_agency, cnid.licence_serial, cnid.licence_version.
func LicenceID(typeCode, agency, serial, version string) (string, error) {
	if !isCreditShape(agency) {
		return "", invalid("cnid.licence_agency")
	}
	p := LicenceIDParts{Type: typeCode, Agency: agency, Serial: serial, Version: version}
	if key := p.wrong(); key != "" {
		return "", invalid(key)
	}
	c, err := Mod3736(typeCode + agency + serial + version)
	if err != nil {
		return "", err
	}
	return strings.Join([]string{licenceRoot, typeCode, agency, serial, version, string(c)}, "."), nil
}

// ParseLicenceID takes a licence identifier apart. Errors are Invalid: cnid.licence_form when it has not the root and five parts,
// those of LicenceID when a part is not well formed, cnid.licence_check when the check character is wrong.
func ParseLicenceID(s string) (LicenceIDParts, error) {
	rest, ok := strings.CutPrefix(s, licenceRoot+".")
	parts := strings.Split(rest, ".")
	if !ok || len(parts) != 5 || len(parts[4]) != 1 {
		return LicenceIDParts{}, invalid("cnid.licence_form")
	}
	p := LicenceIDParts{parts[0], parts[1], parts[2], parts[3], parts[4]}
	if key := p.wrong(); key != "" {
		return LicenceIDParts{}, invalid(key)
	}
	if c, err := Mod3736(p.Type + p.Agency + p.Serial + p.Version); err != nil || string(c) != p.Check {
		return LicenceIDParts{}, invalid("cnid.licence_check")
	}
	return p, nil
}

// CheckLicenceID gives the error of ParseLicenceID.
func CheckLicenceID(s string) error {
	_, err := ParseLicenceID(s)
	return err
}

// wrong gives the text key for the first part that is not well formed, or "".
func (p LicenceIDParts) wrong() string {
	switch {
	case len(p.Type) != 21 || !isCreditShape(p.Type[:18]) || !allAlnum(p.Type[18:]):
		return "cnid.licence_type"
	case !isCreditShape(p.Agency) && (len(p.Agency) != 6 || !allDigits(p.Agency)):
		return "cnid.licence_agency"
	case p.Serial == "" || len(p.Serial) > 32 || !allAlnum(p.Serial):
		return "cnid.licence_serial"
	case len(p.Version) != 3 || !allDigits(p.Version) || p.Version == "000":
		return "cnid.licence_version"
	}
	return ""
}

// Mod3736 gives the ISO 7064 MOD 37,36 check character for 0–9 and A–Z; anything else, or nothing, is Invalid, cnid.mod_chars.
func Mod3736(s string) (byte, error) {
	if s == "" || !allAlnum(s) {
		return 0, invalid("cnid.mod_chars")
	}
	p := 36
	for i := range len(s) {
		n := (p + value36(s[i])) % 36
		if n == 0 {
			n = 36
		}
		p = 2 * n % 37
	}
	return "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(37-p)%36], nil
}
