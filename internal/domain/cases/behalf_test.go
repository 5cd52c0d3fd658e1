package cases_test

import (
	"slices"
	"strings"
	"testing"

	"tongban/internal/base/errs"
	"tongban/internal/domain/cases"
)

func TestWhoStandsAtTheCounterForAnotherLeavesABasis(t *testing.T) {
	full := cases.Behalf{Name: "代办人", Number: "580102198005010011", NumberKind: "citizen", Phone: "13700000000", Relation: "女儿", Basis: cases.BasisLetter, Seen: true}
	with := func(f func(*cases.Behalf)) *cases.Behalf {
		b := full
		f(&b)
		return &b
	}
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		for name, c := range map[string]struct {
			kind   string
			behalf *cases.Behalf
			wrong  string // paths
		}{
			"in person":              {cases.ByPerson, nil, ""},
			"complete":               {cases.ByPerson, &full, ""},
			"no name":                {cases.ByPerson, with(func(b *cases.Behalf) { b.Name = " " }), "behalf.name"},
			"no basis":               {cases.ByPerson, with(func(b *cases.Behalf) { b.Basis = "" }), "behalf.basis"},
			"a firm's basis":         {cases.ByPerson, with(func(b *cases.Behalf) { b.Basis = cases.BasisFirmAgent }), "behalf.basis"},
			"nothing":                {cases.ByPerson, &cases.Behalf{}, "behalf.name behalf.number behalf.basis behalf.relation"},
			"the applicant":          {cases.ByPerson, with(func(b *cases.Behalf) { b.Name = "罗小满" }), "behalf.number"},
			"a firm without a basis": {cases.ByFirm, nil, "behalf.basis"},
			"a firm's agent":         {cases.ByFirm, authorised, ""},
			"a talker":               {cases.ByPerson, with(func(b *cases.Behalf) { b.Relation = strings.Repeat("亲", 51) }), "behalf.relation"},
		} {
			_, err := k.CreateDraftFor(ctx, staff("chen"), "food", name, cases.Applicant{Kind: c.kind, Name: "罗小满", Number: "x", CreditCode: "x", Behalf: c.behalf})
			if c.wrong == "" {
				k.ok(err)
				continue
			}
			e := errs.As(err)
			if e == nil || e.Key != "cases.behalf_missing" {
				t.Errorf("%s: %v", name, err)
				continue
			}
			var paths []string
			for _, f := range e.Fields {
				paths = append(paths, f.Path)
			}
			if got := strings.Join(paths, " "); got != c.wrong {
				t.Errorf("%s: wrong are %s, want %s", name, got, c.wrong)
			}
		}
	})
}

func TestABasisIsSeenOrCopiedAndStandsOnThePapers(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx, clerk := t.Context(), staff("chen")
		b := &cases.Behalf{Name: "代办人", Number: "580102198005010011", Relation: "女儿", Basis: cases.BasisGuardian}
		d, err := k.CreateDraftFor(ctx, clerk, "food", "w1", cases.Applicant{Kind: cases.ByPerson, Name: "罗小满", Number: "x", Behalf: b})
		k.ok(err)
		if d.ActingID != "p1" || d.PersonID != "old" || d.Behalf == nil || strings.Contains(d.Behalf.Number, "19800501") {
			t.Fatalf("%+v %+v", d.Case, d.Behalf)
		}
		_, err = k.SaveDraft(ctx, clerk, d.ID, d.Version, answers)
		k.ok(err)
		k.upload(clerk, d.ID, "plan", "u1")
		unproved := func() bool {
			r, err := k.Ready(ctx, clerk, d.ID)
			k.ok(err)
			return slices.ContainsFunc(r.Findings, func(f cases.Finding) bool { return f.Key == "cases.behalf_unproved" && f.Path == "behalf" })
		}
		if !unproved() {
			t.Error("neither original nor copy is asked for")
		}
		k.upload(clerk, d.ID, cases.BasisKey, "u2")
		if unproved() {
			t.Error("the copy does not count")
		}
		d, err = k.Case(ctx, clerk, d.ID)
		k.ok(err)
		_, err = k.Submit(ctx, clerk, d.ID, d.Version)
		k.ok(err)
		if v := k.values("receipt"); v["applicant"] != "罗小满" || v["agent"] != "代理人：罗小满，监护人" {
			t.Errorf("the receipt names %q and %q", v["applicant"], v["agent"])
		}
		desk, err := k.Case(ctx, staff("zhou"), d.ID)
		k.ok(err)
		if desk.Behalf == nil || desk.Behalf.Name != "罗*满" || desk.Behalf.Basis != cases.BasisGuardian || len(desk.BasisFiles) != 1 || desk.Agent != "罗*满" {
			t.Errorf("the desk reads %+v, %d copies, agent %s", desk.Behalf, len(desk.BasisFiles), desk.Agent)
		}
		// Standing at a counter once opens nothing on line.
		_, err = k.Case(ctx, person, d.ID)
		k.refused(err, "cases.not_found")
		// Who came in person has no place for such a copy.
		own, err := k.CreateDraftFor(ctx, clerk, "food", "w2", cases.Applicant{Kind: cases.ByPerson, Name: "罗小满", Number: "x"})
		k.ok(err)
		_, err = k.Attach(ctx, clerk, own.ID, cases.Upload{Material: cases.BasisKey, ClientKey: "u3", Name: "a.png", Body: strings.NewReader(string(png))})
		k.refused(err, "cases.no_such_material")
	})
}
