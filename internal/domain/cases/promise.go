package cases

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ident"
	"tongban/internal/domain/credit"
	"tongban/internal/engine/flow"
)

// The legal events of 告知承诺 (国办发〔2020〕42号): that it was chosen, and what the check afterwards found.
const (
	EventPromised       = "promise_chosen"
	EventPromiseChecked = "promise_checked"
)

type promisedData struct {
	Chosen bool `json:"chosen"`
}

// checkedData is one finding of a check. Kind is that of the task.
type checkedData struct {
	Result string    `json:"result"`
	Kind   string    `json:"kind"`
	Until  time.Time `json:"until,omitzero"` // of mend
}

// Credits is what cases ask the list of discredited persons: who may not promise, and to enter who did not keep it.
type Credits interface {
	Bar(ctx context.Context, subject string) (*credit.Bar, error)
	EnterTx(ctx context.Context, tx *db.Tx, now time.Time, d credit.Decision) (string, error)
}

// promise takes the choice of a submission over.
func (r *replayed) promise(e Event) {
	var d promisedData
	_ = json.Unmarshal(e.Data, &d) // written by us
	r.promised = d.Chosen
}

// checked takes a finding over: a promise to supply that was found broken is waited for no more.
func (r *replayed) checked(e Event) {
	var d checkedData
	_ = json.Unmarshal(e.Data, &d)
	if d.Kind == TaskLater && d.Result == CheckFalse {
		r.later.missing = nil
	}
	if d.Kind == TaskCheck {
		r.mend = d.Until
	}
}

// promises reports whether the application under way rests on the item's commitment: where it is voluntary, when it was chosen.
func (w *work) promises() bool {
	c := w.item.Commitment
	return c != nil && (!c.Voluntary() || w.chosen.Promise)
}

// promised reports whether a material need not be handed in, because its content is promised.
func (w *work) promised(material string) bool {
	return w.chosen.Promise && w.item.Commitment.Voluntary() && slices.Contains(w.item.Commitment.Instead, material)
}

// mayPromise is why the applicant may not promise now: they stand on the list of discredited persons. While nobody can say, nobody promises; proving is
// open at all times.
func (w *work) mayPromise(ctx context.Context) error {
	if w.s.Credits == nil {
		return errs.New(errs.Unavailable, "cases.promise_unavailable")
	}
	bar, err := w.s.Credits.Bar(ctx, w.c.subject)
	if err != nil || bar == nil {
		return err
	}
	until := any(i18n.Key("credit.until_repaired"))
	if bar.Until != "" {
		until = bar.Until
	}
	return errs.New(errs.Conflict, "cases.may_not_promise", errs.P{"by": bar.By, "ground": i18n.Key("credit.ground_" + bar.Ground), "until": until})
}

// promiseFinding asks again when the application is sent: somebody may have been entered since it was chosen.
func (w *work) promiseFinding(ctx context.Context) (*Finding, error) {
	if !w.chosen.Promise {
		return nil, nil
	}
	err := w.mayPromise(ctx)
	e := errs.As(err)
	if err == nil || e == nil {
		return nil, err
	}
	return &Finding{Path: "promise", Key: e.Key, Params: e.Params}, nil
}

// promisedAtOnce reports whether the item grants at once what was promised.
func (w *work) promisedAtOnce() bool {
	return w.chosen.Promise && w.item.Commitment.Voluntary() && w.item.Commitment.AtOnce
}

// grantsOnPromise reports whether the program may grant now: every published rule holds, the registers answered, and only steps that need nobody's eye
// lie before the decision.
func (w *work) grantsOnPromise() bool {
	return w.promisedAtOnce() && w.c.HandledBy == "" && !w.s.Manual && !w.c.away && w.withheld() == nil && len(w.item.Failed(w.answer())) == 0 && w.straight()
}

// beforeDecision are the kinds of steps that a promise lets the program pass: taking in, accepting and reviewing what it replaces.
var beforeDecision = []string{flow.Receive, flow.Accept, flow.Review}

func (w *work) straight() bool {
	def, st := w.flow, w.c.flowing
	def.Separate = false // no officer reviews and decides: the rules do
	for {
		step, ok := def.Step(st.Step)
		if !ok || step.Kind == flow.Decide {
			return ok && flow.MayAct(def, st, step.Key, []string{system}) == nil
		}
		if !slices.Contains(beforeDecision, step.Kind) {
			return false
		}
		var err error
		if st, _, err = flow.Next(def, st, flow.Event{Kind: flow.EventDone, Step: step.Key, By: []string{system}, Outcome: OpinionPass}, w.answer()); err != nil {
			return false
		}
	}
}

// grantOnPromise accepts and grants in the act of sending.
func (w *work) grantOnPromise() error {
	w.flow.Separate = false
	if err := w.to(ActOnTheSpot); err != nil {
		return err
	}
	w.c.Accepted = w.now
	w.note(EventAccepted, w.now, w.by, nil)
	w.tell(func() event.Event { return AcceptedEvent{w.fact()} })
	for slices.Contains(beforeDecision, w.c.StepKind) {
		if err := w.advance([]string{system}, OpinionPass); err != nil {
			return err
		}
	}
	return w.decide(system, Decision{Outcome: Grant, Reason: cn("cases.promise_granted")}, true, true)
}

// plansCheck opens the check of a promise with the decision that rests on it.
func (w *work) plansCheck() {
	if !w.chosen.Promise || !w.item.Commitment.Voluntary() {
		return
	}
	var c Clock
	t := Task{
		ID: ident.New(), CaseID: w.c.ID, Step: "_" + TaskCheck, StepName: cn("cases.task_check"), Kind: TaskCheck, Post: first(w.flow.CheckPost, w.postOf(flow.Inspect, flow.Review, flow.Decide)),
		At: w.now, Due: c.run(w.now, w.item.Commitment.CheckWithin(), nil, w.cal, false),
	}
	w.effect(func(ctx context.Context, tx *db.Tx) error { return putTaskTx(ctx, tx, t) })
}
