package cases

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/org"
)

const (
	draftLife    = 90 * 24 * time.Hour
	archiveAfter = 30 * 24 * time.Hour
	sweepEvery   = 24 * time.Hour
	batch        = 200
)

// Workers gives the workers of the room's jobs by kind. All of them may run any number of times.
func (s *Service) Workers() map[string]job.Worker {
	return map[string]job.Worker{
		jobReceiptLimit: s.timer(func(ctx context.Context, t timerArgs) error { return s.deem(ctx, t.Case) }),
		jobDueWarning:   s.timer(func(ctx context.Context, t timerArgs) error { return s.alarm(ctx, t, false) }),
		jobDuePassed:    s.timer(func(ctx context.Context, t timerArgs) error { return s.alarm(ctx, t, true) }),
		jobLater:        s.timer(s.remind),
		jobRenewal:      s.timer(func(ctx context.Context, t timerArgs) error { return s.deemRenewed(ctx, t.Case) }),
		jobSilence:      s.timer(s.silence),
		jobLentBack:     s.timer(s.lentBack),
		jobArchive:      func(ctx context.Context, _ job.Job) error { return s.again(ctx, jobArchive, s.archive) },
		jobSweepDrafts:  func(ctx context.Context, _ job.Job) error { return s.again(ctx, jobSweepDrafts, s.sweepDrafts) },
		jobRecompute:    func(ctx context.Context, _ job.Job) error { return s.Recompute(ctx) },
	}
}

func (s *Service) timer(f func(context.Context, timerArgs) error) job.Worker {
	return func(ctx context.Context, j job.Job) error {
		var t timerArgs
		if err := json.Unmarshal(j.Args, &t); err != nil {
			return job.Permanent(err)
		}
		return f(ctx, t)
	}
}

// Schedule sets the daily jobs up; package app calls it at the start. Doing it again changes nothing.
func (s *Service) Schedule(ctx context.Context) error {
	now := s.Now()
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, kind := range []string{jobArchive, jobSweepDrafts} {
			if err := daily(ctx, tx, now, kind, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// daily enqueues a day's run. The day is its key, so that several nodes make one run of it.
func daily(ctx context.Context, tx *db.Tx, now time.Time, kind string, due time.Time) error {
	return job.EnqueueTx(ctx, tx, now, job.Spec{Kind: kind, Key: today(due), Args: struct{}{}, Due: due})
}

// again runs a daily job and sets the next day's; it is set first, so that a failure of today does not end the series.
func (s *Service) again(ctx context.Context, kind string, f func(context.Context) error) error {
	now := s.Now()
	err := s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return daily(ctx, tx, now, kind, now.Add(sweepEvery)) })
	return errors.Join(err, f(ctx))
}

// alarm tells that a deadline is near or has passed, once for each deadline. A timer whose deadline no longer holds does nothing.
func (s *Service) alarm(ctx context.Context, t timerArgs, over bool) error {
	r, err := s.find(ctx, s.DB.R(), t.Case)
	if errs.KindOf(err) == errs.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	if dueOf(r.Clock, t.Which) != t.Due || !r.State.Open() || over && !passed(s.Now(), db.Instant(t.Due)) {
		return nil
	}
	kind := "near." + t.Which
	if over {
		kind = "passed." + t.Which
	}
	now := s.Now()
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		firstTime, err := alarmTx(ctx, tx, t.Case, kind, t.Due)
		if err != nil || !firstTime {
			return err
		}
		f := Fact{CaseID: r.ID, CaseNo: r.CaseNo, ItemKey: r.ItemKey, Agency: r.Agency, Region: r.Region, By: system, At: now, State: r.State, Due: db.Instant(t.Due)}
		if over {
			return event.Publish(ctx, tx, now, DuePassedEvent{f, t.Which})
		}
		return event.Publish(ctx, tx, now, DueNearEvent{f, t.Which})
	})
}

func dueOf(c Clock, which string) int64 {
	switch {
	case which == "promised":
		return db.Millis(c.PromisedDue)
	case which == "step":
		return db.Millis(c.StepDue)
	case which == "special":
		return db.Millis(c.SpecialDue)
	case (which == "receipt") == (c.Phase == PhaseReceipt):
		return db.Millis(c.LegalDue)
	}
	return 0
}

// archive puts cases that have been over for thirty days into the archive.
func (s *Service) archive(ctx context.Context) error {
	for {
		ids, err := s.overSince(ctx, db.Millis(s.Now().Add(-archiveAfter)), batch)
		if err != nil || len(ids) == 0 {
			return err
		}
		for _, id := range ids {
			_, err := s.do(ctx, authz.System, id, ActArchive, 0, nil, func(w *work) error {
				if err := w.to(ActArchive); err != nil {
					return err
				}
				w.note(EventArchived, w.now, system, nil)
				w.tell(func() event.Event { return ArchivedEvent{w.fact()} })
				return nil
			})
			if err != nil && errs.KindOf(err) != errs.Conflict {
				return err
			}
		}
	}
}

// sweepDrafts deletes drafts nobody has touched for ninety days, with their files: what is not needed is not kept.
func (s *Service) sweepDrafts(ctx context.Context) error {
	for {
		rs, err := s.oldDrafts(ctx, db.Millis(s.Now().Add(-draftLife)), batch)
		if err != nil || len(rs) == 0 {
			return err
		}
		for _, r := range rs {
			if err := s.dropDraft(ctx, authz.System, r, s.Now()); err != nil && errs.KindOf(err) != errs.NotFound {
				return err
			}
		}
	}
}

// Listeners gives the room's listeners: a changed calendar moves deadlines; what belonged to an account's shell belongs to the person it turned out to be.
func (s *Service) Listeners() []event.Listener {
	return []event.Listener{{Name: "cases.calendar", Topic: org.CalendarChanged{}.Topic(), Handle: func(ctx context.Context, tx *db.Tx, e event.Stored) error {
		return job.EnqueueTx(ctx, tx, s.Now(), job.Spec{Kind: jobRecompute, Key: e.ID, Args: struct{}{}})
	}}, {Name: "cases.merged", Topic: identity.Merged{}.Topic(), Handle: func(ctx context.Context, tx *db.Tx, e event.Stored) error {
		m, err := event.Decode[identity.Merged](e)
		if err != nil {
			return err
		}
		return mergeTx(ctx, tx, m.From, m.Into)
	}}}
}

// Recompute computes the clocks of all open cases again, after the calendar changed. It is no act on a case: versions stay.
func (s *Service) Recompute(ctx context.Context) error {
	after := ""
	for {
		ids, err := s.openAfter(ctx, after, batch)
		if err != nil || len(ids) == 0 {
			return err
		}
		for _, id := range ids {
			if err := s.recompute(ctx, id); err != nil {
				return err
			}
		}
		after = ids[len(ids)-1]
	}
}

func (s *Service) recompute(ctx context.Context, id string) error {
	w, err := s.load(ctx, authz.System, id)
	if errs.KindOf(err) == errs.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	w.c.Clock = ClockOf(w.events, w.item.Limits, w.cal)
	if sameClock(w.c.Clock, w.was.Clock) {
		return nil
	}
	err = s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := clockTx(ctx, tx, w.c.Case, moved(w.was.Version)); err != nil {
			return err
		}
		if err := audit.Tx(ctx, tx, w.now, w.actEntry("recompute")); err != nil {
			return err
		}
		return timersTx(ctx, tx, w.now, w.c.Case, w.was.Clock)
	})
	if errs.Is(err, "cases.moved") {
		return nil // the act that was faster computed the clock with the new calendar
	}
	return err
}

// sameClock compares what is stored of a clock.
func sameClock(a, b Clock) bool {
	a.Skipped, b.Skipped = nil, nil
	return a.Phase == b.Phase && a.LegalDue.Equal(b.LegalDue) && a.PromisedDue.Equal(b.PromisedDue) && a.StepDue.Equal(b.StepDue) && a.SpecialDue.Equal(b.SpecialDue) && a.LaterDue.Equal(b.LaterDue) &&
		a.Paused == b.Paused && a.Left == b.Left && a.Provisional == b.Provisional
}

// Replay computes a case's clock from its events, for checks that what is stored is what the events say.
func (s *Service) Replay(ctx context.Context, id string) (Clock, error) {
	w, err := s.load(ctx, authz.System, id)
	if err != nil {
		return Clock{}, err
	}
	return ClockOf(w.events, w.item.Limits, w.cal), nil
}
