package cases

import (
	"context"
	"slices"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
	"tongban/internal/domain/catalog"
	"tongban/internal/engine/flow"
)

// Entered is a case that was handled on paper and is recorded afterwards (事后录入), with the dates of its file. Delivered may be zero: then it is
// handed out by the usual act.
type Entered struct {
	Item      string
	Applicant Applicant
	Submitted time.Time
	Accepted  time.Time
	Decided   time.Time
	Delivered time.Time
	Decision  Decision
}

// Enter records a case that was handled on paper, by who may accept applications for the item; the item must say that it is entered afterwards. The
// clocks are those of the dates given. No papers and messages are made: they went out on paper. The same clientKey records it once. Errors:
// cases.not_entered, cases.no_right, cases.incomplete with a finding for each date out of order, and what identity says about the applicant.
func (s *Service) Enter(ctx context.Context, a authz.Actor, clientKey string, in Entered) (Case, error) {
	in.Decision = tidy(in.Decision)
	st, err := s.seat(ctx, a)
	if err != nil {
		return Case{}, err
	}
	it, err := s.Items.Item(ctx, in.Item)
	switch {
	case err != nil:
		return Case{}, err
	case !st.may(flow.Accept, it.Key, it.Agency, it.Region):
		return Case{}, noRight(flow.Accept)
	case it.Integration.Mode != "entered":
		return Case{}, errs.New(errs.Conflict, "cases.not_entered", errs.P{"item": it.Name})
	case clientKey == "" || len(clientKey) > 200:
		return Case{}, errs.New(errs.BadRequest, "cases.client_key")
	}
	if err := in.check(s.Now()); err != nil {
		return Case{}, err
	}
	id, err := s.byClientKey(ctx, ownerOf(a), clientKey)
	if err == nil && id == "" {
		r := record{Case: Case{Channel: Afterwards, ClerkID: a.StaffID}, clientKey: clientKey}
		r.owner = ownerOf(a)
		id, err = s.openFor(ctx, nameOf(a), r, it, in.Applicant)
	}
	if err != nil {
		return Case{}, err
	}
	w, err := s.load(ctx, a, id)
	if err != nil {
		return Case{}, err
	}
	if w.was.CaseNo != "" {
		return s.head(ctx, w, errReplay)
	}
	if err = w.begin(ActEnter, w.was.Version, nil); err == nil {
		if err = w.enter(in); err == nil {
			err = w.commit(ctx)
		}
	}
	return s.head(ctx, w, err)
}

// check puts the dates in order: each no earlier than the one before it, none in the future.
func (in Entered) check(now time.Time) error {
	var fs []Finding
	before := time.Time{}
	for _, d := range []struct {
		path string
		at   time.Time
		must bool
	}{{"submitted", in.Submitted, true}, {"accepted", in.Accepted, true}, {"decided", in.Decided, true}, {"delivered", in.Delivered, false}} {
		switch {
		case d.at.IsZero() && d.must:
			fs = append(fs, Finding{Path: d.path, Key: "cases.entered_missing"})
		case d.at.IsZero():
		case d.at.Before(before) || d.at.After(now):
			fs = append(fs, Finding{Path: d.path, Key: "cases.entered_order"})
		default:
			before = d.at
		}
	}
	if !slices.Contains([]Outcome{Grant, Partly, Refuse}, in.Decision.Outcome) {
		fs = append(fs, Finding{Path: "outcome", Key: "cases.choose_outcome"})
	}
	if in.Decision.Outcome != Grant && in.Decision.Reason == "" {
		fs = append(fs, Finding{Path: "reason", Key: "cases.give_reason"})
	}
	if in.Decision.Outcome == Refuse && in.Decision.Basis == "" {
		fs = append(fs, Finding{Path: "basis", Key: "cases.give_basis"})
	}
	return errs.Fields("cases.incomplete", fs)
}

// openFor makes the row of a case that was not filled in here; a crash after it leaves a draft that the same key goes on with.
func (s *Service) openFor(ctx context.Context, by string, r record, it catalog.Item, who Applicant) (string, error) {
	p, err := s.People.EnsurePerson(ctx, who.Name, who.Number, who.NumberKind, who.Phone)
	if err != nil {
		return "", err
	}
	r.ApplicantKind, r.PersonID = ByPerson, p.ID
	r.content.Contact = Contact{Name: p.Name, Phone: first(who.Phone, p.Phone)}
	if who.Kind == ByFirm {
		f, err := s.People.EnsureFirm(ctx, who.CreditCode)
		if err != nil {
			return "", err
		}
		r.ApplicantKind, r.FirmID = ByFirm, f.ID
	}
	handledBy := r.HandledBy
	if err := s.open(ctx, &r, it); err != nil {
		return "", err
	}
	r.HandledBy = handledBy
	err = s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.putTx(ctx, tx, r); err != nil {
			return err
		}
		h := HistoryEntry{Version: r.Version, At: r.Created, By: by, Act: "create", To: Draft}
		return putHistoryTx(ctx, tx, r.ID, h)
	})
	if db.Unique(err) { // the same twice
		return s.byClientKey(ctx, r.owner, r.clientKey)
	}
	return r.ID, err
}

// enter goes through the stations at the dates of the file.
func (w *work) enter(in Entered) error {
	if err := w.officer(flow.Accept); err != nil {
		return err
	}
	who := w.actor.StaffID
	if err := w.at(in.Submitted, func() error { return w.begun(map[string]bool{"afterwards": true}) }); err != nil {
		return err
	}
	err := w.at(in.Accepted, func() error {
		if err := w.to(ActAccept); err != nil {
			return err
		}
		w.c.Accepted = w.now
		w.note(EventAccepted, w.now, w.by, nil)
		w.tell(func() event.Event { return AcceptedEvent{w.fact()} })
		return w.through(who, flow.Receive, flow.Accept)
	})
	if err != nil {
		return err
	}
	if err := w.at(in.Decided, func() error { return w.enterDecision(who, in) }); err != nil {
		return err
	}
	return w.enterDelivery(who, in)
}

// begun is the submission of a case that was not filled in here.
func (w *work) begun(data any) error {
	w.c.Submitted, w.c.queryCode = w.now, ident.QueryCode()
	w.c.phoneBlind = w.s.phoneBlind(w.c.content.Contact.Phone)
	w.before = append(w.before, w.numberTx)
	state, fx, err := flow.Start(w.flow, w.answer())
	if err != nil {
		return err
	}
	if err := w.to(ActEnter); err != nil {
		return err
	}
	w.note(EventSubmitted, w.now, w.by, data)
	w.moveFlow(state, fx)
	w.snapshot(nil)
	w.tell(func() event.Event { return SubmittedEvent{w.fact()} })
	return nil
}

func (w *work) enterDecision(who string, in Entered) error {
	if err := w.to(ActDecide); err != nil {
		return err
	}
	at, d := w.now, in.Decision
	w.c.Outcome, w.c.Decided = d.Outcome, at
	w.note(EventDecided, at, w.by, decidedData{Outcome: d.Outcome})
	if err := w.advance([]string{who}, string(d.Outcome)); err != nil {
		return err
	}
	by := w.by
	w.effect(func(ctx context.Context, tx *db.Tx) error {
		return w.s.putOpinionTx(ctx, tx, w.c.ID, sayDecision, "", string(d.Outcome), by, at, d)
	})
	w.tell(func() event.Event { return DecidedEvent{Fact: w.fact(), Outcome: d.Outcome, Took: at.Sub(in.Accepted)} })
	return w.through(who, flow.Certificate)
}

func (w *work) enterDelivery(who string, in Entered) error {
	if in.Delivered.IsZero() || w.c.State != Decided {
		return nil
	}
	return w.at(in.Delivered, func() error {
		if err := w.to(ActDeliver); err != nil {
			return err
		}
		w.c.Delivered = w.now
		w.note(EventDelivered, w.now, w.by, map[string]string{"how": DeliverWindow})
		if err := w.through(who, flow.Deliver); err != nil {
			return err
		}
		w.tell(func() event.Event { return DeliveredEvent{w.fact(), DeliverWindow, ""} })
		if err := w.to(ActConclude); err != nil {
			return err
		}
		w.c.Concluded = w.now
		w.note(EventConcluded, w.now, system, nil)
		w.tell(func() event.Event { return ConcludedEvent{w.fact()} })
		return nil
	})
}
