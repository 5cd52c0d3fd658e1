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
	"tongban/internal/engine/flow"
)

// TaskPrecheck is the work of looking a draft over; it lies beside the flow, which has not begun.
const TaskPrecheck = "pre_review"

// maxNote is the longest note an applicant may add to what they ask.
const maxNote = 500

// Precheck is one pre-review (预审): what the applicant asked, and what an officer advised. It is advice only: nothing is applied for yet, no clock
// runs, and the applicant may send whatever was said. Defects name what would be missing; none and Ready: it can be sent as it is.
type Precheck struct {
	Asked   time.Time `json:"asked"`
	Note    string    `json:"note,omitempty"` // of the applicant
	At      time.Time `json:"at,omitzero"`    // of the advice; zero while nobody has answered, or when it was taken back
	By      string    `json:"by,omitempty"`
	Ready   bool      `json:"ready"`
	Advice  string    `json:"advice,omitempty"`
	Defects []Defect  `json:"defects,omitempty"`
}

// precheckAsked is what is kept of a request.
type precheckAsked struct {
	Note string `json:"note,omitempty"`
}

// AskPrecheck gives a draft to the accepting post to look over, before anything is applied for. Errors: cases.no_precheck{item} where the item has none,
// those of SaveDraft about who may write, cases.too_long.
func (s *Service) AskPrecheck(ctx context.Context, a authz.Actor, id string, version int64, note string) (Case, error) {
	note = strings.TrimSpace(note)
	return s.do(ctx, a, id, ActAskPrecheck, version, note, func(w *work) error {
		if !writes(a, w.view, w.was) || a.PersonID == "" {
			return errs.New(errs.Forbidden, "cases.not_yours_to_fill")
		}
		if err := w.fills(ctx); err != nil {
			return err
		}
		if !w.prechecked() {
			return errs.New(errs.Conflict, "cases.no_precheck", errs.P{"item": w.c.ItemName})
		}
		if len([]rune(note)) > maxNote {
			return errs.Fields("cases.incomplete", []Finding{{Path: "note", Key: "cases.too_long", Params: errs.P{"max": maxNote}}})
		}
		if err := s.Items.TakesApplications(ctx, w.c.ItemKey); err != nil {
			return err
		}
		if err := w.to(ActAskPrecheck); err != nil {
			return err
		}
		w.note(EventPrecheckAsked, w.now, w.by, nil)
		st := w.accepting()
		t := Task{ID: ident.New(), CaseID: w.c.ID, Step: TaskPrecheck, StepName: cn("cases.precheck_step"), Kind: TaskPrecheck, Post: st.Post, At: w.now}
		w.effect(func(ctx context.Context, tx *db.Tx) error {
			if err := s.putOpinionTx(ctx, tx, w.c.ID, sayPrecheckAsked, "", "", w.by, w.now, precheckAsked{note}); err != nil {
				return err
			}
			return putTaskTx(ctx, tx, t)
		})
		w.inform("case.pre_review_asked", nil)
		w.tell(func() event.Event { return PrecheckAskedEvent{w.fact()} })
		return nil
	})
}

// prechecked reports whether this draft may be looked over: the item offers it, it is written on line, and it is handled here.
func (w *work) prechecked() bool {
	return w.item.PreReview && w.c.Channel == Online && w.c.HandledBy == ""
}

// accepting is the step whose post answers: the one that accepts, or the first of the flow.
func (w *work) accepting() flow.Step {
	var steps []flow.Step
	for _, st := range w.flow.Walk() {
		steps = append(steps, st)
	}
	for _, kind := range []string{flow.Accept, flow.Receive} {
		if i := slices.IndexFunc(steps, func(st flow.Step) bool { return st.Kind == kind }); i >= 0 {
			return steps[i]
		}
	}
	if len(steps) == 0 {
		return flow.Step{}
	}
	return steps[0]
}

// AnswerPrecheck gives an officer's advice; the draft goes back to the applicant, who may send it whatever was said. Ready with defects contradicts
// itself, and neither with words is no answer: both are errs.Invalid cases.incomplete.
func (s *Service) AnswerPrecheck(ctx context.Context, a authz.Actor, id string, version int64, in Precheck) (Case, error) {
	in = Precheck{Ready: in.Ready, Advice: strings.TrimSpace(in.Advice), Defects: slices.Clone(in.Defects)}
	for i, d := range in.Defects {
		in.Defects[i] = Defect{Kind: d.Kind, Key: d.Key, Text: strings.TrimSpace(d.Text)}
	}
	return s.do(ctx, a, id, ActAnswerPrecheck, version, in, func(w *work) error {
		if err := w.officer(flow.Accept); err != nil {
			return err
		}
		if err := w.advisable(in); err != nil {
			return err
		}
		if err := w.to(ActAnswerPrecheck); err != nil {
			return err
		}
		outcome := "ready"
		if !in.Ready {
			outcome = "missing"
		}
		w.note(EventPrecheckAnswered, w.now, w.by, map[string]any{"outcome": outcome, "defects": len(in.Defects)})
		w.effect(func(ctx context.Context, tx *db.Tx) error {
			return s.putOpinionTx(ctx, tx, w.c.ID, sayPrecheck, "", outcome, w.by, w.now, in)
		})
		w.endPrecheck(outcome)
		w.inform("case.pre_review_"+outcome, map[string]string{"reason": first(strings.TrimRight(in.Advice, "。.；;"), cn("cases.precheck_no_words"))})
		w.tell(func() event.Event { return PrecheckAnsweredEvent{w.fact(), in.Ready, len(in.Defects)} })
		return nil
	})
}

// advisable checks that the advice says something, and that it does not contradict itself.
func (w *work) advisable(in Precheck) error {
	switch {
	case len([]rune(in.Advice)) > maxWords:
		return errs.Fields("cases.incomplete", []Finding{{Path: "advice", Key: "cases.too_long", Params: errs.P{"max": maxWords}}})
	case in.Ready && len(in.Defects) > 0:
		return errs.Fields("cases.incomplete", []Finding{{Path: "ready", Key: "cases.precheck_contradicts"}})
	case !in.Ready && len(in.Defects) == 0 && in.Advice == "":
		return errs.Fields("cases.incomplete", []Finding{{Path: "advice", Key: "cases.precheck_empty"}})
	case len(in.Defects) > 0:
		return w.places(in.Defects)
	}
	return nil
}

// TakeBackPrecheck ends a pre-review before anybody answered: the draft is the applicant's again at once.
func (s *Service) TakeBackPrecheck(ctx context.Context, a authz.Actor, id string, version int64) (Case, error) {
	return s.do(ctx, a, id, ActTakeBackPrecheck, version, nil, func(w *work) error {
		if w.view != asOwner {
			return errs.New(errs.Forbidden, "cases.only_applicant")
		}
		if err := w.takes(ctx, authz.ActApply); err != nil {
			return err
		}
		if err := w.to(ActTakeBackPrecheck); err != nil {
			return err
		}
		w.note(EventPrecheckTakenBack, w.now, w.by, nil)
		w.endPrecheck(cancelled)
		w.tell(func() event.Event { return PrecheckTakenBackEvent{w.fact()} })
		return nil
	})
}

// endPrecheck closes the work of looking a draft over.
func (w *work) endPrecheck(outcome string) {
	w.effect(func(ctx context.Context, tx *db.Tx) error {
		ts, err := openTasks(ctx, tx, w.c.ID)
		if err != nil {
			return err
		}
		for _, t := range ts {
			if t.Kind != TaskPrecheck {
				continue
			}
			if err := closeTaskTx(ctx, tx, t.ID, w.now, outcome); err != nil {
				return err
			}
		}
		return nil
	})
}

// shownPrechecks names the places of the advice as people know them.
func (w *work) shownPrechecks(ps []Precheck) []Precheck {
	for i := range ps {
		for j, d := range ps[i].Defects {
			ps[i].Defects[j].Label = w.label(d)
		}
	}
	return ps
}
