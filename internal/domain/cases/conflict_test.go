package cases_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"tongban/internal/base/authz"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/licence"
	"tongban/internal/engine/form"
)

func TestTwoOfficersAtOnceOneWins(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		r := k.submitted(person, "c1")
		var wg sync.WaitGroup
		got := make([]error, 8)
		for i := range got {
			wg.Go(func() {
				if i%2 == 0 {
					_, got[i] = k.Accept(ctx, staff("zhou"), r.CaseID, r.Version)
				} else {
					_, got[i] = k.RefuseAcceptance(ctx, staff("li"), r.CaseID, r.Version, cases.Refusal{Ground: cases.GroundNotNeeded, Reason: "不需要许可"})
				}
			})
		}
		wg.Wait()
		won := map[int]int{}
		for i, err := range got {
			switch {
			case err == nil:
				won[i%2]++
			case errs.KindOf(err) != errs.Conflict:
				t.Errorf("%v", err)
			}
		}
		// The winner's own repeats are answered like the first; the other side never wins too.
		if len(won) != 1 || k.told("paper", "accept")+k.told("paper", "refuse_acceptance") != 1 || k.events("cases.accepted")+k.events("cases.refused_acceptance") != 1 {
			t.Errorf("won %v", won)
		}
	})
}

func TestARepeatedActIsDoneOnce(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		r := k.submitted(person, "c1")
		a, err := k.Accept(ctx, staff("zhou"), r.CaseID, r.Version)
		k.ok(err)
		b, err := k.Accept(ctx, staff("zhou"), r.CaseID, r.Version)
		k.ok(err)
		if a.Version != b.Version || k.events("cases.accepted") != 1 {
			t.Errorf("versions %d and %d", a.Version, b.Version)
		}
		_, err = k.Accept(ctx, staff("li"), r.CaseID, r.Version)
		k.refused(err, "cases.not_now") // the second officer learns what has become of it
		_, err = k.Accept(ctx, staff("zhou"), r.CaseID, b.Version)
		k.refused(err, "cases.not_now")
		pass := cases.Opinion{Outcome: cases.OpinionPass, Text: "齐全"}
		_, err = k.Opinion(ctx, staff("zhou"), r.CaseID, r.Version, pass)
		k.refused(err, "cases.moved")
		_, err = k.Opinion(ctx, staff("zhou"), r.CaseID, b.Version, pass)
		k.ok(err)
		_, err = k.Opinion(ctx, staff("zhou"), r.CaseID, b.Version, cases.Opinion{Outcome: cases.OpinionFail, Text: "不行"})
		k.refused(err, "cases.moved") // the same officer in another tab, saying something else
	})
}

func TestTwoTabs(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		d, err := k.CreateDraft(ctx, person, "food", "c1")
		k.ok(err)
		again, err := k.CreateDraft(ctx, person, "food", "c1")
		k.ok(err)
		if again.ID != d.ID || d.Answers["firm"] != "清澜小满餐饮店" {
			t.Fatalf("the same click gave another draft, or nothing was filled in: %v", d.Answers)
		}
		v, err := k.SaveDraft(ctx, person, d.ID, d.Version, answers)
		k.ok(err)
		if same, err := k.SaveDraft(ctx, person, d.ID, d.Version, answers); err != nil || same != v {
			t.Errorf("the answer was lost on the way, the save was not: %d %v", same, err)
		}
		mine := answers
		mine.Form = form.Answers{"address": "清江区滨河路18号", "area": "120", "firm": "我说了算"}
		mine.Scenario = map[string]string{"kind": "prepacked"}
		_, err = k.SaveDraft(ctx, person, d.ID, d.Version, mine)
		k.refused(err, "cases.draft_moved")
		diff, err := k.DraftDiff(ctx, person, d.ID, mine)
		k.ok(err)
		if diff.Version != v || len(diff.Changes) != 2 || diff.Changes[0].Old != "86" || diff.Changes[0].New != "120" || len(diff.Scenario) != 1 || diff.Scenario[0].New != "仅预包装" {
			t.Errorf("%+v", diff)
		}
		if v, err = k.SaveDraft(ctx, person, d.ID, diff.Version, mine); err != nil {
			t.Fatal(err)
		}
		d, err = k.Case(ctx, person, d.ID)
		k.ok(err)
		if d.Version != v || d.Answers["firm"] != "清澜小满餐饮店" { // read-only: the register's word stays
			t.Errorf("%d %v", d.Version, d.Answers)
		}
	})
}

func TestADoubleSubmissionIsOne(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		d := k.filled(person, "c1")
		var wg sync.WaitGroup
		got := make([]cases.Receipt, 5)
		for i := range got {
			wg.Go(func() {
				var err error
				if got[i], err = k.Submit(ctx, person, d.ID, d.Version); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, r := range got[1:] {
			if r.CaseNo != got[0].CaseNo || r.QueryCode != got[0].QueryCode {
				t.Errorf("%+v and %+v", got[0], r)
			}
		}
		if k.events("cases.submitted") != 1 || k.told("paper", "receipt") != 1 || k.told("notice", "case.submitted") != 1 {
			t.Error("submitted more than once")
		}
		if r := k.submitted(person, "c2"); !strings.HasSuffix(r.CaseNo, "202603020002") {
			t.Errorf("the next number is %s", r.CaseNo)
		}
	})
}

func TestAFailureLeavesNothingBehind(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		c, err := k.CreateDraftFor(ctx, staff("sun"), "elder", "w1", cases.Applicant{Kind: cases.ByPerson, Name: "罗小满", Number: "x"})
		k.ok(err)
		r, err := k.Submit(ctx, staff("sun"), c.ID, c.Version)
		k.ok(err)
		before := dbtest.Count(t, k.d, "job_job", "")
		k.lic.fail = errors.New("the type has no number left")
		if _, err = k.DecideOnTheSpot(ctx, staff("sun"), r.CaseID, r.Version, cases.Decision{Outcome: cases.Grant}); err == nil {
			t.Fatal("granted without a licence")
		}
		if k.v(c.ID) != r.Version || k.told("paper", "grant") != 0 || k.events("cases.decided") != 0 || dbtest.Count(t, k.d, "job_job", "") != before {
			t.Error("half a decision stayed")
		}
		k.lic.fail = nil
		if _, err = k.DecideOnTheSpot(ctx, staff("sun"), r.CaseID, r.Version, cases.Decision{Outcome: cases.Grant}); err != nil {
			t.Error(err)
		}
		k.replays()
	})
}

func TestOnTheSpot(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		d, err := k.CreateDraft(ctx, elder, "elder", "c1")
		k.ok(err)
		r, err := k.Submit(ctx, elder, d.ID, d.Version)
		k.ok(err)
		if r.State != cases.Certified || r.Outcome != cases.Grant || k.told("licence", "elder-card") != 1 {
			t.Errorf("every rule holds, so the program decides: %+v", r)
		}
		if n := dbtest.Count(t, k.d, "cases_event", "kind = 'decided' AND actor = 'system'"); n != 1 {
			t.Error("the program's decision must bear its name")
		}
		// Somebody of 45 goes to the post, which cannot grant against the rule but must answer.
		d, err = k.CreateDraft(ctx, person, "elder", "c1")
		k.ok(err)
		r, err = k.Submit(ctx, person, d.ID, d.Version)
		k.ok(err)
		if r.State != cases.Submitted {
			t.Errorf("%s", r.State)
		}
		_, err = k.DecideOnTheSpot(ctx, staff("zhou"), r.CaseID, r.Version, cases.Decision{Outcome: cases.Grant})
		k.refused(err, "cases.not_found")
		_, err = k.DecideOnTheSpot(ctx, staff("sun"), r.CaseID, r.Version, cases.Decision{Outcome: cases.Grant})
		k.refused(err, "cases.rules_failed")
		c, err := k.DecideOnTheSpot(ctx, staff("sun"), r.CaseID, r.Version, cases.Decision{Outcome: cases.Refuse, Reason: "未满65周岁", Basis: "老年人优待规定第三条"})
		k.ok(err)
		if c.State != cases.Decided || c.Outcome != cases.Refuse || k.told("paper", "refuse") != 1 {
			t.Errorf("%+v", c)
		}
		_, err = k.DecideOnTheSpot(ctx, staff("zhou"), k.submitted(person, "c3").CaseID, 1, cases.Decision{})
		if errs.KindOf(err) != errs.Conflict {
			t.Errorf("the food licence is not done on the spot: %v", err)
		}
		k.replays()
	})
}

func TestAtTheWindow(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		_, err := k.CreateDraftFor(ctx, staff("zhou"), "elder", "w1", cases.Applicant{Kind: cases.ByPerson})
		k.refused(err, "cases.no_right")
		d, err := k.CreateDraftFor(ctx, staff("chen"), "food", "w1", cases.Applicant{Kind: cases.ByFirm, CreditCode: "x", Phone: "13912345678", Behalf: authorised})
		k.ok(err)
		if !d.Own || d.Contact.Phone != "13912345678" || d.Channel != cases.Window {
			t.Fatalf("%+v", d.Case)
		}
		v, err := k.SaveDraft(ctx, staff("chen"), d.ID, d.Version, answers)
		k.ok(err)
		f := k.upload(staff("chen"), d.ID, "plan", "u1")
		_, err = k.UseLicence(ctx, staff("chen"), d.ID, "biz", "register:business-licence")
		k.ok(err)
		if f, err = k.MarkOriginal(ctx, staff("chen"), d.ID, f.ID); err != nil || f.By != "chen" || f.Checked.IsZero() {
			t.Errorf("original: %+v %v", f, err)
		}
		r, err := k.Submit(ctx, staff("chen"), d.ID, v)
		k.ok(err)
		if r.State != cases.Received || dbtest.Count(t, k.d, "cases_visit", "purpose = 'submit'") != 1 {
			t.Errorf("%+v", r)
		}
		k.ok(k.RecordVisit(ctx, staff("chen"), r.CaseID, "again", "ask"))
		k.ok(k.RecordVisit(ctx, staff("chen"), r.CaseID, "again", "ask"))
		if d, err = k.Case(ctx, staff("chen"), r.CaseID); err != nil || d.Visits != 2 {
			t.Errorf("%d visits, %v", d.Visits, err)
		}
		if n := dbtest.Count(t, k.d, "audit_entry", "act = 'read' AND object = $1", "case:"+r.CaseID); n == 0 {
			t.Error("the clerk's reading is not on record")
		}
	})
}

func TestLicencesNobodyHasToUpload(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		d, err := k.CreateDraft(ctx, firm, "food", "c1")
		k.ok(err)
		v, err := k.SaveDraft(ctx, firm, d.ID, d.Version, answers)
		k.ok(err)
		k.upload(firm, d.ID, "plan", "u1")
		k.lic.usable = []licence.Licence{{ID: "l1", TypeName: "营业执照", Number: "91580102MA0000001X", HolderName: "清澜小满餐饮店"}}
		_, err = k.UseLicence(ctx, firm, d.ID, "biz", "licence:l2")
		k.refused(err, "cases.licence_unusable")
		r, err := k.Submit(ctx, firm, d.ID, v) // nothing chosen: what is known is taken
		k.ok(err)
		d, err = k.Case(ctx, firm, r.CaseID)
		k.ok(err)
		if f := d.Slots[1].Files; len(f) != 1 || f[0].Proof.Ref != "licence:l1" || strings.Contains(f[0].Proof.Number, "MA0000001") || k.told("use", "l1") != 1 {
			t.Errorf("%+v", f)
		}
		d = k.filled(firm, "c2")
		_, err = k.UseLicence(ctx, firm, d.ID, "biz", "licence:l1")
		k.ok(err)
		k.lic.usable = nil // revoked meanwhile
		_, err = k.Submit(ctx, firm, d.ID, d.Version)
		if e := errs.As(err); e == nil || len(e.Fields) != 1 || e.Fields[0].Key != "cases.licence_unusable" {
			t.Errorf("%v", err)
		}
		k.ppl.docs = nil
		_, err = k.UseLicence(ctx, firm, d.ID, "biz", cases.SeenOriginal)
		k.refused(err, "cases.licence_unusable")
		d, err = k.CreateDraftFor(ctx, staff("chen"), "food", "w1", cases.Applicant{Kind: cases.ByFirm, Behalf: authorised})
		k.ok(err)
		if f, err := k.UseLicence(ctx, staff("chen"), d.ID, "biz", cases.SeenOriginal); err != nil || f.Proof.Ref != cases.SeenOriginal {
			t.Errorf("at the window the original does: %+v %v", f, err)
		}
	})
}

func TestUploads(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		d, err := k.CreateDraft(ctx, person, "food", "c1")
		k.ok(err)
		for name, c := range map[string]struct {
			body []byte
			size int64
			key  string
		}{
			"program named pdf": {append([]byte("MZ\x90\x00"), make([]byte, 100)...), 0, "cases.file_program"}, "zip": {[]byte("PK\x03\x04bomb"), 0, "cases.file_program"},
			"jpg where none is taken": {[]byte("\xff\xd8\xff\xe0rest"), 0, "cases.file_kind"}, "html": {[]byte("<html><script>"), 0, "cases.file_kind"}, "empty": {nil, 0, "cases.file_empty"},
			"too large": {append([]byte("%PDF-1.7"), make([]byte, 1<<20)...), 0, "base.too_large"}, "said to be too large": {png, 300 << 20, "base.too_large"}, "cut off": {png, int64(len(png)) + 1, "base.upload_cut"},
		} {
			_, err := k.Attach(ctx, person, d.ID, cases.Upload{Material: "plan", ClientKey: name, Name: "计划.pdf", Size: c.size, Body: bytes.NewReader(c.body)})
			if !errs.Is(err, c.key) {
				t.Errorf("%s: %v", name, err)
			}
		}
		a, b := k.upload(person, d.ID, "plan", "u1"), k.upload(person, d.ID, "plan", "u1")
		if a.ID != b.ID || strings.ContainsAny(a.Name, "/\\") || !strings.Contains(a.Name, ".png") {
			t.Errorf("%+v %+v", a, b)
		}
		k.upload(person, d.ID, "plan", "u2")
		_, err = k.Attach(ctx, person, d.ID, cases.Upload{Material: "plan", ClientKey: "u3", Name: "c.png", Body: bytes.NewReader(png)})
		k.refused(err, "cases.too_many_files")
		_, err = k.Attach(ctx, person, d.ID, cases.Upload{Material: "biz", ClientKey: "u4", Name: "c.png", Body: bytes.NewReader(png)})
		k.refused(err, "cases.from_licence")
		_, rc, err := k.MaterialFile(ctx, person, d.ID, a.ID)
		k.ok(err)
		k.ok(rc.Close())
		_, _, err = k.MaterialFile(ctx, stranger, d.ID, a.ID)
		k.refused(err, "cases.not_found")
		k.ok(k.DiscardDraft(ctx, person, d.ID))
		dbtest.WantCounts(t, k.d, map[string]int{"cases_case": 0, "cases_material": 0, "blob_file": 0})
	})
}

func TestRegistersThatAreAwayLetPeopleType(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		k.ppl.away = true
		d, err := k.CreateDraft(ctx, person, "food", "c1")
		k.ok(err)
		if !d.Away || d.Form.Sections[0].Fields[0].ReadOnly {
			t.Fatal("the field stays locked without a register")
		}
		p := answers
		p.Form = form.Answers{"firm": "我写的店名", "address": "滨河路18号", "area": "86"}
		v, err := k.SaveDraft(ctx, person, d.ID, d.Version, p)
		k.ok(err)
		k.upload(person, d.ID, "plan", "u1")
		k.upload(person, d.ID, "biz", "u2") // a copy in place of the register's word
		r, err := k.Submit(ctx, person, d.ID, v)
		k.ok(err)
		if d, err = k.Case(ctx, person, r.CaseID); err != nil || d.Answers["firm"] != "我写的店名" {
			t.Errorf("%v %v", d.Answers, err)
		}
		k.ppl.away = false
		d = k.filled(person, "c2")
		k.ppl.known["firm.name"] = struct{ Value, Source string }{"改了名的店", "identity.source_firms"}
		if _, err = k.Submit(ctx, person, d.ID, d.Version); err != nil {
			t.Fatal(err)
		}
		if d, err = k.Case(ctx, person, d.ID); err != nil || d.Answers["firm"] != "改了名的店" {
			t.Errorf("read-only answers are read again at submission: %v %v", d.Answers, err)
		}
	})
}

func TestWhatIsNotReadyIsToldAtOnce(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		k.ppl.docs = nil // no register knows a business licence
		d, err := k.CreateDraft(ctx, person, "food", "c1")
		k.ok(err)
		_, err = k.Submit(ctx, person, d.ID, d.Version)
		e := errs.As(err)
		if e == nil || e.Key != "cases.not_ready" {
			t.Fatal(err)
		}
		var paths []string
		for _, f := range e.Fields {
			paths = append(paths, f.Path)
		}
		if got := fmt.Sprint(paths); got != "[scenario.kind form.address form.area material.plan material.biz]" {
			t.Errorf("%s", got)
		}
		p := answers
		p.Scenario = map[string]string{"kind": "prepacked"}
		_, err = k.SaveDraft(ctx, person, d.ID, d.Version, p)
		k.ok(err)
		if r, err := k.Ready(ctx, person, d.ID); err != nil || len(r.Stops) != 1 {
			t.Errorf("%+v %v", r, err)
		}
		low := authz.Actor{PersonID: "p1", Roles: person.Roles, Level: 1}
		_, err = k.CreateDraft(ctx, low, "food", "c9")
		k.refused(err, "base.level_needed")
		_, err = k.CreateDraft(ctx, firm, "elder", "c9")
		k.refused(err, "cases.only_persons")
	})
}
