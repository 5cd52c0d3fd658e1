package cnid

import (
	"fmt"

	"tongban/internal/base/errs"
)

// Item codes: 12 characters for a matter in the national directory (基本编码), 31 for one agency's version of it (实施编码: the agency's
// credit code, one digit of level, the 12), 33 for what a person applies for (业务办理项编码: the 31 and two digits). GB/T 39046 writes
// 10 and 24 instead of 12 and 31; those are taken in but never made.

// ImplementCode joins an agency's credit code (18), a level ("1" to "7") and a directory code (12) to 31 characters. Errors are
// Invalid: cnid.item_agency, cnid.item_level, cnid.item_base.
func ImplementCode(agency, level, base string) (string, error) {
	agency, base = plain(agency), plain(base)
	if _, err := ParseCreditCode(agency); err != nil {
		return "", errs.Wrap(err, errs.Invalid, "cnid.item_agency")
	}
	if !isLevel(level) {
		return "", invalid("cnid.item_level")
	}
	if len(base) != 12 || !allAlnum(base) {
		return "", invalid("cnid.item_base")
	}
	return agency + level + base, nil
}

// VariantCode adds a serial number of 1–99 to an implementing code of 31 characters. Errors are those of CheckItemCode, and
// cnid.item_serial.
func VariantCode(implement string, serial int) (string, error) {
	implement = plain(implement)
	if len(implement) != 31 {
		return "", errs.New(errs.Invalid, "cnid.item_length", errs.P{"length": len([]rune(implement))})
	}
	if err := CheckItemCode(implement); err != nil {
		return "", err
	}
	if serial < 1 || serial > 99 {
		return "", invalid("cnid.item_serial")
	}
	return fmt.Sprintf("%s%02d", implement, serial), nil
}

// CheckItemCode checks an item code of 10, 12, 24, 31 or 33 characters as it is, without putting anything right. Of 31 and more, the
// head must be a credit code with a right check digit, then a level of 1–7; of 33, the end must be 01–99. Errors are Invalid:
// cnid.item_length, cnid.item_chars, cnid.item_agency, cnid.item_level, cnid.item_serial.
func CheckItemCode(s string) error {
	switch n := len([]rune(s)); n {
	case 10, 12, 24, 31, 33:
	default:
		return errs.New(errs.Invalid, "cnid.item_length", errs.P{"length": n})
	}
	if !allAlnum(s) {
		return invalid("cnid.item_chars")
	}
	if len(s) < 31 {
		return nil
	}
	if _, err := ParseCreditCode(s[:18]); err != nil {
		return errs.Wrap(err, errs.Invalid, "cnid.item_agency")
	}
	if !isLevel(s[18:19]) {
		return invalid("cnid.item_level")
	}
	if len(s) == 33 && (!allDigits(s[31:]) || s[31:] == "00") {
		return invalid("cnid.item_serial")
	}
	return nil
}

// isLevel reports whether s is a level of exercise: 1 national, 2 province, 3 city, 4 county, 5 town, 6 village, 7 by grade.
func isLevel(s string) bool { return len(s) == 1 && s[0] >= '1' && s[0] <= '7' }
