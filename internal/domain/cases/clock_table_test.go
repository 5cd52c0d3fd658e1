package cases_test

import (
	"bufio"
	"encoding/json"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/engine/clock"
)

func minuteAt(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02T15:04", s, clock.Shanghai)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestClockByASecondCount compares the clock with a table that another program counted day by day: year ends, make-up working days, stops one after the
// other and open, extensions, deemed acceptance.
func TestClockByASecondCount(t *testing.T) {
	f, err := os.Open("testdata/clock.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for in := bufio.NewScanner(f); in.Scan(); {
		line := in.Text()
		if strings.HasPrefix(line, "#") {
			continue
		}
		n++
		col := strings.Split(line, "\t")
		events, limits := tableCase(t, col[1], col[0])
		got := cases.ClockOf(events, limits, clock.Embedded())
		left := "-"
		if got.Paused {
			left = strconv.Itoa(got.Left)
		}
		have := strings.Join([]string{got.Phase, dayOrDash(got.LegalDue), dayOrDash(got.PromisedDue), dayOrDash(got.SpecialDue), left}, " ")
		if want := strings.Join(col[2:], " "); have != want {
			t.Errorf("%s %s\n have %s\n want %s", col[0], col[1], have, want)
		}
	}
	if n < 150 {
		t.Errorf("the table has %d cases", n)
	}
}

func dayOrDash(at time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return at.In(clock.Shanghai).Format(time.DateOnly)
}

func tableCase(t *testing.T, script, periods string) ([]cases.Event, catalog.Limits) {
	t.Helper()
	p := strings.Split(periods, "/")
	days := func(i int) catalog.Limit {
		n, err := strconv.Atoi(p[i])
		if err != nil {
			t.Fatal(err)
		}
		return catalog.Limit{N: n, Unit: clock.Workday}
	}
	receipt, extension := days(0), days(3)
	limits := catalog.Limits{AcceptanceRule: catalog.AcceptLicensing, Correction: &receipt, Legal: days(1), Promised: days(2), Extension: &extension}
	var events []cases.Event
	for _, word := range strings.Fields(script) {
		kind, rest, _ := strings.Cut(word, "@")
		when, n, _ := strings.Cut(rest, "+")
		e := cases.Event{Seq: len(events) + 1, Kind: kind, At: minuteAt(t, when), Data: json.RawMessage("{}")}
		if n != "" {
			e.Data = json.RawMessage(`{"ground":"testing","n":` + n + `,"unit":"workday"}`)
		}
		events = append(events, e)
	}
	return events, limits
}

// TestAStopAddsWhatItStopped: whenever the clock is stopped and resumed before the deadline, the new deadline is as many working days later as working
// days were stopped; two stops that overlap count once.
func TestAStopAddsWhatItStopped(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	cal := clock.Embedded()
	limits := catalog.Limits{AcceptanceRule: catalog.AcceptLicensing, Legal: catalog.Limit{N: 20, Unit: clock.Workday}}
	for range 2000 {
		from := minuteAt(t, "2025-01-02T10:00").AddDate(0, 0, r.IntN(500))
		events := []cases.Event{{Kind: cases.EventSubmitted, At: from}, {Kind: cases.EventAccepted, At: from}}
		plain := cases.ClockOf(events, limits, cal).LegalDue
		a := from.Add(time.Duration(r.IntN(10*24)) * time.Hour)
		b := a.Add(time.Duration(1+r.IntN(30*24)) * time.Hour)
		if !a.Before(plain) {
			continue
		}
		stopped := 0
		for d := a.AddDate(0, 0, 1); !after(d, b); d = d.AddDate(0, 0, 1) {
			if cal.Day(d.Format(time.DateOnly)).Working {
				stopped++
			}
		}
		events = append(events, cases.Event{Kind: cases.EventSuspended, At: a}, cases.Event{Kind: cases.EventResumed, At: b})
		got := cases.ClockOf(events, limits, cal).LegalDue
		moved := 0
		for d := plain.In(clock.Shanghai).AddDate(0, 0, 1); !after(d, got.In(clock.Shanghai)); d = d.AddDate(0, 0, 1) {
			if cal.Day(d.Format(time.DateOnly)).Working {
				moved++
			}
		}
		if moved != stopped {
			t.Fatalf("accepted %s, stopped %s to %s (%d working days): moved by %d, from %s to %s", from, a, b, stopped, moved, plain, got)
		}
	}
}

// after reports whether a's day lies after b's.
func after(a, b time.Time) bool { return a.Format(time.DateOnly) > b.Format(time.DateOnly) }

// TestAHolidayNeverShortens: another rest day never makes any deadline earlier, another working day never makes it later.
func TestAHolidayNeverShortens(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	limits := catalog.Limits{AcceptanceRule: catalog.AcceptLicensing, Legal: catalog.Limit{N: 20, Unit: clock.Workday}, Promised: catalog.Limit{N: 8, Unit: clock.Workday}}
	for range 1000 {
		from := minuteAt(t, "2025-01-02T10:00").AddDate(0, 0, r.IntN(500))
		events := []cases.Event{{Kind: cases.EventSubmitted, At: from}, {Kind: cases.EventAccepted, At: from}}
		if r.IntN(2) == 0 {
			a := from.AddDate(0, 0, r.IntN(5))
			events = append(events, cases.Event{Kind: cases.EventSuspended, At: a}, cases.Event{Kind: cases.EventResumed, At: a.AddDate(0, 0, 1+r.IntN(9))})
		}
		day := from.AddDate(0, 0, r.IntN(60)).Format(time.DateOnly)
		was, is := cases.ClockOf(events, limits, clock.Embedded()), cases.ClockOf(events, limits, withRest(day))
		if is.LegalDue.Before(was.LegalDue) || is.PromisedDue.Before(was.PromisedDue) {
			t.Fatalf("%s a holiday: %s became %s", day, was.LegalDue, is.LegalDue)
		}
	}
}

// withRest is the calendar with one more rest day.
func withRest(day string) clock.Calendar {
	return clock.Embedded().With([]clock.Row{{Date: day, Note: "新增假日"}})
}
