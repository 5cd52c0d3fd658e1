package deskweb

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/flow"
)

// mineOf gives the open steps that are the reader's.
func mineOf(d cases.Detail) []cases.Task {
	return slices.DeleteFunc(slices.Clone(d.Tasks), func(t cases.Task) bool {
		return !t.Mine || t.Kind == cases.TaskLater || t.Kind == cases.TaskCheck || t.Kind == cases.TaskAsk || t.Kind == cases.TaskPrecheck
	})
}

// focus shows a case at one of its open steps: the one asked for, or the reader's first. A case in sequence stays as it is.
func focus(d cases.Detail, step string) cases.Detail {
	if k := currentStep(d).Kind; k != flow.Parallel && k != flow.Countersign {
		return d
	}
	mine := mineOf(d)
	i := max(0, slices.IndexFunc(mine, func(t cases.Task) bool { return t.Step == step }))
	if len(mine) == 0 {
		return d
	}
	t := mine[i]
	d.Step, d.StepName, d.StepKind, d.Post, d.TakenBy = t.Step, t.StepName, t.Kind, t.Post, t.TakenBy
	return d
}

// onStep are the acts that are about one step.
var onStep = []cases.Act{cases.ActTakeUp, cases.ActRelease, cases.ActAssign, cases.ActInspect, cases.ActOpinion, cases.ActExperts, cases.ActExpertise, cases.ActDelegate}

// fits reports whether an act can be done on a step of this kind.
func fits(act cases.Act, t cases.Task) bool {
	switch act {
	case cases.ActInspect:
		return t.Kind == flow.Inspect
	case cases.ActOpinion:
		return t.Kind != flow.Inspect && t.Kind != flow.Consult && t.Kind != flow.Expert
	case cases.ActExperts, cases.ActExpertise:
		return t.Kind == flow.Expert
	case cases.ActDelegate:
		return t.Kind != flow.Countersign
	case cases.ActRelease:
		return t.TakenBy != ""
	}
	return true
}

func actURL(id, path, step string) string {
	if step == "" {
		return caseURL(id) + "/" + path
	}
	return caseURL(id) + "/" + path + "?" + url.Values{"step": {step}}.Encode()
}

// waitingPosts names the posts a case waits at.
func (h handlers) waitingPosts(ctx context.Context, d cases.Detail) string {
	var out []string
	for _, t := range d.Tasks {
		if n := h.postName(ctx, t.Post); t.Closed.IsZero() && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return strings.Join(out, "、")
}

// taskTable lists the work on a case; in a plain sequence the head says all of it.
func (v caseView) taskTable(ctx context.Context) ui.TableView {
	trunk := v.Flow.Line().Steps
	beside := func(t cases.Task) bool {
		return t.Kind == flow.Countersign || !slices.ContainsFunc(trunk, func(s flow.Step) bool { return s.Key == t.Step })
	}
	if !slices.ContainsFunc(v.Tasks, beside) {
		return ui.TableView{}
	}
	t := ui.TableView{Caption: tr(ctx, "deskweb.tasks"), CaptionHide: true, Columns: []ui.Column{
		{Label: tr(ctx, "deskweb.col_step")}, {Label: tr(ctx, "deskweb.task_post")}, {Label: tr(ctx, "deskweb.taken_by")}, {Label: tr(ctx, "deskweb.step_due")}, {Label: tr(ctx, "deskweb.task_state")},
	}}
	for _, x := range v.Tasks {
		state := tr(ctx, "deskweb.task_waits")
		if !x.Closed.IsZero() {
			state = word(ctx, "deskweb.task_"+x.Outcome, tr(ctx, "deskweb.task_done")) + " · " + minute(x.Closed)
		}
		by := ""
		if x.TakenBy != "" {
			by = v.By("staff:" + x.TakenBy)
		}
		t.Rows = append(t.Rows, []ui.Cell{{Text: x.StepName}, {Text: v.Posts[x.Post]}, {Text: by}, {Text: day(x.Due)}, {Text: state}})
	}
	return t
}

// assignment is to whom a step is given, as chosen.
type assignment struct{ Staff string }

func assigning() kind[assignment] {
	return kind[assignment]{
		act: cases.ActAssign, path: "assign",
		begin: func(context.Context, handlers, cases.Detail) assignment { return assignment{} },
		read:  func(v url.Values, _ cases.Detail) assignment { return assignment{v.Get("staff")} },
		check: func(_ cases.Detail, f assignment) []errs.Field {
			if f.Staff == "" {
				return []errs.Field{{Path: "staff", Key: "deskweb.assign_missing"}}
			}
			return nil
		},
		do: func(ctx context.Context, s *cases.Service, a authz.Actor, d cases.Detail, version int64, f assignment) error {
			_, err := s.Assign(ctx, a, d.ID, version, d.Step, f.Staff)
			return err
		},
		page: assignPage,
	}
}
