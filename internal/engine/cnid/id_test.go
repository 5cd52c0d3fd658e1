package cnid

import (
	"testing"

	"tongban/internal/base/errs"
)

const today = "2026-06-10"

func TestParseID(t *testing.T) {
	for in, want := range map[string]ID{
		"11010519491231002X":     {"11010519491231002X", Citizen, "1949-12-31", "female", "110105"}, // the example of GB 11643
		"11010519491231002x":     {"11010519491231002X", Citizen, "1949-12-31", "female", "110105"},
		" 110105 19491231 002x ": {"11010519491231002X", Citizen, "1949-12-31", "female", "110105"},
		"１１０１０５１９４９１２３１００２ｘ":             {"11010519491231002X", Citizen, "1949-12-31", "female", "110105"},
		"\u200b440524188001010014\u00a0": {"440524188001010014", Citizen, "1880-01-01", "male", "440524"}, // the other one
		"510213197002280013":             {"510213197002280013", Citizen, "1970-02-28", "male", "510213"}, // a region gone since 1997
		"330102199003071222":             {"330102199003071222", Citizen, "1990-03-07", "female", "330102"},
		"330102202604010016":             {"330102202604010016", Citizen, "2026-04-01", "male", "330102"},
		"810000199001010019":             {"810000199001010019", HKMT, "1990-01-01", "male", "810000"},
		"820000198506300027":             {"820000198506300027", HKMT, "1985-06-30", "female", "820000"},
		"830000200002290031":             {"830000200002290031", HKMT, "2000-02-29", "male", "830000"},
		"932682198501010017":             {"932682198501010017", Permanent, "1985-01-01", "male", "32"},
		"USA 110185010101":               {Number: "USA110185010101", Kind: PermanentOld},
		"usa110185010101":                {Number: "USA110185010101", Kind: PermanentOld},
	} {
		if got, err := ParseID(in, today); err != nil || got != want {
			t.Errorf("ParseID(%q) = %+v, %v, want %+v", in, got, err, want)
		}
	}
}

func TestParseIDRefuses(t *testing.T) {
	for in, key := range map[string]string{
		"":                    "cnid.id_empty",
		" \u3000\t":           "cnid.id_empty",
		"1101051949123100":    "cnid.id_length",
		"11010519491231002X1": "cnid.id_length",
		"110105194912310021":  "cnid.id_check",
		"110105194921310021":  "cnid.id_birth", // month 21
		"110105491231002":     "cnid.id_old15",
		"1U0105491231002":     "cnid.id_chars",
		"11010519491231X02X":  "cnid.id_chars",
		"11010519491231002Y":  "cnid.id_chars",
		"11010519491231002Χ":  "cnid.id_chars", // a Greek chi
		"一二三四五六七八九十一二三四五六七八": "cnid.id_chars",
		"510213197002290019":   "cnid.id_birth", // 1970 had no 29 February, though the check digit is right
		"330102184901010016":   "cnid.id_birth",
		"330102202612310019":   "cnid.id_future",
		"030102199003071221":   "cnid.id_region",
		"<b>110105194912310</": "cnid.id_length",
	} {
		if id, err := ParseID(in, today); !errs.Is(err, key) || errs.KindOf(err) != errs.Invalid || id != (ID{}) {
			t.Errorf("ParseID(%q) = %+v, %v, want %s", in, id, err, key)
		}
	}
	if _, err := ParseID("330102202604010016", "2026-03-31"); !errs.Is(err, "cnid.id_future") {
		t.Errorf("born tomorrow: %v", err)
	}
	if _, err := ParseID("330102202604010016", "2026-04-01"); err != nil {
		t.Errorf("born today: %v", err)
	}
}

// One mistyped digit, or two neighbours exchanged, never passes: what the check digit is for.
func TestCheckDigitFindsTypingErrors(t *testing.T) {
	const good = "11010519491231002"
	check := IDCheckDigit(good)
	for i := range 17 {
		for d := byte('0'); d <= '9'; d++ {
			bad := []byte(good)
			bad[i] = d
			if d != good[i] && IDCheckDigit(string(bad)) == check {
				t.Errorf("%s for %s is not noticed", bad, good)
			}
		}
		if i > 0 && good[i] != good[i-1] {
			bad := []byte(good)
			bad[i], bad[i-1] = bad[i-1], bad[i]
			if IDCheckDigit(string(bad)) == check {
				t.Errorf("%s for %s is not noticed", bad, good)
			}
		}
	}
	if IDCheckDigit("1234") != 0 || IDCheckDigit("1101051949123100X") != 0 {
		t.Error("a check digit of something that is not seventeen digits")
	}
}

func TestAgeOn(t *testing.T) {
	for _, c := range []struct {
		birth, day string
		want       int
	}{
		{"1941-03-20", "2026-03-19", 84},
		{"1941-03-20", "2026-03-20", 85},
		{"1941-12-31", "2026-01-01", 84},
		{"2004-02-29", "2022-02-27", 17},
		{"2004-02-29", "2022-02-28", 18},
		{"2004-02-29", "2024-02-28", 19},
		{"2004-02-29", "2024-02-29", 20},
		{"2004-02-28", "2024-02-28", 20},
		{"2004-01-31", "2024-01-30", 19},
		{"2004-12-31", "2024-12-31", 20},
		{"2026-06-10", "2026-06-10", 0},
		{"2026-06-11", "2026-06-10", -1},
		{"", "2026-06-10", -1},
		{"2026-06-10", "tomorrow", -1},
	} {
		if got := AgeOn(c.birth, c.day); got != c.want {
			t.Errorf("born %s, on %s: %d, want %d", c.birth, c.day, got, c.want)
		}
	}
}

func FuzzParseID(f *testing.F) {
	for _, s := range []string{"11010519491231002X", "932682198501010017", "USA110185010101", "１１０", "110105194912310021", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, err := ParseID(s, today)
		if err != nil {
			return
		}
		if id.Kind != PermanentOld && IDCheckDigit(id.Number[:17]) != id.Number[17] {
			t.Errorf("%q accepted with a wrong check digit", s)
		}
		if again, err := ParseID(id.Number, today); err != nil || again != id {
			t.Errorf("%q reads as %+v, which reads as %+v, %v", s, id, again, err)
		}
		if m := MaskID(id.Number); m == id.Number || len(m) != len(id.Number) {
			t.Errorf("mask %q", m)
		}
	})
}
