package supervision

import (
	"cmp"
	"context"
	"slices"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/engine/clock"
)

// By is what the figures are broken down by.
type By string

// The breakdowns.
const (
	ByStep   By = "step"
	ByAgency By = "agency"
	ByItem   By = "item"
)

// Figured narrows the figures. From and To are months, YYYY-MM, both included; empty means the last twelve.
type Figured struct {
	From, To           string
	Agency, Item, Step string

	under string
}

// StepFigure is one line of the bottlenecks: stays that ended in the months, and cases that wait now.
type StepFigure struct {
	Key, Name   string
	Done, Late  int           // stays, and those left after their limit
	Took        time.Duration // of all of them together
	Median, P90 int           // hours: half, nine tenths of the stays took no longer; rounded up as hoursUp does
	Waiting     int           // cases now
	Overdue     int           // of these past the limit of their step
}

// CloseFigure is one line of what was promised and done: cases that were over in the months. Days are working days.
type CloseFigure struct {
	Key, Name                       string
	Cases                           int
	Timed, Promised, Actual, Longer int // cases with a promise, the days of all of them, and the cases that took longer
	Planned, Trips, More            int // trips, and the cases with more than planned
	Reused, Uploaded                int // materials
}

// Bottlenecks are both tables with their totals.
type Bottlenecks struct {
	Figured
	By     By
	Steps  []StepFigure // what waits too long first
	Total  StepFigure
	Closed []CloseFigure
	Sum    CloseFigure
}

// Bottlenecks gives the figures of the supervisor's region from the tallies of the months.
func (s *Service) Bottlenecks(ctx context.Context, a authz.Actor, by By, f Figured) (Bottlenecks, error) {
	f, err := s.figured(a, f)
	if err != nil {
		return Bottlenecks{}, err
	}
	if by != ByAgency && by != ByItem {
		by = ByStep
	}
	agencies, items, err := s.Names(ctx, a)
	if err != nil {
		return Bottlenecks{}, err
	}
	b := Bottlenecks{Figured: f, By: by}
	names := map[By]map[string]string{ByAgency: named(agencies), ByItem: named(items)}
	if err := s.stepFigures(ctx, &b, names[by]); err != nil {
		return b, err
	}
	if by == ByStep && f.Step != "" {
		return b, nil // what is over is over in no one step
	}
	return b, s.closeFigures(ctx, &b, names)
}

func named(ns []Name) map[string]string {
	out := map[string]string{}
	for _, n := range ns {
		out[n.Key] = n.Name
	}
	return out
}

func (s *Service) figured(a authz.Actor, f Figured) (Figured, error) {
	var err error
	if f.under, err = scope(a); err != nil {
		return f, err
	}
	now := s.Now().In(clock.Shanghai)
	if f.To == "" {
		f.To = now.Format(monthForm)
	}
	to, err := time.Parse(monthForm, f.To)
	if err != nil {
		return f, errs.New(errs.BadRequest, "supervision.month")
	}
	if f.From == "" {
		f.From = to.AddDate(0, -11, 0).Format(monthForm)
	}
	if _, err := time.Parse(monthForm, f.From); err != nil || f.From > f.To {
		return f, errs.New(errs.BadRequest, "supervision.month")
	}
	return f, nil
}

const monthForm = "2006-01"

// line is one line while it is added up.
type line struct {
	StepFigure
	spread
}

func (s *Service) stepFigures(ctx context.Context, b *Bottlenecks, names map[string]string) error {
	tallies, err := tallied(ctx, s.DB.R(), b.Figured)
	if err != nil {
		return err
	}
	waits, err := waiting(ctx, s.DB.R(), b.Figured, s.Now())
	if err != nil {
		return err
	}
	lines, all := map[string]*line{}, &line{spread: spread{}}
	of := func(agency, item, step, name string) *line {
		key := map[By]string{ByStep: step, ByAgency: agency, ByItem: item}[b.By]
		l := lines[key]
		if l == nil {
			l = &line{StepFigure{Key: key}, spread{}}
			lines[key] = l
		}
		if l.Name = cmp.Or(names[key], l.Name); b.By == ByStep {
			l.Name = cmp.Or(l.Name, name)
		}
		return l
	}
	for _, t := range tallies {
		for _, l := range []*line{of(t.agency, t.item, t.step, t.name), all} {
			l.Done, l.Late, l.Took = l.Done+t.n, l.Late+t.late, l.Took+t.took
			l.spread.addText(t.spread)
		}
	}
	for _, w := range waits {
		for _, l := range []*line{of(w.agency, w.item, w.step, w.name), all} {
			l.Waiting, l.Overdue = l.Waiting+w.n, l.Overdue+w.overdue
		}
	}
	for _, l := range lines {
		b.Steps = append(b.Steps, l.figure())
	}
	slices.SortFunc(b.Steps, func(x, y StepFigure) int {
		return cmp.Or(cmp.Compare(y.Overdue, x.Overdue), cmp.Compare(y.P90, x.P90), cmp.Compare(y.Done, x.Done), cmp.Compare(x.Key, y.Key))
	})
	b.Total = all.figure()
	return nil
}

func (l *line) figure() StepFigure {
	f := l.StepFigure
	f.Name = cmp.Or(f.Name, f.Key)
	f.Median, f.P90 = l.spread.at(50), l.spread.at(90)
	return f
}

func (s *Service) closeFigures(ctx context.Context, b *Bottlenecks, names map[By]map[string]string) error {
	all, err := closedIn(ctx, s.DB.R(), b.Figured)
	if err != nil {
		return err
	}
	by := b.By
	if by == ByStep {
		by = ByItem
	}
	at := map[string]int{}
	for _, c := range all {
		key := c.agency
		if by == ByItem {
			key = c.item
		}
		i, ok := at[key]
		if !ok {
			i = len(b.Closed)
			at[key] = i
			b.Closed = append(b.Closed, CloseFigure{Key: key, Name: cmp.Or(names[by][key], key)})
		}
		b.Closed[i].add(c.CloseFigure)
		b.Sum.add(c.CloseFigure)
	}
	slices.SortFunc(b.Closed, func(x, y CloseFigure) int {
		return cmp.Or(cmp.Compare(y.Longer, x.Longer), cmp.Compare(y.Cases, x.Cases), cmp.Compare(x.Key, y.Key))
	})
	return nil
}

func (f *CloseFigure) add(o CloseFigure) {
	f.Cases += o.Cases
	f.Timed, f.Promised, f.Actual, f.Longer = f.Timed+o.Timed, f.Promised+o.Promised, f.Actual+o.Actual, f.Longer+o.Longer
	f.Planned, f.Trips, f.More = f.Planned+o.Planned, f.Trips+o.Trips, f.More+o.More
	f.Reused, f.Uploaded = f.Reused+o.Reused, f.Uploaded+o.Uploaded
}

// Of is which figure the cases behind it are wanted of.
type Of string

// The figures with cases behind them. Timed, Longer, Trips, More, Reused and Uploaded are of the cases that are over.
const (
	OfDone     Of = "done"
	OfLate     Of = "late"
	OfWaiting  Of = "waiting"
	OfOverdue  Of = "overdue"
	OfClosed   Of = "closed"
	OfTimed    Of = "timed"
	OfLonger   Of = "longer"
	OfTrips    Of = "trips"
	OfMore     Of = "more"
	OfReused   Of = "reused"
	OfUploaded Of = "uploaded"
)

// Ofs lists them.
var Ofs = []Of{OfDone, OfLate, OfWaiting, OfOverdue, OfClosed, OfTimed, OfLonger, OfTrips, OfMore, OfReused, OfUploaded}

// FigureCase is one case behind a figure. What is zero does not belong to the figure.
type FigureCase struct {
	CaseID, CaseNo   string
	Agency, Item     string // keys
	Step, StepName   string
	At               time.Time // it left the step, was over, or must leave the step by
	Took             time.Duration
	Late             bool
	Promised, Actual int
	Planned, Trips   int
	Reused, Uploaded int
}

// FigureCases is one page of the cases behind a figure, with the number and the sums of all of them.
type FigureCases struct {
	Rows []FigureCase
	Next string
	N    int
	CloseFigure
	Took time.Duration
}

// CasesOf gives the very cases a figure counts, the longest or latest first, 50 on a page.
func (s *Service) CasesOf(ctx context.Context, a authz.Actor, of Of, f Figured, after string) (FigureCases, error) {
	f, err := s.figured(a, f)
	if err != nil {
		return FigureCases{}, err
	}
	switch of {
	case OfDone, OfLate:
		return stays(ctx, s.DB.R(), f, of, after)
	case OfWaiting, OfOverdue:
		return waiters(ctx, s.DB.R(), f, of, s.Now(), after)
	case OfClosed, OfTimed, OfLonger, OfTrips, OfMore, OfReused, OfUploaded:
		return closings(ctx, s.DB.R(), f, of, after)
	}
	return FigureCases{}, errs.New(errs.NotFound, "supervision.no_figure")
}

// Points gives what each agency of the region lost in a month, and the months there are. An empty month is the present one.
func (s *Service) Points(ctx context.Context, a authz.Actor, month string) ([]AgencyPoints, []string, error) {
	under, err := scope(a)
	if err != nil {
		return nil, nil, err
	}
	if month == "" {
		month = monthOf(s.Now())
	}
	if _, err := time.Parse(monthForm, month); err != nil {
		return nil, nil, errs.New(errs.BadRequest, "supervision.month")
	}
	ps, err := pointsOf(ctx, s.DB.R(), under, month)
	if err != nil {
		return nil, nil, err
	}
	months, err := alarmMonths(ctx, s.DB.R(), under)
	return ps, months, err
}
