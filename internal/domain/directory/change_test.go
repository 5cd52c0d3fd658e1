package directory_test

import (
	"strings"
	"testing"

	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/directory"
)

func add(b directory.Base) directory.Change {
	return directory.Change{Kind: directory.Add, Items: []directory.Base{b}, Reason: "国家目录新增", Effective: "2026-04-01"}
}

// TestAChangeTakesThreePeople: an author, a second item officer and legal review, all of a city or above, nobody twice; it becomes effective on its day.
func TestAChangeTakesThreePeople(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		ctx := t.Context()
		_, err := h.Save(ctx, low, add(food()))
		wants(t, "a county's draft", err, "directory.not_keeper")
		_, err = h.Save(ctx, lawyer, add(food()))
		wants(t, "a lawyer's draft", err, "base.forbidden")
		c, err := h.Save(ctx, qi, add(food()))
		if err != nil {
			t.Fatal(err)
		}
		wants(t, "somebody else's", h.Submit(ctx, second, c.ID, c.Rev), "directory.not_author")
		wants(t, "an old revision", h.Submit(ctx, qi, c.ID, c.Rev+1), "directory.moved_meanwhile")
		if err := h.Submit(ctx, qi, c.ID, 1); err != nil {
			t.Fatal(err)
		}
		wants(t, "one's own audit", h.Audit(ctx, qi, c.ID, 2, true, ""), "directory.own_change")
		wants(t, "a county's audit", h.Audit(ctx, low, c.ID, 2, true, ""), "directory.not_keeper")
		wants(t, "legal before the audit", h.Review(ctx, lawyer, c.ID, 2, true, ""), "directory.not_waiting")
		wants(t, "refusing without a reason", h.Audit(ctx, second, c.ID, 2, false, " "), "note directory.refuse_why")
		if err := h.Audit(ctx, second, c.ID, 2, false, "名称与目录不一致"); err != nil {
			t.Fatal(err)
		}
		c, _ = h.Change(ctx, qi, c.ID)
		if c.State != directory.Refused || c.Acts[len(c.Acts)-1].Note == "" {
			t.Fatalf("after the refusal: %+v", c)
		}
		if c, err = h.Save(ctx, qi, c); err != nil {
			t.Fatal(err)
		}
		rev := c.Rev
		for _, step := range []error{
			h.Submit(ctx, qi, c.ID, rev), h.Audit(ctx, second, c.ID, rev+1, true, ""),
		} {
			if step != nil {
				t.Fatal(step)
			}
		}
		wants(t, "a county's legal review", h.Review(ctx, lowLaw, c.ID, rev+2, true, ""), "directory.not_keeper")
		wants(t, "an item officer's legal review", h.Review(ctx, second, c.ID, rev+2, true, ""), "base.forbidden")
		if err := h.Review(ctx, lawyer, c.ID, rev+2, true, ""); err != nil {
			t.Fatal(err)
		}
		h.day("2026-03-31")
		if _, ok, _ := h.Base(ctx, "000131006000"); ok || h.state(c.ID) != directory.Approved {
			t.Error("effective before its day")
		}
		h.day("2026-04-01")
		if b := h.base("000131006000"); b.Version != 1 || b.State != directory.InUse || b.Effective != "2026-04-01" || b.ChangeID != c.ID {
			t.Errorf("base = %+v", b)
		}
		if h.state(c.ID) != directory.Effective {
			t.Error("the change does not say that it is effective")
		}
		dbtest.WantCounts(t, h.d, map[string]int{"directory_version": 1})
		if n := dbtest.Count(t, h.d, "event_event", "topic = 'directory.base_changed'"); n != 1 {
			t.Errorf("%d events", n)
		}
		if n := dbtest.Count(t, h.d, "audit_entry", "act LIKE 'directory.%' AND object LIKE 'directory-change:%'"); n != 8 {
			t.Errorf("%d audit entries, want 8: draft, submit, refuse, save, submit, audit, legal, effect", n)
		}
		wants(t, "dropping what is effective", h.Drop(ctx, qi, c.ID, rev+4), "directory.not_open")
	})
}

// TestTheSixKinds: what each does to the items it concerns.
func TestTheSixKinds(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		ctx := t.Context()
		one, two := food(), food()
		two.Code, two.Name = "000131007000", "食品小作坊许可"
		h.through(add(one))
		h.through(add(two))
		h.day("2026-04-01")

		one.Legal.N = 10
		amend := directory.Change{Kind: directory.Amend, Of: []directory.Ref{{Code: one.Code}}, Items: []directory.Base{one}, Reason: "令第78号", Effective: "2026-05-01", FollowBy: "2026-06-01"}
		h.through(amend)
		h.day("2026-05-01")
		if b := h.base(one.Code); b.Version != 2 || b.Legal.N != 10 || b.FollowBy != "2026-06-01" {
			t.Errorf("amended = %+v", b)
		}
		if old, err := h.BaseVersion(ctx, one.Code, 1); err != nil || old.Legal.N != 20 {
			t.Errorf("the first version = %+v, %v", old, err)
		}

		h.through(directory.Change{Kind: directory.Suspend, Of: []directory.Ref{{Code: one.Code}}, Reason: "暂停", Effective: "2026-05-02", FollowBy: "2026-06-01"})
		h.day("2026-05-02")
		if b := h.base(one.Code); b.State != directory.Suspended || b.Version != 3 || b.Legal.N != 10 {
			t.Errorf("suspended = %+v", b)
		}
		if _, err := h.Adopt(ctx, one.Code, "county"); !errs.Is(err, "directory.adopt_state_2") {
			t.Errorf("adopting what is suspended = %v", err)
		}
		amend.Effective = "2026-05-03"
		h.through(amend)
		h.day("2026-05-03")
		if b := h.base(one.Code); b.State != directory.InUse {
			t.Errorf("a change does not bring it back: %+v", b)
		}

		whole := food()
		whole.Code, whole.Name = "000131008000", "食品许可"
		h.through(directory.Change{Kind: directory.Combine, Of: []directory.Ref{{Code: one.Code}, {Code: two.Code}}, Items: []directory.Base{whole}, Reason: "合并", Effective: "2026-05-04", FollowBy: "2026-06-01"})
		h.day("2026-05-04")
		for _, code := range []string{one.Code, two.Code} {
			if b := h.base(code); b.State != directory.Cancelled || strings.Join(b.Successor, "") != whole.Code {
				t.Errorf("merged away = %+v", b)
			}
		}
		if b := h.base(whole.Code); len(b.Predecessor) != 2 || b.State != directory.InUse {
			t.Errorf("merged = %+v", b)
		}

		left, right := food(), food()
		left.Code, left.MainItem, left.SubItem = "000131008001", "食品许可", "销售"
		right.Code, right.MainItem, right.SubItem = "000131008002", "食品许可", "餐饮"
		h.through(directory.Change{Kind: directory.Divide, Of: []directory.Ref{{Code: whole.Code}}, Items: []directory.Base{left, right}, Reason: "拆分", Effective: "2026-05-05", FollowBy: "2026-06-01"})
		h.day("2026-05-05")
		if b := h.base(whole.Code); b.State != directory.Cancelled || len(b.Successor) != 2 {
			t.Errorf("split = %+v", b)
		}
		if b := h.base(left.Code); strings.Join(b.Predecessor, "") != whole.Code || b.Kind != directory.Divide {
			t.Errorf("part = %+v", b)
		}
		h.through(directory.Change{Kind: directory.Cancel, Of: []directory.Ref{{Code: left.Code}}, Reason: "取消", Effective: "2026-05-06", FollowBy: "2026-06-01"})
		h.day("2026-05-06")
		if b := h.base(left.Code); b.State != directory.Cancelled {
			t.Errorf("cancelled = %+v", b)
		}
		if vs, err := h.History(ctx, whole.Code); err != nil || len(vs) != 2 || vs[0].Version != 2 {
			t.Errorf("history = %+v, %v", vs, err)
		}
	})
}

// TestWhatIsWrongWithAChangeIsSaidAtOnce and nothing of it is lost.
func TestWhatIsWrongWithAChangeIsSaidAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.load(foodYAML)
		ctx := t.Context()
		bad := food()
		bad.ItemType, bad.UseLevels, bad.Basis, bad.SubItem = "07", []string{"9"}, nil, "子项"
		taken := food()
		other := food()
		other.Code = "440131006000"
		parts := food()
		for name, c := range map[string]struct {
			c    directory.Change
			want []string
		}{
			"an item that contradicts its code": {add(bad), []string{"item_type directory.code_type", "use_levels directory.not_in_list", "basis directory.no_basis", "sub_item directory.sub_without_code", "code directory.code_taken"}},
			"a code in use":                     {add(taken), []string{"code directory.code_taken"}},
			"no reason, and a day that is over": {directory.Change{Kind: directory.Cancel, Of: []directory.Ref{{Code: taken.Code}}, Effective: "2026-03-01", FollowBy: "2026-02-01"}, []string{"reason directory.required_reason", "effective directory.effective_past", "follow_by directory.follow_by_wrong"}},
			"a merger of one":                   {directory.Change{Kind: directory.Combine, Of: []directory.Ref{{Code: taken.Code}}, Reason: "x", Effective: "2026-04-01", FollowBy: "2026-05-01"}, []string{"of directory.of_merge", "items directory.items_merge"}},
			"a split that keeps the code":       {directory.Change{Kind: directory.Divide, Of: []directory.Ref{{Code: taken.Code}}, Items: []directory.Base{parts, parts}, Reason: "x", Effective: "2026-04-01", FollowBy: "2026-05-01"}, []string{"items.00.code directory.split_code", "items.01.code directory.code_twice"}},
			"an unknown code":                   {directory.Change{Kind: directory.Suspend, Of: []directory.Ref{{Code: "000131099000"}}, Reason: "x", Effective: "2026-04-01", FollowBy: "2026-05-01"}, []string{"of directory.no_base"}},
		} {
			saved, err := h.Save(ctx, qi, c.c)
			if err != nil {
				t.Fatalf("%s is not kept as a draft: %v", name, err)
			}
			err = h.Submit(ctx, qi, saved.ID, saved.Rev)
			for _, k := range c.want {
				wants(t, name, err, k)
			}
		}
		saved, _ := h.Save(ctx, qi, add(other))
		wants(t, "another province's code", h.Submit(ctx, qi, saved.ID, saved.Rev), "directory.other_province")
	})
}

// TestTheSlowerOfTwoChangesIsOutdated: the base moved between approval and the day.
func TestTheSlowerOfTwoChangesIsOutdated(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.load(foodYAML)
		amend := func(n int, day string) directory.Change {
			b := food()
			b.Legal.N = n
			return directory.Change{Kind: directory.Amend, Of: []directory.Ref{{Code: b.Code}}, Items: []directory.Base{b}, Reason: "x", Effective: day, FollowBy: "2026-06-01"}
		}
		slow, fast := h.through(amend(7, "2026-04-02")), h.through(amend(8, "2026-04-01"))
		dropped := h.through(amend(9, "2026-04-01"))
		c, _ := h.Change(t.Context(), qi, dropped)
		if err := h.Drop(t.Context(), qi, dropped, c.Rev); err != nil {
			t.Fatal(err)
		}
		h.day("2026-04-01")
		h.day("2026-04-02")
		if h.state(slow) != directory.Outdated || h.state(fast) != directory.Effective || h.state(dropped) != directory.Dropped {
			t.Errorf("states: %s %s %s", h.state(slow), h.state(fast), h.state(dropped))
		}
		if b := h.base("000131006000"); b.Legal.N != 8 || b.Version != 2 {
			t.Errorf("base = %+v", b)
		}
		// Drafted anew, it goes through.
		c, _ = h.Change(t.Context(), qi, slow)
		c.Effective = "2026-04-03"
		if c, err := h.Save(t.Context(), qi, c); err != nil || h.Submit(t.Context(), qi, c.ID, c.Rev) != nil {
			t.Errorf("an outdated change cannot be sent again: %v", err)
		}
	})
}

func TestCodesOfBaseItems(t *testing.T) {
	for code, want := range map[string]bool{"000131006000": true, "0001310060": false, "00013100600a": false, "X00131006000": false, "582020001A00": true} {
		b := food()
		b.Code, b.ItemType = code, "01"
		if code == "582020001A00" {
			b.ItemType, b.SubItem = "20", "子项"
		}
		c := directory.Change{Kind: directory.Add, Items: []directory.Base{b}, Reason: "x", Effective: "2026-04-01"}
		got := !strings.Contains(strings.Join(directory.FindingsOf(c), " "), "directory.code_shape")
		if got != want {
			t.Errorf("%s: %v", code, got)
		}
	}
}
