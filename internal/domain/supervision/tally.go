package supervision

import (
	"context"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/rating"
	"tongban/internal/engine/clock"
)

// spread says how many stays took up to so many hours. It keeps medians without keeping every stay in memory.
type spread map[int]int

// hoursUp rounds a time up to where a spread counts it: whole hours up to two days, quarters of days up to thirty, whole days beyond. It grows with
// the time, so the median of what it gives is what it gives for the median.
func hoursUp(d time.Duration) int {
	h := int(math.Ceil(max(d, 0).Hours()))
	switch {
	case h <= 48:
		return h
	case h <= 30*24:
		return (h + 5) / 6 * 6
	}
	return (h + 23) / 24 * 24
}

// at gives the smallest hours that a share of the stays (in hundredths) did not exceed: the nearest rank. 0 of nothing.
func (s spread) at(percent int) int {
	n := 0
	for _, k := range s {
		n += k
	}
	rank := (n*percent + 99) / 100
	for _, h := range slices.Sorted(maps.Keys(s)) {
		if rank -= s[h]; rank <= 0 {
			return h
		}
	}
	return 0
}

// String writes a spread in the order of its hours: "1:3 2:5".
func (s spread) String() string {
	var b strings.Builder
	for i, h := range slices.Sorted(maps.Keys(s)) {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strconv.Itoa(h) + ":" + strconv.Itoa(s[h]))
	}
	return b.String()
}

// addText adds a written spread; what is not one adds nothing.
func (s spread) addText(text string) {
	for part := range strings.FieldsSeq(text) {
		h, n, ok := strings.Cut(part, ":")
		hours, err1 := strconv.Atoi(h)
		count, err2 := strconv.Atoi(n)
		if ok && err1 == nil && err2 == nil {
			s[hours] += count
		}
	}
}

// stay is one stay of a case in a step.
type stay struct {
	CaseID, CaseNo, Region, Agency, Item string
	Step, StepName                       string
	Entered, Left                        time.Time
	Took                                 time.Duration
	Late                                 int
}

// countStay keeps a stay that ended and adds it to its month, once.
func countStay(ctx context.Context, tx *db.Tx, e cases.StepDoneEvent, name string) error {
	s := stay{
		CaseID: e.CaseID, CaseNo: e.CaseNo, Region: e.Region, Agency: e.Agency, Item: e.ItemKey, Step: e.Step, StepName: name,
		Entered: e.Entered, Left: e.At, Took: max(e.Took, 0),
	}
	if s.Entered.IsZero() {
		s.Entered = e.At.Add(-s.Took)
	}
	if !e.Due.IsZero() && e.At.After(e.Due) {
		s.Late = 1
	}
	fresh, err := insertStay(ctx, tx, s)
	if err != nil || !fresh {
		return err
	}
	return addStay(ctx, tx, s)
}

// closing is one case that is over, in numbers.
type closing struct {
	CaseID, CaseNo, Region, Agency, Item string
	At                                   time.Time
	Timed, Promised, Actual, Longer      int // days are working days without those the clock stood still
	Planned, Trips, More                 int
	Reused, Uploaded                     int
}

func (s *Service) closed(ctx context.Context, w watch, c cases.Case, m Measure) closing {
	out := closing{
		CaseID: c.ID, CaseNo: c.CaseNo, Region: c.Region, Agency: c.Agency, Item: c.ItemKey, At: w.Facts.Closing.At,
		Trips: m.Trips, Reused: m.Reused, Uploaded: m.Uploaded,
	}
	if p := m.PlannedTrips; p != nil {
		out.Planned = *p
		if m.Trips > *p {
			out.More = 1
		}
	}
	if c.Accepted.IsZero() || c.Decided.IsZero() || c.Decided.Before(c.Accepted) || m.promised(w.Facts.Extended).N == 0 {
		return out
	}
	cal := s.Calendar(ctx)
	promised, ok := promisedDays(c.Accepted, m.promised(w.Facts.Extended), cal)
	if !ok {
		return out
	}
	out.Timed, out.Promised = 1, promised
	out.Actual = max(0, clock.WorkdaysBetween(c.Accepted, c.Decided, cal)-w.Facts.stopped(c, cal))
	if out.Actual > out.Promised {
		out.Longer = 1
	}
	return out
}

// promisedDays gives a promised period in working days from a day on.
func promisedDays(from time.Time, p clock.Period, cal clock.Calendar) (int, bool) {
	if p.Unit == clock.Workday {
		return p.N, true
	}
	r, err := clock.Deadline(from, p, nil, cal)
	if err != nil {
		return 0, false
	}
	return clock.WorkdaysBetween(from, r.Due, cal), true
}

// stopped counts the working days on which the clock stood still between acceptance and decision. Stops follow each other: a case is suspended
// once at a time.
func (f *Facts) stopped(c cases.Case, cal clock.Calendar) int {
	n := 0
	for _, s := range f.Suspensions {
		to := s.To
		if to.IsZero() || to.After(c.Decided) {
			to = c.Decided
		}
		if s.From.Before(to) && !s.From.Before(c.Accepted) {
			n += clock.WorkdaysBetween(s.From, to, cal)
		}
	}
	return n
}

// countClose keeps a case that is over and adds it to its month, once.
func countClose(ctx context.Context, tx *db.Tx, c closing) error {
	fresh, err := insertClose(ctx, tx, c)
	if err != nil || !fresh {
		return err
	}
	return addClose(ctx, tx, c)
}

// deed notes what an officer did outside office hours and judges the day.
func (s *Service) deed(ctx context.Context, tx *db.Tx, f cases.Fact, what string) error {
	if !strings.HasPrefix(f.By, "staff:") || f.At.IsZero() {
		return nil
	}
	ts, err := thresholds(ctx, tx)
	if err != nil {
		return err
	}
	e := Env{Now: s.Now(), Cal: s.Calendar(ctx), Limit: LimitsIn(ts, f.Region, f.At)}
	if e.Limit.open(f.At, e.Cal) {
		return nil
	}
	d := Day{Date: dateOf(f.At), Agency: f.Agency, Staff: f.By}
	if err := insertDeed(ctx, tx, d, Deed{CaseID: f.CaseID, CaseNo: f.CaseNo, What: what, At: f.At}); err != nil {
		return err
	}
	if d.Deeds, err = deedsOf(ctx, tx, d); err != nil {
		return err
	}
	return s.judgeDay(ctx, tx, d, e, ts)
}

// rated notes that a rating was given and judges the agency's day.
func (s *Service) rated(ctx context.Context, tx *db.Tx, st event.Stored) error {
	g, err := event.Decode[rating.GivenEvent](st)
	if err != nil {
		return err
	}
	d := Day{Date: dateOf(st.At), Agency: g.Agency}
	if err := insertRated(ctx, tx, d, Rated{RatingID: g.RatingID, Item: g.Item, Grade: g.Grade, At: st.At}); err != nil {
		return err
	}
	if d.Ratings, err = ratingsOf(ctx, tx, d); err != nil {
		return err
	}
	ts, err := thresholds(ctx, tx)
	if err != nil {
		return err
	}
	w, err := officeOf(ctx, tx, g.Agency)
	if errs.KindOf(err) == errs.NotFound {
		return nil // none of its cases was looked at yet; the next rating judges the whole day again
	}
	if err != nil {
		return err
	}
	return s.judgeDay(ctx, tx, d, Env{Now: s.Now(), Cal: s.Calendar(ctx), Limit: LimitsIn(ts, w.Region, st.At)}, ts)
}

func (s *Service) judgeDay(ctx context.Context, tx *db.Tx, d Day, e Env, ts []Threshold) error {
	found := JudgeDay(d, e)
	if len(found) == 0 {
		return nil
	}
	w, err := officeOf(ctx, tx, d.Agency)
	if err != nil {
		return err
	}
	for _, f := range found {
		if err := s.raise(ctx, tx, w, f, ts, e.Cal); err != nil {
			return err
		}
	}
	return nil
}
