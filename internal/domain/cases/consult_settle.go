package cases

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/base/job"
	"tongban/internal/engine/flow"
)

// TaskAsk is work beside the flow: a question asked of another agency, or one whose place silence has taken and that may still be answered.
const TaskAsk = "ask"

// jobSilence lets silence take the place of an answer.
const jobSilence = "cases.silence"

// The legal events of asking others.
const (
	EventConsulted = "consulted"
	EventAnswered  = "consult_answered" // by the agency, or by silence
	EventRecalled  = "consult_withdrawn"
)

type consultData struct {
	ID      string    `json:"id"`
	Step    string    `json:"step"`
	Post    string    `json:"post"`
	Due     time.Time `json:"due,omitzero"`
	Outcome string    `json:"outcome,omitempty"`
	Late    bool      `json:"late,omitempty"`
}

// The events other rooms may listen to.
type (
	// ConsultedEvent tells that a post of another agency was asked. Silence is what it means that nobody answers until Until.
	ConsultedEvent struct {
		Fact
		Consult string    `json:"consult"`
		Step    string    `json:"step"`
		Post    string    `json:"post"`
		Until   time.Time `json:"until,omitzero"`
		Silence string    `json:"silence"`
	}
	// AnsweredEvent tells that a question was answered: agree, advise, object, or by silence silent_agree, silent_none.
	AnsweredEvent struct {
		Fact
		Consult string `json:"consult"`
		Step    string `json:"step"`
		Post    string `json:"post"`
		Outcome string `json:"outcome"`
		Late    bool   `json:"late"`
	}
	// RecalledEvent tells that a question was taken back.
	RecalledEvent struct {
		Fact
		Consult string `json:"consult"`
		Post    string `json:"post"`
	}
)

// Topic is the event's name.
func (ConsultedEvent) Topic() string { return "cases.consulted" }

// Topic is the event's name.
func (AnsweredEvent) Topic() string { return "cases.consult_answered" }

// Topic is the event's name.
func (RecalledEvent) Topic() string { return "cases.consult_withdrawn" }

// aboutConsult reports whether an event is the answer of a consulted agency, or its handling of the question.
func aboutConsult(e Event) bool {
	switch e.Kind {
	case EventAnswered:
		return true
	case EventTakenUp, EventReleased, EventAssigned, EventLent:
		return stepOf(e).Kind == flow.Consult
	}
	return false
}

// settle brings what hangs on the flow up to what this act has made of it, before the act is written: new work finds who does it, the flow's questions
// are asked, and those nobody waits for any more are closed.
func (w *work) settle(ctx context.Context) error {
	fresh := w.fresh
	for _, e := range fresh {
		if e.Kind != EventEntered {
			continue
		}
		key := stepOf(e).Step
		i := slices.IndexFunc(w.tasks(), func(t flow.Task) bool { return t.Step.Key == key })
		if i < 0 || !w.c.State.Open() || w.c.HandledBy != "" {
			continue
		}
		t := w.tasks()[i]
		if err := w.place(ctx, t); err != nil {
			return err
		}
		if t = w.tasks()[i]; t.Step.Kind == flow.Consult {
			w.open(Consult{
				ID: ident.New(), CaseID: w.c.ID, Step: key, Post: t.Post, InFlow: true, Wait: true, Silence: t.Step.Silence, Question: first(t.Step.Question, t.Step.Name), By: w.by, At: w.now, Due: w.stepDue(key),
			})
		}
	}
	w.closeAsks()
	return nil
}

// closeAsks closes the questions that can no longer be answered, and moves the deadline of those whose clock stood still.
func (w *work) closeAsks() {
	decided := !w.c.State.Open() || !w.c.Decided.IsZero() || w.c.HandledBy != ""
	for i, c := range w.asks {
		if !c.Open() || c.At.Equal(w.now) && c.InFlow {
			continue
		}
		gone := decided || c.InFlow && c.Silent.IsZero() && w.asksNow(c) == nil
		due := c.Due
		if c.InFlow && c.Silent.IsZero() && !gone {
			due = w.stepDue(c.Step)
		}
		if !gone && due.Equal(c.Due) {
			continue
		}
		if gone {
			c.Closed = w.now
		}
		c.Due = due
		w.asks[i] = c
		w.effect(func(ctx context.Context, tx *db.Tx) error {
			if err := w.s.setConsultTx(ctx, tx, c); err != nil || gone {
				return err
			}
			return silenceTimerTx(ctx, tx, w.now, c)
		})
	}
}

// askTx keeps the work of answering in step: once nobody waits for the answer there is none.
func (w *work) askTx(ctx context.Context, tx *db.Tx, t Task) error {
	i := slices.IndexFunc(w.asks, func(c Consult) bool { return askStep(c.ID) == t.Step })
	if i >= 0 && w.asks[i].Open() {
		return nil
	}
	outcome := cancelled
	if i >= 0 && !w.asks[i].Answered.IsZero() {
		outcome = w.asks[i].Outcome
	}
	return closeTaskTx(ctx, tx, t.ID, w.now, outcome)
}

// silenceTimerTx sets the timer of a question that silence can answer. One of a date that no longer holds rings for nothing.
func silenceTimerTx(ctx context.Context, tx *db.Tx, now time.Time, c Consult) error {
	if c.Silence == flow.SilenceWaits || c.Due.IsZero() {
		return nil
	}
	return job.EnqueueTx(ctx, tx, now, job.Spec{
		Kind: jobSilence, Key: c.ID + ":" + c.Due.UTC().Format("20060102T150405"), Args: timerArgs{Case: c.CaseID, Which: c.ID, Due: c.Due.UnixMilli()}, Due: c.Due.Add(time.Second), Tries: 50,
	})
}

// silence lets silence take the place of an answer whose deadline has passed. The question stays open until the decision: what comes late is recorded.
func (s *Service) silence(ctx context.Context, t timerArgs) error {
	w, err := s.load(ctx, authz.System, t.Case)
	if errs.KindOf(err) == errs.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	i := slices.IndexFunc(w.asks, func(c Consult) bool { return c.ID == t.Which })
	if i < 0 || !w.asks[i].Open() || !w.asks[i].Silent.IsZero() {
		return nil
	}
	due := w.asks[i].Due
	if w.asks[i].InFlow {
		due = w.stepDue(w.asks[i].Step)
	}
	if !passed(w.now, due) { // the calendar or a stop moved it
		c := w.asks[i]
		c.Due = due
		return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return silenceTimerTx(ctx, tx, w.now, c) })
	}
	_, err = s.do(ctx, authz.System, t.Case, ActSilence, w.was.Version, t.Which, func(w *work) error { return w.silent(t.Which) })
	if errs.Is(err, "cases.not_now") {
		return nil // it is over
	}
	return err
}

func (w *work) silent(id string) error {
	i := slices.IndexFunc(w.asks, func(c Consult) bool { return c.ID == id && c.Open() && c.Silent.IsZero() })
	if i < 0 {
		return errs.New(errs.Conflict, "cases.nothing_asked")
	}
	if err := w.to(ActSilence); err != nil {
		return err
	}
	c := w.asks[i]
	c.Silent, c.Outcome = w.now, flow.SilentNone
	if c.Silence == flow.SilenceAgree {
		c.Outcome = flow.SilentAgree
	}
	if c.InFlow {
		w.effect(func(ctx context.Context, tx *db.Tx) error { return putTaskTx(ctx, tx, c.task()) })
	}
	return w.answered(i, c)
}

// shownConsults are the questions a reader may see: all to the deciding agency, to one that was asked its own while it can answer.
func (w *work) shownConsults() []Consult {
	out := slices.Clone(w.asks)
	if w.view == asConsulted {
		out = slices.DeleteFunc(out, func(c Consult) bool { return !c.Open() || !w.seat.holds(c.Post) })
	}
	_, no := next(w.c.State, ActRecall)
	for i, c := range out {
		out[i].Mine = c.Open() && w.seat.holds(c.Post)
		out[i].Recall = c.Open() && !c.InFlow && no == nil && w.view == asStaff && w.asker(c)
	}
	return out
}

// dataOf reads an event's data; what is not its own stays zero.
func dataOf[T any](e Event) (d T) {
	_ = json.Unmarshal(e.Data, &d) // written by us
	return d
}
