package cases

import (
	"context"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/engine/flow"
)

// TakeUp says that the actor handles an open step; colleagues see it. step may be empty where only one is the actor's. Taking a review up begins the
// review.
func (s *Service) TakeUp(ctx context.Context, a authz.Actor, id string, version int64, step string) (Case, error) {
	return s.do(ctx, a, id, ActTakeUp, version, step, func(w *work) error {
		t, err := w.task(step)
		if err != nil {
			return err
		}
		return w.hand(t, flow.EventStart, EventTakenUp, a.StaffID)
	})
}

// Release gives a step that somebody took up back to its post. Whoever holds the post may: a colleague who falls ill must not block a case.
func (s *Service) Release(ctx context.Context, a authz.Actor, id string, version int64, step string) (Case, error) {
	return s.do(ctx, a, id, ActRelease, version, step, func(w *work) error {
		t, err := w.task(step)
		if err != nil {
			return err
		}
		if len(t.With) == 0 {
			return errs.New(errs.Conflict, "cases.not_taken", errs.P{"step": t.Step.Name})
		}
		return w.hand(t, flow.EventRelease, EventReleased, a.StaffID)
	})
}

// Assign gives a step to a colleague who holds its post; the colleague finds it in the inbox as taken up.
func (s *Service) Assign(ctx context.Context, a authz.Actor, id string, version int64, step, staff string) (Case, error) {
	return s.do(ctx, a, id, ActAssign, version, []string{step, staff}, func(w *work) error {
		t, err := w.task(step)
		if err != nil {
			return err
		}
		colleague, err := w.s.seat(ctx, authz.Actor{StaffID: staff})
		if err != nil {
			return err
		}
		if !colleague.holds(t.Post) {
			return errs.New(errs.Invalid, "cases.not_a_colleague", errs.P{"step": t.Step.Name})
		}
		return w.hand(t, flow.EventStart, EventAssigned, staff)
	})
}

// hand puts a step into somebody's hands, or back.
func (w *work) hand(t flow.Task, event, note string, by string) error {
	st, _, err := flow.Next(w.flow, w.c.flowing, flow.Event{Kind: event, Step: t.Step.Key, Post: t.Post, By: []string{by}}, w.answer())
	if err != nil {
		return err
	}
	if err := w.to(w.act); err != nil {
		return err
	}
	w.c.flowing, w.c.TakenBy = st, ""
	if len(st.With) > 0 {
		w.c.TakenBy = st.With[0]
	}
	w.note(note, w.now, w.by, stepData{Step: t.Step.Key, Post: partOf(t), Kind: t.Step.Kind, To: by})
	return nil
}

// partOf names the post of a part of a countersign.
func partOf(t flow.Task) string {
	if t.Step.Kind == flow.Countersign {
		return t.Post
	}
	return ""
}
