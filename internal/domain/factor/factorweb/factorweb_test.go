package factorweb_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/ui"
	"tongban/internal/base/vault"
	"tongban/internal/base/web"
	"tongban/internal/base/webtest"
	"tongban/internal/domain/factor"
	"tongban/internal/domain/factor/factorweb"
	"tongban/internal/engine/seal"
)

const secret = "Quartz.river.81.kite"

type world struct {
	*webtest.Client
	s     *factor.Service
	now   time.Time
	proof time.Time // when the sessions last proved who they are
	ended int       // how often other sessions were ended
	trust factor.Trust
	sign  seal.Signer // of a certificate that is trusted here
	noSMS bool
}

var visitors = map[string]authz.Actor{
	"applicant": {PersonID: "p1", Roles: []authz.Role{authz.Person}},
	"stranger":  {PersonID: "p2", Roles: []authz.Role{authz.Person}},
	"officer":   {StaffID: "s1", Roles: []authz.Role{authz.Officer}},
	"auditor":   {StaffID: "s2", Roles: []authz.Role{authz.Auditor}},
	"limited":   {StaffID: "s2", Roles: []authz.Role{authz.Limited}},
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// newWorld is a site with this room alone.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{now: time.Date(2026, 3, 20, 10, 0, 0, 0, time.UTC)}
	w.proof = w.now
	clk := func() time.Time { return w.now }
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	ca, err := seal.NewCA("测试根", w.now.AddDate(-1, 0, 0), w.now.AddDate(1, 0, 0), true, nil)
	must(t, err)
	key, cert, err := ca.Issue("清澜政务平台", "清澜市", w.now.AddDate(-1, 0, 0), w.now.AddDate(1, 0, 0))
	must(t, err)
	signer, err := seal.NewSoftSigner(key, cert, nil)
	must(t, err)
	w.sign = signer
	w.trust = factor.Trust{Seals: [][]byte{ca.CertPEM()}}
	w.s, err = factor.New(factor.Deps{
		DB: dbtest.SQLite(t, []db.Room{audit.Schema, factor.Schema}...), Vault: vault.New(vault.NewKeys()), Now: clk, Log: log, PublicURL: "https://zwfw.example.cn",
		SiteName: "清澜政务", Cost: factor.Cost{Memory: 64, Time: 1, Lanes: 1}, Seal: factor.SealWith(signer, clk), Roots: [][]byte{ca.CertPEM()},
	})
	must(t, err)
	site := web.New(web.Config{
		Log: log, Now: clk, Actor: func(r *http.Request) (authz.Actor, error) {
			c, err := r.Cookie("who")
			if err != nil {
				return authz.Actor{}, nil //nolint:nilerr // nobody is signed in
			}
			a := visitors[c.Value]
			a.AuthTime = w.proof
			return a, nil
		},
		Prepare: func(ctx context.Context, r *http.Request) context.Context {
			return ui.WithShell(ctx, ui.Shell{SiteName: "清澜政务", Path: r.URL.Path})
		},
	})
	site.Add(factorweb.Routes(factorweb.Config{
		Service: w.s, Now: clk,
		Who: func(context.Context, authz.Actor) (factorweb.Who, error) {
			return factorweb.Who{Account: "138****5678", Display: "王*梅", Related: []string{"13857209164"}, NoSMS: w.noSMS}, nil
		},
		EndOthers: func(context.Context, authz.Actor) error { w.ended++; return nil },
	})...)
	site.Mount("GET /as/{who}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "who", Value: r.PathValue("who"), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}) //nolint:gosec // plain http on loopback
	}))
	site.Mount("GET /sign-in/step-up", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "prove "+r.URL.RawQuery)
	}))
	w.Client = webtest.New(t, site.Handler())
	return w
}

func (w *world) as(who string) *webtest.Client {
	a := w.Another()
	a.Get("/as/"+who, 200)
	return a
}

func TestPasswordsAreSetChangedAndRemoved(t *testing.T) {
	w := newWorld(t)
	me := w.as("applicant")
	p := me.Get("/my/security", 200).Wants("登录与签署方式", "未设置", "还有 0 个恢复码")
	p = p.Follow("设置密码")
	p.Submit("#set", url.Values{"password": {secret}, "repeat": {"other"}}, 422).Wants("两次输入的密码不一样").Lacks(secret)
	p.Submit("#set", url.Values{"password": {"lantern-57209164-x"}, "repeat": {"lantern-57209164-x"}}, 422).Wants("手机号")
	p.Submit("#set", url.Values{"password": {secret}, "repeat": {secret}}, 200).Wants("登录密码已保存", "已设置")
	if w.ended != 1 {
		t.Errorf("other sessions were ended %d times", w.ended)
	}
	if ok, _, err := w.s.CheckPassword(t.Context(), "person:p1", secret); !ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
	me.Get("/my/security/sign-password", 200).Submit("#set", url.Values{"password": {secret}, "repeat": {secret}}, 422).Wants("不能相同")
	me.Get("/my/security/password", 200).Submit("form[action$='/remove']", nil, 200).Wants("已删除")
	me.Post("/my/security/password/remove", nil, 404)
	w.as("officer").Get("/my/security", 200).Wants("修改密码")
	w.as("officer").Post("/my/security/password/remove", nil, 403)
	w.as("officer").Post("/my/security/password", url.Values{"password": {secret}, "repeat": {secret}}, 403)
	if has, err := w.s.HasPassword(t.Context(), "staff:s1"); has || err != nil {
		t.Errorf("staff set a password without the old one: %v", err)
	}
	w.Get("/my/security", 401)
}

func TestChangingAFactorNeedsAFreshProof(t *testing.T) {
	w := newWorld(t)
	me := w.as("applicant")
	w.now = w.now.Add(10*time.Minute + time.Second)
	me.Get("/my/security", 200)
	for _, page := range []string{"password", "sign-password", "recovery", "app", "passkeys/new", "certificates/new"} {
		p := me.Get("/my/security/"+page+"?next=/my/sign/1", 200)
		if p.URL.Path != "/sign-in/step-up" || p.URL.Query().Get("next") != "/my/security/"+page+"?next=%2Fmy%2Fsign%2F1" || p.URL.Query().Get("fresh") != "1" {
			t.Errorf("%s leads to %s", page, p.URL)
		}
	}
	for _, act := range []string{"password", "password/remove", "sign-password", "sign-password/remove", "recovery", "app/begin", "app", "app/remove", "passkeys/x", "passkeys/x/remove", "certificates/new", "certificates/x/remove"} {
		if p := me.Post("/my/security/"+act, url.Values{"password": {secret}, "repeat": {secret}}, 200); p.URL.Path != "/sign-in/step-up" {
			t.Errorf("%s was done without a proof", act)
		}
	}
	for _, step := range []string{"begin", "finish"} {
		p := me.Send(http.MethodPost, "/my/security/passkeys/"+step, "application/json", strings.NewReader("{}"), 200)
		if !strings.Contains(string(p.Raw), "/sign-in/step-up?fresh=1") {
			t.Errorf("%s: %s", step, p.Raw)
		}
	}
	if m, err := w.s.Methods(t.Context(), "person:p1"); err != nil || m.Password || m.RecoveryLeft != 0 {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestAnAppIsSetUpWithoutScripts(t *testing.T) {
	w := newWorld(t)
	me := w.as("applicant")
	p := me.Get("/my/security/app?next=/my/security", 200).Submit("#begin", nil, 200).Wants("扫描下面的二维码", "第二步")
	if p.Find("svg.qr").Length() != 1 {
		t.Error("no code to scan")
	}
	setup, err := w.s.PendingTOTP(t.Context(), "person:p1", "138****5678")
	must(t, err)
	p.Wants(setup.Secret)
	p.Submit("#confirm", url.Values{"code": {"12"}}, 422).Wants("数字不对")
	code, err := totp.GenerateCode(setup.Secret, w.now)
	must(t, err)
	p.Submit("#confirm", url.Values{"code": {code}}, 200)
	me.Get("/my/security/app", 200).Wants("停用身份验证器").Lacks(setup.Secret)
	me.Post("/my/security/app/remove", nil, 200).Wants("已删除")
}

func TestRecoveryCodesAreShownOnce(t *testing.T) {
	w := newWorld(t)
	me := w.as("applicant")
	p := me.Get("/my/security/recovery", 200).Submit("form[action='/my/security/recovery']", nil, 200).Wants("抄下")
	codes := strings.Fields(p.Find("pre").Text())
	if len(codes) != 10 {
		t.Fatalf("%v", codes)
	}
	me.Get("/my/security/recovery", 200).Wants("还有 10 个").Lacks(codes[0])
	if ok, err := w.s.UseRecoveryCode(t.Context(), "person:p1", codes[3]); !ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
}

func TestThePasskeyScriptIsAnsweredInJSON(t *testing.T) {
	w := newWorld(t)
	me := w.as("applicant")
	form := me.Get("/my/security/passkeys/new", 200).Find("form[data-passkey=register]")
	begin, finish := form.AttrOr("data-begin", ""), form.AttrOr("data-finish", "")
	p := me.Send(http.MethodPost, begin, "application/json", strings.NewReader(`{"fields":{"label":"x"}}`), 200)
	var c factor.Challenge
	must(t, json.Unmarshal(p.Raw, &c))
	if c.ID == "" || !strings.Contains(string(c.Options), `"id":"zwfw.example.cn"`) || !strings.Contains(string(c.Options), "王*梅") || c.Words["cancelled"] == "" || strings.HasPrefix(c.Words["wait"], "factor.") {
		t.Errorf("%s", p.Raw)
	}
	for body, status := range map[string]int{"": 400, "[]": 400, `{"id":"` + c.ID + `","response":{}}`: 422, `{"id":"none","response":{}}`: 410} {
		p := me.Send(http.MethodPost, finish, "application/json", strings.NewReader(body), status)
		if !strings.Contains(string(p.Raw), `"detail"`) {
			t.Errorf("%q: %s", body, p.Raw)
		}
	}
	me.Get("/my/security/passkeys/none", 404)
}

func TestATextIsReadAndSignedWithTheSecondSecret(t *testing.T) {
	w := newWorld(t)
	me := w.as("applicant")
	text := "一、内容真实；\n二、<b>愿意</b>承担后果。"
	id, err := w.s.AskSignature(t.Context(), visitors["applicant"], factor.Ask{Object: "case:c1", Title: "告知承诺书", Text: text, Back: "/my/security?done=renamed"})
	must(t, err)
	w.now = w.now.Add(20 * time.Minute) // the page itself needs no fresh session
	p := me.Get("/my/sign/"+id, 200).Wants("告知承诺书", "还没有可以用来签署的方式")
	if got := p.Find("[data-paper]").Text(); got != text {
		t.Errorf("shown: %q", got)
	}
	w.as("stranger").Get("/my/sign/"+id, 404)
	w.as("stranger").Get("/my/sign/"+id+"/text", 404)
	me.Get("/my/sign/"+id+"/evidence", 404)
	w.proof = w.now
	p.Follow("设置签署密码").Submit("#set", url.Values{"password": {secret}, "repeat": {secret}}, 200).Wants("告知承诺书") // and back
	p = me.Get("/my/sign/"+id, 200)
	p.Submit("#by-password", url.Values{"password": {"wrong"}}, 422).Wants("签署密码不对")
	p.Submit("#by-password", url.Values{"password": {secret}}, 200).Wants("名称已保存") // where the room wanted the person
	me.Post("/my/sign/"+id+"/password", url.Values{"password": {secret}}, 409).Wants("已经处理过了")
	me.Get("/my/sign/"+id, 200).Wants("签署密码", "下载签名凭证").Lacks("我已阅读并签署")
	file := me.Get("/my/sign/"+id+"/evidence", 200)
	if r := factor.VerifyEvidence(file.Raw, w.trust); !r.OK || r.Envelope.Text != text {
		t.Errorf("%+v", r)
	}
	if txt := me.Get("/my/sign/"+id+"/text", 200); !strings.HasSuffix(string(txt.Raw), "\n\n"+text) {
		t.Errorf("%q", txt.Raw)
	}
	w.as("stranger").Get("/my/sign/"+id+"/evidence", 404)
}

func TestATextCanBeRefusedAndLapses(t *testing.T) {
	w := newWorld(t)
	me := w.as("applicant")
	ask := func(back string) string {
		id, err := w.s.AskSignature(t.Context(), visitors["applicant"], factor.Ask{Object: "case:c1", Title: "承诺书", Text: "内容", Back: back})
		must(t, err)
		return id
	}
	id := ask("https://evil.test/")
	if p := me.Get("/my/sign/"+id, 200).Submit("#refuse form", nil, 404); p.URL.Path != "/" { // an address of another site is never followed
		t.Errorf("led to %s", p.URL)
	}
	me.Get("/my/sign/"+id, 200).Wants("您没有签署").Lacks("evil")
	id = ask("")
	w.now = w.now.Add(2 * time.Hour)
	me.Get("/my/sign/"+id, 200).Wants("已经失效")
	me.Post("/my/sign/"+id+"/refuse", nil, 410).Wants("已经失效")
}

func TestCertificatePages(t *testing.T) {
	w := newWorld(t)
	me := w.as("applicant")
	p := me.Get("/my/security/certificates/new", 200).Wants("tongban-bind-1 https://zwfw.example.cn")
	id := p.Find("input[name=id]").AttrOr("value", "")
	me.Upload("/my/security/certificates/new", url.Values{"id": {id}, "signature": {"AAAA"}}, "certificate_file", "c.pem", []byte("junk"), 422).Wants("证书读不出来")
	me.Upload("/my/security/certificates/new", url.Values{"id": {id}}, "certificate_file", "c.pem", []byte("junk"), 410).Wants("过期")
	me.Get("/my/security/certificates/none", 404)
	w.Lang = "en"
	en := w.as("applicant")
	en.Lang = "en"
	en.Get("/my/security", 200).Wants("Ways to sign in and sign", "Passkeys")
}
