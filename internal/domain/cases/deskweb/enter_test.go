package deskweb_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"tongban/internal/domain/cases"
	"tongban/internal/domain/cases/deskweb"
)

// TestACaseWorkedOnPaperIsEntered: the clerk finds the item, is told what is wrong with the dates, and records the case once.
func TestACaseWorkedOnPaperIsEntered(t *testing.T) {
	k := open(t)
	su := k.as("su-qing")
	su.Get("/desk/cases", 200).Wants("事后录入")
	list := su.Get("/desk/enter", 200).Wants("食品经营许可（注销）")
	if n := list.Find("ul.items li").Length(); n != 1 {
		t.Errorf("%d items are entered afterwards", n)
	}
	k.as("xu-hui").Get("/desk/enter", 200).Wants("没有需要事后录入的事项").Lacks("食品经营许可（注销）")
	form := su.Get("/desk/enter/"+onPaper, 200).Wants("申请日期", "决定日期")
	typed := url.Values{
		"kind": {cases.ByFirm}, "name": {"沈秋月"}, "number_kind": {"citizen"}, "number": {oldNumber}, "credit_code": {"91580102MA0000001X"},
		"submitted": {"2026-03-02"}, "accepted": {"2026-03-04"}, "decided": {"2026-03-03"}, "outcome": {"grant"},
	}
	form.Submit(main, typed, 422).Wants("决定日期")
	typed.Set("decided", "2026-03-06")
	done := form.Submit(main, typed, 200).Wants("事后录入")
	again := form.Submit(main, typed, 200)
	if done.URL.Path != again.URL.Path || !strings.HasPrefix(done.URL.Path, "/desk/cases/") {
		t.Errorf("entered twice: %s and %s", done.URL, again.URL)
	}
	d, err := k.s.Case(t.Context(), k.staff("su-qing"), strings.TrimPrefix(done.URL.Path, "/desk/cases/"))
	k.ok(err)
	if d.Channel != cases.Afterwards || d.State != cases.Decided {
		t.Errorf("%s by %s", d.State, d.Channel)
	}
}

// TestTheInboxShowsWhoWaits: urges and unread messages stand beside the case and can be listed alone.
func TestTheInboxShowsWhoWaits(t *testing.T) {
	k := open(t)
	id := k.received()
	zhou := k.as("zhou-min")
	in := zhou.Get("/desk/cases?tab=todo&kind=firm", 200).Lacks("条未读留言", "前答复，")
	if href := in.Find("a[href^='/exports/new']").AttrOr("href", ""); !strings.Contains(href, "of=inbox") || !strings.Contains(href, "kind=firm") || !strings.Contains(href, "tab=todo") {
		t.Errorf("the list is exported by %q", href)
	}
	k.marks = map[string]deskweb.Mark{id: {Unread: 2, Urged: true, AnswerBy: tuesday.Add(24 * time.Hour)}}
	zhou.Get("/desk/cases?tab=todo", 200).Wants("2 条未读留言", "被催办，请于2026-03-11 10:00前答复")
	if n := zhou.Get("/desk/cases?tab=todo&urged=1", 200).Wants("2 条未读留言").Find("a[href^='/exports/new']").Length(); n != 0 {
		t.Error("an export would not hold only those that were urged")
	}
	k.marks = nil
	zhou.Get("/desk/cases?tab=todo&unread=1", 200).Wants("没有符合条件的办件")
}
