package cases_test

import (
	"strings"
	"testing"

	"tongban/internal/base/authz"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/cases"
)

// The dossier is the whole case, unmasked; the reading is on record; a draft has none.
func TestADossierIsTheWholeCase(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		if _, err := k.Dossier(ctx, k.filled(person, "d1").ID); errs.KindOf(err) != errs.NotFound {
			t.Errorf("a draft: %v", err)
		}
		r := k.submitted(person, "c1")
		c, err := k.RequestCorrection(ctx, staff("zhou"), r.CaseID, r.Version, []cases.Defect{{Kind: cases.OnField, Key: "area", Text: "面积不一致"}})
		k.ok(err)
		old, err := k.Case(ctx, person, c.ID)
		k.ok(err)
		k.ok(k.RemoveMaterial(ctx, person, c.ID, old.Slots[0].Files[0].ID))
		k.upload(person, c.ID, "plan", "again")
		v, err := k.SaveDraft(ctx, person, c.ID, c.Version, answers)
		k.ok(err)
		c, err = k.Resubmit(ctx, person, c.ID, v)
		k.ok(err)
		c, err = k.Accept(ctx, staff("zhou"), c.ID, c.Version)
		k.ok(err)
		_, err = k.Opinion(ctx, staff("zhou"), c.ID, c.Version, cases.Opinion{Outcome: cases.OpinionPass, Text: "材料齐全"})
		k.ok(err)

		before := dbtest.Count(t, k.d, "audit_entry", "act = 'read' AND what = 'archive.dossier'")
		d, err := k.Dossier(authz.With(ctx, authz.System), c.ID)
		k.ok(err)
		if d.Applicant.Name != "罗小满" || d.Case.Applicant != d.Applicant.Name || strings.Contains(d.Applicant.Number, "*") || d.Applicant.Number == "" || d.Rounds[0].Contact.Phone != "13812345678" {
			t.Errorf("masked: %+v %+v", d.Applicant, d.Rounds[0].Contact)
		}
		if len(d.Rounds) != 2 || len(d.Corrections) != 1 || d.Corrections[0].Defects[0].Text != "面积不一致" || len(d.Opinions) != 1 || len(d.History) < 5 || len(d.Tasks) == 0 {
			t.Errorf("%+v", d)
		}
		removed, kept := 0, 0
		for _, f := range d.Files {
			switch {
			case f.Removed:
				removed++
			case f.Material == "plan":
				kept++
			}
			if f.Source == cases.SourceUpload && (f.BlobID == "" || len(f.Digest) != 64 || f.Label == "") {
				t.Errorf("a file without its bytes: %+v", f)
			}
		}
		if removed != 1 || kept != 1 {
			t.Errorf("%d removed, %d kept", removed, kept)
		}
		for i, e := range d.Events {
			if e.Seq != i+1 {
				t.Errorf("event %d is %d", i+1, e.Seq)
			}
		}
		if n := dbtest.Count(t, k.d, "audit_entry", "act = 'read' AND what = 'archive.dossier' AND actor = 'system'"); n != before+1 {
			t.Errorf("%d readings on record", n)
		}
		if _, err := k.Dossier(ctx, "none"); errs.KindOf(err) != errs.NotFound {
			t.Errorf("an unknown case: %v", err)
		}
	})
}
