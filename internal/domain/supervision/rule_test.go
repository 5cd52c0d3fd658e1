package supervision_test

import (
	"slices"
	"testing"
	"time"

	"tongban/internal/domain/supervision"
	"tongban/internal/engine/clock"
)

// at is a moment of March 2026, whose 20th is a Friday; 4 to 6 April are 清明节.
func at(day, hour, minute, second int) time.Time {
	return time.Date(2026, 3, day, hour, minute, second, 0, clock.Shanghai)
}

func end(day int) time.Time { return at(day, 23, 59, 59) }

func TestRules(t *testing.T) {
	// Accepted on Monday the 2nd: eight working days end on Thursday the 12th, ten on Monday the 16th.
	run := supervision.Run{Phase: "decision", From: at(2, 9, 0, 0), Promised: end(12), Legal: end(16)}
	with := func(change func(*supervision.Run)) supervision.Facts {
		r := run
		change(&r)
		return supervision.Facts{Submitted: at(1, 9, 0, 0), Accepted: at(2, 9, 0, 0), Runs: []supervision.Run{r}}
	}
	plain := with(func(*supervision.Run) {})
	decided := func(when time.Time, d supervision.Decision) supervision.Facts {
		d.At = when
		return supervision.Facts{Submitted: at(1, 9, 0, 0), Accepted: at(2, 9, 0, 0), Decision: &d}
	}
	step := func(left time.Time) supervision.Facts {
		return supervision.Facts{Submitted: at(1, 9, 0, 0), Steps: []supervision.Step{{Key: "review", Name: "审查", Due: end(5), Left: left}}}
	}
	told := func(n int, barred ...time.Time) supervision.Facts {
		f := supervision.Facts{Submitted: at(1, 9, 0, 0), Barred: barred}
		for i := range n {
			f.Corrections = append(f.Corrections, supervision.Correction{Round: i + 1, At: at(3+i, 9, 0, 0)})
		}
		return f
	}
	for name, c := range map[string]struct {
		f    supervision.Facts
		now  time.Time
		want []string
	}{
		"in time":                                 {plain, at(6, 9, 0, 0), nil},
		"seven of eight days gone":                {plain, at(11, 9, 0, 0), nil},
		"the promised day itself":                 {plain, at(12, 9, 0, 0), []string{"yellow promised_near"}},
		"a second before the promised end":        {plain, end(12), []string{"yellow promised_near"}},
		"promised past, legal not":                {plain, at(13, 0, 0, 0), []string{"red promised_past"}},
		"both past":                               {plain, at(17, 9, 0, 0), []string{"red promised_past", "red legal_past"}},
		"paused":                                  {with(func(r *supervision.Run) { r.Paused = true }), at(17, 9, 0, 0), nil},
		"nothing promised":                        {with(func(r *supervision.Run) { r.Promised = time.Time{} }), at(12, 9, 0, 0), nil},
		"promised is the legal date":              {with(func(r *supervision.Run) { r.Legal = r.Promised }), at(13, 9, 0, 0), []string{"red legal_past"}},
		"ended in time, looked at late":           {with(func(r *supervision.Run) { r.Until = at(12, 17, 0, 0) }), at(20, 9, 0, 0), nil},
		"ended late":                              {with(func(r *supervision.Run) { r.Until = at(13, 8, 0, 0) }), at(20, 9, 0, 0), []string{"red promised_past"}},
		"an hour, 53 minutes gone":                {with(func(r *supervision.Run) { r.Promised, r.Legal = at(2, 10, 0, 0), time.Time{} }), at(2, 9, 53, 0), nil},
		"an hour, 54 minutes gone":                {with(func(r *supervision.Run) { r.Promised, r.Legal = at(2, 10, 0, 0), time.Time{} }), at(2, 9, 54, 0), []string{"yellow promised_near"}},
		"step in time":                            {step(time.Time{}), end(5), nil},
		"step past its limit":                     {step(time.Time{}), at(6, 0, 0, 0), []string{"yellow step_past"}},
		"step left in time":                       {step(at(5, 9, 0, 0)), at(20, 9, 0, 0), nil},
		"step left late":                          {step(at(6, 9, 0, 0)), at(20, 9, 0, 0), []string{"yellow step_past"}},
		"decided 60 s after acceptance":           {decided(at(2, 9, 1, 0), supervision.Decision{}), at(2, 10, 0, 0), []string{"red seconds"}},
		"decided 61 s after acceptance":           {decided(at(2, 9, 1, 1), supervision.Decision{}), at(2, 10, 0, 0), nil},
		"decided at once, on the spot":            {decided(at(2, 9, 0, 3), supervision.Decision{OnTheSpot: true}), at(2, 10, 0, 0), nil},
		"decided at once by rules, at night":      {decided(at(2, 23, 0, 3), supervision.Decision{Automatic: true}), at(3, 10, 0, 0), nil},
		"decided at 21:59":                        {decided(at(3, 21, 59, 59), supervision.Decision{}), at(4, 10, 0, 0), nil},
		"decided at 22:00":                        {decided(at(3, 22, 0, 0), supervision.Decision{}), at(4, 10, 0, 0), []string{"yellow night"}},
		"decided at 05:59, on the spot":           {decided(at(4, 5, 59, 0), supervision.Decision{OnTheSpot: true}), at(4, 10, 0, 0), []string{"yellow night"}},
		"decided at 06:00":                        {decided(at(4, 6, 0, 0), supervision.Decision{}), at(4, 10, 0, 0), nil},
		"acceptance dated back (deemed accepted)": {decided(at(9, 9, 0, 5), supervision.Decision{}), at(9, 10, 0, 0), nil},
		"told once":                               {told(1), at(20, 9, 0, 0), nil},
		"told twice":                              {told(2), at(20, 9, 0, 0), []string{"yellow told_again"}},
		"new defects refused":                     {told(1, at(9, 9, 0, 0)), at(20, 9, 0, 0), []string{"red new_refused"}},
		"filed before the rules took effect":      {supervision.Facts{Submitted: at(-80, 9, 0, 0), Barred: []time.Time{at(9, 9, 0, 0)}}, at(20, 9, 0, 0), nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, f := range supervision.Judge(c.f, supervision.Env{Now: c.now, Cal: clock.Embedded()}) {
				got = append(got, string(f.Level)+" "+f.Note)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}

func TestOccurrencesStayTheSameAndDiffer(t *testing.T) {
	f := supervision.Facts{Submitted: at(1, 9, 0, 0), Runs: []supervision.Run{{Phase: "decision", From: at(2, 9, 0, 0), Promised: end(12), Legal: end(16)}}}
	first := supervision.Judge(f, supervision.Env{Now: at(17, 9, 0, 0), Cal: clock.Embedded()})
	later := supervision.Judge(f, supervision.Env{Now: at(27, 9, 0, 0), Cal: clock.Embedded()})
	if len(first) != 2 || len(later) != 2 || first[0].Occurrence != later[0].Occurrence || first[0].Occurrence == first[1].Occurrence {
		t.Errorf("%+v, then %+v", first, later)
	}
}

func TestEveryRuleSaysWhyAndSinceWhen(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range supervision.Rules {
		if r.Basis == "" || r.From.IsZero() || r.Kind == "" || seen[r.Key] {
			t.Errorf("rule %q lacks basis, day or kind, or is there twice", r.Key)
		}
		seen[r.Key] = true
	}
}
