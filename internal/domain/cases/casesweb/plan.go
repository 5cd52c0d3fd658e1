package casesweb

import (
	"context"
	"slices"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/form"
)

// The pages of an application besides the sections of its form.
const (
	pageQuestions = "questions"
	pageMaterials = "materials"
	pageContact   = "contact"
	pageCheck     = "check"
)

// step is one page of an application. Name is its path under /drafts/{id}.
type step struct{ name, title, section string }

// steps gives the pages these answers call for, in order. Under correction the questions stand: they chose the procedure the case is in.
func steps(ctx context.Context, d cases.Detail) []step {
	var out []step
	if actsOnLicence(d) {
		out = append(out, step{name: pageLicence, title: t(ctx, "target_title_"+d.Item.OnLicence.Act)})
	}
	if len(d.Item.Scenario) > 0 && d.State == cases.Draft {
		out = append(out, step{name: pageQuestions, title: t(ctx, "questions_title")})
	}
	for _, s := range d.Form.ToView(d.Answers, nil) {
		if s.Visible {
			out = append(out, step{name: "form/" + s.Key, title: s.Title, section: s.Key})
		}
	}
	if len(d.Slots) > 0 {
		out = append(out, step{name: pageMaterials, title: t(ctx, "materials_title")})
	}
	return append(out, step{name: pageContact, title: t(ctx, "contact_title")}, step{name: pageCheck, title: t(ctx, "check_title")})
}

// stepOf gives the number of a page, from 1, and how many there are; 0 for a page these answers do not call for.
func stepOf(all []step, name string) (n, of int) {
	i := slices.IndexFunc(all, func(s step) bool { return s.name == name })
	if i < 0 {
		return 0, 0
	}
	return i + 1, len(all)
}

// after gives the page that follows one, or the task list when it is none of these answers' pages.
func after(ctx context.Context, d cases.Detail, name string) string {
	all := steps(ctx, d)
	if i := slices.IndexFunc(all, func(s step) bool { return s.name == name }); i >= 0 && i+1 < len(all) {
		return draftHref(d.ID, all[i+1].name)
	}
	return draftHref(d.ID)
}

// place is where a finding is mended.
type place struct{ page, anchor string }

// placeOf finds the page of a path such as form.staff.0.name, material.plan, scenario.kind or contact.phone; the zero place for rules.
func placeOf(def form.Definition, path string) place {
	head, rest, _ := strings.Cut(path, ".")
	switch head {
	case "form":
		if s, _, ok := fieldAt(def, rest); ok {
			return place{"form/" + s.Key, rest}
		}
	case "material":
		return place{pageMaterials, path + "-box"}
	case "scenario":
		return place{pageQuestions, path}
	case "licence":
		return place{pageLicence, path}
	case "contact":
		return place{pageContact, path}
	}
	return place{}
}

// fieldAt finds the field an input name belongs to: the longest key that is the name or its beginning.
func fieldAt(def form.Definition, name string) (sec form.Section, key string, ok bool) {
	for _, s := range def.Sections {
		for _, f := range s.Fields {
			if (name == f.Key || strings.HasPrefix(name, f.Key+".")) && len(f.Key) > len(key) {
				sec, key, ok = s, f.Key, true
			}
		}
	}
	return sec, key, ok
}

func (p place) href(id string) string {
	if p.page == "" {
		return ""
	}
	return draftHref(id, p.page) + "#" + ui.FieldID(p.anchor)
}

// taskView is the task list.
type taskView struct {
	Detail cases.Detail
	Tasks  []ui.Task
	Send   ui.Task
	Warns  []string
	Stops  []stopView
	Open   int // tasks still to do
	Defect []defectView
	Done   string
}

func (h handlers) taskView(ctx context.Context, d cases.Detail, ready cases.Readiness) taskView {
	v := taskView{Detail: d, Stops: stopViews(ready.Stops), Defect: defects(ctx, d)}
	for _, w := range ready.Warns {
		v.Warns = append(v.Warns, w.Text)
	}
	lacking := map[string]int{}
	for _, f := range ready.Findings {
		lacking[placeOf(d.Form, f.Path).page]++
	}
	blocked := d.State == cases.Draft && lacking[pageQuestions] > 0 || len(ready.Stops) > 0
	for _, s := range steps(ctx, d) {
		k := ui.Task{Label: s.title, Href: draftHref(d.ID, s.name), State: taskState(d, s, lacking[s.name])}
		if s.name == pageCheck {
			k.Label = t(ctx, "task_send")
			v.Send = k
			continue
		}
		if blocked && s.name != pageQuestions && s.name != pageLicence {
			k.State, k.Note = ui.Blocked, t(ctx, "task_after_questions")
		}
		if s.name == pageQuestions && len(ready.Stops) > 0 {
			k.State = ui.Now
		}
		if k.State != ui.Done {
			v.Open++
		}
		if n := bounced(v.Defect, s.name); n > 0 { // whether it is mended is for the officer to say: it does not keep the person from sending
			k.State, k.Note = ui.Bounced, t(ctx, "task_defects", errs.P{"n": n})
			if d.State == cases.Draft {
				k.State, k.Note = ui.Now, t(ctx, "task_advice", errs.P{"n": n})
			}
		}
		v.Tasks = append(v.Tasks, k)
	}
	v.Send.State = ui.Next
	if v.Open > 0 || len(ready.Findings) > 0 {
		v.Send.State, v.Send.Note = ui.Blocked, t(ctx, "task_send_blocked")
	}
	return v
}

// taskState is done when nothing is missing, else begun or not begun.
func taskState(d cases.Detail, s step, missing int) ui.StepState {
	switch {
	case s.name == pageContact && (d.Contact.Name == "" || d.Contact.Phone == ""), missing > 0 && !begun(d, s):
		return ui.Next
	case missing > 0:
		return ui.Now
	}
	return ui.Done
}

// begun reports whether the person has put something on a page that was not prefilled.
func begun(d cases.Detail, s step) bool {
	switch s.name {
	case pageQuestions:
		return len(d.Scenario) > 0
	case pageLicence:
		return d.After.ActsOn != nil
	case pageMaterials:
		return slices.ContainsFunc(d.Slots, func(s cases.Slot) bool { return len(s.Files) > 0 })
	}
	for _, sv := range d.Form.ToView(d.Answers, nil) {
		if sv.Key != s.section {
			continue
		}
		return slices.ContainsFunc(sv.Fields, func(f form.FieldView) bool { return f.Source == "" && !f.ReadOnly && d.Answers.Answered(f.Key) })
	}
	return false
}

// defectView is one line of a correction notice with where it is mended.
type defectView struct {
	Label, Text, Href, page string
	Cured                   bool
	Advice                  bool // of a pre-review: it asks for nothing
}

// defects gives the lines of the notice that is open, and none when nothing is to be corrected.
func defects(ctx context.Context, d cases.Detail) []defectView {
	if d.State == cases.Draft {
		return advice(ctx, d)
	}
	if d.State != cases.Correction || len(d.Corrections) == 0 {
		return nil
	}
	return defectViews(ctx, d, d.Corrections[len(d.Corrections)-1].Defects)
}

func defectViews(ctx context.Context, d cases.Detail, ds []cases.Defect) []defectView {
	var out []defectView
	for _, x := range ds {
		p := placeOf(d.Form, map[string]string{cases.OnField: "form.", cases.OnMaterial: "material."}[x.Kind]+x.Key)
		v := defectView{Label: x.Label, Text: x.Text, Cured: x.Cured || x.Kind == cases.OnMaterial && renewed(d, x.Key), page: p.page}
		if editable(d) {
			v.Href = p.href(d.ID)
		}
		if v.Label == "" {
			v.Label = i18n.T(ctx, "casesweb.defect_other")
		}
		out = append(out, v)
	}
	return out
}

// renewed reports whether a file came for a material since the last submission.
func renewed(d cases.Detail, material string) bool {
	return d.State == cases.Correction && slices.ContainsFunc(d.Slots, func(s cases.Slot) bool {
		return s.Material.Key == material && slices.ContainsFunc(s.Files, func(f cases.File) bool { return f.Round >= d.Round && !f.Removed })
	})
}

func bounced(ds []defectView, page string) int {
	n := 0
	for _, d := range ds {
		if d.page == page && !d.Cured {
			n++
		}
	}
	return n
}
