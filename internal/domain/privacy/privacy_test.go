package privacy_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/i18n"
	"tongban/internal/base/job"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/privacy"
	"tongban/internal/engine/clock"
)

func TestWhoSawMyData(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.seen(eve, linNumber, "case:c1", "cases.read_case")
		w.now = w.now.Add(-time.Minute) // the same opening of a page
		w.seen(eve, linNumber, "case:c1", "cases.read_file")
		w.seen(lin, linNumber, "paper:1")
		w.seen(authz.Actor{Via: "page"}, linNumber, "case:c1")
		w.seen(eve, firmCode, "case:c2")
		w.seen(eve, "580427198511030481", "case:c3") // somebody else
		e := audit.Entry{Actor: "client:land", Subject: w.SubjectOf(linNumber), Via: "oidc", What: "privacy.what_number"}
		if err := w.log.Read(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		rows, _ := w.list(lin, false, 20)
		if len(rows) != 4 || rows[0].System != "不动产登记系统" || rows[0].Agency != agencies["market"] || !rows[1].Nobody || !rows[2].Own {
			t.Fatalf("%+v", rows)
		}
		r := rows[3]
		if r.Who != "周*芝" || r.Agency != agencies["market"] || strings.Join(r.What, " ") != "cases.read_file cases.read_case" || r.Object != "case:c1" || r.Reason != "办理" || r.Basis != "" {
			t.Errorf("%+v", r)
		}
		if rows, _ := w.list(lin, true, 20); len(rows) != 1 || rows[0].Object != "case:c2" {
			t.Errorf("the firm's: %+v", rows)
		}
		if rows, _ := w.list(wang, false, 20); len(rows) != 0 {
			t.Errorf("somebody whose number is not known: %+v", rows)
		}
		if all, pages := w.list(lin, false, 2); len(all) != 5 || pages != 3 { // pages of entries; only lines on one page are merged
			t.Errorf("%d lines on %d pages", len(all), pages)
		}
	})
}

// delayed puts an order in force on the looks of the police at Lin until a date.
func (w *world) delayed(until string, staff ...string) string {
	w.t.Helper()
	id, err := w.ProposeDelay(w.t.Context(), audA, privacy.Delay{Number: linNumber, Agency: "police", Staff: staff, Basis: "《刑事诉讼法》第五十四条 清公（经）〔2026〕3号", Why: "正在侦查，告知会妨碍取证", Until: until})
	if err == nil {
		err = w.ApproveDelay(w.t.Context(), audB, id)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func TestALawfulDelayHidesAndThenShowsByItself(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		w, ctx := newWorld(t, d), t.Context()
		before := w.seen(pol, linNumber, "case:old")
		w.delayed("2026-06-01")
		hidden := make([]string, 0, 4)
		for i := range 8 { // hidden looks between others: pages and counts must not show the gap
			w.seen(eve, linNumber, "case:"+string(rune('a'+i)))
			if i%2 == 0 {
				hidden = append(hidden, w.seen(pol, linNumber, "case:secret"))
			}
		}
		all, pages := w.list(lin, false, 3)
		if len(all) != 9 || pages != 3 {
			t.Errorf("%d lines on %d pages, want 9 on 3", len(all), pages)
		}
		for _, r := range all {
			if r.Object == "case:secret" || r.Basis != "" {
				t.Errorf("told: %+v", r)
			}
		}
		if all[8].ID != before || all[8].Agency != agencies["police"] {
			t.Errorf("a look before the order is held back: %+v", all[8])
		}
		q := privacy.UsageQuery{Code: linNumber, From: friday.AddDate(0, 0, -1), Until: friday.AddDate(0, 0, 1), Limit: 4, Offset: 2}
		total, rows, err := w.Usages(ctx, lin, q)
		if err != nil || total != 9 || len(rows) != 4 || rows[0].Object != "case:f" {
			t.Errorf("%d usages, %+v, %v", total, rows, err)
		}
		_, _, err = w.Access(ctx, lin, hidden[0])
		_, _, made := w.Access(ctx, lin, "01900000-0000-7000-8000-000000000000")
		if !errs.Is(err, "privacy.no_access") || err.Error() != made.Error() {
			t.Errorf("a hidden look answers %v, one that never was %v", err, made)
		}
		_, err = w.Complain(ctx, lin, hidden[0], "为什么查我")
		wantErr(t, "complaint about a hidden look", err, "privacy.no_access")
		doc, err := w.Export(ctx, fresh(lin, w.now))
		if err != nil || strings.Contains(string(doc), "secret") || strings.Contains(string(doc), "侦查") {
			t.Errorf("export: %v", err)
		}
		if n := dbtest.Count(t, d, "audit_entry", "act LIKE 'privacy.delay%' AND subject <> ''"); n != 0 {
			t.Errorf("%d entries about the order stand under the person", n)
		}

		w.now = time.Date(2026, 5, 31, 23, 59, 59, 0, clock.Shanghai)
		w.seen(pol, linNumber, "case:secret2") // a second before the date
		if all, _ := w.list(lin, false, 50); len(all) != 15 || all[0].Object != "case:secret2" || all[0].Basis == "" {
			t.Errorf("on the date: %d lines, %+v", len(all), all[0])
		}
		w.now = w.now.Add(time.Hour)
		w.seen(pol, linNumber, "case:later")
		all, _ = w.list(lin, false, 50)
		n := 0
		for _, r := range all {
			if r.Basis != "" {
				if n++; !strings.Contains(r.Basis, "刑事诉讼法") || !r.HeldTill.Equal(time.Date(2026, 6, 1, 0, 0, 0, 0, clock.Shanghai)) {
					t.Errorf("%+v", r)
				}
			}
		}
		if n != 5 || all[0].Object != "case:later" || all[0].Basis != "" {
			t.Errorf("%d looks are told late; the newest is %+v", n, all[0])
		}
	})
}

func fresh(a authz.Actor, now time.Time) authz.Actor { a.AuthTime = now.Add(-time.Minute); return a }

func TestADelayTakesTwoAuditorsAndTwelveMonthsAtMost(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		w, ctx := newWorld(t, d), t.Context()
		good := privacy.Delay{Number: linNumber, Agency: "police", Basis: "《刑事诉讼法》第五十四条", Why: "正在侦查，会妨碍取证", Until: "2027-03-20"}
		id, err := w.ProposeDelay(ctx, audA, good)
		if err != nil {
			t.Fatal(err)
		}
		wantErr(t, "approved by oneself", w.ApproveDelay(ctx, audA, id), "privacy.second_person")
		wantErr(t, "withdrawn by another", w.WithdrawDelay(ctx, audB, id), "privacy.not_yours")
		w.seen(pol, linNumber, "case:1")
		if all, _ := w.list(lin, false, 9); len(all) != 1 {
			t.Error("held back before it was approved")
		}
		if err := w.ApproveDelay(ctx, audB, id); err != nil {
			t.Fatal(err)
		}
		wantErr(t, "decided twice", w.RefuseDelay(ctx, audB, id), "privacy.decided")
		w.seen(pol, linNumber, "case:2")
		if all, _ := w.list(lin, false, 9); len(all) != 1 {
			t.Errorf("%d looks are told", len(all))
		}
		if err := w.LiftDelay(ctx, audA, id); err != nil {
			t.Fatal(err)
		}
		if all, _ := w.list(lin, false, 9); len(all) != 2 || all[0].Basis == "" {
			t.Errorf("lifted, and not told: %+v", all)
		}
		wantErr(t, "lifted twice", w.LiftDelay(ctx, audA, id), "privacy.decided")
		own := good
		own.Agency, own.Staff = "office", []string{"audb"}
		id, err = w.ProposeDelay(ctx, audA, own)
		if err != nil {
			t.Fatal(err)
		}
		wantErr(t, "one's own looks", w.ApproveDelay(ctx, audB, id), "privacy.own_delay")
		for _, names := range [][]string{nil, {"auda"}} {
			own.Staff = names
			_, err := w.ProposeDelay(ctx, audA, own)
			wantErr(t, "asked for oneself", err, "privacy.own_delay")
		}
		for field, change := range map[string]func(d *privacy.Delay){
			"number": func(d *privacy.Delay) { d.Number = "1" }, "agency": func(d *privacy.Delay) { d.Agency = "none" }, "staff": func(d *privacy.Delay) { d.Staff = []string{"eve"} },
			"basis": func(d *privacy.Delay) { d.Basis = "x" }, "why": func(d *privacy.Delay) { d.Why = "" }, "until": func(d *privacy.Delay) { d.Until = "2027-03-21" },
		} {
			bad := good
			change(&bad)
			if _, err := w.ProposeDelay(ctx, audA, bad); fieldsOf(err) != field+" " {
				t.Errorf("%s: %v", field, err)
			}
		}
		for _, until := range []string{"2026-03-20", "2025-01-01", "soon", "", "2026-02-30"} {
			bad := good
			bad.Until = until
			if _, err := w.ProposeDelay(ctx, audA, bad); fieldsOf(err) != "until " {
				t.Errorf("until %q: %v", until, err)
			}
		}
	})
}

// An order on one member of staff leaves the looks of colleagues as they are.
func TestADelayMayNameStaff(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, rooms...))
	w.delayed("2026-06-01", "pol")
	w.seen(pol, linNumber, "case:1")
	w.seen(authz.Actor{StaffID: "pil", Via: "page"}, linNumber, "case:2") // without an agency in the entry
	if all, _ := w.list(lin, false, 9); len(all) != 1 || all[0].Object != "case:2" || all[0].Agency != agencies["police"] {
		t.Errorf("%+v", all)
	}
}

func TestAComplaintIsAnsweredInTime(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		w, ctx := newWorld(t, d), t.Context()
		look := w.seen(eve, linNumber, "case:c1", "cases.read_case")
		mine := w.seen(lin, linNumber, "paper:1")
		firm := w.seen(eve, firmCode, "case:c2")
		_, err := w.Complain(ctx, lin, look, "短")
		if fieldsOf(err) != "text " {
			t.Errorf("too short: %v", err)
		}
		_, err = w.Complain(ctx, wang, look, "这不是我的")
		wantErr(t, "somebody else's", err, "privacy.no_access")
		_, err = w.Complain(ctx, lin, mine, "我自己看的")
		wantErr(t, "one's own", err, "privacy.own_look")
		c, err := w.Complain(ctx, lin, look, "我没有在这个单位办过事")
		if err != nil {
			t.Fatal(err)
		}
		// 15 working days after Friday 20 March 2026; 清明 (4–6 April) does not count.
		if got := c.Due.In(clock.Shanghai).Format(time.DateTime); got != "2026-04-13 23:59:59" {
			t.Errorf("due %s", got)
		}
		if _, err := w.Complain(ctx, lin, firm, "我的店没有办过这件事"); err != nil {
			t.Errorf("about the firm: %v", err)
		}
		_, err = w.Complain(ctx, lin, look, "再说一次为什么")
		wantErr(t, "twice", err, "privacy.complained_already")

		got, err := w.Complaint(ctx, audA, c.ID)
		if err != nil || got.StaffName != "周敏芝" || got.Text != c.Text || got.Person != "林*满" || got.Access.Object != "case:c1" {
			t.Errorf("%+v, %v", got, err)
		}
		if all, _ := w.list(lin, false, 20); len(all[0].What) != 1 || all[0].What[0] != "privacy.what_complaint" || all[0].Agency != agencies["office"] {
			t.Errorf("the auditor's look is not told: %+v", all[0])
		}
		w.now = c.Due.Add(2 * time.Second)
		if n := w.runTimers(); n != 2 {
			t.Errorf("%d complaints are told overdue", n)
		}
		if fieldsOf(w.Answer(ctx, audA, c.ID, "", "x")) != "finding text " {
			t.Error("an answer without a finding is taken")
		}
		wantErr(t, "judging oneself", w.Answer(ctx, eve, c.ID, privacy.Proper, "没有问题的查看"), "privacy.own_case")
		if err := w.Answer(ctx, audA, c.ID, privacy.Improper, "核查发现没有正当目的，已移送处理。"); err != nil {
			t.Fatal(err)
		}
		wantErr(t, "answered twice", w.Answer(ctx, audB, c.ID, privacy.Proper, "没有问题的查看"), "privacy.answered")
		last := w.sent[len(w.sent)-1]
		if len(w.sent) != 3 || last.Template != "privacy.answered" || last.To.Person != "p1" || w.sent[0].Data["answer_by"] != "2026-04-13" {
			t.Errorf("%+v", w.sent)
		}
		cs, err := w.MyComplaints(ctx, lin)
		if err != nil || len(cs) != 2 || cs[1].Finding != privacy.Improper || cs[1].Answer == "" || cs[1].Access.Object != "case:c1" {
			t.Errorf("%+v, %v", cs, err)
		}
		if open, _ := w.Complaints(ctx, false); len(open) != 1 || open[0].Text != "" {
			t.Errorf("%+v", open)
		}
		if n := dbtest.Count(t, d, "privacy_complaint", "CAST(text AS TEXT) LIKE '%办过事%'"); n != 0 {
			t.Error("the text stands readable in the database")
		}
	})
}

// TestNobodyJudgesTheirOwnLook: neither with the account that looked nor with another one of theirs, and nobody learns who complained of them.
func TestNobodyJudgesTheirOwnLook(t *testing.T) {
	w, ctx := newWorld(t, dbtest.SQLite(t, rooms...)), t.Context()
	clerkB := authz.Actor{StaffID: "clerkb", Via: "page", AgencyID: "market"}
	c, err := w.Complain(ctx, lin, w.seen(clerkB, linNumber, "case:c1"), "我没有在这个单位办过事")
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Complaint(ctx, audB, c.ID)
	wantErr(t, "reading about oneself", err, "privacy.own_case")
	wantErr(t, "judging oneself", w.Answer(ctx, audB, c.ID, privacy.Proper, "没有问题的查看"), "privacy.own_case")
	_, err = w.RevealNumber(ctx, audB, "p1", "complaint")
	wantErr(t, "the number of who complained of oneself", err, "privacy.not_yours")
	if n := dbtest.Count(t, w.d, "audit_entry", "actor = 'staff:audb'"); n != 0 {
		t.Errorf("%d entries of what was refused", n)
	}
	if err := w.Answer(ctx, audA, c.ID, privacy.Improper, "核查发现没有正当目的。"); err != nil {
		t.Fatal(err)
	}
	_, err = w.RevealNumber(ctx, audA, "p1", "complaint")
	wantErr(t, "the number after the answer", err, "privacy.not_yours")

	d := privacy.Delay{Number: linNumber, Agency: "market", Staff: []string{"clerkb"}, Basis: "刑事诉讼法 第一百三十七条", Why: "协助核查案件线索", Until: "2026-06-01"}
	_, err = w.ProposeDelay(ctx, audB, d)
	wantErr(t, "hiding the looks of one's other account", err, "privacy.own_delay")
	id, err := w.ProposeDelay(ctx, audA, d)
	if err != nil {
		t.Fatal(err)
	}
	wantErr(t, "approving it", w.ApproveDelay(ctx, audB, id), "privacy.own_delay")
}

func TestAnAgentForSomeAffairsIsNotTheFirm(t *testing.T) {
	w, ctx := newWorld(t, dbtest.SQLite(t, rooms...)), t.Context()
	look := w.seen(eve, firmCode, "case:c2")
	agent := wang
	agent.FirmID, agent.MandateID, agent.Scope = "f1", "m1", &authz.Scope{Items: []string{"food"}, Acts: []string{authz.ActApply, authz.ActView}}
	if all, _ := w.list(agent, true, 9); len(all) != 0 {
		t.Errorf("who looked at the firm is told to an agent for one item: %+v", all)
	}
	_, err := w.Complain(ctx, agent, look, "我的店没有办过这件事")
	wantErr(t, "complaining for the firm", err, "privacy.no_access")
	_, _, err = w.Usages(ctx, agent, privacy.UsageQuery{Code: firmCode, Until: w.now, Limit: 1})
	wantErr(t, "asking by code", err, "privacy.not_your_code")
	agent.Scope = &authz.Scope{Items: []string{"*"}, Acts: []string{"*"}}
	if all, _ := w.list(agent, true, 9); len(all) != 1 {
		t.Errorf("an agent for everything sees %d", len(all))
	}
}

// runTimers runs the timers that are due and counts the complaints told overdue.
func (w *world) runTimers() int {
	w.t.Helper()
	r := job.NewRunner(w.d, func() time.Time { return w.now }, nil)
	for kind, worker := range w.Workers() {
		r.Handle(kind, worker)
	}
	r.Handle("event.deliver", func(context.Context, job.Job) error { return nil })
	if err := r.Drain(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	return dbtest.Count(w.t, w.d, "event_event", "topic = 'privacy.overdue'")
}

func TestANumberIsShownForAReasonOnly(t *testing.T) {
	w, ctx := newWorld(t, dbtest.SQLite(t, rooms...)), t.Context()
	for what, c := range map[string]struct {
		a      authz.Actor
		person string
		reason string
		want   string
	}{
		"own":               {lin, "p1", "fill", ""},
		"no reason":         {lin, "p1", "", "privacy.reason_missing"},
		"free words":        {lin, "p1", "just so", "privacy.reason_missing"},
		"somebody else":     {wang, "p1", "fill", "privacy.not_yours"},
		"not known":         {wang, "p2", "fill", "privacy.no_number"},
		"handles the case":  {eve, "p1", "identify", ""},
		"other officer":     {pol, "p1", "identify", "privacy.not_yours"},
		"auditor, no cause": {audA, "p1", "complaint", "privacy.not_yours"},
		"visitor":           {authz.Actor{}, "p1", "fill", "privacy.not_yours"},
	} {
		before := dbtest.Count(t, w.d, "audit_entry", "what = 'privacy.what_number'")
		n, err := w.RevealNumber(ctx, c.a, c.person, c.reason)
		told := dbtest.Count(t, w.d, "audit_entry", "what = 'privacy.what_number'") - before
		if c.want == "" && (err != nil || n != linNumber || told != 1) || c.want != "" && (!errs.Is(err, c.want) || n != "" || told != 0) {
			t.Errorf("%s: %q, %v, %d entries", what, n, err, told)
		}
	}
	look := w.seen(eve, linNumber, "case:c1")
	if _, err := w.Complain(ctx, lin, look, "我没有办过这件事"); err != nil {
		t.Fatal(err)
	}
	if n, err := w.RevealNumber(ctx, audA, "p1", "complaint"); err != nil || n != linNumber {
		t.Errorf("auditor with a complaint: %q, %v", n, err)
	}
}

func TestExportNeedsAFreshSessionAndHoldsEverything(t *testing.T) {
	w, ctx := newWorld(t, dbtest.SQLite(t, rooms...)), t.Context()
	look := w.seen(eve, linNumber, "case:c1", "privacy.what_number")
	if _, err := w.Complain(ctx, lin, look, "我没有办过这件事"); err != nil {
		t.Fatal(err)
	}
	old := lin
	old.AuthTime = w.now.Add(-11 * time.Minute)
	for what, a := range map[string]authz.Actor{"token": lin, "old": old, "staff": eve} {
		_, err := w.Export(ctx, a)
		wantErr(t, what, err, "privacy.fresh_needed")
		wantErr(t, what, w.Erase(ctx, a), "privacy.fresh_needed")
	}
	b, err := w.Export(ctx, fresh(lin, w.now))
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Format   string
		Person   map[string]any
		Accesses []struct {
			By, Agency string
			What       []string
		}
		Complaints []map[string]any
		Phones     []string
	}
	if err := json.Unmarshal(b, &doc); err != nil || doc.Format != "tongban.account/1" || doc.Person["id_number"] != linNumber || len(doc.Accesses) != 1 || doc.Accesses[0].By != "周*芝" ||
		doc.Accesses[0].What[0] != "完整证件号码" || len(doc.Complaints) != 1 || len(doc.Phones) != 1 {
		t.Errorf("%s, %v", b, err)
	}
	if all, _ := w.list(lin, false, 5); !all[0].Own || all[0].Via != "export" {
		t.Errorf("the export is not on record: %+v", all[0])
	}
}

func TestAnAccountEndsWholeOrNotAtAll(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		w, ctx := newWorld(t, d), t.Context()
		var ended []string
		w.end = []privacy.Ender{
			func(_ context.Context, _ *db.Tx, _ time.Time, id string) error { ended = append(ended, id); return nil },
			func(context.Context, *db.Tx, time.Time, string) error { return errors.New("no") },
		}
		if err := w.Erase(ctx, fresh(lin, w.now)); err == nil {
			t.Error("half an end is an end")
		}
		dbtest.WantCounts(t, d, map[string]int{"event_event": 0, "audit_entry": 0})
		w.end, ended = w.end[:1], nil
		if err := w.Erase(ctx, fresh(lin, w.now)); err != nil || len(ended) != 1 || ended[0] != "p1" {
			t.Errorf("%v, %v", ended, err)
		}
		if n := dbtest.Count(t, d, "event_event", "topic = 'privacy.erased'"); n != 1 {
			t.Errorf("%d events", n)
		}
		if n := dbtest.Count(t, d, "audit_entry", "act = 'privacy.erase' AND subject <> ''"); n != 1 {
			t.Errorf("%d entries", n)
		}
	})
}

func TestUsagesAreOnesOwn(t *testing.T) {
	w, ctx := newWorld(t, dbtest.SQLite(t, rooms...)), t.Context()
	w.seen(eve, linNumber, "case:1")
	w.now = w.now.AddDate(0, 0, 5)
	w.seen(eve, linNumber, "case:2")
	w.seen(lin, linNumber, "paper:1")
	w.seen(eve, firmCode, "case:3")
	q := func(code string, from, until int) int {
		n, _, err := w.Usages(ctx, lin, privacy.UsageQuery{Code: code, From: friday.AddDate(0, 0, from), Until: friday.AddDate(0, 0, until), Limit: 10})
		if err != nil {
			t.Errorf("%s: %v", code, err)
		}
		return n
	}
	if a, b, c, f := q(linNumber, -1, 10), q(linNumber, -1, 1), q(linNumber, 4, 10), q(strings.ToLower(firmCode), -1, 10); a != 2 || b != 1 || c != 1 || f != 1 {
		t.Errorf("%d %d %d %d", a, b, c, f)
	}
	for _, code := range []string{"580427198511030481", "", "x"} {
		_, _, err := w.Usages(ctx, lin, privacy.UsageQuery{Code: code, Until: w.now, Limit: 1})
		wantErr(t, code, err, "privacy.not_your_code")
	}
}

func TestComplaintsFollowAMergedPerson(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		if _, err := w.Complain(t.Context(), lin, w.seen(eve, linNumber, "case:1"), "我没有办过这件事"); err != nil {
			t.Fatal(err)
		}
		for _, l := range w.Listeners() {
			data, _ := json.Marshal(identity.Merged{From: "p1", Into: "p2"})
			err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				return l.Handle(ctx, tx, event.Stored{ID: "e", Topic: l.Topic, Data: data})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if cs, err := w.MyComplaints(t.Context(), wang); err != nil || len(cs) != 1 {
			t.Errorf("%v, %v", cs, err)
		}
	})
}

func TestEveryTextHasBothLanguages(t *testing.T) {
	var zh, en []string
	for _, k := range i18n.Keys(i18n.Chinese) {
		if strings.HasPrefix(k, "privacy.") {
			zh = append(zh, k)
		}
	}
	for _, k := range i18n.Keys(i18n.English) {
		if strings.HasPrefix(k, "privacy.") {
			en = append(en, k)
		}
	}
	if len(zh) == 0 || strings.Join(zh, " ") != strings.Join(en, " ") {
		t.Errorf("%d Chinese and %d English texts", len(zh), len(en))
	}
	for _, r := range append(append([]string{}, privacy.OwnReasons...), privacy.DeskReasons...) {
		if !i18n.Has("privacy.reason_" + r) {
			t.Errorf("reason %s has no words", r)
		}
	}
}
