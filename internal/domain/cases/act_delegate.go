package cases

import (
	"context"
	"slices"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/job"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/flow"
)

// jobLentBack gives work back that was handed over for a time.
const jobLentBack = "cases.lent_back"

// EventLent says that work was handed over for a time; to is who does it.
const EventLent = "lent"

// Delegation hands work over to a colleague of the post until the end of a day (YYYY-MM-DD, at most 90 days on).
type Delegation struct {
	Step  string `json:"step,omitempty"` // which of several; empty: the actor's first
	Staff string `json:"staff"`
	Until string `json:"until"`
}

// maxLent is how many days work can be handed over for. Longer is a change of posts.
const maxLent = 90

// Delegate hands a step over to a colleague of its post for a time. What the colleague does is written down as done for whoever handed it over (代);
// afterwards the work is back with them. Powers go with posts, so nobody gets work whose post they do not hold.
func (s *Service) Delegate(ctx context.Context, a authz.Actor, id string, version int64, in Delegation) (Case, error) {
	return s.do(ctx, a, id, ActDelegate, version, in, func(w *work) error {
		t, err := w.task(in.Step)
		if err != nil {
			return err
		}
		till, err := w.lendable(ctx, t, in)
		if err != nil {
			return err
		}
		if err := w.to(ActDelegate); err != nil {
			return err
		}
		l := flow.Lent{From: a.StaffID, TillMS: till.UnixMilli()}
		if t.Lent != nil && slices.Contains(t.With, a.StaffID) {
			return errs.New(errs.Conflict, "cases.lent_already", errs.P{"step": t.Step.Name}) // who has it on loan gives it back, and not on
		}
		w.c.flowing = flow.Lend(w.flow, w.c.flowing, t.Step.Key, in.Staff, l)
		if w.c.flowing.Step == t.Step.Key {
			w.c.TakenBy = in.Staff
		}
		w.note(EventLent, w.now, w.by, stepData{Step: t.Step.Key, Kind: t.Step.Kind, To: in.Staff})
		w.effect(func(ctx context.Context, tx *db.Tx) error {
			key := w.c.ID + ":" + t.Step.Key + ":" + till.UTC().Format("20060102T150405")
			return job.EnqueueTx(ctx, tx, w.now, job.Spec{Kind: jobLentBack, Key: key, Args: timerArgs{Case: w.c.ID, Which: t.Step.Key, Due: l.TillMS}, Due: till.Add(time.Second)})
		})
		return nil
	})
}

// lendable checks to whom and until when.
func (w *work) lendable(ctx context.Context, t flow.Task, in Delegation) (time.Time, error) {
	var fs []Finding
	colleague, err := w.s.seat(ctx, authz.Actor{StaffID: in.Staff})
	if err != nil {
		return time.Time{}, err
	}
	switch {
	case t.Step.Kind == flow.Countersign:
		return time.Time{}, errs.New(errs.Conflict, "cases.lend_not_here", errs.P{"step": t.Step.Name})
	case in.Staff == w.actor.StaffID || !colleague.holds(t.Post) && !(!w.named(t) && colleague.may(t.Step.Kind, w.c.ItemKey, w.c.Agency, w.c.Region)):
		fs = append(fs, Finding{Path: "staff", Key: "cases.not_a_colleague", Params: errs.P{"step": t.Step.Name}})
	}
	day, err := time.ParseInLocation(time.DateOnly, in.Until, clock.Shanghai)
	till := day.AddDate(0, 0, 1).Add(-time.Second)
	if err != nil || !till.After(w.now) || till.After(w.now.AddDate(0, 0, maxLent)) {
		fs = append(fs, Finding{Path: "until", Key: "cases.lend_until", Params: errs.P{"max": maxLent}})
	}
	return till.UTC(), errs.Fields("cases.incomplete", fs)
}

// lentTo notes for whom the actor does work that was handed over to them.
func (w *work) lentTo(t flow.Task) {
	if t.Lent != nil && slices.Contains(t.With, w.actor.StaffID) {
		w.standsFor = "staff:" + t.Lent.From
	}
}

// lentBack gives a step back when its time is over, if it is still the same loan.
func (s *Service) lentBack(ctx context.Context, t timerArgs) error {
	r, err := s.find(ctx, s.DB.R(), t.Case)
	if errs.KindOf(err) == errs.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = s.do(ctx, authz.System, t.Case, ActLentBack, r.Version, t, func(w *work) error {
		i := slices.IndexFunc(w.tasks(), func(x flow.Task) bool { return x.Step.Key == t.Which && x.Lent != nil && x.Lent.TillMS == t.Due })
		if i < 0 {
			return errReplay
		}
		x := w.tasks()[i]
		if err := w.to(ActLentBack); err != nil {
			return err
		}
		w.c.flowing = flow.Place(w.flow, w.c.flowing, x.Step.Key, x.Post, x.Lent.From)
		if w.c.flowing.Step == x.Step.Key {
			w.c.TakenBy = x.Lent.From
		}
		w.note(EventAssigned, w.now, w.by, stepData{Step: x.Step.Key, Kind: x.Step.Kind, To: x.Lent.From})
		return nil
	})
	if errs.Is(err, "cases.not_now") {
		return nil
	}
	return err
}
