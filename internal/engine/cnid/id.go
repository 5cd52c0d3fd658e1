package cnid

import (
	"time"
	"unicode/utf8"

	"tongban/internal/base/errs"
)

// Kind says which document an ID number belongs to.
type Kind string

// The kinds of ID numbers.
const (
	Citizen      Kind = "citizen"       // 公民身份号码
	HKMT         Kind = "hkmt"          // 港澳台居民居住证
	Permanent    Kind = "permanent"     // 外国人永久居留身份证, form of 2023-12-01 and later
	PermanentOld Kind = "permanent_old" // the same, older form: three letters and twelve digits
)

// ID is an ID number that was read.
type ID struct {
	Number string // normalised, upper case
	Kind   Kind
	Birth  string // YYYY-MM-DD, or "" for PermanentOld, whose century is not told
	Sex    string // "male", "female", or "" for PermanentOld
	Region string // six digits at the time of issue, maybe retired since; two (province) for Permanent, "" for PermanentOld
}

// oldestYear is the earliest year of birth believed.
const oldestYear = 1850

// ParseID reads an ID number as people type it: blanks, full-width digits and a small x are put right. today (YYYY-MM-DD) is the last
// birthday accepted. All errors are Invalid: cnid.id_empty, id_length, id_chars, id_old15 (the form of 15 digits), id_region,
// id_birth (no such date), id_check and id_future. The region is not looked up, because people keep the code of a region that is gone.
func ParseID(s, today string) (ID, error) {
	s = plain(s)
	switch n := utf8.RuneCountInString(s); {
	case n == 0:
		return ID{}, invalid("cnid.id_empty")
	case n == 15 && allDigits(s):
		return ID{}, invalid("cnid.id_old15")
	case n == 15 && isOldPermanent(s):
		return ID{Number: s, Kind: PermanentOld}, nil
	case n != 15 && n != 18:
		return ID{}, errs.New(errs.Invalid, "cnid.id_length", errs.P{"length": n})
	case n != 18 || len(s) != 18 || !allDigits(s[:17]) || !isDigit(s[17]) && s[17] != 'X':
		return ID{}, invalid("cnid.id_chars")
	}
	if s[0] == '0' {
		return ID{}, invalid("cnid.id_region")
	}
	birth, err := time.Parse("20060102", s[6:14])
	if err != nil || birth.Year() < oldestYear {
		return ID{}, invalid("cnid.id_birth")
	}
	if IDCheckDigit(s[:17]) != s[17] {
		return ID{}, invalid("cnid.id_check")
	}
	id := ID{Number: s, Kind: Citizen, Birth: birth.Format(time.DateOnly), Sex: "female", Region: s[:6]}
	if id.Birth > today {
		return ID{}, invalid("cnid.id_future")
	}
	if (s[16]-'0')%2 == 1 {
		id.Sex = "male"
	}
	switch {
	case s[0] == '9': // 9, province, nationality (three digits)
		id.Kind, id.Region = Permanent, s[1:3]
	case id.Region == "810000", id.Region == "820000", id.Region == "830000":
		id.Kind = HKMT
	}
	return id, nil
}

func isOldPermanent(s string) bool {
	return len(s) == 15 && onlyOf(s[:3], func(c byte) bool { return c >= 'A' && c <= 'Z' }) && allDigits(s[3:])
}

// IDCheckDigit gives the eighteenth character for the first seventeen digits (GB 11643, ISO 7064 MOD 11-2), or 0 when they are not
// seventeen digits.
func IDCheckDigit(first17 string) byte {
	if len(first17) != 17 || !allDigits(first17) {
		return 0
	}
	sum := 0
	for i, w := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += w * int(first17[i]-'0')
	}
	return "10X98765432"[sum%11]
}

// AgeOn gives the full years of age on a day; both are YYYY-MM-DD. A year is full on the birthday; for those born on 29 February, in a
// year without it, on 28 February (民法典 202). It gives -1 before birth or when a date cannot be read.
func AgeOn(birth, day string) int {
	b, err1 := time.Parse(time.DateOnly, birth)
	d, err2 := time.Parse(time.DateOnly, day)
	if err1 != nil || err2 != nil || d.Before(b) {
		return -1
	}
	years := d.Year() - b.Year()
	birthday := time.Date(d.Year(), b.Month()+1, 0, 0, 0, 0, 0, time.UTC) // last day of the month
	if b.Day() < birthday.Day() {
		birthday = time.Date(d.Year(), b.Month(), b.Day(), 0, 0, 0, 0, time.UTC)
	}
	if d.Before(birthday) {
		years--
	}
	return years
}

func invalid(key string) error { return errs.New(errs.Invalid, key) }
