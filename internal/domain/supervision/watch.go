package supervision

import (
	"context"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/org"
	"tongban/internal/engine/clock"
)

// watch is what is kept of a case between two looks.
type watch struct {
	CaseID, CaseNo, Region string
	Agency, AgencyName     string
	Item, ItemName         string
	Status                 string
	Due, Next              time.Time
	Facts                  Facts
}

// The states of a watch.
const (
	running = "running"
	paused  = "paused"
	ended   = "ended"
)

// Listeners look at a case whenever something happens to it. They are safe to run twice.
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
		listen[cases.CertifiedEvent](s, nil), listen[cases.DeliveredEvent](s, nil), listen[cases.ConcludedEvent](s, nil), listen[cases.WithdrawnEvent](s, nil),
		listen[cases.ArchivedEvent](s, nil), listen[cases.DueNearEvent](s, nil), listen[cases.DuePassedEvent](s, nil),
		{Name: "supervision.calendar", Topic: org.CalendarChanged{}.Topic(), Handle: func(ctx context.Context, tx *db.Tx, _ event.Stored) error {
			return lookAgain(ctx, tx, s.Now())
		}},
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
		return s.look(ctx, tx, c.CaseID, st.At, func(f *Facts) {
			if note != nil {
				note(f, e)
			}
		})
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
	now := s.Now()
	w.Next = w.nextLook(now)
	if err := keep(ctx, tx, w); err != nil {
		return err
	}
	for _, f := range Judge(w.Facts, Env{Now: now, Cal: s.Calendar(ctx), Limit: s.Limits}) {
		if err := raise(ctx, tx, now, w, f); err != nil {
			return err
		}
	}
	return nil
}

// head copies what lists and figures need.
func (w *watch) head(c cases.Case) {
	w.CaseID, w.CaseNo, w.Region, w.Agency, w.AgencyName, w.Item, w.ItemName = c.ID, c.CaseNo, c.Region, c.Agency, c.AgencyName, c.ItemKey, c.ItemName
	w.Due = c.Clock.Due()
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
		return time.Time{}
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

// raise writes an alarm, its record and its event, unless it stands there already.
func raise(ctx context.Context, tx *db.Tx, now time.Time, w watch, f Finding) error {
	id := ident.New()
	fresh, err := insertAlarm(ctx, tx, now, id, w, f)
	if err != nil || !fresh {
		return err
	}
	if err := audit.Tx(ctx, tx, now, audit.Entry{Actor: "system", Act: "supervision.alarm", Object: "case:" + w.CaseID, Reason: f.Rule + "." + f.Note, Agency: w.Agency}); err != nil {
		return err
	}
	return event.Publish(ctx, tx, now, AlarmEvent{AlarmID: id, CaseID: w.CaseID, Rule: f.Rule, Level: f.Level, Agency: w.Agency, Region: w.Region})
}
