package cases

import (
	"context"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/domain/org"
	"tongban/internal/engine/flow"
)

// Task is a piece of work on a case: a step of its flow, or one post's part of a countersign. Closed is zero while it waits.
type Task struct {
	ID       string    `json:"id"`
	CaseID   string    `json:"case_id"`
	Step     string    `json:"step"`
	StepName string    `json:"step_name"`
	Kind     string    `json:"kind"`
	Post     string    `json:"post"`
	TakenBy  string    `json:"taken_by,omitempty"` // staff id
	At       time.Time `json:"at"`
	Due      time.Time `json:"due,omitzero"` // of the step's own limit
	Closed   time.Time `json:"closed,omitzero"`
	Outcome  string    `json:"outcome,omitempty"`
	Mine     bool      `json:"mine,omitempty"` // the reader may do it now
}

// cancelled is the outcome of a task that others made needless: the case was sent back, or a countersign was settled without it.
const cancelled = "cancelled"

// shared reports whether several posts work at once: then what each may do follows from the post the flow names, not from a right on the item.
func (w *work) shared() bool {
	st, _ := w.flow.Step(w.c.flowing.Step)
	return st.Kind == flow.Parallel || st.Kind == flow.Countersign
}

// named reports whether a piece of work is for the post the flow or its assignment names, of whatever agency; else a right on the item decides.
func (w *work) named(t flow.Task) bool {
	return w.shared() || t.Step.Named() || t.Post != t.Step.Post
}

// tasks gives the open work of these kinds, of all when none is named.
func (w *work) tasks(kinds ...string) []flow.Task {
	return slices.DeleteFunc(flow.Open(w.flow, w.c.flowing), func(t flow.Task) bool { return len(kinds) > 0 && !slices.Contains(kinds, t.Step.Kind) })
}

// mine gives those of the tasks whose post the actor holds or, where the flow names no post for it, has the right to.
func (w *work) mine(kinds ...string) []flow.Task {
	return slices.DeleteFunc(w.tasks(kinds...), func(t flow.Task) bool {
		if w.named(t) {
			return !w.seat.holds(t.Post)
		}
		return !w.may(t.Step.Kind)
	})
}

// task gives the piece of work an act is about: step where it is named, otherwise the first that is the actor's. errs.Conflict cases.wrong_step when no
// such work waits, errs.Forbidden when it waits for others.
func (w *work) task(step string, kinds ...string) (flow.Task, error) {
	named := func(t flow.Task) bool { return step != "" && t.Step.Key != step }
	waits := slices.DeleteFunc(w.tasks(kinds...), named)
	if len(waits) == 0 {
		return flow.Task{}, w.wrongStep()
	}
	if !w.named(waits[0]) {
		err := w.officer(waits[0].Step.Kind)
		w.lentTo(waits[0])
		return waits[0], err
	}
	mine := slices.DeleteFunc(w.mine(kinds...), named)
	if len(mine) == 0 {
		return flow.Task{}, errs.New(errs.Forbidden, "cases.not_your_part", errs.P{"step": taskNames(waits)})
	}
	if id := w.seat.staff.StandsFor(mine[0].Post); id != "" {
		w.standsFor = "staff:" + id
	}
	w.lentTo(mine[0])
	return mine[0], nil
}

func taskNames(ts []flow.Task) string {
	var out []string
	for _, t := range ts {
		if !slices.Contains(out, t.Step.Name) {
			out = append(out, t.Step.Name)
		}
	}
	return strings.Join(out, "、")
}

func (s seat) holds(post string) bool {
	return slices.ContainsFunc(s.posts, func(p held) bool { return p.Key == post })
}

func (s seat) keys() []string {
	var out []string
	for _, p := range s.posts {
		out = append(out, p.Key)
	}
	return out
}

// tasksTx brings the list of waiting work up to what the flow says after an act.
func (w *work) tasksTx(ctx context.Context, tx *db.Tx) error {
	stored, err := openTasks(ctx, tx, w.c.ID)
	if err != nil {
		return err
	}
	var waits []flow.Task
	if w.c.State.Open() && w.c.HandledBy == "" { // elsewhere others do the work
		waits = flow.Open(w.flow, w.c.flowing)
	}
	for _, t := range stored {
		if beside(t.Kind) {
			if err := w.besideTx(ctx, tx, t); err != nil {
				return err
			}
			continue
		}
		i := slices.IndexFunc(waits, func(x flow.Task) bool { return x.Step.Key == t.Step && x.Post == t.Post })
		if i < 0 {
			if err := closeTaskTx(ctx, tx, t.ID, w.now, w.outcomeOf(t)); err != nil {
				return err
			}
			continue
		}
		if by := taker(waits[i]); by != t.TakenBy {
			if err := takeTaskTx(ctx, tx, t.ID, by); err != nil {
				return err
			}
		}
		waits = slices.Delete(waits, i, i+1)
	}
	for _, x := range waits {
		t := Task{ID: ident.New(), CaseID: w.c.ID, Step: x.Step.Key, StepName: x.Step.Name, Kind: x.Step.Kind, Post: x.Post, TakenBy: taker(x), At: w.now, Due: w.stepDue(x.Step.Key)}
		if err := putTaskTx(ctx, tx, t); err != nil {
			return err
		}
	}
	return nil
}

// outcomeOf is how a task ended in this act: with what was said about it, or by being no longer needed.
func (w *work) outcomeOf(t Task) string {
	for _, e := range w.fresh {
		d := stepOf(e)
		if d.Step == t.Step && (e.Kind == EventSigned && d.Post == t.Post || e.Kind == EventStepDone && t.Kind != flow.Countersign) {
			return d.Outcome
		}
	}
	return cancelled
}

// stepDue is when a step's own limit ends.
func (w *work) stepDue(step string) time.Time {
	r := replay(w.events)
	var c Clock
	return c.run(r.steps[step].at, r.steps[step].limit, r.stops, w.cal, false)
}

// shownTasks gives the case's work, what waits first, and says which of it is the reader's.
func (w *work) shownTasks(ctx context.Context) ([]Task, error) {
	ts, err := allTasks(ctx, w.s.DB.R(), w.c.ID)
	if w.view == asConsulted { // of the work on the case, its own
		ts = slices.DeleteFunc(ts, func(t Task) bool { return !w.seat.holds(t.Post) || t.Kind != TaskAsk && t.Kind != flow.Consult })
	}
	mine := w.mine()
	for i, t := range ts {
		ts[i].Mine = t.Closed.IsZero() && (w.view == asStaff || w.view == asConsulted) && (beside(t.Kind) && w.seat.holds(t.Post) || slices.ContainsFunc(mine, func(x flow.Task) bool { return x.Step.Key == t.Step && x.Post == t.Post }))
	}
	return ts, err
}

func taker(t flow.Task) string {
	if len(t.With) == 0 {
		return ""
	}
	return t.With[0]
}

// PostNames gives the names of posts; of one that is gone, its key.
func (s *Service) PostNames(ctx context.Context, keys []string) map[string]string {
	out := map[string]string{}
	for _, k := range keys {
		p, err := s.Offices.Post(ctx, k)
		if err != nil {
			p = org.Post{Name: k}
		}
		out[k] = p.Name
	}
	return out
}
