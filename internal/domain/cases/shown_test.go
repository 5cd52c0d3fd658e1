package cases_test

import (
	"slices"
	"strings"
	"testing"

	"tongban/internal/base/db"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/licence"
	"tongban/internal/engine/cnid"
	"tongban/internal/engine/form"
)

// TestWhatIsShownAndRevealed: regions by name, a firm's code in plain, the holder of a document masked; what changed can be asked for, old and new.
func TestWhatIsShownAndRevealed(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		d := k.filled(firm, "c1")
		p := answers
		p.Form = form.Answers{"address": "清江区滨河路18号", "area": "86", "fee": "1000.50", "county": "580102"}
		v, err := k.SaveDraft(ctx, firm, d.ID, d.Version, p)
		k.ok(err)
		r, err := k.Submit(ctx, firm, d.ID, v)
		k.ok(err)
		c, err := k.Receive(ctx, staff("chen"), r.CaseID, r.Version)
		k.ok(err)
		c, err = k.RequestCorrection(ctx, staff("zhou"), c.ID, c.Version, []cases.Defect{{Kind: cases.OnField, Key: "address", Text: "门牌不对"}})
		k.ok(err)
		p.Form = form.Answers{"address": "望江区石栏路58号", "area": "86", "fee": "1000.50", "county": "580103"}
		v, err = k.SaveDraft(ctx, firm, c.ID, c.Version, p)
		k.ok(err)
		_, err = k.Resubmit(ctx, firm, c.ID, v)
		k.ok(err)

		d, err = k.Case(ctx, staff("zhou"), c.ID)
		k.ok(err)
		rows := d.Review[0].Rows
		if got := rows[len(rows)-1].Value; got != "望江区" {
			t.Errorf("the region reads %q", got)
		}
		i := slices.IndexFunc(d.Changes, func(c form.Change) bool { return c.Key == "county" })
		if i < 0 || d.Changes[i].Old != "清江区" || d.Changes[i].New != "望江区" {
			t.Errorf("changes %+v", d.Changes)
		}
		if strings.Contains(d.Number, "*") || d.Number == "" {
			t.Errorf("a firm's credit code is public: %q", d.Number)
		}
		for _, s := range d.Slots {
			for _, f := range s.Files {
				if f.Proof != nil && f.Proof.Holder != d.Applicant && f.Proof.Holder != cnid.MaskName(f.Proof.Holder) {
					t.Errorf("holder in plain: %+v", f.Proof)
				}
			}
		}
		for field, want := range map[string]string{"old.address": "清江区滨河路18号", "new.address": "望江区石栏路58号", "form.county": "望江区"} {
			if got, err := k.Reveal(ctx, staff("zhou"), c.ID, field, "核对地址"); err != nil || got != want {
				t.Errorf("%s = %q %v", field, got, err)
			}
		}
		_, err = k.Reveal(ctx, staff("zhou"), c.ID, "old.area", "没有改过")
		k.refused(err, "cases.not_found")
	})
}

// TestTheRecordOfAnInspection carries who, where, every line and what was wrong.
func TestTheRecordOfAnInspection(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		r := k.submitted(firm, "c1")
		c, err := k.Receive(ctx, staff("chen"), r.CaseID, r.Version)
		k.ok(err)
		c, err = k.Accept(ctx, staff("zhou"), c.ID, c.Version)
		k.ok(err)
		c, err = k.Opinion(ctx, staff("zhou"), c.ID, c.Version, cases.Opinion{Outcome: cases.OpinionPass, Text: "材料齐全"})
		k.ok(err)
		_, err = k.RecordInspection(ctx, staff("zhou"), c.ID, c.Version, cases.Inspection{
			Officers: []string{"zhou", "li"},
			Results:  map[string]cases.CheckResult{"water": {Pass: true}, "light": {Note: "偏暗"}}, Conclusion: "基本符合",
		})
		k.ok(err)
		body, err := db.One(ctx, k.d.R(), nil, func(r *db.Rows) (string, error) { var s string; err := r.Scan(&s); return s, err },
			`SELECT body FROM told_row WHERE room = 'paper' AND what = 'inspection'`)
		k.ok(err)
		for _, want := range []string{"用水：符合", "照明：不符合（偏暗）", "清江区滨河路18号", "基本符合", "、"} {
			if !strings.Contains(body, want) {
				t.Errorf("the record lacks %s: %s", want, body)
			}
		}
	})
}

// TestReadySaysWhatWouldFail: a licence that can be held once, and the rules of what is decided on the spot.
func TestReadySaysWhatWouldFail(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		d := k.filled(firm, "c1")
		has := func() bool {
			ready, err := k.Ready(t.Context(), firm, d.ID)
			k.ok(err)
			return slices.ContainsFunc(ready.Findings, func(f cases.Finding) bool { return f.Key == "cases.already_held" && f.Path == "result" })
		}
		k.lic.usable = []licence.Licence{{ID: "l1", CaseID: "another", TypeName: "老年人优待证"}}
		if has() {
			t.Error("a second licence of a kind one may have several of")
		}
		k.lic.once = true
		if !has() {
			t.Error("nothing says that the licence is held already")
		}
		k.lic.usable[0].CaseID = d.ID
		if has() {
			t.Error("the licence of this very case stands in its way")
		}
		k.lic.usable = nil
		it := k.items.all["food"]
		it.Limits.OnTheSpot, it.CheckRules = true, []catalog.CheckRule{{Name: "kind", When: eq("scenario.kind", "restaurant"), Text: "要现场看"}}
		k.items.all["food"] = it
		ready, err := k.Ready(t.Context(), firm, d.ID)
		k.ok(err)
		if len(ready.Warns) != 1 || ready.Warns[0].Text != "要现场看" || len(ready.Findings) != 0 {
			t.Errorf("on the spot: %+v", ready)
		}
	})
}
