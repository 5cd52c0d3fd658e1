package clock

import (
	"math"
	"slices"
	"time"

	"tongban/internal/base/errs"
)

// stoppedWhy is the reason shown for a working day that a stop covers.
const stoppedWhy = "停止计时"

// Deadline says when a period ends that was set off by an event at from. It returns an Invalid error for an unknown unit, a length that
// is not 1–36500 (months: 1–1200), a missing from, a stop without a beginning, a stop that ends before it begins, instants outside the
// years 1950–2199, and a calendar that never has a working day (clock.no_workday). The rules are in the package comment.
func Deadline(from time.Time, p Period, stops []Stop, cal Calendar) (Result, error) {
	if err := p.Check(); err != nil {
		return Result{}, err
	}
	if err := checkInstants(from, stops); err != nil {
		return Result{}, err
	}
	day0 := dayOf(from)
	switch p.Unit {
	case Hour:
		return hours(from, p.N, stops), nil
	case Workday:
		return walk(day0, p.N, stoppedDays(stops), cal, false)
	case NaturalDay:
		return walk(day0, p.N, stoppedDays(stops), cal, true)
	default:
		r, err := walk(day0, addMonths(day0, p.N)-day0, stoppedDays(stops), cal, true)
		if err == nil && !r.Paused {
			r.Counted = p.N
		}
		return r, err
	}
}

// walk counts n days after day0. With natural, rest days count too, except that the last day must be a working day.
func walk(day0, n int, stopped []span, cal Calendar, natural bool) (Result, error) {
	r := Result{Skipped: []Skip{}}
	for d, s := day0+1, 0; d <= lastDay; d++ {
		for s < len(stopped) && stopped[s].to < d {
			s++
		}
		covered := s < len(stopped) && stopped[s].from <= d
		if covered && stopped[s].to == never {
			r.Paused, r.Left = true, n-r.Counted
			return r, nil
		}
		date := dateOf(d)
		day := Day{Working: true, Covered: true} // what a natural day in the middle counts as, whatever it is
		if !natural || !covered && r.Counted == n-1 {
			day = cal.Day(date)
		}
		r.Provisional = r.Provisional || !day.Covered
		switch {
		case !day.Working:
			r.Skipped = append(r.Skipped, Skip{date, day.Why})
		case covered:
			r.Skipped = append(r.Skipped, Skip{date, stoppedWhy})
		default:
			if r.Counted++; r.Counted == n {
				r.Due = endOf(d)
				return r, nil
			}
		}
	}
	return Result{}, errs.New(errs.Invalid, "clock.no_workday")
}

// hours adds n wall hours, and the stopped time that begins before they are over.
func hours(from time.Time, n int, stops []Stop) Result {
	due := from.Add(time.Duration(n) * time.Hour)
	byStart := slices.SortedFunc(slices.Values(stops), func(a, b Stop) int { return a.From.Compare(b.From) })
	at := from // everything before it is dealt with
	for _, s := range byStart {
		start := later(s.From, at)
		if !start.Before(due) {
			break
		}
		if s.To.IsZero() {
			left := int(math.Ceil(due.Sub(start).Hours()))
			return Result{Paused: true, Counted: n - left, Left: left, Skipped: []Skip{}}
		}
		if s.To.After(start) {
			due = due.Add(s.To.Sub(start))
			at = s.To
		}
	}
	return Result{Due: due.In(Shanghai), Counted: n, Skipped: []Skip{}}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// span is a run of days, both ends included, as day numbers.
type span struct{ from, to int }

const never = math.MaxInt

// stoppedDays gives the days stops cover, as ordered runs that neither touch nor overlap. A stop that begins and ends on one day covers none.
func stoppedDays(stops []Stop) []span {
	var all []span
	for _, s := range stops {
		sp := span{dayOf(s.From) + 1, never}
		if !s.To.IsZero() {
			sp.to = dayOf(s.To)
		}
		if sp.from <= sp.to {
			all = append(all, sp)
		}
	}
	slices.SortFunc(all, func(a, b span) int { return a.from - b.from })
	var union []span
	for _, sp := range all {
		if k := len(union) - 1; k >= 0 && (union[k].to == never || sp.from <= union[k].to+1) {
			union[k].to = max(union[k].to, sp.to)
			continue
		}
		union = append(union, sp)
	}
	return union
}
