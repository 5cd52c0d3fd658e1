package licence

import (
	"testing"
	"time"

	"tongban/internal/base/errs"
)

// ISO 7064 MOD 11,10, worked by hand for 0794: p=10; 0→10,p=9; 16→6,p=1; 10→10,p=9; 13→3,p=6; (11−6) mod 10 = 5.
func TestSampleCheck(t *testing.T) {
	for in, want := range map[string]string{"0794": "5", "JY07-94": "5", "JY2580102000001": "1"} {
		if got := SampleCheck(in); got != want {
			t.Errorf("SampleCheck(%s) = %s, want %s", in, got, want)
		}
	}
	// One digit wrong, or two neighbours swapped, must change the check.
	n := "2580102000047"
	for i := range n {
		b := []byte(n)
		b[i] = '0' + (b[i]-'0'+1)%10
		if SampleCheck(string(b)) == SampleCheck(n) {
			t.Errorf("digit %d changed unseen", i)
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, c := range []struct {
		pattern, region string
		codes           map[string]string
		serial          int
		want, key       string
	}{
		{"JY{form}{region}{seq:6}{check}", "580102", map[string]string{"form": "2"}, 1, "JY25801020000011", ""},
		{"LN{region}{year}{seq:6}", "58", nil, 42, "LN5800002026000042", ""},
		{"{seq:2}", "", nil, 100, "", "licence.series_full"},
		{"JY{form}{seq:6}", "", map[string]string{"form": "餐饮服务经营者"}, 1, "", "licence.number_code"},
		{"JY{form}{seq:6}", "", nil, 1, "", "licence.number_code"},
		{"T{seq:3}{check}", "", nil, 7, "T007!", ""},
	} {
		check := SampleCheck
		if c.want == "T007!" {
			check = func(string) string { return "!" }
		}
		np, err := fillPattern(c.pattern, c.region, 2026, c.codes)
		got := ""
		if err == nil {
			got, err = np.number(c.serial, check)
		}
		if got != c.want || c.key != "" && !errs.Is(err, c.key) {
			t.Errorf("%s: %s %v, want %s %s", c.pattern, got, err, c.want, c.key)
		}
	}
}

func TestValidityEndsTheDayBefore(t *testing.T) {
	for _, c := range []struct {
		from string
		v    Validity
		want string
	}{
		{"2026-03-16", Validity{Years: 5}, "2031-03-15"},
		{"2026-01-01", Validity{Years: 1}, "2026-12-31"},
		{"2024-02-29", Validity{Years: 1}, "2025-02-28"}, // no such day: the month's last
		{"2024-02-29", Validity{Years: 4}, "2028-02-28"},
		{"2026-01-31", Validity{Months: 1}, "2026-02-28"},
		{"2026-11-30", Validity{Months: 3}, "2027-02-28"},
		{"2026-03-16", Validity{Days: 30}, "2026-04-14"},
		{"2026-03-16", Validity{}, ""},
	} {
		from, err := time.ParseInLocation(time.DateOnly, c.from, beijing)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.v.Until(from.Add(23 * time.Hour)); got != c.want {
			t.Errorf("%s %+v: %s, want %s", c.from, c.v, got, c.want)
		}
	}
}

func TestStates(t *testing.T) {
	for _, c := range []struct {
		from, to State
		want     bool
	}{{Valid, Revoked, true}, {Valid, Suspended, true}, {Suspended, Valid, true}, {Revoked, Valid, false}, {Cancelled, Suspended, false}, {Expired, Cancelled, true}, {Expired, Valid, false}, {Valid, Expired, false}} {
		if got := c.from.CanBecome(c.to); got != c.want {
			t.Errorf("%s → %s = %v", c.from, c.to, got)
		}
	}
	l := Licence{State: Valid, ValidUntil: "2031-03-15"}
	if l.On("2031-03-15") != Valid || l.On("2031-03-16") != Expired {
		t.Error("the last day counts in full")
	}
}
