package deskweb_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"tongban/internal/base/webtest"
	"tongban/internal/domain/cases"
)

// present fills the page of the person at the counter.
func present(p *webtest.Page, status int) *webtest.Page {
	return p.Submit(main, url.Values{"name": {"沈秋月"}, "number": {oldNumber}, "phone": {phone}}, status)
}

var elderAnswers = url.Values{"live_address": {"柳桥路9号 " + evil}, "delivery": {"window"}, "truth": {"true"}, "phone": {phone}}

func TestThe85YearOldsCardInFivePages(t *testing.T) {
	k := open(t)
	c := k.as("xu-hui")
	start := c.Get("/window", 200).Wants("老年人优待证申领", "当场办结")
	if strings.Contains(start.Text("main"), "食品经营") {
		t.Error("an item of another post is offered")
	}
	person := start.Follow("老年人优待证申领")
	wrong := person.Submit(main, url.Values{"name": {evil}, "number": {""}}, 422).Wants("请填写证件号码")
	if got := wrong.Find("[name=name]").AttrOr("value", ""); got != evil {
		t.Errorf("the name came back as %q", got)
	}
	wrong.Submit(main, url.Values{"name": {"沈秋月"}, "number": {"580102194002030020"}}, 422).Wants("校验位")
	questions := present(person, 200).Wants("您的户口或居住证在清澜市吗")
	if !strings.HasSuffix(questions.URL.Path, "/questions") {
		t.Fatalf("after the person comes %s", questions.URL.Path)
	}
	questions = questions.Submit(main, url.Values{"scenario.residence": {"none"}, "scenario.photo": {"id-card"}}, 422).Wants("您需要先办居住证")
	form := questions.Submit(main, url.Values{"scenario.residence": {"household"}, "scenario.photo": {"id-card"}}, 200).Wants("已带出：人口库")
	if box := form.Find("[name=household_address]"); box.AttrOr("value", box.Text()) != "清江区柳桥路9号" {
		t.Errorf("the register's address came as %q", box.AttrOr("value", box.Text()))
	}
	form.Submit(main, url.Values{"live_address": {"望江街道"}, "phone": {"12"}}, 422)
	form = c.Get(form.URL.Path, 200)
	check := form.Submit(main, elderAnswers, 200).Wants("请申请人核对", evil, "居民身份证")
	if !strings.HasSuffix(check.URL.Path, "/check") {
		t.Fatalf("after the form comes %s", check.URL.Path)
	}
	if check.Find("a[href='javascript:'], script:not([src]):not([type])").Length() > 0 {
		t.Error("what was typed became markup")
	}
	done := check.Submit(main, url.Values{"_act": {"grant"}}, 200).Wants("已当场办结", "现在交给申请人", "查询码")
	if done.Find("svg.qr").Length() != 1 {
		t.Error("the receipt has no QR code")
	}
	id := strings.Split(done.URL.Path, "/")[3]
	c.Get(check.URL.Path, 200).Wants("已当场办结") // the sent form replayed leads to the receipt
	done.Submit("section.card form", url.Values{"to": {"沈秋月"}}, 422).Wants("请先核对领取人的身份证件")
	handed := c.Get("/desk/cases/"+id+"/deliver", 200).Submit(main, url.Values{"to": {"沈秋月"}, "checked": {"true"}}, 200)
	handed.Wants("已完成", "送达")
	d, err := k.s.Case(t.Context(), k.staff("xu-hui"), id)
	k.ok(err)
	if d.State != cases.Concluded || d.Visits != 2 || d.Outcome != cases.Grant {
		t.Errorf("state %s, outcome %s, %d visits", d.State, d.Outcome, d.Visits)
	}
}

func TestAWindowSavesWhatTwoTabsTypeAndShowsTheDifference(t *testing.T) {
	k := open(t)
	c := k.as("xu-hui")
	q := present(c.Get("/window/new/elder-card", 200), 200)
	a := q.Submit(main, url.Values{"scenario.residence": {"household"}, "scenario.photo": {"id-card"}}, 200)
	b := c.Get(a.URL.Path, 200)
	a.Submit(main, url.Values{"live_address": {"甲地"}}, 422)
	conflict := b.Submit(main, url.Values{"live_address": {"乙地 " + evil}}, http.StatusConflict).Wants("甲地", "乙地", evil)
	conflict.Submit(main, url.Values{"keep": {"mine"}}, 422)
	if got := c.Get(a.URL.Path, 200).Find("[name=live_address]").Text(); !strings.HasPrefix(got, "乙地") {
		t.Errorf("kept %q", got)
	}
}

func TestAnUploadAtTheWindow(t *testing.T) {
	k := open(t)
	c := k.as("xu-hui")
	q := present(c.Get("/window/new/elder-card", 200), 200)
	f := q.Submit(main, url.Values{"scenario.residence": {"household"}, "scenario.photo": {"upload"}}, 200)
	m := f.Submit(main, elderAnswers, 200)
	if !strings.HasSuffix(m.URL.Path, "/materials") {
		t.Fatalf("after the form comes %s", m.URL.Path)
	}
	action, values := m.Form("#f-photo-box form")
	bad := c.Upload(action, values, "photo", "照片.png", []byte("MZ\x90 not a picture"), 422)
	if bad.Find("#f-photo-error").Length() != 1 {
		t.Errorf("nothing said beside the file: %s", bad.Text("main"))
	}
	c.Send(http.MethodPost, action, "application/x-www-form-urlencoded", strings.NewReader("_act=upload:photo"), 422).Wants("请先选择文件")
	for range 2 { // the same page sent twice keeps one file
		m = c.Upload(action, values, "photo", "<b>照片</b>.png", png, 200)
	}
	if n := m.Find("#f-photo-box li.file").Length(); n != 1 {
		t.Fatalf("%d files", n)
	}
	href := m.Find("#f-photo-box .file-name a").AttrOr("href", "")
	if got := c.Get(href, 200); got.Header.Get("Content-Type") != "image/png" || len(got.Raw) != len(png) {
		t.Errorf("file: %s, %d bytes", got.Header.Get("Content-Type"), len(got.Raw))
	}
	seen := m.Submit("form[action*='/original/']", nil, 200).Wants("原件已核对")
	remove := seen.Find("#f-photo-box button[value^='rm:']").AttrOr("value", "")
	gone := c.Post(action, url.Values{"_act": {remove}}, 200)
	if n := gone.Find("#f-photo-box li.file").Length(); n != 0 {
		t.Errorf("%d files after removing", n)
	}
}

func TestARegisterThatIsAwayIsTypedAround(t *testing.T) {
	k := open(t)
	k.people.away = true
	q := present(k.as("xu-hui").Get("/window/new/elder-card", 200), 200).Wants("暂时连不上人口库")
	f := q.Submit(main, url.Values{"scenario.residence": {"household"}, "scenario.photo": {"id-card"}}, 200)
	if f.Find("input[name=name]:not([readonly])").Length() != 1 {
		t.Error("the name cannot be typed")
	}
}

func TestTheWindowIsForClerksOfThePost(t *testing.T) {
	k := open(t)
	k.as("zhou-min").Get("/window", http.StatusForbidden) // an officer, no clerk
	p := k.as("kang-jie").Get("/window/new/elder-card", 200)
	present(p, http.StatusForbidden)
	if n := k.as("kang-jie").Get("/window", 200).Find("li.item").FilterFunction(func(_ int, s *goquery.Selection) bool {
		return strings.Contains(s.Text(), "优待证")
	}).Length(); n != 0 {
		t.Error("an item of another agency's post is offered")
	}
	draft := present(k.as("xu-hui").Get("/window/new/elder-card", 200), 200).URL.Path
	k.as("he-jing").Get(draft, http.StatusNotFound)
	k.as("xu-hui").Get("/window/hand-out", 200).Wants("没有等待领取的结果")
}

func TestAClerkAmendsAtTheWindow(t *testing.T) {
	k := open(t)
	c := k.as("xu-hui")
	q := present(c.Get("/window/new/elder-card", 200), 200)
	f := q.Submit(main, url.Values{"scenario.residence": {"household"}, "scenario.photo": {"id-card"}}, 200)
	sent := f.Submit(main, elderAnswers, 200).Submit(main, nil, 200).Wants("申请已提交", "当场办理")
	id := strings.Split(sent.URL.Path, "/")[3]
	told := k.as("wei-chun").Get("/desk/cases/"+id+"/correct", 200)
	told.Submit(main, url.Values{"on": {"field:live_address"}, "text.field:live_address": {"写到门牌号"}}, 200)
	page := c.Get("/desk/cases/"+id, 200).Wants("等申请人补正")
	page.Submit("form[action$='/visit']", nil, http.StatusBadRequest)
	page.Submit("form[action$='/visit']", url.Values{"purpose": {"correct"}}, 200).Wants("已登记这次到场")
	form := page.Follow("在窗口帮申请人补正")
	check := form.Submit(main, url.Values{"live_address": {"柳桥路9号3单元"}}, 200)
	check.Submit(main, nil, 200).Wants("已完成：", "第 2 次提交", "现在住的地址", "已补正")
	k.as("wei-chun").Get("/desk/cases/"+id+"/on-the-spot", 200).Submit(main, url.Values{"outcome": {"grant"}}, 200).Wants("办结")
	k.as("wei-chun").Get("/desk/cases/"+id+"/accept", http.StatusConflict).Wants("不能")
}
