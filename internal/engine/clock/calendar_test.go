package clock

import (
	"testing"
	"time"
)

func TestEmbeddedCalendar(t *testing.T) {
	cal := Embedded()
	for date, want := range map[string]Day{
		"2026-01-01": {false, "元旦", true},
		"2026-01-04": {true, "调休上班", true},
		"2026-02-14": {true, "调休上班", true},
		"2026-02-21": {false, "春节", true}, // a Saturday inside the holiday
		"2026-02-24": {true, "", true},
		"2026-03-07": {false, "周六", true},
		"2026-03-08": {false, "周日", true},
		"2006-12-30": {true, "调休上班", true},
		"2007-12-31": {false, "元旦", true},
		"2027-01-01": {false, "元旦", false},
		"2027-02-17": {true, "", false},
		"2027-02-20": {false, "周六", false},
		"2003-05-01": {true, "", false},
		"2026-02-30": {},
		"":           {},
	} {
		if got := cal.Day(date); got != want {
			t.Errorf("Day(%q) = %+v, want %+v", date, got, want)
		}
	}
	if y := cal.Years(); len(y) != 23 || y[0] != 2004 || y[22] != 2026 {
		t.Errorf("years %v", y)
	}
}

// Every make-up day must lie on a weekend, and a year has between 245 and 253 working days.
func TestEmbeddedCalendarIsPlausible(t *testing.T) {
	rows := Embedded().Rows()
	if len(rows) != 769 {
		t.Errorf("%d rows, want 769", len(rows))
	}
	for i, r := range rows {
		d, _ := time.Parse(time.DateOnly, r.Date)
		if r.Working && weekendName(d.Weekday()) == "" {
			t.Errorf("%s is a make-up day on a working day", r.Date)
		}
		if i > 0 && rows[i-1].Date >= r.Date || r.Note == "" || r.Source == "" {
			t.Errorf("row %d: %+v", i, r)
		}
	}
	for _, y := range Embedded().Years() {
		from := time.Date(y-1, 12, 31, 12, 0, 0, 0, Shanghai)
		if n := WorkdaysBetween(from, from.AddDate(1, 0, 0), Embedded()); n < 245 || n > 253 {
			t.Errorf("%d has %d working days", y, n)
		}
	}
}

func TestOverlay(t *testing.T) {
	base := Embedded()
	over := base.With([]Row{
		{Date: "2026-03-20", Note: "古尔邦节"},
		{Date: "2026-02-14", Note: "停电"},
		{Date: "2027-02-06", Note: "春节"},
		{Date: "2027-02-13", Working: true, Note: "春节"},
		{Date: "2027-02-33"},
	})
	for date, want := range map[string]Day{
		"2026-03-20": {false, "古尔邦节", true},
		"2026-02-14": {false, "停电", true},
		"2027-02-06": {false, "春节", true},
		"2027-02-13": {true, "调休上班", true},
		"2027-02-08": {true, "", true},
	} {
		if got := over.Day(date); got != want {
			t.Errorf("Day(%s) = %+v, want %+v", date, got, want)
		}
	}
	if base.Day("2026-03-20").Working != true || base.Day("2027-02-06").Covered {
		t.Error("With changed the table it was called on")
	}
	if len(over.Rows()) != len(base.Rows())+3 {
		t.Errorf("%d rows after %d", len(over.Rows()), len(base.Rows()))
	}
}

func TestReadRowsRefuses(t *testing.T) {
	for _, bad := range []string{
		"from,to,kind,name\n2026-13-01,2026-13-01,rest,元旦\n",
		"from,to,kind,name\n2026-01-02,2026-01-01,rest,元旦\n",
		"from,to,kind,name\n2026-01-01,2026-01-01,feast,元旦\n",
		"from,to,kind,name\n2026-01-01,2026-01-01,rest\n",
	} {
		if rows, err := readRows(bad); err == nil {
			t.Errorf("%q read as %v", bad, rows)
		}
	}
}
