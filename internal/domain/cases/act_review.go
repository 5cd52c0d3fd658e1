package cases

import (
	"context"
	"slices"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/engine/flow"
)

// reviewKinds are the steps an opinion can be given on.
var reviewKinds = []string{flow.Review, flow.Inspect, flow.Countersign, flow.Decide}

// RecordInspection records an inspection on the spot: at least two different officers of the post (行政许可法 第三十四条), every critical line of
// the checklist answered, photographs, a conclusion. A critical line that failed fails the inspection.
func (s *Service) RecordInspection(ctx context.Context, a authz.Actor, id string, version int64, in Inspection) (Case, error) {
	in = Inspection{Step: in.Step, Officers: in.Officers, Results: in.Results, Photos: in.Photos, Conclusion: strings.TrimSpace(in.Conclusion)}
	return s.do(ctx, a, id, ActInspect, version, in, func(w *work) error {
		t, err := w.task(in.Step, flow.Inspect)
		if err != nil {
			return err
		}
		st := t.Step
		if !slices.Contains(in.Officers, a.StaffID) {
			return errs.New(errs.Invalid, "cases.inspector_absent")
		}
		if err := w.inspectors(ctx, t, in.Officers); err != nil {
			return err
		}
		if err := w.checklist(ctx, st, &in); err != nil {
			return err
		}
		if err := w.to(ActInspect); err != nil {
			return err
		}
		in.Step, in.At = st.Key, w.now
		w.note(EventInspected, w.now, w.by, map[string]any{"step": st.Key, "officers": in.Officers, "pass": in.Pass})
		outcome := OpinionPass
		if !in.Pass {
			outcome = OpinionFail
		}
		if err := w.flowEvent(flow.Event{Kind: flow.EventDone, Step: st.Key, By: in.Officers, Outcome: outcome}); err != nil {
			return err
		}
		w.effect(func(ctx context.Context, tx *db.Tx) error { return s.putInspectionTx(ctx, tx, w.c.ID, w.by, in) })
		w.inspectionPaper(ctx, st, in)
		w.inform("case.inspection", nil)
		return nil
	})
}

// inspectors checks that each officer may inspect here; how many and who must be kept apart the flow engine says.
func (w *work) inspectors(ctx context.Context, t flow.Task, ids []string) error {
	seen := map[string]bool{}
	for _, id := range ids {
		if seen[id] {
			return errs.New(errs.Invalid, "cases.inspectors_differ")
		}
		seen[id] = true
		st, err := w.s.seat(ctx, authz.Actor{StaffID: id})
		if err != nil {
			return err
		}
		if right := st.may(flow.Inspect, w.c.ItemKey, w.c.Agency, w.c.Region); !right && !(w.named(t) && st.holds(t.Post)) {
			return errs.New(errs.Forbidden, "cases.inspector_right")
		}
	}
	return nil
}

// checklist checks the answers and computes whether the inspection was passed.
func (w *work) checklist(ctx context.Context, st flow.Step, in *Inspection) error {
	var fs []Finding
	in.Pass = true
	known := map[string]bool{}
	for _, line := range st.Checklist {
		known[line.Key] = true
		r, ok := in.Results[line.Key]
		switch {
		case !ok && line.Critical:
			fs = append(fs, Finding{Path: "results." + line.Key, Key: "cases.check_line", Params: errs.P{"line": line.Text}})
		case ok && !r.Pass && line.Critical:
			in.Pass = false
		}
		if len([]rune(r.Note)) > maxWords {
			fs = append(fs, Finding{Path: "results." + line.Key, Key: "cases.too_long", Params: errs.P{"max": maxWords}})
		}
	}
	for k := range in.Results {
		if !known[k] {
			fs = append(fs, Finding{Path: "results", Key: "cases.unknown_line"})
		}
	}
	if in.Conclusion == "" || len([]rune(in.Conclusion)) > maxWords {
		fs = append(fs, Finding{Path: "conclusion", Key: "cases.give_conclusion", Params: errs.P{"max": maxWords}})
	}
	photos, err := w.s.findFiles(ctx, w.s.DB.R(), w.c.ID)
	if err != nil {
		return err
	}
	for _, id := range in.Photos {
		if !slices.ContainsFunc(photos, func(f File) bool { return f.ID == id && f.Source == SourceOfficer }) {
			fs = append(fs, Finding{Path: "photos", Key: "cases.unknown_photo"})
		}
	}
	return errs.Fields("cases.incomplete", fs)
}

// Opinion records an opinion on the current review step and goes on; OpinionReturn sends back to an earlier step, also from the decision.
func (s *Service) Opinion(ctx context.Context, a authz.Actor, id string, version int64, o Opinion) (Case, error) {
	o = Opinion{Step: o.Step, Outcome: o.Outcome, Text: strings.TrimSpace(o.Text), To: o.To}
	return s.do(ctx, a, id, ActOpinion, version, o, func(w *work) error {
		t, err := w.task(o.Step, reviewKinds...)
		if err != nil {
			return err
		}
		st := t.Step
		if err := w.sayable(o, st); err != nil {
			return err
		}
		if err := w.to(ActOpinion); err != nil {
			return err
		}
		e := flow.Event{Kind: flow.EventDone, Step: st.Key, Post: t.Post, By: []string{a.StaffID}, Outcome: o.Outcome}
		if o.Outcome == OpinionReturn {
			e = flow.Event{Kind: flow.EventReturn, Step: st.Key, By: []string{a.StaffID}, To: o.To}
		}
		if err := w.flowEvent(e); err != nil {
			return err
		}
		o.Step, o.For = st.Key, w.standsFor
		w.effect(func(ctx context.Context, tx *db.Tx) error {
			return s.putOpinionTx(ctx, tx, w.c.ID, sayOpinion, st.Key, o.Outcome, w.by, w.now, o)
		})
		return nil
	})
}

func (w *work) sayable(o Opinion, st flow.Step) error {
	var fs []Finding
	switch {
	case !slices.Contains([]string{OpinionPass, OpinionFail, OpinionReturn}, o.Outcome):
		fs = append(fs, Finding{Path: "outcome", Key: "cases.choose_outcome"})
	case o.Outcome != OpinionReturn && st.Kind == flow.Inspect:
		return errs.New(errs.Conflict, "cases.inspect_first")
	case o.Outcome != OpinionReturn && st.Kind == flow.Decide:
		return errs.New(errs.Conflict, "cases.decide_instead")
	case o.Outcome != OpinionPass && o.Text == "":
		fs = append(fs, Finding{Path: "text", Key: "cases.give_reason"})
	}
	if len([]rune(o.Text)) > maxWords {
		fs = append(fs, Finding{Path: "text", Key: "cases.too_long", Params: errs.P{"max": maxWords}})
	}
	return errs.Fields("cases.incomplete", fs)
}
