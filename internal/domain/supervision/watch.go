package supervision

import (
	"context"
	"strconv"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/org"
	"tongban/internal/domain/rating"
	"tongban/internal/domain/talk"
	"tongban/internal/engine/clock"
)

// watch is what is kept of a case between two looks.
type watch struct {
	CaseID, CaseNo, Region string
	Agency, AgencyName     string
	Item, ItemName         string
	Status                 string
	Step, StepName         string
	StepDue                time.Time
	Due, Next              time.Time
	Facts                  Facts
}

// The states of a watch.
const (
	running = "running"
	paused  = "paused"
	ended   = "ended"
)

// Listeners look at a case whenever something happens to it, and count what happened. They are safe to run twice.
func (s *Service) Listeners() []event.Listener {
	return []event.Listener{
		listen[cases.SubmittedEvent](s, nil), listen[cases.ReceivedEvent](s, nil), listen[cases.AcceptedEvent](s, nil), listen[cases.DeemedAcceptedEvent](s, nil),
		listen(s, func(f *Facts, e cases.CorrectionRequestedEvent) { f.corrected(Correction{Round: e.Round, At: e.At}) }),
		listen(s, func(f *Facts, e cases.CorrectionTwiceEvent) { f.barred(e.At) }),
		listen[cases.ResubmittedEvent](s, nil), listen[cases.RefusedAcceptanceEvent](s, nil),
		listen(s, func(f *Facts, e cases.StepDoneEvent) { f.stepDone(e.Step, e.Due, e.At) }),
		listen(s, func(f *Facts, e cases.DecidedEvent) {
			f.Decision = &Decision{At: e.At, OnTheSpot: e.OnTheSpot, Automatic: e.Automatic}
		}),
		listen(s, func(f *Facts, e talk.UrgeUnansweredEvent) { f.unanswered(e) }),
		listen(s, func(f *Facts, e cases.DeemedRenewedEvent) { f.renewed(e) }),
		listen(s, func(f *Facts, e cases.SuspendedEvent) {
			f.suspended(Suspension{Ground: e.Ground, From: e.At, Until: e.Until})
		}),
		listen(s, func(f *Facts, e cases.ResumedEvent) { f.resumed(e.At) }),
		listen(s, func(f *Facts, _ cases.ExtendedEvent) { f.Extended = true }), listen(s, func(f *Facts, e cases.EndedEvent) { f.ended(e) }),
		listen[cases.CertifiedEvent](s, nil), listen[cases.DeliveredEvent](s, nil), listen[cases.ConcludedEvent](s, nil), listen[cases.WithdrawnEvent](s, nil),
		listen[cases.ArchivedEvent](s, nil), listen[cases.DueNearEvent](s, nil), listen[cases.DuePassedEvent](s, nil),
		{Name: "supervision.calendar", Topic: org.CalendarChanged{}.Topic(), Handle: func(ctx context.Context, tx *db.Tx, _ event.Stored) error {
			return lookAgain(ctx, tx, s.Now())
		}},
		{Name: "supervision.rating", Topic: rating.GivenEvent{}.Topic(), Handle: s.rated},
	}
}

// common reads the part every event of cases has.
type common struct{ cases.Fact }

// Topic is never published: this room only reads.
func (common) Topic() string { return "" }

// listen makes a listener of one typed event; note, if any, writes down what the case itself will not show later.
func listen[E event.Event](s *Service, note func(*Facts, E)) event.Listener {
	var none E
	return event.Listener{Name: "supervision.watch." + none.Topic(), Topic: none.Topic(), Handle: func(ctx context.Context, tx *db.Tx, st event.Stored) error {
		e, err := event.Decode[E](st)
		if err != nil {
			return err
		}
		c, err := event.Decode[common](st)
		if err != nil {
			return err
		}
		facts := &Facts{}
		if err := s.look(ctx, tx, c.CaseID, st.At, func(f *Facts) {
			if facts = f; note != nil {
				note(f, e)
			}
		}); err != nil {
			return err
		}
		if done, ok := any(e).(cases.StepDoneEvent); ok {
			if err := countStay(ctx, tx, done, facts.Names[done.Step]); err != nil {
				return err
			}
		}
		return s.deed(ctx, tx, c.Fact, none.Topic())
	}}
}

// look takes in how a case stands, judges it and keeps the facts. at is when what is looked at happened.
func (s *Service) look(ctx context.Context, tx *db.Tx, caseID string, at time.Time, note func(*Facts)) error {
	c, err := s.Cases.Head(ctx, caseID)
	if errs.KindOf(err) == errs.NotFound {
		return forget(ctx, tx, caseID)
	}
	if err != nil {
		return err
	}
	w, err := watched(ctx, tx, caseID)
	if err != nil {
		return err
	}
	w.head(c)
	note(&w.Facts)
	w.Facts.see(c, at)
	ts, err := thresholds(ctx, tx)
	if err != nil {
		return err
	}
	if err := s.measure(ctx, tx, &w, c, at); err != nil {
		return err
	}
	now := s.Now()
	w.Next = w.nextLook(now)
	if err := keep(ctx, tx, w); err != nil {
		return err
	}
	e := Env{Now: now, Cal: s.Calendar(ctx), Limit: LimitsIn(ts, w.Region, w.Facts.Submitted)}
	for _, f := range Judge(w.Facts, e) {
		if err := s.raise(ctx, tx, w, f, ts, e.Cal); err != nil {
			return err
		}
	}
	return nil
}

// measure takes the numbers of a case when they can have changed: when it was submitted, corrected or decided, and at its end, when it is counted.
func (s *Service) measure(ctx context.Context, tx *db.Tx, w *watch, c cases.Case, at time.Time) error {
	over := !c.State.Open() && c.State != cases.Draft
	seen := strconv.Itoa(len(w.Facts.Corrections)) + " " + strconv.FormatInt(db.Millis(c.Decided), 10)
	if w.Facts.Measured == seen && (!over || w.Facts.Closing != nil) {
		return nil
	}
	m, err := s.Measure(ctx, c)
	if err != nil {
		return err
	}
	w.Facts.Measured, w.Facts.Charges, w.Facts.Trips = seen, chargesOf(m), tripsOf(m, at)
	w.Facts.close(c, at, m.MakesLicence)
	if w.Facts.Closing == nil {
		return nil
	}
	return countClose(ctx, tx, s.closed(ctx, *w, c, m))
}

// head copies what lists and figures need.
func (w *watch) head(c cases.Case) {
	w.CaseID, w.CaseNo, w.Region, w.Agency, w.AgencyName, w.Item, w.ItemName = c.ID, c.CaseNo, c.Region, c.Agency, c.AgencyName, c.ItemKey, c.ItemName
	w.Due, w.Step, w.StepName, w.StepDue = c.Clock.Due(), c.Step, c.StepName, c.Clock.StepDue
	switch {
	case !c.State.Open():
		w.Status = ended
	case c.Clock.Paused || c.Clock.Phase == cases.PhaseCorrection:
		w.Status = paused
	default:
		w.Status = running
	}
}

// nextLook is the first moment at which a rule could find something new although nothing happens: a date that passes, or the next morning,
// because nearness is counted in days. Zero when the clock does not run.
func (w *watch) nextLook(now time.Time) time.Time {
	if w.Status != running {
		return w.stopEnds(now)
	}
	y, m, d := now.In(clock.Shanghai).Date()
	next := time.Date(y, m, d+1, 0, 0, 1, 0, clock.Shanghai)
	sooner := func(t time.Time) {
		if t.After(now) && t.Before(next) {
			next = t.Add(time.Second)
		}
	}
	for _, r := range w.Facts.Runs {
		sooner(r.Promised)
		sooner(r.Legal)
	}
	for _, st := range w.Facts.Steps {
		sooner(st.Due)
	}
	return next
}

// stopEnds is when a special procedure was told to be over, if that is still to come.
func (w *watch) stopEnds(now time.Time) time.Time {
	if n := len(w.Facts.Suspensions); w.Status == paused && n > 0 {
		if last := w.Facts.Suspensions[n-1]; last.To.IsZero() && last.Until.After(now) {
			return last.Until.Add(time.Second)
		}
	}
	return time.Time{}
}

// raise writes an alarm with its evidence, its record and its event, unless it stands there already; evidence that is new is added to it.
func (s *Service) raise(ctx context.Context, tx *db.Tx, w watch, f Finding, ts []Threshold, cal clock.Calendar) error {
	now := s.Now()
	c, err := newCard(f, now, LimitsIn(ts, w.Region, f.At), cal)
	if err != nil {
		return err
	}
	id, fresh, err := insertAlarm(ctx, tx, now, ident.New(), w, f, c)
	if err != nil {
		return err
	}
	for _, v := range f.Evidence {
		if err := insertEvidence(ctx, tx, id, v); err != nil {
			return err
		}
	}
	if !fresh {
		return nil
	}
	if err := insertStep(ctx, tx, id, 1, CardStep{Act: Found, At: now, By: "system", Level: f.Level, State: Open, Due: c.ExplainDue}, nil); err != nil {
		return err
	}
	object := "case:" + w.CaseID
	if w.CaseID == "" {
		object = "agency:" + w.Agency
	}
	if err := audit.Tx(ctx, tx, now, audit.Entry{Actor: "system", Act: "supervision.alarm", Object: object, Reason: f.Rule + "." + f.Note, Agency: w.Agency}); err != nil {
		return err
	}
	return event.Publish(ctx, tx, now, AlarmEvent{AlarmID: id, CaseID: w.CaseID, Rule: f.Rule, Level: f.Level, Agency: w.Agency, Region: w.Region})
}
