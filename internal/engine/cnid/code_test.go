package cnid

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"tongban/internal/base/errs"
)

func TestParseCreditCode(t *testing.T) {
	for in, want := range map[string]string{
		"91350100M000100Y43":     "91350100M000100Y43", // the example of GB 32100
		"91350100m000100y43":     "91350100M000100Y43",
		" 9135 0100 M000100Y43 ": "91350100M000100Y43",
		"９１３５０１００Ｍ０００１００Ｙ４３": "91350100M000100Y43",
		"11440100007482575H": "11440100007482575H",
		"11440000MB2D0164XH": "11440000MB2D0164XH",
		"12441500196720244T": "12441500196720244T",
		"11370800MB28559184": "11370800MB28559184",
		"11100000000013338W": "11100000000013338W",
	} {
		if got, err := ParseCreditCode(in); err != nil || got != want {
			t.Errorf("ParseCreditCode(%q) = %q, %v", in, got, err)
		}
	}
	for in, key := range map[string]string{
		"":                    "cnid.credit_length",
		"91350100M000100Y4":   "cnid.credit_length",
		"91350100M000100Y433": "cnid.credit_length",
		"91350100M000100I43":  "cnid.credit_chars",
		"9135O100M000100Y43":  "cnid.credit_chars", // a letter O in the region
		"9135A100M000100Y43":  "cnid.credit_chars",
		"91350100M000100市43":  "cnid.credit_chars",
	} {
		if got, err := ParseCreditCode(in); !errs.Is(err, key) || got != "" {
			t.Errorf("ParseCreditCode(%q) = %q, %v, want %s", in, got, err, key)
		}
	}
	if got, err := ParseCreditCode("91350100m000100y44"); !errs.Is(err, "cnid.credit_check") || got != "91350100M000100Y44" {
		t.Errorf("wrong check: %q, %v; the code must come back for a caller who only warns", got, err)
	}
	if CreditCodeCheck("9135") != 0 || CreditCodeCheck("91350100M000100I4") != 0 {
		t.Error("a check character of something that is no code")
	}
}

func TestOrgCodeCheck(t *testing.T) {
	for first8, want := range map[string]byte{
		"D2143569": 'X', // the example of GB 11714
		"00748257": '5', // within 11440100007482575H
		"MB2D0164": 'X', // within 11440000MB2D0164XH
		"19672024": '4', // within 12441500196720244T
		"MB285591": '8', // within 11370800MB28559184
		"M000100Y": '4', // within 91350100M000100Y43
		"short":    0,
		"d2143569": 0,
	} {
		if got := OrgCodeCheck(first8); got != want {
			t.Errorf("OrgCodeCheck(%s) = %c, want %c", first8, got, want)
		}
	}
}

func TestItemCodes(t *testing.T) {
	for _, real := range [][3]string{
		{"11440100007482575H", "3", "440118009000"},
		{"11440000MB2D0164XH", "2", "440289876000"},
		{"12441500196720244T", "3", "442199806003"},
		{"11370800MB28559184", "3", "370117002011"},
	} {
		code, err := ImplementCode(real[0], real[1], real[2])
		if err != nil || code != real[0]+real[1]+real[2] || CheckItemCode(code) != nil {
			t.Errorf("ImplementCode(%v) = %s, %v", real, code, err)
		}
		if v, err := VariantCode(code, 7); err != nil || v != code+"07" || CheckItemCode(v) != nil {
			t.Errorf("VariantCode = %s, %v", v, err)
		}
	}
	const good = "11440100007482575H3440118009000"
	for in, key := range map[string]string{
		"":                              "cnid.item_length",
		"4401180090001":                 "cnid.item_length",
		"44011800900a":                  "cnid.item_chars",
		"44011800900事":                  "cnid.item_chars",
		"11440100007482576" + good[17:]: "cnid.item_agency",
		good[:18] + "8" + good[19:]:     "cnid.item_level",
		good + "00":                     "cnid.item_serial",
		good + "A1":                     "cnid.item_serial",
	} {
		if err := CheckItemCode(in); !errs.Is(err, key) {
			t.Errorf("CheckItemCode(%q) = %v, want %s", in, err, key)
		}
	}
	for _, old := range []string{"4401180090", "440118009000", strings.Repeat("4", 24)} {
		if err := CheckItemCode(old); err != nil {
			t.Errorf("CheckItemCode(%s) = %v", old, err)
		}
	}
}

func TestItemCodesRefuse(t *testing.T) {
	const agency, base = "11440100007482575H", "440118009000"
	for key, f := range map[string]func() (string, error){
		"cnid.item_agency": func() (string, error) { return ImplementCode("11440100007482576H", "3", base) },
		"cnid.item_level":  func() (string, error) { return ImplementCode(agency, "0", base) },
		"cnid.item_base":   func() (string, error) { return ImplementCode(agency, "3", base[1:]) },
		"cnid.item_serial": func() (string, error) { return VariantCode(agency+"3"+base, 100) },
		"cnid.item_length": func() (string, error) { return VariantCode(base, 1) },
	} {
		if got, err := f(); !errs.Is(err, key) || got != "" {
			t.Errorf("%q, %v, want %s", got, err, key)
		}
	}
}

func TestLicenceID(t *testing.T) {
	const typeCode, agency = "11100000000013338W050", "11440100007482575H"
	id, err := LicenceID(typeCode, agency, "2026000000000001", "001")
	want := "1.2.156.3005.2." + typeCode + "." + agency + ".2026000000000001.001.8"
	if err != nil || id != want { // the check character was computed apart from this package
		t.Fatalf("LicenceID = %s, %v, want %s", id, err, want)
	}
	p, err := ParseLicenceID(id)
	if err != nil || p != (LicenceIDParts{typeCode, agency, "2026000000000001", "001", "8"}) {
		t.Errorf("ParseLicenceID = %+v, %v", p, err)
	}
	for bad, key := range map[string]string{
		"":                                       "cnid.licence_form",
		strings.TrimPrefix(id, "1.2."):           "cnid.licence_form",
		strings.TrimSuffix(id, ".8"):             "cnid.licence_form",
		id + ".1":                                "cnid.licence_form",
		strings.TrimSuffix(id, "8") + "9":        "cnid.licence_check",
		strings.Replace(id, "0001.", "0002.", 1): "cnid.licence_check",
		strings.Replace(id, ".001.", ".000.", 1): "cnid.licence_version",
		strings.Replace(id, "0001.", "000a.", 1): "cnid.licence_serial",
		strings.Replace(id, "W050", "W05", 1):    "cnid.licence_type",
		strings.Replace(id, agency, "1144", 1):   "cnid.licence_agency",
	} {
		if err := CheckLicenceID(bad); !errs.Is(err, key) {
			t.Errorf("CheckLicenceID(%s) = %v, want %s", bad, err, key)
		}
	}
	if _, err := LicenceID(typeCode, "340100", "1", "001"); !errs.Is(err, "cnid.licence_agency") {
		t.Errorf("a region as agency is read, not made: %v", err)
	}
	if _, err := LicenceID(typeCode, agency, strings.Repeat("1", 33), "001"); !errs.Is(err, "cnid.licence_serial") {
		t.Errorf("long serial: %v", err)
	}
}

func TestMod3736(t *testing.T) {
	if c, err := Mod3736("A12425GABC1234002"); err != nil || c != 'M' { // the published example of the Global Release Identifier
		t.Errorf("%c, %v", c, err)
	}
	for _, bad := range []string{"", "a", "1.2", "证"} {
		if _, err := Mod3736(bad); !errs.Is(err, "cnid.mod_chars") {
			t.Errorf("Mod3736(%q) = %v", bad, err)
		}
	}
}

// Every key a source file names has a text in both languages, and no text is left without a key.
func TestTexts(t *testing.T) {
	var source strings.Builder
	for _, f := range []string{"id.go", "credit.go", "item.go", "licence.go", "phone.go", "name.go"} {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		source.Write(b)
	}
	named := map[string]bool{}
	for i, part := range strings.Split(source.String(), `"`) {
		if i%2 == 1 && strings.HasPrefix(part, "cnid.") {
			named[part] = true
		}
	}
	for _, lang := range []string{"zh-CN", "en"} {
		b, err := os.ReadFile("../../base/i18n/texts/cnid." + lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var texts map[string]string
		if err := json.Unmarshal(b, &texts); err != nil {
			t.Fatal(err)
		}
		for key := range named {
			if texts[key] == "" {
				t.Errorf("%s has no text for %s", lang, key)
			}
		}
		if len(texts) != len(named) {
			t.Errorf("%s has %d texts, the package names %d", lang, len(texts), len(named))
		}
	}
}

func FuzzParseCreditCode(f *testing.F) {
	for _, s := range []string{"91350100M000100Y43", "９１３５", "91350100m000100y44", "\xff", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		code, err := ParseCreditCode(s)
		if err != nil {
			return
		}
		if CreditCodeCheck(code[:17]) != code[17] {
			t.Errorf("%q accepted with a wrong check character", s)
		}
		if again, err := ParseCreditCode(code); err != nil || again != code {
			t.Errorf("%q reads as %q, which reads as %q, %v", s, code, again, err)
		}
	})
}
