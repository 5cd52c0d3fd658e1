package cases

import (
	"context"
	"slices"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/licence"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/flow"
)

// resultLicence is the result kind that a licence is made for.
const resultLicence = "licence"

// Decide decides: grant, partly (with a reason) or refuse (with reason and basis). A grant makes the licence in the same transaction. Who reviewed
// cannot decide where the item separates the two (flow.same_officer).
func (s *Service) Decide(ctx context.Context, a authz.Actor, id string, version int64, in Decision) (Case, error) {
	in = tidy(in)
	return s.do(ctx, a, id, ActDecide, version, in, func(w *work) error {
		if err := w.officer(flow.Decide); err != nil {
			return err
		}
		if _, err := w.task("", flow.Decide); err != nil {
			return err
		}
		if err := w.decidable(ctx, in); err != nil {
			return err
		}
		if err := w.to(ActDecide); err != nil {
			return err
		}
		return w.decide(a.StaffID, in, false, false)
	})
}

// DecideOnTheSpot accepts, checks and decides in one act by one post, for items done on the spot (即办件). A grant against a failed check rule is
// errs.Conflict cases.rules_failed.
func (s *Service) DecideOnTheSpot(ctx context.Context, a authz.Actor, id string, version int64, in Decision) (Case, error) {
	in = tidy(in)
	return s.do(ctx, a, id, ActOnTheSpot, version, in, func(w *work) error {
		if !w.item.Limits.OnTheSpot && !w.promisedAtOnce() {
			return errs.New(errs.Conflict, "cases.not_on_the_spot")
		}
		if err := w.officer(flow.Accept); err != nil {
			return err
		}
		if err := w.officer(flow.Decide); err != nil {
			return err
		}
		if err := w.decidable(ctx, in); err != nil {
			return err
		}
		return w.onTheSpot(a.StaffID, in, false)
	})
}

func tidy(in Decision) Decision {
	return Decision{Outcome: in.Outcome, Reason: strings.TrimSpace(in.Reason), Basis: strings.TrimSpace(in.Basis), Conditions: strings.TrimSpace(in.Conditions)}
}

// onTheSpot goes through every step of the flow in one act. Automatic is the program itself.
func (w *work) onTheSpot(by string, in Decision, automatic bool) error {
	if err := w.to(ActOnTheSpot); err != nil {
		return err
	}
	w.c.Accepted = w.now
	w.note(EventAccepted, w.now, w.by, nil)
	w.tell(func() event.Event { return AcceptedEvent{w.fact()} })
	if len(w.owing().missing) > 0 {
		w.informAccepted() // without an acceptance of its own it says what is still to come
	}
	if err := w.through(by, flow.Receive, flow.Accept, flow.Review); err != nil {
		return err
	}
	if w.c.StepKind != flow.Decide {
		return w.wrongStep()
	}
	return w.decide(by, in, true, automatic)
}

// decidable checks what a decision must say, and that it does not contradict the record.
func (w *work) decidable(ctx context.Context, in Decision) error {
	var fs []Finding
	if !slices.Contains([]Outcome{Grant, Partly, Refuse}, in.Outcome) {
		fs = append(fs, Finding{Path: "outcome", Key: "cases.choose_outcome"})
	}
	if in.Outcome != Grant && in.Reason == "" {
		fs = append(fs, Finding{Path: "reason", Key: "cases.give_reason"})
	}
	if in.Outcome == Refuse && in.Basis == "" {
		fs = append(fs, Finding{Path: "basis", Key: "cases.give_basis"})
	}
	for path, text := range map[string]string{"reason": in.Reason, "basis": in.Basis, "conditions": in.Conditions} {
		if len([]rune(text)) > maxWords {
			fs = append(fs, Finding{Path: path, Key: "cases.too_long", Params: errs.P{"max": maxWords}})
		}
	}
	if len(fs) > 0 || in.Outcome == Refuse {
		return errs.Fields("cases.incomplete", fs)
	}
	if err := w.withheld(); err != nil {
		return err
	}
	ins, err := w.s.inspections(ctx, w.c.ID)
	if err != nil {
		return err
	}
	if n := len(ins); n > 0 && !ins[n-1].Pass {
		return errs.New(errs.Conflict, "cases.inspection_failed")
	}
	if failed := w.item.Failed(w.answer()); w.item.Limits.OnTheSpot && len(failed) > 0 {
		return errs.New(errs.Conflict, "cases.rules_failed", errs.P{"text": failed[0].Text})
	}
	return nil
}

// decide records the decision, its paper and message, and for a grant makes the licence and passes the certificate step.
func (w *work) decide(by string, in Decision, onTheSpot, automatic bool) error {
	entered := w.now
	if st, ok := w.flow.Step(w.c.flowing.Step); ok {
		entered = w.entered(st)
	}
	makes := in.Outcome != Refuse && w.item.Result.Kind == resultLicence && w.item.Result.LicenceType != ""
	w.c.Outcome, w.c.Decided = in.Outcome, w.now
	w.note(EventDecided, w.now, w.by, decidedData{Outcome: in.Outcome, Licence: makes, OnTheSpot: onTheSpot, Automatic: automatic})
	if err := w.advance([]string{by}, string(in.Outcome)); err != nil {
		return err
	}
	who, at, took := w.by, w.now, w.now.Sub(entered)
	if who != system {
		in.For = w.standsFor
	}
	w.effect(func(ctx context.Context, tx *db.Tx) error {
		return w.s.putOpinionTx(ctx, tx, w.c.ID, sayDecision, "", string(in.Outcome), who, at, in)
	})
	w.tell(func() event.Event {
		return DecidedEvent{Fact: w.fact(), Outcome: in.Outcome, Took: took, OnTheSpot: onTheSpot, Automatic: automatic}
	})
	if in.Outcome == Refuse {
		w.paper("refuse", map[string]string{"reason": in.Reason, "basis": in.Basis})
		w.inform("case.refused", w.decidedWords(in))
		return nil
	}
	w.paperOf("grant", variantOf(in.Outcome), map[string]string{"reason": in.Reason, "basis": first(in.Basis, w.basis()), "conditions": in.Conditions})
	w.inform("case.granted", w.decidedWords(in))
	w.plansCheck()
	if w.item.On(catalog.LicenceCancel) {
		w.cancelsLicence()
	}
	return w.certify(makes)
}

// certify makes the licence in the transaction of the decision, so that a granted licence is never missing.
func (w *work) certify(makes bool) error {
	if makes {
		if err := w.to(ActCertify); err != nil {
			return err
		}
		var made licence.Licence
		w.before = append(w.before, func(ctx context.Context, tx *db.Tx) (err error) {
			if w.item.Replaces() {
				made, err = w.replacesTx(ctx, tx)
			} else {
				made, err = w.s.Licences.IssueTx(ctx, tx, w.now, w.licenceIssue(ctx))
			}
			if err == nil {
				w.c.LicenceID = made.ID
			}
			return err
		})
		w.note(EventCertified, w.now, system, nil)
		w.effect(func(ctx context.Context, tx *db.Tx) error {
			data := map[string]string{"item": w.c.ItemName, "case_no": w.c.CaseNo, "agency": w.agency.Name, "licence": made.TypeName, "due": "", "reason": "", "code": ""}
			return w.s.sendTx(ctx, tx, w, "case.licence_issued", data)
		})
	}
	return w.asSystem(func() error {
		if makes {
			w.tell(func() event.Event { return CertifiedEvent{w.fact(), w.c.LicenceID} })
		}
		return w.through(system, flow.Certificate)
	})
}

func (w *work) licenceIssue(ctx context.Context) licence.Issue {
	return licence.Issue{
		TypeKey: w.item.Result.LicenceType, Agency: w.agency, CaseID: w.c.ID, ItemKey: w.c.ItemKey, HolderKind: w.c.ApplicantKind,
		HolderName: w.c.summary.Name, HolderNumber: w.c.summary.Number, PersonID: w.c.PersonID, FirmID: w.c.FirmID, Values: w.licenceValues(ctx), Codes: w.licenceCodes(),
		Test: w.s.Test, By: system,
	}
}

// Deliver records that the result reached the applicant and concludes the case: handed out at the window, or opened on line by the holder, who may
// pass version 0. Delivering again changes nothing. Whoever fetches it at
// the window for the applicant leaves a basis on record (taker).
func (s *Service) Deliver(ctx context.Context, a authz.Actor, id string, version int64, in Delivery) (Case, error) {
	in.To = strings.TrimSpace(in.To)
	w, err := s.load(ctx, a, id)
	if err != nil {
		return Case{}, err
	}
	if w.view == asOwner && !w.was.Delivered.IsZero() && w.covers(authz.ActCollect) {
		return w.shown(), nil
	}
	return s.do(ctx, a, id, ActDeliver, version, in, func(w *work) error {
		by, got := a.StaffID, receivedBy{}
		if in.How == DeliverOnline && w.view == asOwner {
			if err := w.takes(ctx, authz.ActCollect); err != nil {
				return err
			}
			if got.words, err = w.takerOnline(ctx); err != nil {
				return err
			}
		}
		switch {
		case in.How == DeliverOnline && w.view == asOwner && a.PersonID != "":
			by = a.Name()
		case in.How == DeliverOnline:
			return errs.New(errs.Forbidden, "cases.only_applicant")
		case in.How != DeliverWindow:
			return errs.New(errs.Invalid, "cases.choose_delivery")
		case version == 0:
			return errs.New(errs.BadRequest, "cases.version_missing")
		default:
			if err := w.officer(flow.Deliver); err != nil {
				return err
			}
			if err := w.visit(ctx, "deliver", "deliver"); err != nil {
				return err
			}
			if got, err = w.handOut(ctx, in); err != nil {
				return err
			}
		}
		return w.deliver(by, in.How, got)
	})
}

// receivedBy is who took a result: in words for the paper, and the person where it was not the applicant.
type receivedBy struct{ words, person string }

// handOut keeps the proof that the decision was handed out, to whom, on what and by whom.
func (w *work) handOut(ctx context.Context, in Delivery) (receivedBy, error) {
	h, err := w.taker(ctx, in)
	if err != nil {
		return receivedBy{}, err
	}
	got, name := receivedBy{words: cn("cases.taker_self")}, w.c.summary.Name
	if h != nil {
		got, name = receivedBy{h.words(), h.personID}, h.Name
		w.effect(func(ctx context.Context, tx *db.Tx) error { return w.s.putHandOutTx(ctx, tx, w.c.ID, *h) })
	}
	return got, w.prove(ctx, first(got.person, w.c.PersonID), name)
}

func (w *work) prove(ctx context.Context, person, name string) error {
	if w.s.Proofs == nil {
		return nil
	}
	ps, err := w.s.Proofs.OfCase(ctx, w.c.ID)
	if err != nil {
		return err
	}
	for _, p := range ps {
		if p.Act != paper.Grant && p.Act != paper.Refuse {
			continue
		}
		proof := paper.Proof{PaperID: p.ID, How: paper.HandedOut, To: "person:" + person, Taker: name, At: w.now, By: w.by}
		w.effect(func(ctx context.Context, tx *db.Tx) error {
			_, err := w.s.Proofs.DeliveredTx(ctx, tx, w.now, proof)
			return err
		})
	}
	return nil
}

func (w *work) deliver(by, how string, got receivedBy) error {
	if err := w.to(ActDeliver); err != nil {
		return err
	}
	w.c.Delivered = w.now
	w.note(EventDelivered, w.now, w.by, map[string]string{"how": how})
	if err := w.through(by, flow.Deliver); err != nil {
		return err
	}
	w.paper("delivery", map[string]string{"reason": cn("cases.deliver_" + how), "taker": got.words, "result": first(w.item.Result.Name, w.word(w.c.Outcome.Key()))})
	w.inform("case.delivered", nil)
	w.tell(func() event.Event { return DeliveredEvent{w.fact(), how, got.person} })
	if err := w.to(ActConclude); err != nil { // with the delivery nothing is left to do
		return err
	}
	w.c.Concluded = w.now
	w.note(EventConcluded, w.now, system, nil)
	w.tell(func() event.Event { return ConcludedEvent{w.fact()} })
	return nil
}

// RecordVisit counts a trip to the hall; the same clientKey counts once.
func (s *Service) RecordVisit(ctx context.Context, a authz.Actor, id, clientKey, purpose string) error {
	w, err := s.load(ctx, a, id)
	if err != nil {
		return err
	}
	if w.view != asStaff && w.was.ClerkID != a.StaffID || a.StaffID == "" {
		return noRight(flow.Receive)
	}
	if clientKey == "" || !slices.Contains([]string{"submit", "deliver", "correct", "ask"}, purpose) {
		return errs.New(errs.BadRequest, "cases.client_key")
	}
	v := Visit{ID: ident.New(), Staff: a.StaffID, Purpose: purpose, At: w.now}
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return putVisitTx(ctx, tx, id, clientKey, v) })
}
