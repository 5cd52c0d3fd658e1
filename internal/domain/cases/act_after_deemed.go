package cases

import (
	"context"
	"errors"
	"slices"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/licence"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/flow"
)

// jobRenewal rings when the licence that an application asks to renew has run out.
const jobRenewal = "cases.renewal_limit"

// waitsForRenewal are the states in which the agency has the application and has not decided.
var waitsForRenewal = []State{Submitted, Received, Accepted, Reviewing, Suspended}

// renewIfDue renews by silence before any act that comes too late, should the timer not have rung yet.
func (s *Service) renewIfDue(ctx context.Context, id string, act Act) error {
	switch act {
	case ActDecide, ActOnTheSpot, ActRefuse, ActTerminate, ActTransfer, ActOpinion, ActSuspend, ActExtend, ActCorrect, ActAccept:
	default:
		return nil
	}
	target, err := targetOf(ctx, s.DB.R(), id)
	if err != nil || target == "" {
		return err
	}
	return s.deemRenewed(ctx, id)
}

// deemRenewed applies 行政许可法 第五十条第二款: an application for renewal that was made in time and not decided when the licence ran out is granted by law
// at that moment, for the like term. It is recorded as of that moment and told to supervision. Doing it again, or where the rule does not hold,
// changes nothing.
func (s *Service) deemRenewed(ctx context.Context, id string) error {
	w, err := s.load(ctx, authz.System, id)
	if errs.KindOf(err) == errs.NotFound {
		return nil
	}
	if err != nil || !w.renewedBySilence() {
		return err
	}
	if err := w.begin(ActRenewed, w.was.Version, nil); err != nil {
		return nil //nolint:nilerr // somebody answered meanwhile
	}
	end := endOf(w.licence.acts.ValidUntil)
	if err := w.at(end, w.renewBySilence); err != nil {
		return err
	}
	err = w.commit(ctx)
	if errs.Is(err, "cases.moved") || errors.Is(err, errReplay) {
		return nil
	}
	return err
}

// renewedBySilence reports whether the law has renewed.
func (w *work) renewedBySilence() bool {
	l := w.licence.acts
	if !w.item.On(catalog.LicenceRenew) || w.item.OnLicence.Deemed == "" || l.ValidUntil == "" || !slices.Contains(waitsForRenewal, w.was.State) || w.was.HandledBy != "" {
		return false
	}
	inTime := today(w.was.Submitted) <= askBy(l.ValidUntil, w.item.OnLicence.AskBefore(), w.cal)
	return inTime && l.On(today(w.now)) == licence.Expired
}

// renewBySilence grants what nobody decided; w.now is the moment the licence ran out.
func (w *work) renewBySilence() error {
	w.licence.silence = true
	if w.c.Accepted.IsZero() {
		w.c.Accepted = replay(w.events).from
		w.note(EventDeemed, w.c.Accepted, system, nil)
	}
	if err := w.to(ActRenewed); err != nil {
		return err
	}
	w.c.Outcome, w.c.Decided = Grant, w.now
	w.note(EventRenewed, w.now, system, map[string]string{"until": w.licence.acts.ValidUntil})
	w.note(EventDecided, w.now, system, decidedData{Outcome: Grant, Licence: true, Automatic: true})
	if err := w.passBy(); err != nil {
		return err
	}
	at, in := w.now, Decision{Outcome: Grant, Reason: cn("cases.renewed_by_silence"), Basis: w.item.OnLicence.Deemed}
	w.effect(func(ctx context.Context, tx *db.Tx) error {
		return w.s.putOpinionTx(ctx, tx, w.c.ID, sayDecision, "", string(Grant), system, at, in)
	})
	words := map[string]string{"reason": in.Reason, "basis": in.Basis, "result": w.licence.acts.TypeName, "due_cn": dateCN(at)}
	w.paper(paper.Renewed, words)
	w.inform("case.deemed_renewed", map[string]string{"licence": w.licence.acts.TypeName, "due": words["due_cn"]})
	w.tell(func() event.Event { return DeemedRenewedEvent{Fact: w.fact(), From: at, LicenceID: w.c.LicenceID} })
	w.tell(func() event.Event { return DecidedEvent{Fact: w.fact(), Outcome: Grant, Automatic: true} })
	return w.certify(true)
}

// passBy leaves every step before the result behind: nobody did them, and nobody has to any more.
func (w *work) passBy() error {
	for _, t := range flow.Open(w.flow, w.c.flowing) {
		w.note(EventStepDone, w.now, system, stepData{Step: t.Step.Key, Kind: t.Step.Kind, Outcome: cancelled})
	}
	def := outline(w.flow)
	st, fx, err := flow.Start(def, w.answer())
	for err == nil {
		step, ok := def.Step(st.Step)
		if !ok || step.Kind == flow.Certificate || step.Kind == flow.Deliver {
			break
		}
		st, fx, err = flow.Next(def, st, flow.Event{Kind: flow.EventDone, Step: st.Step, By: []string{system}, Outcome: OpinionPass}, w.answer())
	}
	if err != nil {
		return err
	}
	st.Done = w.c.flowing.Done
	w.moveFlow(st, fx)
	return nil
}
