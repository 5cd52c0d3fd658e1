package supervision

import (
	"slices"
	"strconv"
	"time"

	"tongban/internal/domain/cases"
)

// suspended (流程): the clock stops for the special procedures the law names and for nothing else, and the applicant is told in writing how long
// it takes (行政许可法 45). A stop without such a ground, one whose length was not told, and one that goes on longer than told are red.
var suspended = Rule{
	Key: "suspended", Kind: Process, Basis: "《中华人民共和国行政许可法》第四十五条", From: inForce,
	Check: func(f Facts, e Env) []Finding {
		var out []Finding
		for _, s := range f.Suspensions {
			at, facts := strconv.FormatInt(s.From.UnixMilli(), 10), map[string]string{"ground": s.Ground, "date": dateOf(s.From)}
			if !slices.Contains(cases.Specials, s.Ground) {
				out = append(out, Finding{Level: Red, Note: "stop_no_ground", Occurrence: "ground:" + at, At: s.From, Facts: facts})
			}
			switch {
			case s.Until.IsZero():
				out = append(out, Finding{Level: Red, Note: "stop_no_length", Occurrence: "length:" + at, At: s.From, Facts: facts})
			case passed(s.Until, s.To, e.Now):
				out = append(out, late(Red, "stop_too_long", "stop:"+at, s.Until, facts))
			}
		}
		return out
	},
}

// Suspension is one stop of the clock: for what, since when, until when it was told to last, and when it ended.
type Suspension struct {
	Ground string    `json:"ground"`
	From   time.Time `json:"from"`
	Until  time.Time `json:"until,omitzero"`
	To     time.Time `json:"to,omitzero"` // zero while it lasts
}

// suspended and resumed take the two events in, in whatever order they come.
func (f *Facts) suspended(s Suspension) {
	if !slices.ContainsFunc(f.Suspensions, func(o Suspension) bool { return o.From.Equal(s.From) }) {
		f.Suspensions = append(f.Suspensions, s)
	}
	f.pair()
}

func (f *Facts) resumed(at time.Time) {
	if !slices.ContainsFunc(f.Resumed, at.Equal) {
		f.Resumed = append(f.Resumed, at)
	}
	f.pair()
}

func (f *Facts) pair() {
	slices.SortFunc(f.Suspensions, func(a, b Suspension) int { return a.From.Compare(b.From) })
	slices.SortFunc(f.Resumed, time.Time.Compare)
	for i := range f.Suspensions {
		s := &f.Suspensions[i]
		if j := slices.IndexFunc(f.Resumed, func(at time.Time) bool { return !at.Before(s.From) }); j >= 0 {
			s.To = f.Resumed[j]
		}
	}
}
