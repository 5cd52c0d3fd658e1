package deskweb_test

import (
	"net/http"
	"net/url"
	"testing"

	"tongban/internal/domain/cases"
	"tongban/internal/engine/form"
)

// TestTheDeskAnswersAPreReview: it lies in the inbox of the accepting post, is answered, and is gone from the desk again.
func TestTheDeskAnswersAPreReview(t *testing.T) {
	k := open(t)
	ctx := t.Context()
	d, err := k.s.CreateDraft(ctx, owner, food, "pre-1")
	k.ok(err)
	_, err = k.s.SaveDraft(ctx, owner, d.ID, d.Version, cases.Patch{Form: form.Answers{"owner": "沈秋月", "shop_name": "小满"}, Contact: d.Contact})
	k.ok(err)
	h, err := k.s.Head(ctx, d.ID)
	k.ok(err)
	_, err = k.s.AskPrecheck(ctx, owner, d.ID, h.Version, "店名行吗 "+evil)
	k.ok(err)
	at, zhou := "/desk/cases/"+d.ID, k.as("zhou-min")
	zhou.Get("/desk/cases", 200).Wants("食品经营许可", "预审")
	zhou.Get(at, 200).Wants("预审中", "答复预审", "店名行吗 "+evil).Lacks("沈秋月")
	page := zhou.Get(at+"/pre-review", 200).Wants("申请人还没有正式提交", "申请人的问题")
	page.Submit(main, nil, 422).Wants("请选择预审意见")
	page.Submit(main, url.Values{"ready": {"ready"}, "on": {"field:shop_name"}, "text.field:shop_name": {"加字号"}}, 422).Wants("不能同时答复")
	page.Submit(main, url.Values{"ready": {"missing"}}, 422).Wants("请写明要完善的地方")
	page.Submit(main, url.Values{"ready": {"missing"}, "advice": {"还差图"}, "on": {"field:shop_name"}, "text.field:shop_name": {"加字号"}}, 200)
	zhou.Get(at, 404)
	got, err := k.s.Case(ctx, owner, d.ID)
	k.ok(err)
	if p := got.Prechecks[0]; p.Ready || p.Advice != "还差图" || p.Defects[0].Text != "加字号" {
		t.Errorf("advised: %+v", p)
	}
}

// TestTheDeskCorrectsOnTheSpot chooses fields, types their new answers and ticks that the applicant confirmed; the old ones stay masked.
func TestTheDeskCorrectsOnTheSpot(t *testing.T) {
	k := open(t)
	id := k.filed()
	at, zhou := "/desk/cases/"+id, k.as("zhou-min")
	choose := zhou.Get(at, 200).Follow("当场更正").Wants("要更正哪些内容", "店名", "面积")
	if choose.Find("form[method=get] input[name=field]").Length() != 4 {
		t.Error("not every answer of the form can be chosen")
	}
	fill := zhou.Get(at+"/correct-spot?field=shop_area&field=owner", 200).Wants("“面积”现在是：86", "申请人怎样确认").Lacks("沈秋月")
	refused := fill.Submit(main, url.Values{"shop_area": {"很大"}, "owner": {"沈秋云"}, "how": {"present"}, "confirmed": {"true"}}, 422).Wants("没有更正")
	if v := refused.Find("[name=shop_area]").AttrOr("value", ""); v != "很大" {
		t.Errorf("what was typed came back as %q", v)
	}
	fill.Submit(main, url.Values{"shop_area": {"68"}, "owner": {"沈秋云"}}, 422).Wants("请选择申请人是怎样确认的", "没有逐项确认")
	fill.Submit(main, url.Values{"shop_area": {"68"}, "owner": {"沈秋云"}, "how": {"present"}, "confirmed": {"true"}, "note": {"少打了"}}, 200).Wants("已完成：", "68", "少打了", "申请人在场").Lacks("沈秋云")
	zhou.Get(at+"/accept", 200).Submit(main, nil, 200)
	zhou.Get(at+"/correct-spot", http.StatusConflict).Wants("现在不能")
	en := k.as("zhou-min")
	en.Lang = "en"
	en.Get(at, 200).Wants("Correct on the spot", "The applicant was present").Lacks("deskweb.", "cases.")
}
