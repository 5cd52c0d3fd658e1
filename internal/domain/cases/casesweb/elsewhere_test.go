package casesweb_test

import (
	"net/url"
	"testing"

	"tongban/internal/domain/cases"
)

func TestAFirmsCaseLeadsToTheSwitch(t *testing.T) {
	b := setup(t)
	d := must[cases.Detail](t)(b.s.CreateDraft(t.Context(), asFirm, "shop", "a-key-of-this-test"))
	for _, path := range []string{"/drafts/" + d.ID, "/drafts/" + d.ID + "/contact", "/my/cases/" + d.ID} {
		p := b.Get(path, 200).Wants("这是“小满面馆”的办件", "陈晓梅")
		_, f := p.Form("form[action='/my/act-for']")
		if f.Get("firm") != "noodles" || f.Get("next") != path {
			t.Errorf("%s switches to %v", path, f)
		}
		b.as("other").Get(path, 404).Lacks("小满面馆")
		b.as("weak").Get("/drafts/nothing", 404)
	}
	if _, f := b.Post("/drafts/"+d.ID+"/submit", url.Values{"_v": {"1"}}, 409).Form("form[action='/my/act-for']"); f.Get("next") != "/drafts/"+d.ID || f.Has("_then") {
		t.Errorf("a post leads back to %s", f.Get("next"))
	}
	typed := url.Values{"contact.name": {"“买买提”<b>"}, "contact.phone": {"13800000001"}, "_v": {"1"}}
	_, f := b.Post("/drafts/"+d.ID+"/contact", typed, 409).Wants("不会丢失").Form("form[action='/my/act-for']")
	if f.Get("contact.name") != "“买买提”<b>" || f.Get("_v") != "1" || f.Get("_firm") != "noodles" || f.Get("_then") != "/drafts/"+d.ID+"/contact" {
		t.Errorf("what was typed is not sent again: %v", f)
	}
	b.Get("/my/cases", 200).Wants("其他身份的办件", "小满面馆", "1 份未提交")
	firm := b.as("firm")
	firm.Get("/my/cases", 200).Wants("本人", "没有正在办理的").Lacks("这是")
	firm.Get("/drafts/"+d.ID, 200).Lacks("切换身份")
	if own := b.begin(); firm.Get(own, 200).Find("form[action='/my/act-for'] input[name=firm]").AttrOr("value", "?") != "" {
		t.Error("one's own draft does not lead back to oneself")
	}
	b.as("other").Get("/my/cases", 200).Lacks("其他身份的办件")
}
