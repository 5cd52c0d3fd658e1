package federationweb_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"tongban/internal/base/i18n"
)

func TestAPersonSignsInWithTheProvince(t *testing.T) {
	k := newKit(t)
	b := k.browser("")
	back := b.atProvider("/sign-in/with/province?next=%2Fmy%3Fa%3D1")
	if a := b.get(back); a.status != 303 || a.location != "/my?a=1" {
		t.Fatalf("%d %q %s", a.status, a.location, a.body)
	}
	if a := b.get("/my"); a.status != 200 || !strings.Contains(a.body, "lin") {
		t.Errorf("signed in as %s", a.body)
	}
	if k.got.Level != 2 || k.got.Number != linNumber || k.got.Name != "林小满" || k.got.Issuer != k.p.Addr() {
		t.Errorf("%+v", k.got)
	}
	if a := b.get(back); a.status != 410 || !strings.Contains(a.body, "换一种登录方式") || !strings.Contains(a.body, "/sign-in?next=%2Fmy") {
		t.Errorf("replayed: %d %s", a.status, a.body)
	}
	if a := k.browser("").get(b.atProvider("/sign-in/with/province")); a.status != 403 || !strings.Contains(a.body, "另一个浏览器") {
		t.Errorf("in another browser: %d", a.status)
	}
	if a := b.get("/sign-in/with/province?next=https%3A%2F%2Fevil.example"); strings.Contains(b.get(b.atProvider("/sign-in/with/province?next=%2F%2Fevil.example")).location, "evil") || a.status != 303 {
		t.Error("leads away")
	}
	k.p.SetExpectedSubject("second")
	if a := b.get(b.atProvider("/sign-in/with/province?next=%2Fmy")); a.location != "/sign-in/second?t=T" {
		t.Errorf("a second factor: %q", a.location)
	}
}

// A provider's page posts the answer from its own site: the browser sends no cookies with it, and leads on by a page of ours.
func TestAnAnswerByFormPost(t *testing.T) {
	k := newKit(t)
	b := k.browser("")
	back, err := url.Parse(b.atProvider("/sign-in/with/province?next=%2Fmy"))
	if err != nil {
		t.Fatal(err)
	}
	q := back.Query()
	q.Set("extra", "x")
	post := func(from string) answer {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, k.srv.URL+back.Path, strings.NewReader(q.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		r.Header.Set("Origin", from)
		return k.browser("").do(r)
	}
	a := post(k.p.Addr())
	_, to, _ := strings.Cut(a.head.Get("Refresh"), "url=")
	if a.status != 200 || a.location != "" || !strings.HasPrefix(to, "/sign-in/with/province/back?") || strings.Contains(to, "extra") || a.head.Get("Set-Cookie") != "" {
		t.Fatalf("%d %v", a.status, a.head)
	}
	if a := k.browser("").get(to); a.status != 403 {
		t.Errorf("without the cookie: %d", a.status)
	}
	if a := b.get(to); a.status != 303 || a.location != "/my" {
		t.Errorf("%d %q %s", a.status, a.location, a.body)
	}
	if a := b.get(to); a.status != 410 {
		t.Errorf("replayed: %d", a.status)
	}
}

func TestTroubleIsAClearPageWithOtherWays(t *testing.T) {
	k := newKit(t)
	b := k.browser("")
	spoilt := b.atProvider("/sign-in/with/province") + "&iss=https%3A%2F%2Fother.example"
	if a := b.get(spoilt); a.status != 403 || !strings.Contains(a.body, "没有通过核验") {
		t.Errorf("mixed-up issuer: %d %s", a.status, a.body)
	}
	twice := b.atProvider("/sign-in/with/province") + "&state=x"
	if a := b.get(twice); a.status != 403 {
		t.Errorf("a parameter twice: %d", a.status)
	}
	u, _ := url.Parse(b.atProvider("/sign-in/with/province?next=%2Fmy"))
	q := url.Values{"state": u.Query()["state"], "error": {"access_denied"}, "error_description": {"<script>"}}
	if a := b.get("/sign-in/with/province/back?" + q.Encode()); a.status != 403 || !strings.Contains(a.body, "您在登录平台上取消了登录") || strings.Contains(a.body, "&lt;script") {
		t.Errorf("cancelled: %d", a.status)
	}
	if a := b.get("/sign-in/with/nobody"); a.status != 404 || !strings.Contains(a.body, "换一种登录方式") {
		t.Errorf("unknown: %d", a.status)
	}
	for _, path := range []string{"/sign-in/with/province/back", "/sign-in/with/province/back?state=%00&code=%FF", "/sign-in/with/province/back?state=" + strings.Repeat("x", 5000)} {
		if a := b.get(path); a.status != 410 && a.status != 403 {
			t.Errorf("%.60s = %d", path, a.status)
		}
	}
}

func TestAProviderThatIsAwayIsSaidSo(t *testing.T) {
	k := newKit(t)
	k.away = true
	a := k.browser("").get("/sign-in/with/province?next=%2Fmy%2Fcases")
	if a.status != 503 || !strings.Contains(a.body, "暂时连不上") || !strings.Contains(a.body, `href="/sign-in?next=%2Fmy%2Fcases"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestAStepUpThroughTheProvince(t *testing.T) {
	k := newKit(t)
	b := k.browser("p:lin")
	const step = "/sign-in/with/province?step=1&level=3&next=%2Fmy"
	back := b.atProvider(step)
	if a := b.get(back); a.status != 403 || !strings.Contains(a.body, "/sign-in/step-up?level=3&amp;next=%2Fmy") || !strings.Contains(a.body, "都还在") {
		t.Errorf("level 2 for level 3: %d %s", a.status, a.body)
	}
	k.p.SetCustomClaims(map[string]any{"acr": "p:3", "name": "林小满", "id_number": linNumber})
	if a := b.get(b.atProvider(step)); a.status != 303 || a.location != "/my" || k.got.Level != 3 {
		t.Errorf("%d %q", a.status, a.location)
	}
	k.p.SetExpectedSubject("wang")
	if a := b.get(b.atProvider(step)); a.status != 403 || !strings.Contains(a.body, "不是您本人") {
		t.Errorf("somebody else: %d %s", a.status, a.body)
	}
	if a := b.get("/my"); !strings.Contains(a.body, "lin") {
		t.Errorf("the session is now %s", a.body)
	}
	if a := b.get("/sign-in/with/province?step=1&level=4"); a.status != 403 || !strings.Contains(a.body, "不能核验") {
		t.Errorf("level 4: %d", a.status)
	}
	if a := k.browser("p:phone").get(step); a.status != 403 || !strings.Contains(a.body, `href="/sign-in/step-up?level=2&amp;next=%2Fmy"`) || strings.Contains(a.body, "/sign-in/with/province") {
		t.Errorf("a phone's account: %d %s", a.status, a.body)
	}
	if a := k.browser("").get(step); a.status != 401 {
		t.Errorf("a visitor: %d", a.status)
	}
}

func TestOurKeysArePublic(t *testing.T) {
	k := newKit(t)
	a := k.browser("").get("/federation/keys") // known before the first sign-in
	var set struct{ Keys []map[string]string }
	if err := json.Unmarshal([]byte(a.body), &set); err != nil || len(set.Keys) != 1 || set.Keys[0]["kty"] != "EC" || set.Keys[0]["alg"] != "ES256" || set.Keys[0]["d"] != "" {
		t.Errorf("%s", a.body)
	}
	if a.head.Get("Access-Control-Allow-Origin") != "*" {
		t.Error("not readable for others")
	}
}

func TestTwoOfficersSetAProviderUp(t *testing.T) {
	k := newKit(t)
	anna, bert := k.as("anna"), k.as("bert")
	anna.Get("/admin/providers", 200).Wants("省统一身份认证平台", "由配置文件设置")
	p := anna.Get("/admin/providers/new", 200)
	p = p.Submit("#provider", url.Values{"name_zh": {"市民云"}, "key": {"cloud"}, "issuer": {"http://cloud.example"}, "client_id": {"ql"}, "levels": {"a 2\na 3"}}, 422)
	p.Wants("以 https:// 开头", "不要重复", "请写明依据")
	p = p.Submit("#provider", url.Values{
		"auth": {"client_secret_basic"}, "secret": {"top-hidden"}, "issuer": {"https://cloud.example"}, "levels": {"a 2\nb 3"}, "why": {"协议〔2026〕2号"}, "enabled": {"true"},
	}, 200)
	p.Wants("等待另一位安全管理员复核", "市民云", "等待复核").Lacks("top-hidden")
	change := p.Follow("市民云").Wants("这是您提出的修改", "另一位安全管理员复核").URL.Path
	anna.Post(change+"/approve", nil, 403)
	q := bert.Get(change, 200).Wants("协议〔2026〕2号", "a 2; b 3", "密钥串有改动", "https://cloud.example").Lacks("top-hidden")
	q.Submit("#refuse", url.Values{"why": {""}}, 422).Wants("请写明依据")
	bert.Post(change+"/approve", nil, 200).Wants("已处理", "已生效")
	bert.Post(change+"/approve", nil, 409)
	if os, err := k.s.Offers(t.Context()); err != nil || len(os) != 2 {
		t.Errorf("%v, %v", os, err)
	}
	p = anna.Get("/admin/providers/edit/cloud", 200)
	p.Lacks("top-hidden")
	p.Submit("#provider", url.Values{"key": {"other"}, "order": {"3"}, "why": {"排序"}, "enabled": nil}, 200)
	if all, _ := k.s.Proposals(t.Context()); all[0].Key != "cloud" || all[0].Enabled || all[0].Order != 3 {
		t.Errorf("%+v", all[0])
	}
	anna.Get("/admin/providers/check/province", 200).Wants("公布了 1 个签名公钥", "/sign-in/with/province/back")
	anna.Get("/admin/providers/edit/province", 403)
	anna.Get("/admin/providers/changes/none", 404)
	anna.Post("/admin/providers/new-key", nil, 200).Wants("已更换签名密钥")
	k.as("root").Get("/admin/providers", 403)
	k.as("p:lin").Get("/admin/providers", 403)
	anna.Lang = "en"
	anna.Get("/admin/providers", 200).Wants("Outside sign-in platforms", "Provincial ID")
}

func TestEveryTextHasBothLanguages(t *testing.T) {
	zh, en := i18n.Keys(i18n.Chinese), i18n.Keys(i18n.English)
	in := func(keys []string) (out []string) {
		for _, k := range keys {
			if strings.HasPrefix(k, "federation.") || strings.HasPrefix(k, "face.") {
				out = append(out, k)
			}
		}
		return out
	}
	if a, b := in(zh), in(en); len(a) == 0 || strings.Join(a, " ") != strings.Join(b, " ") {
		t.Errorf("%d Chinese and %d English texts", len(a), len(b))
	}
}
