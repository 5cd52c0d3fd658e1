package cases_test

import (
	"context"
	"strings"
	"testing"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/cases"
)

func TestWhoMaySee(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		draft := k.filled(person, "d1")
		r := k.submitted(firm, "c1")
		same := authz.Actor{PersonID: "p1", Roles: person.Roles, Level: 2} // the same person, not acting for the firm now
		colleague := authz.Actor{PersonID: "p2", FirmID: "f1", Roles: person.Roles, Level: 2}
		far := overseer
		far.Region = "580200"
		for name, c := range map[string]struct {
			a          authz.Actor
			draft, sub bool
		}{
			"visitor": {authz.Actor{}, false, false}, "stranger": {stranger, false, false}, "who filed it": {firm, false, true}, "for oneself": {same, true, false},
			"the firm's other representative": {colleague, false, true}, "reviewer": {staff("zhou"), false, true}, "window": {staff("chen"), false, true},
			"another agency's officer": {staff("qian"), false, false}, "another post": {staff("sun"), false, false}, "nobody we know": {staff("ghost"), false, false},
			"supervisor": {overseer, false, true}, "supervisor elsewhere": {far, false, false},
		} {
			for id, want := range map[string]bool{draft.ID: c.draft, r.CaseID: c.sub} {
				_, err := k.Case(ctx, c.a, id)
				if (err == nil) != want || err != nil && !errs.Is(err, "cases.not_found") {
					t.Errorf("%s: %v, want %v", name, err, want)
				}
			}
		}
		_, err := k.Accept(ctx, overseer, r.CaseID, r.Version)
		k.refused(err, "cases.no_right")
		_, err = k.Decide(ctx, stranger, r.CaseID, r.Version, cases.Decision{})
		k.refused(err, "cases.not_found")
		_, err = k.TakeUp(ctx, staff("zhou"), r.CaseID, r.Version, "")
		k.refused(err, "cases.no_right") // the step is the window's
		_, err = k.Accept(ctx, staff("zhou"), r.CaseID, r.Version)
		k.ok(err)
		st := k.off.staff["zhou"]
		st.Disabled = true
		k.off.staff["zhou"] = st
		_, err = k.Case(ctx, staff("zhou"), r.CaseID)
		k.refused(err, "cases.not_found")
	})
}

func TestInboxAndSupervision(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		first := k.submitted(person, "c1")
		k.set("2026-03-04 10:00")
		var last cases.Receipt
		for _, key := range []string{"c2", "c3", "c4"} {
			last = k.submitted(firm, key)
		}
		todo, err := k.Inbox(ctx, staff("chen"), cases.Filter{Tab: cases.TabTodo, Limit: 3})
		k.ok(err)
		if len(todo.Cases) != 3 || todo.Next == "" || todo.Cases[0].ID != first.CaseID || todo.Cases[0].Applicant != "罗*满" {
			t.Fatalf("%+v", todo)
		}
		rest, err := k.Inbox(ctx, staff("chen"), cases.Filter{Tab: cases.TabTodo, Limit: 3, After: todo.Next})
		k.ok(err)
		if len(rest.Cases) != 1 || rest.Next != "" {
			t.Errorf("%+v", rest)
		}
		c, err := k.Receive(ctx, staff("chen"), first.CaseID, first.Version)
		k.ok(err)
		if n, err := k.Counts(ctx, staff("chen")); err != nil || n[cases.TabTodo] != 3 || n[cases.TabDoing] != 1 || n[cases.TabAll] != 4 {
			t.Errorf("%v %v", n, err)
		}
		if p, err := k.Inbox(ctx, staff("zhou"), cases.Filter{}); err != nil || len(p.Cases) != 1 || p.Cases[0].ID != c.ID {
			t.Errorf("%+v %v", p, err)
		}
		_, err = k.Inbox(ctx, staff("zhou"), cases.Filter{Post: "decide"})
		k.refused(err, "cases.not_your_post")
		for q, want := range map[string]int{last.CaseNo: 1, "58010219800501p1": 1, "credit-f1": 3, "138 1234 5678": 4, "13812345679": 0, "' OR 1=1 --": 0} {
			if p, err := k.Inbox(ctx, staff("chen"), cases.Filter{Tab: cases.TabAll, Query: q}); err != nil || len(p.Cases) != want {
				t.Errorf("search %q: %d cases, want %d (%v)", q, len(p.Cases), want, err)
			}
		}
		if p, err := k.Inbox(ctx, staff("qian"), cases.Filter{Tab: cases.TabAll, Query: last.CaseNo}); err != nil || len(p.Cases) != 0 {
			t.Errorf("another agency found it: %+v %v", p, err)
		}
		k.set("2026-03-10 08:00")
		p, err := k.RegionCases(ctx, overseer, cases.Filter{Overdue: true})
		k.ok(err)
		if len(p.Cases) != 1 || !p.Cases[0].Overdue || p.Cases[0].DaysLeft != -1 {
			t.Errorf("%+v", p)
		}
		_, err = k.RegionCases(ctx, staff("zhou"), cases.Filter{})
		if errs.KindOf(err) != errs.Forbidden {
			t.Errorf("%v", err)
		}
		mine, err := k.ListMine(ctx, firm, "", 2)
		k.ok(err)
		if len(mine.Cases) != 2 || mine.Next == "" || mine.Cases[0].ID != last.CaseID {
			t.Errorf("%+v", mine)
		}
		if n := dbtest.Count(t, k.d, "audit_entry", "act = 'read' AND actor = 'staff:chen' AND via = 'search'"); n != 9 {
			t.Errorf("%d search hits on record, want 9", n)
		}
	})
}

func TestLookupAndReveal(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		r := k.submitted(person, "c1")
		typed := strings.ToLower(r.QueryCode[:4]) + " " + r.QueryCode[4:]
		p, err := k.Lookup(ctx, authz.Actor{Via: "page"}, " "+strings.ToLower(r.CaseNo), typed)
		k.ok(err)
		if p.Applicant != "罗*满" || p.Stages[1].Status != "now" || p.DaysLeft != 5 || p.WaitFor != cases.WaitAgency {
			t.Errorf("%+v", p)
		}
		_, wrong := k.Lookup(ctx, authz.Actor{}, r.CaseNo, "00000000")
		_, unknown := k.Lookup(ctx, authz.Actor{}, r.CaseNo+"1", r.QueryCode)
		if !errs.Is(wrong, "cases.lookup_none") || wrong.Error() != unknown.Error() {
			t.Errorf("%v and %v can be told apart", wrong, unknown)
		}
		_, err = k.Reveal(ctx, staff("zhou"), r.CaseID, "contact.phone", " ")
		k.refused(err, "cases.reveal_reason")
		_, err = k.Reveal(ctx, overseer, r.CaseID, "contact.phone", "看看")
		k.refused(err, "cases.no_right")
		v, err := k.Reveal(ctx, staff("zhou"), r.CaseID, "contact.phone", "电话联系罗小满约核查时间")
		k.ok(err)
		if v != "13812345678" || dbtest.Count(t, k.d, "audit_entry", "what = 'cases.reveal_phone' AND actor = 'staff:zhou' AND reason <> '' AND origin <> '' AND subject <> ''") != 1 {
			t.Errorf("%q", v)
		}
		if v, err = k.Reveal(ctx, staff("zhou"), r.CaseID, "form.address", "核对地址"); err != nil || v != "清江区滨河路18号" {
			t.Errorf("%q %v", v, err)
		}
	})
}

func TestOldDraftsGo(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		k.filled(person, "old")
		k.submitted(person, "sent")
		k.set("2026-04-01 10:00")
		kept := k.filled(person, "new")
		k.set("2026-06-10 10:00") // a hundred days after the first
		k.ok(k.Schedule(ctx))
		k.drain()
		ds, err := k.Drafts(ctx, person)
		k.ok(err)
		if len(ds) != 1 || ds[0].ID != kept.ID || dbtest.Count(t, k.d, "cases_case", "") != 2 {
			t.Errorf("%+v", ds)
		}
	})
}

// TestNothingPersonalStandsReadable looks for what was typed in every column of every table.
func TestNothingPersonalStandsReadable(t *testing.T) {
	d := dbtest.SQLite(t, rooms[:5]...)
	k := newKit(t, d)
	k.ok(d.Migrate(t.Context(), told))
	r := k.submitted(person, "c1")
	c, err := k.RequestCorrection(t.Context(), staff("zhou"), r.CaseID, r.Version, []cases.Defect{{Kind: cases.OnField, Key: "area", Text: "请罗小满核实面积"}})
	k.ok(err)
	_, err = k.Reveal(t.Context(), staff("zhou"), c.ID, "applicant.name", "核对罗小满身份")
	k.ok(err)
	k.ok(d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM told_row`) // the other rooms' business
		return err
	}))
	for _, table := range []string{"cases_case", "cases_event", "cases_history", "cases_material", "cases_snapshot", "cases_correction", "cases_defect", "cases_opinion", "job_job", "event_event", "audit_entry", "blob_file"} {
		rows, err := d.R().QueryContext(t.Context(), "SELECT * FROM "+table)
		k.ok(err)
		cols, _ := rows.Columns()
		for rows.Next() {
			vals, ptrs := make([]any, len(cols)), make([]any, len(cols))
			for i := range vals {
				ptrs[i] = &vals[i]
			}
			k.ok(rows.Scan(ptrs...))
			for i, v := range vals {
				text := ""
				switch x := v.(type) {
				case string:
					text = x
				case []byte:
					text = string(x)
				}
				for _, secret := range []string{"罗小满", "13812345678", "58010219800501", "滨河路", "DROP TABLE", "核实面积", r.QueryCode} {
					if strings.Contains(text, secret) {
						t.Errorf("%s.%s holds %q", table, cols[i], secret)
					}
				}
			}
		}
		k.ok(rows.Err())
		k.ok(rows.Close())
	}
}
