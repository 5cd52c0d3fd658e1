package clock

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"tongban/internal/base/errs"
)

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

func shanghai(date string) time.Time { return at(date + "T10:00:00+08:00") }

func must(t *testing.T, from time.Time, p Period, stops []Stop, cal Calendar) Result {
	t.Helper()
	r, err := Deadline(from, p, stops, cal)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSkippedNamesEveryUncountedDay(t *testing.T) {
	stop := []Stop{{shanghai("2026-02-12"), shanghai("2026-02-14")}}
	r := must(t, shanghai("2026-02-11"), Period{3, Workday}, stop, Embedded())
	want := []Skip{{"2026-02-13", stoppedWhy}, {"2026-02-14", stoppedWhy}}
	for _, d := range []string{"15", "16", "17", "18", "19", "20", "21", "22", "23"} {
		want = append(want, Skip{"2026-02-" + d, "春节"})
	}
	if !slices.Equal(r.Skipped, want) || r.Due.Format(time.RFC3339) != "2026-02-25T23:59:59+08:00" {
		t.Errorf("due %v skipped %v, want %v", r.Due, r.Skipped, want)
	}
	r = must(t, shanghai("2026-05-07"), Period{3, Workday}, nil, Embedded())
	if !slices.Equal(r.Skipped, []Skip{{"2026-05-10", "周日"}}) { // make-up Saturday 9 is counted
		t.Errorf("skipped %v", r.Skipped)
	}
	r = must(t, shanghai("2026-03-02"), Period{5, NaturalDay}, nil, Embedded())
	if !slices.Equal(r.Skipped, []Skip{{"2026-03-07", "周六"}, {"2026-03-08", "周日"}}) { // rolled over
		t.Errorf("skipped %v", r.Skipped)
	}
}

func TestDeadlineRefuses(t *testing.T) {
	from := shanghai("2026-03-02")
	for _, c := range []struct {
		name  string
		from  time.Time
		p     Period
		stops []Stop
		key   string
	}{
		{"unit", from, Period{5, "week"}, nil, "clock.unit_unknown"},
		{"no unit", from, Period{N: 5}, nil, "clock.unit_unknown"},
		{"zero", from, Period{0, Workday}, nil, "clock.days_range"},
		{"negative", from, Period{-1, Hour}, nil, "clock.days_range"},
		{"absurd", from, Period{36501, NaturalDay}, nil, "clock.days_range"},
		{"months", from, Period{1201, Month}, nil, "clock.days_range"},
		{"no from", time.Time{}, Period{5, Workday}, nil, "clock.from_missing"},
		{"year", at("9999-01-01T00:00:00Z"), Period{5, Workday}, nil, "clock.year_range"},
		{"stop without from", from, Period{5, Workday}, []Stop{{To: from}}, "clock.stop_from"},
		{"stop turned round", from, Period{5, Hour}, []Stop{{from, from.Add(-time.Second)}}, "clock.stop_order"},
	} {
		if _, err := Deadline(c.from, c.p, c.stops, Embedded()); !errs.Is(err, c.key) || errs.KindOf(err) != errs.Invalid {
			t.Errorf("%s: %v, want %s", c.name, err, c.key)
		}
	}
	for _, p := range []Period{{36500, Workday}, {36500, NaturalDay}, {36500, Hour}, {1200, Month}} {
		must(t, from, p, nil, Embedded())
	}
}

type neverOpen struct{}

func (neverOpen) Day(string) Day { return Day{Why: "放假", Covered: true} }

func TestCalendarWithoutWorkingDaysEnds(t *testing.T) {
	if _, err := Deadline(shanghai("2026-03-02"), Period{1, Workday}, nil, neverOpen{}); !errs.Is(err, "clock.no_workday") {
		t.Errorf("err = %v", err)
	}
}

func TestWorkdaysLeft(t *testing.T) {
	due := at("2026-03-16T23:59:59+08:00") // a Monday
	for now, want := range map[string]int{
		"2026-02-10T15:00:00+08:00": 20,
		"2026-02-14T09:00:00+08:00": 16, // the make-up Saturday itself is today
		"2026-02-18T09:00:00+08:00": 16, // holiday: nothing has passed since
		"2026-03-13T09:00:00+08:00": 1,
		"2026-03-15T15:59:59Z":      1, // 23:59:59 on Sunday
		"2026-03-15T16:00:00Z":      0, // midnight: it is Monday
		"2026-03-16T23:59:59+08:00": 0,
		"2026-03-17T00:00:00+08:00": -1,
		"2026-03-20T09:00:00+08:00": -4,
	} {
		if got := WorkdaysLeft(at(now), due, Embedded()); got != want {
			t.Errorf("at %s: %d, want %d", now, got, want)
		}
	}
	if got := WorkdaysLeft(at("2026-03-14T09:00:00+08:00"), at("2026-03-13T23:59:59+08:00"), Embedded()); got != -1 {
		t.Errorf("Saturday after a Friday deadline: %d, want -1", got)
	}
}

func TestWorkdaysBetween(t *testing.T) {
	a, b := shanghai("2026-02-13"), shanghai("2026-02-28")
	if n := WorkdaysBetween(a, b, Embedded()); n != 6 { // 14, 24–28
		t.Errorf("%d, want 6", n)
	}
	if n := WorkdaysBetween(b, a, Embedded()); n != -6 {
		t.Errorf("backwards %d, want -6", n)
	}
}

// randomStops gives up to four stops in the 90 days after from, some of them overlapping.
func randomStops(r *rand.Rand, from time.Time) []Stop {
	var out []Stop
	for range r.IntN(5) {
		s := from.Add(time.Duration(r.IntN(90*24)) * time.Hour)
		out = append(out, Stop{s, s.Add(time.Duration(r.IntN(30*24)) * time.Hour)})
	}
	return out
}

func randomFrom(r *rand.Rand) time.Time {
	return shanghai("2019-01-01").Add(time.Duration(r.IntN(7*365*24)) * time.Hour)
}

func TestStopAndResumeAddsTheStoppedWorkdays(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		from, p := randomFrom(r), Period{1 + r.IntN(60), Workday}
		stops := randomStops(r, from)
		stopped := must(t, from, p, stops, Embedded())
		added := 0
		for _, s := range stopped.Skipped {
			if s.Why == stoppedWhy {
				added++
			}
		}
		longer := must(t, from, Period{p.N + added, Workday}, nil, Embedded())
		if !stopped.Due.Equal(longer.Due) {
			t.Fatalf("from %v %v stops %v: due %v, with %d more days %v", from, p, stops, stopped.Due, added, longer.Due)
		}
	}
}

func TestUnionOfStopsKnowsNoOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for i := range 500 {
		from := randomFrom(r)
		p := Period{1 + r.IntN(10), []Unit{Workday, NaturalDay, Month, Hour}[i%4]}
		stops := randomStops(r, from)
		if r.IntN(3) == 0 && len(stops) > 0 {
			stops[0].To = time.Time{}
		}
		want := must(t, from, p, stops, Embedded())
		mixed := append(slices.Clone(stops), stops...) // said twice, and in another order
		r.Shuffle(len(mixed), func(a, b int) { mixed[a], mixed[b] = mixed[b], mixed[a] })
		if got := must(t, from, p, mixed, Embedded()); !reflect.DeepEqual(got, want) {
			t.Fatalf("from %v %v stops %v: %+v, then %+v", from, p, stops, want, got)
		}
	}
}

func TestAnotherHolidayNeverShortens(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	later := 0
	for i := range 500 {
		from := randomFrom(r)
		p := Period{1 + r.IntN(40), []Unit{Workday, NaturalDay}[i%2]}
		stops := randomStops(r, from)
		date := dateOf(dayOf(from) + 1 + r.IntN(60))
		was := must(t, from, p, stops, Embedded())
		is := must(t, from, p, stops, Embedded().With([]Row{{Date: date, Note: "地方节日"}}))
		if is.Due.Before(was.Due) {
			t.Fatalf("from %v %v with %s off: due %v, was %v", from, p, date, is.Due, was.Due)
		}
		if is.Due.After(was.Due) {
			later++
		}
	}
	if later == 0 {
		t.Error("no holiday ever mattered: the test looks at nothing")
	}
}
