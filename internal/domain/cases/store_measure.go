package cases

import (
	"context"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/domain/catalog"
	"tongban/internal/engine/clock"
)

// Measured is what one case took, in numbers: nothing of a person is read for it.
type Measured struct {
	Trips    int // to the hall
	Reused   int // materials that came from the library, a register or an application of before, so that nobody had to bring them
	Uploaded int // materials the applicant had to hand in
	Pace     *Pace
}

// Pace is how long the decision took against what was promised and what the law allows. Days are working days on which the clock ran; 0 where no
// such period is set. Dates are zero where there is none.
type Pace struct {
	From, Decided           time.Time
	Promised, Legal, Actual int
	PromisedDue, LegalDue   time.Time
}

// OnTime reports whether it was decided by the date that bound: the promised one, or the legal one where nothing was promised. known is false
// where neither was set.
func (p Pace) OnTime() (onTime, known bool) {
	due := p.PromisedDue
	if due.IsZero() {
		due = p.LegalDue
	}
	return !p.Decided.After(due), !due.IsZero()
}

// carriedKey begins the client key of a file that was taken over from another application of the same applicant.
const carriedKey = "carry:"

// Measure counts what a case took; errs.NotFound for an unknown one. Pace is nil as long as nothing is decided.
func (s *Service) Measure(ctx context.Context, id string) (Measured, error) {
	var m Measured
	r, err := s.find(ctx, s.DB.R(), id)
	if err != nil {
		return m, err
	}
	err = s.DB.R().QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM cases_visit WHERE case_id = $1),
		(SELECT COUNT(DISTINCT material) FROM cases_material WHERE case_id = $1 AND removed_round = -1 AND (source = $2 OR client_key LIKE $3)),
		(SELECT COUNT(DISTINCT material) FROM cases_material WHERE case_id = $1 AND removed_round = -1 AND source IN ($4, $5) AND client_key NOT LIKE $3 AND material NOT IN ($6, $7))`,
		id, SourceLicence, carriedKey+"%", SourceUpload, SourcePhone, BasisKey, TakenKey).Scan(&m.Trips, &m.Reused, &m.Uploaded)
	if err != nil || r.Decided.IsZero() {
		return m, db.Classify(err)
	}
	it, err := s.Items.ItemVersion(ctx, r.ItemKey, r.ItemVersion)
	if err != nil {
		return m, err
	}
	events, err := findEvents(ctx, s.DB.R(), id)
	if err != nil {
		return m, err
	}
	if p, ok := PaceOf(events, it.Limits, s.Offices.Calendar(ctx)); ok {
		m.Pace = &p
	}
	return m, nil
}

// PaceOf gives the pace of a decision from the events up to it; false when the case was not decided while its period ran. Like the clock it is a
// pure function: the dates are those the clock showed at the moment of the decision.
func PaceOf(events []Event, l catalog.Limits, cal clock.Calendar) (Pace, bool) {
	for i, e := range events {
		if e.Kind != EventDecided {
			continue
		}
		r := replay(events[:i])
		if r.phase != PhaseDecision || e.At.Before(r.from) {
			return Pace{}, false
		}
		c := ClockOf(events[:i], l, cal)
		p := Pace{From: r.from, Decided: e.At, PromisedDue: c.PromisedDue, LegalDue: c.LegalDue}
		p.Promised = workdaysOf(r.from, promisedPeriod(l, r.extend > 0), cal)
		p.Legal = workdaysOf(r.from, legalPeriod(l, r.extend > 0), cal)
		p.Actual = clock.WorkdaysBetween(r.from, e.At, cal)
		for _, s := range r.stops { // one after the other: a case is suspended once at a time
			to := s.To
			if to.IsZero() || to.After(e.At) {
				to = e.At
			}
			if to.After(s.From) {
				p.Actual -= clock.WorkdaysBetween(s.From, to, cal)
			}
		}
		p.Actual = max(0, p.Actual)
		return p, true
	}
	return Pace{}, false
}

// workdaysOf gives a period in working days from a day on; 0 for none and for one counted in hours.
func workdaysOf(from time.Time, p clock.Period, cal clock.Calendar) int {
	switch {
	case p.N == 0 || p.Unit == clock.Hour:
		return 0
	case p.Unit == clock.Workday:
		return p.N
	}
	r, err := clock.Deadline(from, p, nil, cal)
	if err != nil {
		return 0
	}
	return clock.WorkdaysBetween(from, r.Due, cal)
}
