package clock

import (
	"time"

	"tongban/internal/base/errs"
)

// Unit is what a period is counted in.
type Unit string

// The units a law or a promise may use.
const (
	Workday    Unit = "workday"
	NaturalDay Unit = "naturalday"
	Month      Unit = "month"
	Hour       Unit = "hour"
)

// Period is a length of time as a law writes it, such as 20 working days.
type Period struct {
	N    int  `json:"n"`
	Unit Unit `json:"unit"`
}

// The longest periods accepted: a hundred years, or 36500 of anything shorter.
const (
	maxN      = 36500
	maxMonths = 1200
)

// Instants outside these years are taken for typing errors.
const (
	minYear = 1950
	maxYear = 2199
)

// Check refuses an unknown unit (clock.unit_unknown) and a length below one or beyond a hundred years (clock.days_range).
func (p Period) Check() error {
	limit := maxN
	switch p.Unit {
	case Workday, NaturalDay, Hour:
	case Month:
		limit = maxMonths
	default:
		return errs.New(errs.Invalid, "clock.unit_unknown", errs.P{"unit": string(p.Unit)})
	}
	if p.N < 1 || p.N > limit {
		return errs.New(errs.Invalid, "clock.days_range", errs.P{"days": p.N, "max": limit})
	}
	return nil
}

// Stop is a time in which a period does not run. A zero To means that it has not ended.
type Stop struct{ From, To time.Time }

// Skip is a day that was not counted, and why (周六, 春节, 停止计时).
type Skip struct {
	Date string `json:"date"` // YYYY-MM-DD
	Why  string `json:"why"`
}

// Result is what Deadline found.
type Result struct {
	Due         time.Time // in Asia/Shanghai; zero while Paused
	Counted     int       // units counted so far: the whole period, or what had run when it paused
	Paused      bool      // a stop has not ended
	Left        int       // while Paused: what is left, in the period's unit (a period of months: in natural days; hours rounded up)
	Provisional bool      // a year was needed whose holidays are not known
	Skipped     []Skip    // the days after the event and before Due that do not count, in order; empty for hours
}

func checkInstants(from time.Time, stops []Stop) error {
	if from.IsZero() {
		return errs.New(errs.Invalid, "clock.from_missing")
	}
	all := []time.Time{from}
	for _, s := range stops {
		if s.From.IsZero() {
			return errs.New(errs.Invalid, "clock.stop_from")
		}
		all = append(all, s.From)
		if s.To.IsZero() {
			continue
		}
		if s.To.Before(s.From) {
			return errs.New(errs.Invalid, "clock.stop_order")
		}
		all = append(all, s.To)
	}
	for _, t := range all {
		if y := t.In(Shanghai).Year(); y < minYear || y > maxYear {
			return errs.New(errs.Invalid, "clock.year_range", errs.P{"min": minYear, "max": maxYear})
		}
	}
	return nil
}
