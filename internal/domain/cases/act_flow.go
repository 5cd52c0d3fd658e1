package cases

import (
	"context"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/i18n"
	"tongban/internal/engine/flow"
)

// moveFlow takes over what the flow engine says: who has the case now, and from when the step's own limit runs. When the flow is over, the last
// post keeps the case until it is concluded.
func (w *work) moveFlow(st flow.State, effects []flow.Effect) {
	w.announce(st, effects)
	w.c.flowing, w.c.Step, w.c.StepName, w.c.StepKind, w.c.TakenBy = st, st.Step, "", "", ""
	for _, e := range effects {
		if e.Kind != flow.EffectEnter || e.Step.Kind == flow.Parallel { // its lanes have limits, it has none
			continue
		}
		d := stepData{Step: e.Step.Key, Kind: e.Step.Kind}
		if e.Step.Limit != nil {
			d.N, d.Unit = e.Step.Limit.N, e.Step.Limit.Unit
		}
		w.note(EventEntered, w.now, w.by, d)
	}
	if step, ok := w.flow.Step(st.Step); ok {
		w.c.StepName, w.c.StepKind, w.c.Post = step.Name, step.Kind, step.Post // several posts at once: none is the one
	}
}

// announce tells the applicant what the steps that begin and end have to say, in one message an act. A step that sends back is not done.
func (w *work) announce(st flow.State, effects []flow.Effect) {
	sentBack := len(st.Done) > 0 && st.Done[len(st.Done)-1].Outcome == flow.Returned
	on := map[string]string{flow.EffectEnter: flow.OnEnter, flow.EffectLeave: flow.OnLeave}
	first := len(w.announced) == 0
	for _, e := range effects {
		for _, n := range e.Step.Notices {
			if n.On == on[e.Kind] && !(sentBack && n.On == flow.OnLeave) {
				w.announced = append(w.announced, n.Text)
			}
		}
	}
	if !first || len(w.announced) == 0 {
		return
	}
	w.effect(func(ctx context.Context, tx *db.Tx) error {
		return w.s.sendTx(ctx, tx, w, "case.step", map[string]string{"item": w.c.ItemName, "case_no": w.c.CaseNo, "agency": w.agency.Name, "reason": strings.Join(w.announced, "\n")})
	})
}

// advance does the current step of the trunk with an outcome.
func (w *work) advance(by []string, outcome string) error {
	return w.flowEvent(flow.Event{Kind: flow.EventDone, Step: w.c.flowing.Step, By: by, Outcome: outcome})
}

// flowEvent does something to a step that is open. A post that speaks in a countersign does not yet do the step: that its sum is certain does.
func (w *work) flowEvent(e flow.Event) error {
	step, _ := w.flow.Step(e.Step)
	if e.Kind == flow.EventDone && w.by != system {
		if err := w.waitsFor(step); err != nil {
			return err
		}
	}
	entered, due := w.entered(step), w.stepDue(step.Key)
	before := flow.Open(w.flow, w.c.flowing)
	st, fx, err := flow.Next(w.flow, w.c.flowing, e, w.answer())
	if err != nil {
		return err
	}
	outcome := e.Outcome
	if e.Kind == flow.EventReturn {
		outcome = flow.Returned
	}
	if step.Kind == flow.Countersign && e.Kind == flow.EventDone {
		w.note(EventSigned, w.now, w.by, stepData{Step: step.Key, Post: e.Post, Kind: step.Kind, Outcome: outcome})
		if len(fx) == 0 {
			w.moveFlow(st, fx)
			return nil
		}
	}
	w.note(EventStepDone, w.now, w.by, stepData{Step: step.Key, Kind: step.Kind, Outcome: outcome, To: e.To})
	for _, t := range before { // sending back ends what ran beside it
		still := func(x flow.Task) bool { return x.Step.Key == t.Step.Key }
		if t.Step.Key != step.Key && !slices.ContainsFunc(flow.Open(w.flow, st), still) {
			w.note(EventStepDone, w.now, w.by, stepData{Step: t.Step.Key, Kind: t.Step.Kind, Outcome: cancelled})
		}
	}
	took := w.now.Sub(entered)
	w.tell(func() event.Event {
		return StepDoneEvent{Fact: w.fact(), Step: step.Key, Kind: step.Kind, Outcome: outcome, Entered: entered, Took: took, Due: due}
	})
	w.moveFlow(st, fx)
	return nil
}

// entered says when a step was entered last.
func (w *work) entered(step flow.Step) time.Time {
	at := w.now
	for _, e := range w.events {
		if e.Kind == EventEntered && stepOf(e).Step == step.Key {
			at = e.At
		}
	}
	return at
}

// through does the steps of these kinds that come first, by one person: whoever accepts has thereby taken in.
func (w *work) through(by string, kinds ...string) error {
	for _, k := range kinds {
		if w.c.StepKind != k {
			continue
		}
		if err := w.advance([]string{by}, OpinionPass); err != nil {
			return err
		}
	}
	return nil
}

// officer checks that the actor's posts give the right, and notes for whom the actor stands in.
func (w *work) officer(right string) error {
	p, ok := w.seat.by(right, w.c.ItemKey, w.c.Agency, w.c.Region)
	if !ok {
		return noRight(right)
	}
	if id := w.seat.staff.StandsFor(p.Key); id != "" {
		w.standsFor = "staff:" + id
	}
	return nil
}

func (w *work) may(right string) bool { return w.seat.may(right, w.c.ItemKey, w.c.Agency, w.c.Region) }

func (w *work) wrongStep() error {
	var name any = w.c.StepName
	if w.c.StepName == "" {
		name = i18n.Key("cases.no_step")
	}
	return errs.New(errs.Conflict, "cases.wrong_step", errs.P{"step": name, "act": i18n.Key(w.act.Key())})
}
