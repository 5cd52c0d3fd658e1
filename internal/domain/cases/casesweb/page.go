package casesweb

import (
	"context"
	"maps"
	"net/url"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/base/ui"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/form"
)

// page is one page of questions of an application: the scenario, a section of the form, or whom to reach. All three are forms to the engine.
type page struct {
	name, title string
	def         form.Definition
	section     string // only this section of def; empty: all of it
	answers     form.Answers
	patch       func(form.Answers) cases.Patch // the whole application with these answers
}

// merged gives the answers with a post laid over them.
func (p page) merged(v url.Values) form.Answers { return p.def.FromForm(v, p.answers) }

// asks reports whether a question stands on the page.
func (p page) asks(name string) bool {
	_, key, ok := fieldAt(p.def, name)
	return ok && key == name
}

// wrong gives what is still wrong with the answers on this page.
func (p page) wrong(a form.Answers, today string) []errs.Field {
	var out []errs.Field
	for _, f := range p.def.Validate(a, today) {
		if s, _, ok := fieldAt(p.def, f.Path); !ok && f.Path == "" || ok && (p.section == "" || s.Key == p.section) {
			out = append(out, f)
		}
	}
	return out
}

// views gives the sections to draw.
func (p page) views(a form.Answers, findings []errs.Field) []form.SectionView {
	var out []form.SectionView
	for _, s := range p.def.ToView(a, findings) {
		if p.section == "" || s.Key == p.section {
			out = append(out, s)
		}
	}
	return out
}

func (h handlers) today() string { return h.Now().In(clock.Shanghai).Format("2006-01-02") }

func whole(d cases.Detail) cases.Patch {
	return cases.Patch{Scenario: d.Scenario, Form: d.Answers, Contact: d.Contact}
}

// pageOf finds a page by its path under /drafts/{id}: questions, contact or form/<section>. errs.NotFound for any other.
func (h handlers) pageOf(ctx context.Context, d cases.Detail, name string, ready cases.Readiness) (page, error) {
	switch {
	case name == pageQuestions && len(d.Item.Scenario) > 0 && d.State != cases.Correction:
		return h.questionsOf(ctx, d, ready), nil
	case name == pageContact:
		return contactOf(ctx, d), nil
	}
	if key, ok := strings.CutPrefix(name, "form/"); ok {
		for _, s := range d.Form.Sections {
			if s.Key == key {
				return sectionOf(d, s), nil
			}
		}
	}
	return page{}, errs.New(errs.NotFound, "base.not_found")
}

func sectionOf(d cases.Detail, s form.Section) page {
	return page{name: "form/" + s.Key, title: s.Title, def: d.Form, section: s.Key, answers: d.Answers, patch: func(a form.Answers) cases.Patch {
		p := whole(d)
		p.Form = a
		return p
	}}
}

func contactOf(ctx context.Context, d cases.Detail) page {
	def := form.Definition{Key: "contact", Sections: []form.Section{{Key: "contact", Fields: []form.Field{
		{Key: "contact.name", Kind: form.Text, Label: t(ctx, "contact_name"), Required: true, MaxLength: 100, Autocomplete: "name"},
		{Key: "contact.phone", Kind: form.Phone, Label: t(ctx, "contact_phone"), Hint: t(ctx, "contact_phone_hint"), Required: true},
	}}}}
	a := form.Answers{"contact.name": d.Contact.Name, "contact.phone": d.Contact.Phone}
	return page{name: pageContact, title: t(ctx, "contact_title"), def: def, answers: a, patch: func(a form.Answers) cases.Patch {
		p := whole(d)
		p.Contact.Name, _ = a["contact.name"].(string)
		p.Contact.Phone, _ = a["contact.phone"].(string)
		return p
	}}
}

// questionsOf asks what the answers so far call for, and whatever the service misses besides.
func (h handlers) questionsOf(ctx context.Context, d cases.Detail, ready cases.Readiness) page {
	asked := map[string]bool{}
	for _, q := range d.Item.Outcome(h.getter(d)).Questions {
		asked[q.Key] = true
	}
	for _, f := range ready.Findings {
		if key, ok := strings.CutPrefix(f.Path, "scenario."); ok {
			asked[key] = true
		}
	}
	sec, a := form.Section{Key: "scenario"}, form.Answers{}
	for _, q := range d.Item.Scenario {
		if !asked[q.Key] {
			continue
		}
		sec.Fields = append(sec.Fields, question(q))
		if s := d.Scenario[q.Key]; s != "" {
			a["scenario."+q.Key] = s
		}
	}
	return page{
		name: pageQuestions, title: t(ctx, "questions_title"), def: form.Definition{Key: "scenario", Sections: []form.Section{sec}}, answers: a,
		patch: func(a form.Answers) cases.Patch {
			p := whole(d)
			p.Scenario = map[string]string{}
			maps.Copy(p.Scenario, d.Scenario)
			for _, f := range sec.Fields {
				key := strings.TrimPrefix(f.Key, "scenario.")
				if s, _ := a[f.Key].(string); s != "" {
					p.Scenario[key] = s
				} else {
					delete(p.Scenario, key)
				}
			}
			return p
		},
	}
}

func question(q catalog.Question) form.Field {
	return form.Field{Key: "scenario." + q.Key, Kind: form.Radio, Label: q.Ask, Hint: q.Hint, Options: q.Options, Required: true}
}

// getter reads the application for conditions of the scenario. The applicant's age comes from the birthday the form holds, if any.
func (h handlers) getter(d cases.Detail) func(string) any {
	answers := d.Form.Getter(d.Answers)
	return func(name string) any {
		switch name {
		case catalog.ApplicantKind:
			return d.ApplicantKind
		case catalog.ApplicantAge:
			return h.age(d, answers)
		}
		if key, ok := strings.CutPrefix(name, "scenario."); ok {
			if s := d.Scenario[key]; s != "" {
				return s
			}
			return nil
		}
		return answers(strings.TrimPrefix(name, "form."))
	}
}

func (h handlers) age(d cases.Detail, answers func(string) any) any {
	key, ok := d.Form.Terms()["person.birth"]
	birth, isText := answers(key).(string)
	today := h.today()
	if !ok || !isText || d.ApplicantKind != cases.ByPerson || len(birth) != len(today) {
		return nil
	}
	years := number(today[:4]) - number(birth[:4])
	if today[5:] < birth[5:] {
		years--
	}
	return years
}

func number(s string) int {
	n := 0
	for _, r := range s {
		n = n*10 + int(r-'0')
	}
	return n
}

// errorItems turns findings of this page into the lines of its summary.
func errorItems(ctx context.Context, fs []errs.Field) []ui.ErrorItem {
	var out []ui.ErrorItem
	for _, f := range fs {
		out = append(out, ui.ErrorItem{Field: f.Path, Text: named(ctx, f)})
	}
	return out
}
