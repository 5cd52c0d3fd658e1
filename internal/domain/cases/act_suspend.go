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
	"tongban/internal/engine/clock"
	"tongban/internal/engine/flow"
)

// Specials are the special procedures whose time is not counted (行政许可法 第四十五条): hearing, tender, auction, inspection, testing, quarantine,
// appraisal, expert review. Nothing else stops the clock.
var Specials = []string{"hearing", "tender", "auction", "inspection", "testing", "quarantine", "appraisal", "expert_review"}

// Suspension stops the clock for a special procedure. How long it takes must be told in writing (行政许可法 第四十五条): N of Unit.
type Suspension struct {
	Ground string     `json:"ground"`
	N      int        `json:"n"`
	Unit   clock.Unit `json:"unit"`
	Reason string     `json:"reason"`
	By     string     `json:"by,omitempty"`
	At     time.Time  `json:"at,omitzero"`
	Ended  time.Time  `json:"ended,omitzero"`
	Result string     `json:"result,omitempty"` // of the procedure, in words
}

// maxSpecial is the longest a special procedure may be announced for, in its unit: what takes longer is not planned, it is forgotten.
const maxSpecial = 366

// Suspend stops the clock for a special procedure, by whoever handles an open step. The applicant is told in writing of the ground and its length.
func (s *Service) Suspend(ctx context.Context, a authz.Actor, id string, version int64, in Suspension) (Case, error) {
	in = Suspension{Ground: in.Ground, N: in.N, Unit: in.Unit, Reason: strings.TrimSpace(in.Reason)}
	return s.do(ctx, a, id, ActSuspend, version, in, func(w *work) error {
		if err := w.inCharge(); err != nil {
			return err
		}
		if err := in.check(); err != nil {
			return err
		}
		return w.suspend(in)
	})
}

// handlingKinds are the steps whose handler looks after the case.
var handlingKinds = append(slices.Clone(reviewKinds), flow.Expert)

// inCharge allows what whoever handles an open step may do; while another agency is asked, it is whoever examines or decides at the deciding one.
func (w *work) inCharge() error {
	_, err := w.task("", handlingKinds...)
	if err != nil && len(w.tasks(flow.Consult)) > 0 && (w.officer(flow.Review) == nil || w.officer(flow.Decide) == nil) {
		return nil
	}
	return err
}

func (w *work) suspend(in Suspension) error {
	if err := w.to(ActSuspend); err != nil {
		return err
	}
	at := w.now
	w.note(EventSuspended, at, w.by, suspendedData{in.Ground, in.N, in.Unit})
	w.effect(func(ctx context.Context, tx *db.Tx) error {
		return w.s.putOpinionTx(ctx, tx, w.c.ID, saySuspension, "", in.Ground, w.by, at, in)
	})
	words := map[string]string{"reason": cn("cases.special_"+in.Ground) + "：" + in.Reason, "limit": periodCN(clock.Period{N: in.N, Unit: in.Unit})}
	w.paper("suspend", words)
	w.inform("case.suspended", words)
	w.tell(func() event.Event {
		return SuspendedEvent{Fact: w.fact(), Ground: in.Ground, Until: w.c.Clock.SpecialDue}
	})
	return nil
}

func (in Suspension) check() error {
	var fs []Finding
	if !slices.Contains(Specials, in.Ground) {
		fs = append(fs, Finding{Path: "ground", Key: "cases.choose_special"})
	}
	p := clock.Period{N: in.N, Unit: in.Unit}
	if p.Check() != nil || in.N > maxSpecial || in.Unit == clock.Month && in.N > 12 {
		fs = append(fs, Finding{Path: "n", Key: "cases.special_length", Params: errs.P{"max": maxSpecial}})
	}
	if in.Reason == "" {
		fs = append(fs, Finding{Path: "reason", Key: "cases.give_reason"})
	}
	if len([]rune(in.Reason)) > maxWords {
		fs = append(fs, Finding{Path: "reason", Key: "cases.too_long", Params: errs.P{"max": maxWords}})
	}
	return errs.Fields("cases.incomplete", fs)
}

// Resume lets the clock run on when the special procedure is over; result is what came of it, for the file and the applicant.
func (s *Service) Resume(ctx context.Context, a authz.Actor, id string, version int64, result string) (Case, error) {
	result = strings.TrimSpace(result)
	return s.do(ctx, a, id, ActResume, version, result, func(w *work) error {
		if err := w.inCharge(); err != nil {
			return err
		}
		return w.resume(result)
	})
}

func (w *work) resume(result string) error {
	if result == "" || len([]rune(result)) > maxWords {
		return errs.Fields("cases.incomplete", []Finding{{Path: "result", Key: "cases.give_result", Params: errs.P{"max": maxWords}}})
	}
	if err := w.to(ActResume); err != nil {
		return err
	}
	at := w.now
	w.note(EventResumed, at, w.by, nil)
	w.effect(func(ctx context.Context, tx *db.Tx) error {
		return w.s.putOpinionTx(ctx, tx, w.c.ID, sayResumption, "", "", w.by, at, Suspension{Result: result})
	})
	w.inform("case.resumed", map[string]string{"reason": result})
	w.tell(func() event.Event { return ResumedEvent{w.fact()} })
	return nil
}

// Extension prolongs the decision period once, approved by the head of the agency, or of the government where the matter is handled jointly
// (行政许可法 第四十二条); the applicant is told why.
type Extension struct {
	Reason string    `json:"reason"`
	By     string    `json:"by,omitempty"`
	At     time.Time `json:"at,omitzero"`
}

// Extend prolongs the period by what the item allows: once, before it is over, by a post with the right to.
func (s *Service) Extend(ctx context.Context, a authz.Actor, id string, version int64, in Extension) (Case, error) {
	in = Extension{Reason: strings.TrimSpace(in.Reason)}
	return s.do(ctx, a, id, ActExtend, version, in, func(w *work) error {
		if err := w.officer(w.extender()); err != nil {
			return err
		}
		return w.extend(in)
	})
}

func (w *work) extend(in Extension) error {
	if err := w.extensible(); err != nil {
		return err
	}
	if in.Reason == "" || len([]rune(in.Reason)) > maxWords {
		return errs.Fields("cases.incomplete", []Finding{{Path: "reason", Key: "cases.give_reason"}})
	}
	if err := w.to(ActExtend); err != nil {
		return err
	}
	more, at := w.item.Limits.Extension.Period(), w.now
	w.note(EventExtended, at, w.by, extendedData{more.N, more.Unit})
	w.effect(func(ctx context.Context, tx *db.Tx) error {
		return w.s.putOpinionTx(ctx, tx, w.c.ID, sayExtension, "", "", w.by, at, in)
	})
	words := map[string]string{"reason": in.Reason, "limit": periodCN(more)}
	w.paper("extend", words)
	w.inform("case.extended", words)
	w.tell(func() event.Event { return ExtendedEvent{w.fact()} })
	return nil
}

// extender is the right to prolong: the head of the agency's, or where the item is handled jointly that of the head of the government.
func (w *work) extender() string {
	if w.item.Limits.Joint {
		return flow.ExtendJoint
	}
	return flow.Extend
}

func (w *work) extensible() error {
	l := w.item.Limits
	switch {
	case l.Extension == nil || l.Extension.N == 0 || l.Extension.Unit != l.Legal.Unit:
		return errs.New(errs.Conflict, "cases.no_extension")
	case replay(w.events).extend > 0:
		return errs.New(errs.Conflict, "cases.extended_already")
	case passed(w.now, w.c.Clock.LegalDue):
		return errs.New(errs.Conflict, "cases.too_late_to_extend")
	}
	return nil
}
