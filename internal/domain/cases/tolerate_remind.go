package cases

import (
	"context"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
	"tongban/internal/base/job"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/flow"
)

// jobLater reminds of materials that were promised.
const jobLater = "cases.later"

// The kinds of work beside the flow: it is opened and closed by its own acts, and a step done leaves it where it is.
const (
	TaskLater = "later" // promised materials did not come in time
	TaskCheck = "check" // a promise is to be checked
)

func beside(kind string) bool {
	return kind == TaskLater || kind == TaskCheck || kind == TaskAsk || kind == TaskPrecheck
}

// The reminders: days before the date, on the day, and when it has passed.
const (
	remindBefore  = "before"
	remindToday   = "today"
	remindOverdue = "overdue"
)

const remindDays = 3

// remindHour is when on a day people are told.
const remindHour = 9

// remindersTx sets the reminders of a date; those of a date that no longer holds ring for nothing.
func remindersTx(ctx context.Context, tx *db.Tx, now time.Time, id string, due time.Time) error {
	at := func(days int) time.Time {
		y, m, d := due.In(clock.Shanghai).AddDate(0, 0, days).Date()
		return time.Date(y, m, d, remindHour, 0, 0, 0, clock.Shanghai)
	}
	for which, when := range map[string]time.Time{remindBefore: at(-remindDays), remindToday: at(0), remindOverdue: at(1)} {
		if when.Before(now) && which != remindOverdue {
			continue
		}
		key := id + ":" + which + ":" + due.UTC().Format("20060102T150405")
		if err := job.EnqueueTx(ctx, tx, now, job.Spec{Kind: jobLater, Key: key, Args: timerArgs{Case: id, Which: which, Due: due.UnixMilli()}, Due: when}); err != nil {
			return err
		}
	}
	return nil
}

// remind tells the applicant of the date, once for each reminder, and puts a promise that was not kept onto the officers' list.
func (s *Service) remind(ctx context.Context, t timerArgs) error {
	w, err := s.load(ctx, authz.System, t.Case)
	if errs.KindOf(err) == errs.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	due := w.c.Clock.LaterDue
	if db.Millis(due) != t.Due || t.Which == remindOverdue && !passed(w.now, due) {
		return nil
	}
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		held, err := holdLaterTx(ctx, tx, t.Case, t.Due)
		if err != nil || !held {
			return err
		}
		first, err := alarmTx(ctx, tx, t.Case, "later."+t.Which, t.Due)
		if err != nil || !first {
			return err
		}
		names := w.materialNames(w.owing().missing)
		data := map[string]string{"item": w.c.ItemName, "case_no": w.c.CaseNo, "agency": w.agency.Name, "due": dateCN(due), "reason": names}
		if err := s.sendTx(ctx, tx, w, "case.later_"+t.Which, data); err != nil || t.Which != remindOverdue {
			return err
		}
		task := Task{ID: ident.New(), CaseID: w.c.ID, Step: "_" + TaskLater, StepName: cn("cases.task_later"), Kind: TaskLater, Post: w.postOf(flow.Decide, flow.Accept), At: w.now, Due: due}
		if err := putTaskTx(ctx, tx, task); err != nil {
			return err
		}
		return event.Publish(ctx, tx, w.now, LaterOverdueEvent{Fact: w.fact(), Materials: w.owing().missing})
	})
}

// postOf is the post of the first step of these kinds, tried in order.
func (w *work) postOf(kinds ...string) string {
	for _, kind := range kinds {
		for _, st := range w.flow.Walk() {
			if st.Kind == kind && st.Post != "" {
				return st.Post
			}
		}
	}
	return w.c.Post
}

// besideTx keeps the work beside the flow in step with an act: what came, or is no longer waited for, need not be followed up.
func (w *work) besideTx(ctx context.Context, tx *db.Tx, t Task) error {
	if t.Kind == TaskAsk {
		return w.askTx(ctx, tx, t)
	}
	if t.Kind != TaskLater || w.act == ActFollow || len(w.owing().missing) > 0 {
		return nil
	}
	outcome := cancelled
	if w.act == ActSupply {
		outcome = "supplied"
	}
	return closeTaskTx(ctx, tx, t.ID, w.now, outcome)
}
