package deskweb_test

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"tongban/internal/base/webtest"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/form"
)

const main = "main form[method=post]"

// filed gives a food licence that came in on line.
func (k *desk) filed() string {
	k.t.Helper()
	ctx := k.t.Context()
	d, err := k.s.CreateDraft(ctx, owner, food, "k1")
	k.ok(err)
	_, err = k.s.SaveDraft(ctx, owner, d.ID, d.Version, cases.Patch{
		Form:    form.Answers{"owner": "买买提·艾力", "owner_phone": "13911112222", "shop_name": evil, "shop_area": "86"},
		Contact: cases.Contact{Name: "罗小满", Phone: phone},
	})
	k.ok(err)
	k.attach(d.ID, "a1")
	d, err = k.s.Case(ctx, owner, d.ID)
	k.ok(err)
	_, err = k.s.Submit(ctx, owner, d.ID, d.Version)
	k.ok(err)
	k.drain()
	return d.ID
}

func (k *desk) attach(id, key string) {
	k.t.Helper()
	_, err := k.s.Attach(k.t.Context(), owner, id, cases.Upload{Material: "plan", ClientKey: key, Name: "图 " + evil + ".png", Body: bytes.NewReader(png)})
	k.ok(err)
}

func (k *desk) drain() { k.t.Helper(); k.ok(k.run.Drain(k.t.Context())) }

// pass presses the one button of an act's page.
func pass(c *webtest.Client, id, act string, v url.Values) *webtest.Page {
	return c.Get("/desk/cases/"+id+"/"+act, 200).Submit(main, v, 200)
}

func TestFoodLicenceFromInboxToHandOut(t *testing.T) {
	k := open(t)
	id := k.filed()
	at := "/desk/cases/" + id
	su, zhou, lu := k.as("su-qing"), k.as("zhou-min"), k.as("lu-zheng")

	in := su.Get("/desk/cases", 200).Wants("食品经营许可", "清澜小满餐饮店", "还剩")
	in.Follow(in.Text("tbody th a")).Submit("form[action$='/receive']", nil, 200).Wants("已完成：")
	zhou.Get(at+"/accept", 200).Wants("承诺办结期限为 8 个工作日", "法定期限为 10 个工作日")

	told := zhou.Get(at+"/correct", 200).Wants("只能一次性告知")
	told.Submit(main, nil, 422).Wants("至少勾选一项")
	told.Submit(main, url.Values{"on": {"field:shop_area"}, "text.material:plan": {"重画 " + evil}}, 422).Wants("请写清楚", "没有勾选")
	again := told.Submit(main, url.Values{"on": {"field:shop_area"}, "text.material:plan": {"重画 " + evil}}, 422)
	if v := again.Find("[name='text.material:plan']").AttrOr("value", ""); v != "重画 "+evil {
		t.Errorf("what was typed came back as %q", v)
	}
	told.Submit(main, url.Values{"on": {"field:shop_area", "material:plan"}, "text.field:shop_area": {"按图纸填"}, "text.material:plan": {"重画"}}, 200).Wants("待补正", "按图纸填", "补正")
	k.amend(id)

	zhou.Get(at, 200).Wants("与上次提交相比", "86", "120", "已补正", "第 2 次提交", "本次新交")
	zhou.Get(at+"/correct", 200).Wants("已经告知过一次补正").Lacks("店名")
	pass(zhou, id, "accept", nil).Wants("已完成：", "资料审查")
	zhou.Get(at, 200).Submit("form[action$='/take-up']", nil, 200)

	op := zhou.Get(at+"/opinion", 200)
	op.Submit(main, url.Values{"outcome": {"pass"}, "text": {"看过 " + evil}}, 422).Wants("请给出第 1 项的核对结果")
	marks := url.Values{"outcome": {"pass"}, "text": {"看过 " + evil}}
	for _, key := range []string{"qualification", "items", "manager", "rules"} {
		marks.Set("check."+key, "pass")
	}
	op.Submit(main, marks, 200).Wants("现场核查", "看过 "+evil, "（符合）")

	k.inspect(zhou, id)
	zhou.Get(at, 200).Wants("不能再办理本环节", "现场图", "地面有水")
	zhou.Get(at+"/decide", http.StatusConflict).Wants("不能再办理本环节")

	dec := lu.Get(at+"/decide", 200).Wants("核查通过", "地面有水", "不予许可时", "行政复议")
	dec.Submit(main, url.Values{"outcome": {"refuse"}, "basis": {""}}, 422).Wants("请填写理由", "请填写不予许可的法律依据")
	dec.Submit(main, url.Values{"outcome": {"grant"}, "conditions": {"限堂食"}}, 200).Wants("准予", "限堂食")
	k.drain()
	su.Get("/window/hand-out", 200).Wants("食品经营许可").Follow("11580102").Submit(main, url.Values{"to": {"沈秋月"}, "checked": {"true"}, "behalf.number": {oldNumber}, "behalf.basis": {"firm_agent"}, "behalf.seen": {"true"}}, 200).
		Wants("已完成：", "代领记录", "法定代表人授权", "沈*月").Lacks(oldNumber)
	su.Get("/desk/cases?tab=done", 200).Wants("食品经营许可")
	en := k.as("lu-zheng")
	en.Lang = "en"
	en.Get(at, 200).Wants("History: who did what, and when", "Inspection", "Opinions")
	en.Get("/desk/cases", 200).Wants("Inbox")
}

// amend answers the correction notice as the applicant.
func (k *desk) amend(id string) {
	k.t.Helper()
	ctx := k.t.Context()
	d, err := k.s.Case(ctx, owner, id)
	k.ok(err)
	ans := form.Answers{}
	for key, v := range d.Answers {
		ans[key] = v
	}
	ans["shop_area"] = "120"
	_, err = k.s.SaveDraft(ctx, owner, id, d.Version, cases.Patch{Scenario: d.Scenario, Form: ans, Contact: d.Contact})
	k.ok(err)
	k.attach(id, "a2")
	d, err = k.s.Case(ctx, owner, id)
	k.ok(err)
	_, err = k.s.Resubmit(ctx, owner, id, d.Version)
	k.ok(err)
	k.drain()
}

// inspect records an inspection by two officers; a wrong photograph and a missing line cost nothing that was typed.
func (k *desk) inspect(c *webtest.Client, id string) {
	k.t.Helper()
	at := "/desk/cases/" + id + "/inspect"
	p := c.Get(at, 200).Wants("冯砺")
	if strings.Contains(p.Text("select[name=second]"), "周敏") {
		k.t.Error("an officer may inspect with themself")
	}
	_, v := p.Form(main)
	v.Set("conclusion", "现场合格 "+evil)
	v.Set("note.hands", "地面有水")
	v.Set("_act", "photo")
	bad := c.Upload(at, v, "photo", "a.png", []byte("MZ program"), 422).Wants(evil)
	if bad.Find("#photo-error").Length() != 1 || bad.Find("[name='note.hands']").AttrOr("value", "") != "地面有水" {
		k.t.Errorf("a wrong photograph: %s", bad.Text("main"))
	}
	_, v = bad.Form(main)
	v.Set("_act", "photo")
	ok := c.Upload(at, v, "photo", "现场图.png", png, 200)
	if ok.Find("[name=photos][checked]").Length() != 1 || !strings.Contains(ok.Find("[name=conclusion]").Text(), "现场合格") {
		k.t.Fatalf("after a photograph: %s", ok.Text("main"))
	}
	_, v = ok.Form(main)
	c.Post(at, v, 422).Wants("请选择共同核查的人员", "请给出第 1 项的核对结果")
	v.Set("second", "feng-li")
	ok.Find("input[type=radio][value=pass]").Each(func(_ int, s *goquery.Selection) { v.Set(s.AttrOr("name", ""), "pass") })
	c.Post(at, v, 200).Wants("核查通过", "周敏", "冯砺", "现场图", evil)
}

func TestTwoOfficersMeet(t *testing.T) {
	k := open(t)
	id := k.filed()
	zhou := k.as("zhou-min").Get("/desk/cases/"+id+"/refuse", 200)
	zhou.Submit(main, url.Values{"reason": {"不属于 " + evil}}, 422).Wants("请选择不予受理的理由", evil)
	pass(k.as("feng-li"), id, "accept", nil)
	moved := zhou.Submit(main, url.Values{"ground": {"wrong_agency"}, "right_authority": {"某局"}, "reason": {"不属于 " + evil}}, http.StatusConflict)
	moved.Wants("冯砺", "受理", evil)
	if got := moved.Find("[name=reason]").Text(); got != "不属于 "+evil {
		t.Errorf("typed text came back as %q", got)
	}
	d, err := k.s.Case(t.Context(), k.staff("zhou-min"), id)
	k.ok(err)
	if d.Refusal != nil || d.State == cases.Refused {
		t.Error("the refusal went through")
	}
}

func TestWhatIsMaskedIsShownWithAReason(t *testing.T) {
	k := open(t)
	id := k.filed()
	c := k.as("zhou-min")
	p := c.Get("/desk/cases/"+id, 200).Wants(evil)
	for _, secret := range []string{"13911112222", phone, "买买提", oldNumber} {
		if bytes.Contains(p.Raw, []byte(secret)) {
			t.Errorf("the page shows %s", secret)
		}
	}
	hidden := "form[action$='/reveal']:has(input[value='form.owner_phone'])"
	p.Submit(hidden, url.Values{"reason": {""}}, 422)
	plain := p.Submit(hidden, url.Values{"reason": {"contact"}}, 200).Wants("13911112222", "60 秒后重新隐藏")
	if plain.Find("body[data-remask-url='/desk/cases/"+id+"']").Length() != 1 || bytes.Contains(plain.Raw, []byte(phone)) {
		t.Error("the page does not hide again, or shows more than was asked for")
	}
	p.Submit(hidden, url.Values{"field": {"form.nothing"}, "reason": {"contact"}}, http.StatusNotFound)
}

func TestNumbersAreSearchedWithoutAddresses(t *testing.T) {
	k := open(t)
	id := k.filed()
	c := k.as("su-qing")
	in := c.Get("/desk/cases", 200)
	for _, q := range []string{"91580102MA0000001X", phone} {
		found := in.Submit("form[action='/desk/cases/search']", url.Values{"q": {q}}, 200)
		if found.Find("tbody a[href='/desk/cases/"+id+"']").Length() != 1 || strings.Contains(found.URL.String(), q) {
			t.Errorf("%s: %s\n%s", q, found.URL, found.Text("main"))
		}
	}
	in.Submit("form[action='/desk/cases/search']", url.Values{"q": {evil}}, 200).Wants("没有查到您可以查看的办件")
	in.Submit("form[action='/desk/cases/search']", url.Values{"q": {"12"}}, 422).Wants("请输入完整的号码")
}

func TestAnotherAgencysCaseDoesNotExist(t *testing.T) {
	k := open(t)
	id := k.filed()
	d, err := k.s.Case(t.Context(), owner, id)
	k.ok(err)
	c := k.as("kang-jie")
	c.Get("/desk/cases", 200).Wants("没有等待您岗位办理的办件")
	file := "/desk/cases/" + id + "/files/" + d.Slots[0].Files[0].ID
	for _, path := range []string{"", "/accept", "/correct", "/inspect", "/decide", "/deliver"} {
		c.Get("/desk/cases/"+id+path, http.StatusNotFound)
	}
	c.Get(file, http.StatusNotFound)
	c.Get("/desk/papers/"+k.papers.made[0].ID, http.StatusNotFound)
	c.Post("/desk/cases/"+id+"/accept", url.Values{"_v": {"3"}}, http.StatusNotFound)
	c.Post("/desk/cases/"+id+"/reveal", url.Values{"field": {"applicant.name"}, "reason": {"contact"}}, http.StatusNotFound)
	k.as("su-qing").Get(file, 200)
	if p := k.as("su-qing").Get("/desk/papers/"+k.papers.made[0].ID, 200); !bytes.HasPrefix(p.Raw, []byte("%PDF")) {
		t.Error("the paper is no PDF")
	}
	k.as("").Get("/desk/cases", http.StatusUnauthorized)
}
