package cases

import (
	"context"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/flow"
)

// Consult is an opinion asked of a post of another agency (征求意见、会办). Silence is what it means that nobody answers in time: flow.SilenceWaits,
// flow.SilenceAgree or flow.SilenceNone; it can stand for an opinion, and never decides anything.
type Consult struct {
	ID         string    `json:"id"`
	CaseID     string    `json:"case_id"`
	Step       string    `json:"step"` // that asks; of the flow's own questions, the step itself
	Post       string    `json:"post"` // that is asked
	InFlow     bool      `json:"in_flow"`
	Wait       bool      `json:"wait"` // the step that asks is not done, and nothing decided, without it
	Silence    string    `json:"silence"`
	Question   string    `json:"question"`
	By         string    `json:"by"`
	At         time.Time `json:"at"`
	Due        time.Time `json:"due,omitzero"`
	Silent     time.Time `json:"silent,omitzero"` // when silence took the place of the answer
	Outcome    string    `json:"outcome,omitempty"`
	Answer     string    `json:"answer,omitempty"`
	AnsweredBy string    `json:"answered_by,omitempty"`
	For        string    `json:"for,omitempty"` // staff:<id> in whose post AnsweredBy stood in
	Answered   time.Time `json:"answered,omitzero"`
	Withdrawn  time.Time `json:"withdrawn,omitzero"`
	Closed     time.Time `json:"closed,omitzero"`  // when it could no longer be answered
	Mine       bool      `json:"mine,omitempty"`   // the reader may answer
	Recall     bool      `json:"recall,omitempty"` // the reader may take it back
}

// Late reports whether the answer came after the deadline.
func (c Consult) Late() bool { return !c.Answered.IsZero() && passed(c.Answered, c.Due) }

// Open reports whether it can still be answered.
func (c Consult) Open() bool { return c.Closed.IsZero() }

// blocks reports whether a step must wait for it.
func (c Consult) blocks() bool { return c.Open() && c.Wait && !c.InFlow && c.Silent.IsZero() }

// The answers.
const (
	AnswerAgree  = "agree"
	AnswerAdvise = "advise" // agrees when something is heeded
	AnswerObject = "object"
)

// AnswerOutcomes lists the answers.
var AnswerOutcomes = []string{AnswerAgree, AnswerAdvise, AnswerObject}

// Question is what an officer asks. N is working days.
type Question struct {
	Step    string `json:"step,omitempty"` // which of several open steps asks; empty: the actor's first
	Post    string `json:"post"`
	Text    string `json:"text"`
	N       int    `json:"n"`
	Silence string `json:"silence"`
	Wait    bool   `json:"wait"`
}

// Answer is what an agency says to a question.
type Answer struct {
	ID      string `json:"id"` // of the Consult; empty: the actor's only one
	Outcome string `json:"outcome"`
	Text    string `json:"text"`
}

// maxAsk is the longest deadline of a question, in working days.
const maxAsk = 60

// askKinds are the steps whose handler may ask others.
var askKinds = []string{flow.Review, flow.Inspect, flow.Countersign, flow.Expert, flow.Decide}

// Ask asks a post of another agency about a case, by whoever handles an open step. The agency sees the case while it can answer, and nothing of what
// was said about it inside. Errors: cases.ask_own for a post of the deciding agency, cases.asked_already, cases.ask_beyond where waiting would
// outlast the legal period.
func (s *Service) Ask(ctx context.Context, a authz.Actor, id string, version int64, in Question) (Case, error) {
	in.Text = strings.TrimSpace(in.Text)
	return s.do(ctx, a, id, ActConsult, version, in, func(w *work) error {
		t, err := w.task(in.Step, askKinds...)
		if err != nil {
			return err
		}
		due, err := w.askable(ctx, in)
		if err != nil {
			return err
		}
		if err := w.to(ActConsult); err != nil {
			return err
		}
		c := Consult{ID: ident.New(), CaseID: w.c.ID, Step: t.Step.Key, Post: in.Post, Wait: in.Wait, Silence: in.Silence, Question: in.Text, By: w.by, At: w.now, Due: due}
		w.open(c)
		w.effect(func(ctx context.Context, tx *db.Tx) error { return putTaskTx(ctx, tx, c.task()) })
		return nil
	})
}

// task is the work an answer is, beside the flow.
func (c Consult) task() Task {
	return Task{ID: ident.New(), CaseID: c.CaseID, Step: askStep(c.ID), StepName: cn("cases.task_ask"), Kind: TaskAsk, Post: c.Post, At: c.At, Due: c.Due}
}

func askStep(id string) string { return "_" + TaskAsk + ":" + id }

// askable checks a question and computes its deadline.
func (w *work) askable(ctx context.Context, in Question) (time.Time, error) {
	var fs []Finding
	p, err := w.s.Offices.Post(ctx, in.Post)
	switch {
	case err != nil:
		fs = append(fs, Finding{Path: "post", Key: "cases.choose_post"})
	case p.Agency == w.c.Agency:
		fs = append(fs, Finding{Path: "post", Key: "cases.ask_own"})
	case slices.ContainsFunc(w.asks, func(c Consult) bool { return c.Open() && c.Post == in.Post }):
		fs = append(fs, Finding{Path: "post", Key: "cases.asked_already"})
	}
	if in.Text == "" || len([]rune(in.Text)) > maxWords {
		fs = append(fs, Finding{Path: "text", Key: "cases.give_question", Params: errs.P{"max": maxWords}})
	}
	if in.N < 1 || in.N > maxAsk {
		fs = append(fs, Finding{Path: "n", Key: "cases.ask_length", Params: errs.P{"max": maxAsk}})
	}
	if !slices.Contains([]string{flow.SilenceWaits, flow.SilenceAgree, flow.SilenceNone}, in.Silence) {
		fs = append(fs, Finding{Path: "silence", Key: "cases.choose_silence"})
	}
	if err := errs.Fields("cases.incomplete", fs); err != nil {
		return time.Time{}, err
	}
	var c Clock
	due := c.run(w.now, clock.Period{N: in.N, Unit: clock.Workday}, nil, w.cal, false)
	if legal := w.c.Clock.LegalDue; in.Wait && !legal.IsZero() && due.After(legal) {
		return due, errs.Fields("cases.incomplete", []Finding{{Path: "n", Key: "cases.ask_beyond", Params: errs.P{"date": dateCN(legal)}}})
	}
	return due, nil
}

// open puts a question on the case.
func (w *work) open(c Consult) {
	w.asks = append(w.asks, c)
	w.note(EventConsulted, w.now, w.by, consultData{ID: c.ID, Step: c.Step, Post: c.Post, Due: c.Due})
	w.effect(func(ctx context.Context, tx *db.Tx) error {
		if err := w.s.putConsultTx(ctx, tx, c); err != nil {
			return err
		}
		return silenceTimerTx(ctx, tx, w.now, c)
	})
	w.tell(func() event.Event {
		return ConsultedEvent{Fact: w.fact(), Consult: c.ID, Step: c.Step, Post: c.Post, Until: c.Due, Silence: c.Silence}
	})
}

// Answer answers a question of the actor's post. A step of the flow that asked goes on; after silence has taken the answer's place, or beside the flow,
// it is put on the case. errs.Conflict cases.nothing_asked, errs.Forbidden cases.not_your_part.
func (s *Service) Answer(ctx context.Context, a authz.Actor, id string, version int64, in Answer) (Case, error) {
	in.Text = strings.TrimSpace(in.Text)
	return s.do(ctx, a, id, ActAnswer, version, in, func(w *work) error {
		i, err := w.askedOf(in.ID)
		if err != nil {
			return err
		}
		if err := in.check(); err != nil {
			return err
		}
		if err := w.to(ActAnswer); err != nil {
			return err
		}
		c := w.asks[i]
		if id := w.seat.staff.StandsFor(c.Post); id != "" {
			w.standsFor = "staff:" + id
		}
		if t := w.asksNow(c); t != nil && t.Lent != nil && slices.Contains(t.With, a.StaffID) {
			w.standsFor = "staff:" + t.Lent.From
		}
		c.Outcome, c.Answer, c.AnsweredBy, c.For, c.Answered, c.Closed = in.Outcome, in.Text, w.by, w.standsFor, w.now, w.now
		return w.answered(i, c)
	})
}

func (in Answer) check() error {
	var fs []Finding
	if !slices.Contains(AnswerOutcomes, in.Outcome) {
		fs = append(fs, Finding{Path: "outcome", Key: "cases.choose_answer"})
	}
	if in.Text == "" && in.Outcome != AnswerAgree {
		fs = append(fs, Finding{Path: "text", Key: "cases.give_reason"})
	}
	if len([]rune(in.Text)) > maxWords {
		fs = append(fs, Finding{Path: "text", Key: "cases.too_long", Params: errs.P{"max": maxWords}})
	}
	return errs.Fields("cases.incomplete", fs)
}

// askedOf finds the open question the actor's posts are asked.
func (w *work) askedOf(id string) (int, error) {
	waits := false
	for i, c := range w.asks {
		if !c.Open() || id != "" && c.ID != id {
			continue
		}
		waits = true
		if w.seat.holds(c.Post) {
			return i, nil
		}
	}
	if waits {
		return 0, errs.New(errs.Forbidden, "cases.not_your_part", errs.P{"step": cn("cases.task_ask")})
	}
	return 0, errs.New(errs.Conflict, "cases.nothing_asked")
}

// asksNow gives the open step of the flow that is this question, nil when there is none any more.
func (w *work) asksNow(c Consult) *flow.Task {
	if !c.InFlow || !c.Silent.IsZero() {
		return nil
	}
	for _, t := range w.tasks(flow.Consult) {
		if t.Step.Key == c.Step {
			return &t
		}
	}
	return nil
}

// answered writes an answer down, given or taken from silence, and goes on where the flow waited for it.
func (w *work) answered(i int, c Consult) error {
	t, late := w.asksNow(w.asks[i]), passed(w.now, c.Due)
	w.asks[i] = c
	w.note(EventAnswered, w.now, w.by, consultData{ID: c.ID, Step: c.Step, Post: c.Post, Outcome: c.Outcome, Late: late && w.by != system})
	if t != nil {
		who := w.actor.StaffID
		if w.by == system {
			who = system
		}
		if err := w.flowEvent(flow.Event{Kind: flow.EventDone, Step: t.Step.Key, By: []string{who}, Outcome: c.Outcome}); err != nil {
			return err
		}
	}
	w.effect(func(ctx context.Context, tx *db.Tx) error { return w.s.setConsultTx(ctx, tx, c) })
	w.tell(func() event.Event {
		return AnsweredEvent{Fact: w.fact(), Consult: c.ID, Step: c.Step, Post: c.Post, Outcome: c.Outcome, Late: late && w.by != system}
	})
	return nil
}

// Recall takes back a question that was asked beside the flow: by the post that asked.
func (s *Service) Recall(ctx context.Context, a authz.Actor, id string, version int64, consult string) (Case, error) {
	return s.do(ctx, a, id, ActRecall, version, consult, func(w *work) error {
		i := slices.IndexFunc(w.asks, func(c Consult) bool { return c.Open() && !c.InFlow && (consult == "" || c.ID == consult) })
		if i < 0 {
			return errs.New(errs.Conflict, "cases.nothing_asked")
		}
		if !w.asker(w.asks[i]) {
			return errs.New(errs.Forbidden, "cases.not_your_part", errs.P{"step": cn("cases.task_ask")})
		}
		if err := w.to(ActRecall); err != nil {
			return err
		}
		c := w.asks[i]
		c.Withdrawn, c.Closed = w.now, w.now
		w.asks[i] = c
		w.note(EventRecalled, w.now, w.by, consultData{ID: c.ID, Step: c.Step, Post: c.Post})
		w.effect(func(ctx context.Context, tx *db.Tx) error { return w.s.setConsultTx(ctx, tx, c) })
		w.tell(func() event.Event { return RecalledEvent{Fact: w.fact(), Consult: c.ID, Post: c.Post} })
		return nil
	})
}

// asker reports whether the actor asked, or handles the step that asked.
func (w *work) asker(c Consult) bool {
	if c.By == nameOf(w.actor) {
		return true
	}
	return slices.ContainsFunc(w.mine(askKinds...), func(t flow.Task) bool { return t.Step.Key == c.Step })
}

// waitsFor refuses to finish a step, or to decide, while an answer is waited for.
func (w *work) waitsFor(step flow.Step) error {
	for _, c := range w.asks {
		if c.blocks() && (c.Step == step.Key || step.Kind == flow.Decide) {
			return errs.New(errs.Conflict, "cases.waits_for_answer", errs.P{"date": dateCN(c.Due)})
		}
	}
	return nil
}
