package cases

import (
	"context"
	"slices"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/flow"
)

// do runs one act: load, check right and state, apply the rules, commit. It is the way of every officer's and applicant's act.
func (s *Service) do(ctx context.Context, a authz.Actor, id string, act Act, version int64, input any, apply func(w *work) error) (Case, error) {
	if err := s.deemIfDue(ctx, id, act); err != nil {
		return Case{}, err
	}
	if err := s.renewIfDue(ctx, id, act); err != nil {
		return Case{}, err
	}
	w, err := s.load(ctx, a, id)
	if err != nil {
		return Case{}, err
	}
	if !w.covers(scopeOf(string(act))) { // before anything is said about state and version
		return Case{}, s.outOfScope(ctx, a, scopeOf(string(act)), w.was.ItemName)
	}
	if err = w.begin(act, version, input); err == nil {
		if err = apply(w); err == nil {
			err = w.commit(ctx)
		}
	}
	return s.head(ctx, w, err)
}

// Receive takes the materials in (收件). It accepts nothing yet, and the time to answer runs on from the submission (电子签名法 第十一条).
func (s *Service) Receive(ctx context.Context, a authz.Actor, id string, version int64) (Case, error) {
	return s.do(ctx, a, id, ActReceive, version, nil, func(w *work) error {
		if err := w.officer(flow.Receive); err != nil {
			return err
		}
		w.inform("case.received", nil)
		return w.takeIn(a.StaffID)
	})
}

func (w *work) takeIn(staff string) error {
	if err := w.to(ActReceive); err != nil {
		return err
	}
	w.c.Received = w.now
	w.note(EventReceived, w.now, w.by, nil)
	w.tell(func() event.Event { return ReceivedEvent{w.fact()} })
	return w.through(staff, flow.Receive)
}

// Accept accepts the application (受理): the decision period begins today, and the acceptance paper goes out.
func (s *Service) Accept(ctx context.Context, a authz.Actor, id string, version int64) (Case, error) {
	return s.do(ctx, a, id, ActAccept, version, nil, func(w *work) error {
		if err := w.officer(flow.Accept); err != nil {
			return err
		}
		return w.accept(a.StaffID)
	})
}

func (w *work) accept(staff string) error {
	if err := w.to(ActAccept); err != nil {
		return err
	}
	w.c.Accepted = w.now
	w.note(EventAccepted, w.now, w.by, nil)
	if err := w.through(staff, flow.Receive, flow.Accept); err != nil {
		return err
	}
	w.acceptPaper()
	w.informAccepted()
	w.tell(func() event.Event { return AcceptedEvent{w.fact()} })
	return nil
}

// RefuseAcceptance refuses to accept (不予受理, 行政许可法 第三十二条): a written decision with ground, reason and remedies; for another agency's
// matter it names the right authority.
func (s *Service) RefuseAcceptance(ctx context.Context, a authz.Actor, id string, version int64, r Refusal) (Case, error) {
	r.Reason, r.RightAuthority = strings.TrimSpace(r.Reason), strings.TrimSpace(r.RightAuthority)
	return s.do(ctx, a, id, ActRefuse, version, r, func(w *work) error {
		if err := w.officer(flow.Accept); err != nil {
			return err
		}
		if err := w.refusable(r); err != nil {
			return err
		}
		return w.refuse(a.StaffID, r)
	})
}

func (w *work) refuse(by string, r Refusal) error {
	if err := w.to(ActRefuse); err != nil {
		return err
	}
	at := w.now
	w.note(EventRefused, at, w.by, map[string]string{"ground": r.Ground})
	if err := w.through(by, flow.Receive); err != nil {
		return err
	}
	if w.c.StepKind == flow.Accept {
		if err := w.advance([]string{by}, flow.Refuse); err != nil {
			return err
		}
	}
	w.effect(func(ctx context.Context, tx *db.Tx) error {
		return w.s.putOpinionTx(ctx, tx, w.c.ID, sayRefusal, "", r.Ground, w.by, at, r)
	})
	w.paperOf("refuse_acceptance", r.Ground, w.groundWords(r))
	w.inform("case.refused_acceptance", map[string]string{"reason": w.word("cases.ground_" + r.Ground), "remedies": paper.Remedies(w.agency, w.c.Nature)})
	w.tell(func() event.Event { return RefusedAcceptanceEvent{w.fact(), r.Ground} })
	return nil
}

func (w *work) refusable(r Refusal) error {
	var fs []Finding
	if !slices.Contains(Grounds, r.Ground) {
		fs = append(fs, Finding{Path: "ground", Key: "cases.choose_ground"})
	}
	if r.Reason == "" {
		fs = append(fs, Finding{Path: "reason", Key: "cases.give_reason"})
	}
	if len([]rune(r.Reason)) > maxWords {
		fs = append(fs, Finding{Path: "reason", Key: "cases.too_long", Params: errs.P{"max": maxWords}})
	}
	if r.Ground == GroundWrongAgency && r.RightAuthority == "" {
		fs = append(fs, Finding{Path: "right_authority", Key: "cases.name_authority"})
	}
	if r.Ground == GroundNotCured && w.c.Round < 2 {
		return errs.New(errs.Conflict, "cases.no_correction_yet") // whoever was never told what to cure cannot have failed to
	}
	return errs.Fields("cases.incomplete", fs)
}

// maxWords is the longest free text an officer may write.
const maxWords = 2000

// deemIfDue records deemed acceptance before any act that comes too late for it, should the timer not have rung yet.
func (s *Service) deemIfDue(ctx context.Context, id string, act Act) error {
	switch act {
	case ActReceive, ActAccept, ActRefuse, ActCorrect, ActOnTheSpot:
		return s.deem(ctx, id)
	}
	return nil
}

// deem applies 行政许可法 第三十二条: without an answer in time the application counts as accepted from the day of receipt. Doing it again, or where
// the rule does not hold, changes nothing.
func (s *Service) deem(ctx context.Context, id string) error { return s.deemed(ctx, id, false) }

// deemed is deem; late says that the other system has answered too late, so that nothing can still be on its way.
func (s *Service) deemed(ctx context.Context, id string, late bool) error {
	r, err := s.find(ctx, s.DB.R(), id)
	if errs.KindOf(err) == errs.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	if r.State != Submitted && r.State != Received || !passed(s.Now(), r.Clock.LegalDue) {
		return nil
	}
	w, err := s.load(ctx, authz.System, id)
	if err != nil {
		return err
	}
	clock := ClockOf(w.events, w.item.Limits, w.cal)
	if !deems(w.item.Limits) || clock.Phase != PhaseReceipt || !passed(w.now, clock.LegalDue) {
		return nil
	}
	if !late && w.theirsMayCome(clock.LegalDue) {
		return s.later(ctx, w, clock.LegalDue)
	}
	if err := w.begin(ActDeem, w.was.Version, nil); err != nil {
		return nil // somebody answered meanwhile
	}
	from := replay(w.events).from
	if err := w.to(ActDeem); err != nil {
		return err
	}
	w.c.Accepted = from
	w.note(EventDeemed, from, system, nil)
	if err := w.through(system, flow.Receive, flow.Accept); err != nil {
		return err
	}
	w.informAccepted()
	w.tell(func() event.Event { return DeemedAcceptedEvent{w.fact(), from} })
	w.tell(func() event.Event { return AcceptedEvent{w.fact()} })
	err = w.commit(ctx)
	if errs.Is(err, "cases.moved") || err == errReplay {
		return nil
	}
	return err
}
