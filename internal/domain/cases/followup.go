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
	"tongban/internal/domain/credit"
	"tongban/internal/domain/licence"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/clock"
)

// The results of a check. Mend orders that it be put right by a date and leaves the check open, once.
const (
	CheckTrue   = "true"
	CheckMend   = "mend"
	CheckMended = "mended"
	CheckFalse  = "false"
)

// CheckResults lists the results.
var CheckResults = []string{CheckTrue, CheckMend, CheckMended, CheckFalse}

// FollowUp is what the check of a promise found. Mend needs N of Unit within which it is put right, false the basis of what follows.
type FollowUp struct {
	Result string     `json:"result"`
	Reason string     `json:"reason"`
	Basis  string     `json:"basis,omitempty"`
	N      int        `json:"n,omitempty"`
	Unit   clock.Unit `json:"unit,omitempty"`
	By     string     `json:"by,omitempty"`
	At     time.Time  `json:"at,omitzero"`
	Until  time.Time  `json:"until,omitzero"`
}

// FollowUp records what the check of a promise found, by the post that has it. True and mended end it; false makes the decision that takes back what was
// granted, enters the applicant in the list of discredited persons, and tells cases.promise_broken. Of a promise to supply materials after the result
// only false can be found: what came ends it by itself.
func (s *Service) FollowUp(ctx context.Context, a authz.Actor, id string, version int64, in FollowUp) (Case, error) {
	in = FollowUp{Result: in.Result, Reason: strings.TrimSpace(in.Reason), Basis: strings.TrimSpace(in.Basis), N: in.N, Unit: in.Unit}
	return s.do(ctx, a, id, ActFollow, version, in, func(w *work) error {
		t, err := w.besideTask(ctx)
		if err != nil {
			return err
		}
		if err := w.checkable(t, in); err != nil {
			return err
		}
		if err := w.to(ActFollow); err != nil {
			return err
		}
		in.Until = time.Time{}
		if in.Result == CheckMend {
			var c Clock
			in.Until = c.run(w.now, clock.Period{N: in.N, Unit: in.Unit}, nil, w.cal, false)
		}
		w.note(EventPromiseChecked, w.now, w.by, checkedData{Result: in.Result, Kind: t.Kind, Until: in.Until})
		w.effect(func(ctx context.Context, tx *db.Tx) error {
			if err := s.putOpinionTx(ctx, tx, w.c.ID, sayFollowUp, t.Kind, in.Result, w.by, w.now, in); err != nil {
				return err
			}
			if in.Result == CheckMend {
				return moveTaskTx(ctx, tx, t.ID, in.Until)
			}
			return closeTaskTx(ctx, tx, t.ID, w.now, in.Result)
		})
		w.inform("case.promise_"+in.Result, map[string]string{"reason": in.Reason, "due": dateCN(in.Until), "limit": periodCN(clock.Period{N: in.N, Unit: in.Unit})})
		w.tell(func() event.Event { return PromiseCheckedEvent{Fact: w.fact(), Result: in.Result} })
		if in.Result == CheckFalse {
			return w.broken(ctx, t, in)
		}
		return nil
	})
}

// broken is what follows from a promise that was not true or not kept.
func (w *work) broken(ctx context.Context, t Task, in FollowUp) error {
	l, err := w.lastLicence(ctx)
	if err != nil {
		return err
	}
	if l.ID != "" && !l.On(today(w.now)).CanBecome(licence.Revoked) { // it ended otherwise before
		l = licence.Licence{}
	}
	w.takeBack(Revocation{Kind: TakeRevoke, Ground: groundPromise, Reason: in.Reason, Basis: in.Basis, Compensation: w.consequence(t)}, l, paper.Revoke)
	switch {
	case t.Kind == TaskCheck:
		w.discredit(credit.FalsePromise, in.Reason, in.Basis)
	case w.owing().Credit:
		w.discredit(credit.UnkeptLater, in.Reason, in.Basis)
	}
	w.tell(func() event.Event {
		return PromiseBrokenEvent{Fact: w.fact(), Kind: t.Kind, LicenceID: w.c.LicenceID}
	})
	return nil
}

// groundPromise is why what was granted on a promise is revoked.
const groundPromise = "false_promise"

func (w *work) consequence(t Task) string {
	if c := w.item.Commitment; t.Kind == TaskCheck && c != nil {
		return c.Consequence
	}
	return ""
}

// discredit enters the applicant in the list, in the transaction of the act.
func (w *work) discredit(ground, reason, basis string) {
	if w.s.Credits == nil {
		return
	}
	w.effect(func(ctx context.Context, tx *db.Tx) error {
		_, err := w.s.Credits.EnterTx(ctx, tx, w.now, credit.Decision{
			Kind: w.c.ApplicantKind, Name: w.c.summary.Name, Number: w.c.summary.Number, PersonID: w.c.PersonID, FirmID: w.c.FirmID, Phone: first(w.c.content.Contact.Phone, w.c.summary.Phone),
			Ground: ground, Reason: reason, Basis: first(basis, w.basis()), Item: w.c.ItemName, ItemType: w.item.ItemType, CaseID: w.c.ID, CaseNo: w.c.CaseNo, Agency: w.agency, By: w.by,
		})
		return err
	})
}

// besideTask gives the open check that is the actor's. errs.Conflict cases.nothing_to_check, errs.Forbidden cases.not_your_part.
func (w *work) besideTask(ctx context.Context) (Task, error) {
	ts, err := openTasks(ctx, w.s.DB.R(), w.c.ID)
	if err != nil {
		return Task{}, err
	}
	ts = slices.DeleteFunc(ts, func(t Task) bool { return !beside(t.Kind) || t.Kind == TaskAsk })
	if len(ts) == 0 {
		return Task{}, errs.New(errs.Conflict, "cases.nothing_to_check")
	}
	for _, t := range ts {
		if !w.seat.holds(t.Post) {
			continue
		}
		if id := w.seat.staff.StandsFor(t.Post); id != "" {
			w.standsFor = "staff:" + id
		}
		return t, nil
	}
	return Task{}, errs.New(errs.Forbidden, "cases.not_your_part", errs.P{"step": ts[0].StepName})
}

// checkable checks what a finding must say, and that it fits what was found before.
func (w *work) checkable(t Task, in FollowUp) error {
	var fs []Finding
	if !slices.Contains(CheckResults, in.Result) || t.Kind == TaskLater && in.Result != CheckFalse {
		fs = append(fs, Finding{Path: "result", Key: "cases.choose_check"})
	}
	for path, text := range map[string]string{"reason": in.Reason, "basis": in.Basis} {
		switch {
		case len([]rune(text)) > maxWords:
			fs = append(fs, Finding{Path: path, Key: "cases.too_long", Params: errs.P{"max": maxWords}})
		case text == "" && path == "reason":
			fs = append(fs, Finding{Path: path, Key: "cases.give_reason"})
		case text == "" && in.Result == CheckFalse:
			fs = append(fs, Finding{Path: path, Key: "cases.give_basis"})
		}
	}
	p := clock.Period{N: in.N, Unit: in.Unit}
	if in.Result == CheckMend && (p.Check() != nil || in.N > maxSpecial) {
		fs = append(fs, Finding{Path: "n", Key: "cases.mend_length", Params: errs.P{"max": maxSpecial}})
	}
	if err := errs.Fields("cases.incomplete", fs); err != nil {
		return err
	}
	mend := replay(w.events).mend
	switch {
	case in.Result == CheckMend && !mend.IsZero():
		return errs.New(errs.Conflict, "cases.mend_once")
	case in.Result == CheckMended && mend.IsZero():
		return errs.New(errs.Conflict, "cases.mend_first")
	case in.Result == CheckMended && passed(w.now, mend):
		return errs.New(errs.Conflict, "cases.mended_late", errs.P{"date": dateCN(mend)})
	}
	return nil
}
