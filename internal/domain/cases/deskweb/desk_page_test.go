package deskweb_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/webtest"
	"tongban/internal/domain/cases"
)

// received gives a food licence that waits for acceptance at 周敏's post.
func (k *desk) received() string {
	k.t.Helper()
	id := k.filed()
	d, err := k.s.Case(k.t.Context(), k.staff("su-qing"), id)
	k.ok(err)
	_, err = k.s.Receive(k.t.Context(), k.staff("su-qing"), id, d.Version)
	k.ok(err)
	return id
}

// picked is what the inbox sends for a case.
func picked(p *webtest.Page, id string) string {
	return p.Find("input[name=case][value^='"+id+":']").AttrOr("value", "")
}

func TestTheInboxKeepsFilters(t *testing.T) {
	k := open(t)
	id := k.received()
	zhou := k.as("zhou-min")
	in := zhou.Get("/desk/cases?kind=firm&days=10", 200).Wants("食品经营许可", "还剩", "我的全部岗位", "已超期")
	if in.Find("#batch .tag.success").Length() == 0 {
		t.Error("a case in time is not green")
	}
	in.Submit("form[action^='/desk/filters?']", nil, 422).Wants("请填写筛选名称")
	kept := in.Submit("form[action^='/desk/filters?']", url.Values{"name": {"企业快到期"}, "standard": {"true"}}, 200).Wants("筛选已保存", "企业快到期", "（默认）")
	if v := kept.Find("select[name=days] option[selected]").AttrOr("value", ""); v != "10" {
		t.Errorf("the saved filter shows days=%q", v)
	}
	zhou.Get("/desk/cases", 200).Wants("企业快到期") // it opens with the standard filter
	if n := zhou.Get("/desk/cases", 200).Find("select[name=kind] option[value=firm][selected]").Length(); n != 1 {
		t.Error("the inbox does not open with the standard filter")
	}
	k.as("lu-zheng").Get("/desk/cases", 200).Lacks("企业快到期")
	kept.Submit("form[action$='/drop']", nil, 200).Wants("筛选已删除").Lacks("企业快到期")
	zhou.Get("/desk/cases?kind=person", 200).Wants("没有符合条件的办件")
	_ = id
}

func TestFromCaseToCase(t *testing.T) {
	k := open(t)
	id := k.received()
	zhou := k.as("zhou-min")
	in := zhou.Get("/desk/cases?tab=todo", 200)
	href := in.Find("a[data-open]").AttrOr("href", "")
	if !strings.Contains(href, "list=") || !strings.Contains(href, "at=") {
		t.Fatalf("the list is lost: %s", href)
	}
	page := zhou.Get(href, 200).Wants("下一件", "返回列表", "办理依据", "食品安全法", "我的备注")
	done := page.Submit("form[action$='/take-up']", nil, 200).Wants("已完成：", "办理下一件")
	if done.Find("a.btn.primary[data-focus]").Length() != 1 {
		t.Error("the next case is not offered at once")
	}
	zhou.Get(done.Find("a[data-key=n]").AttrOr("href", ""), 200).Wants("列表里后面没有办件了")
	zhou.Get("/desk/cases/"+id+"/previous", 200).Wants("这是列表的第一件")
}

func TestNotesPhrasesAndUnsentText(t *testing.T) {
	k := open(t)
	id := k.received()
	at := "/desk/cases/" + id
	zhou, lu := k.as("zhou-min"), k.as("lu-zheng")
	zhou.Get(at, 200).Submit("form[action$='/notes']", url.Values{"note": {""}}, 422).Wants("请填写备注")
	zhou.Get(at, 200).Submit("form[action$='/notes']", url.Values{"note": {"周三再问 " + evil}}, 200).Wants("周三再问 " + evil)
	lu.Get(at, 200).Lacks("周三再问")

	zhou.Get("/desk/phrases", 200).Submit("form[action='/desk/phrases']", url.Values{"title": {"齐全"}, "text": {"{申请人}的{事项}材料齐全。"}}, 200).Wants("齐全")
	zhou.Get("/desk/phrases", 200).Lacks("供本部门全体人员使用")
	lu.Get("/desk/phrases", 200).Submit("form[action='/desk/phrases']", url.Values{"title": {"符合"}, "text": {"符合法定条件。"}, "shared": {"true"}}, 200)
	pass(zhou, id, "accept", nil)

	op := zhou.Get(at+"/opinion", 200).Wants("插入常用语", "齐全", "符合")
	own := op.Find("select[name=_phrase] option").First().AttrOr("value", "")
	with := op.Submit(main, url.Values{"_act": {"phrase"}, "_phrase": {own}, "_into": {"text"}, "text": {"经审查。"}, "outcome": {"pass"}}, 200)
	if got := with.Find("textarea[name=text]").Text(); got != "经审查。\n清澜小满餐饮店的食品经营许可（新办）材料齐全。" {
		t.Errorf("the phrase became %q", got)
	}
	with.Submit(main, url.Values{"_act": {"keep"}, "text": {"写到一半 " + evil}}, 200).Wants("已暂存", "还没有提交")
	back := zhou.Get(at+"/opinion", 200).Wants("没有提交，已为您保留")
	if got := back.Text("textarea[name=text]"); got != "写到一半 "+evil {
		t.Errorf("the text came back as %q", got)
	}
	zhou.Get("/desk/unsent", 200).Wants("食品经营许可")
	k.as("feng-li").Get(at+"/opinion", 200).Lacks("写到一半")
	zhou.Get("/desk/cases", 200).Wants("有 1 份填写了还没有提交的内容")
	saved := zhou.Post(at+"/unsent?act=opinion", url.Values{"step": {"review"}, "text": {"x"}}, 200)
	if !strings.Contains(string(saved.Raw), `"saved_at":"10:00:00"`) {
		t.Errorf("autosave answers %s", saved.Raw)
	}
	zhou.Post(at+"/unsent?act=nonsense", nil, 404)
	k.as("xu-hui").Post(at+"/unsent?act=opinion", url.Values{"text": {"x"}}, 404)
}

func TestTheSecondOfficerLearnsWhatChanged(t *testing.T) {
	k := open(t)
	id := k.received()
	at := "/desk/cases/" + id
	zhou, feng := k.as("zhou-min"), k.as("feng-li")
	zhou.Get(at, 200)
	page := zhou.Get(at+"/refuse", 200)
	feng.Get(at, 200).Submit("form[action$='/take-up']", nil, 200)
	late := page.Submit(main, url.Values{"ground": {"not_needed"}, "reason": {"这是我写的长长的理由"}}, http.StatusConflict).Wants("冯砺", "签收办理", "您填写的内容还在下面")
	if got := late.Text("textarea[name=reason]"); got != "这是我写的长长的理由" {
		t.Errorf("what was typed came back as %q", got)
	}
	// Closed now, it is still there; sent again, it counts.
	zhou.Get(at+"/refuse", 200).Wants("没有提交，已为您保留").Submit(main, nil, 200).Wants("不予受理")
	zhou.Get("/desk/unsent", 200).Wants("没有未提交的内容")
}

func TestWhatIsNewSinceIWasHere(t *testing.T) {
	k := open(t)
	id := k.received()
	at := "/desk/cases/" + id
	zhou := k.as("zhou-min")
	zhou.Get(at, 200).Lacks("以来的变化")
	told := zhou.Get(at+"/correct", 200)
	told.Submit(main, url.Values{"on": {"field:shop_area", "material:plan"}, "text.field:shop_area": {"按图纸填"}, "text.material:plan": {"重画"}}, 200)
	k.at = k.at.Add(2 * time.Hour)
	zhou.Get(at, 200)
	k.amend(id)
	k.at = k.at.Add(24 * time.Hour)
	zhou.Get(at, 200).Wants("您上次查看（2026-03-10 12:00）以来的变化", "86", "120", "重新提交")
	zhou.Get(at, 200).Wants("以来的变化") // a reload hides nothing
	k.at = k.at.Add(2 * time.Hour)
	zhou.Get(at, 200).Lacks("以来的变化")
}

func TestManyAtOnce(t *testing.T) {
	k := open(t)
	id := k.received()
	at := "/desk/cases/" + id
	zhou, feng := k.as("zhou-min"), k.as("feng-li")
	in := zhou.Get("/desk/cases?tab=todo", 200)
	choice := picked(in, id)
	in.Submit("#batch", url.Values{"act": {"take_up"}}, 422).Wants("请先勾选办件")
	zhou.Post("/desk/cases/batch", url.Values{"act": {"decide"}, "case": {choice}}, 400)
	zhou.Post("/desk/cases/batch", url.Values{"act": {"accept"}, "case": {choice}}, 200).Wants("您还没有查看这件办件现在的内容")
	ask := in.Submit("#batch", url.Values{"act": {"take_up"}, "case": {choice}}, 200).Wants("可以办理", "办理这 1 件")
	action, form := ask.Form("form[action='/desk/batches']")
	done := zhou.Post(action, form, 200).Wants("已办理 1 件，未办理 0 件")
	again := zhou.Post(action, form, 200).Wants("已办理 1 件，未办理 0 件") // the same click twice is one run
	if done.URL.Path != again.URL.Path {
		t.Error("a repeat began a second run")
	}
	feng.Get(done.URL.Path, 404)

	// Somebody was faster: the line says who did what.
	zhou.Get(at, 200)
	ask = zhou.Get("/desk/cases?tab=todo", 200).Submit("#batch", url.Values{"act": {"accept"}, "case": {picked(zhou.Get("/desk/cases?tab=todo", 200), id)}}, 200).Wants("可以办理")
	feng.Get(at, 200).Submit("form[action$='/release']", nil, 200)
	ask.Submit("form[action='/desk/batches']", nil, 200).Wants("未办理 1 件", "已有变化", "冯砺")

	zhou.Get(at, 200)
	ask = zhou.Get("/desk/cases?tab=todo", 200).Submit("#batch", url.Values{"act": {"accept"}, "case": {picked(zhou.Get("/desk/cases?tab=todo", 200), id)}}, 200)
	ask.Submit("form[action='/desk/batches']", nil, 200).Wants("已办理 1 件")
	d, err := k.s.Case(t.Context(), k.staff("zhou-min"), id)
	k.ok(err)
	if d.State != cases.Accepted && d.State != cases.Reviewing {
		t.Errorf("%s", d.State)
	}
	zhou.Post("/desk/cases/batch", url.Values{"act": {"opinion"}, "case": {picked(zhou.Get("/desk/cases?tab=todo", 200), id)}}, 200).Wants("逐项核对")
}

func TestKeysAreToldAndSwitchedOff(t *testing.T) {
	k := open(t)
	k.received()
	zhou := k.as("zhou-min")
	if zhou.Get("/desk/cases", 200).Find("[data-desk=list]").Length() != 1 {
		t.Error("keys are not on")
	}
	zhou.Get("/desk/keys", 200).Wants("下一件、上一件").Submit("form[action='/desk/keys']", nil, 200).Wants("快捷键已关闭")
	if zhou.Get("/desk/cases", 200).Find("[data-desk]").Length() != 0 {
		t.Error("keys are still on")
	}
}
