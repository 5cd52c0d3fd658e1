package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"golang.org/x/oauth2"
)

type config struct{ Issuer, Address, ClientID string }

// app is the department's system.
type app struct {
	config
	mux        *http.ServeMux
	key        *ecdsa.PrivateKey
	provider   *oidc.Provider
	endSession string
	oauth      oauth2.Config

	mu       sync.Mutex
	waiting  map[string]attempt // by state
	sessions map[string]session // by the value of our cookie
	heard    map[string]time.Time
}

// attempt is a sign-in that was begun in one browser.
type attempt struct {
	browser, nonce, verifier string
	level                    int
	until                    time.Time
}

// session is somebody who is signed in here.
type session struct {
	Name, Firm, Agency string
	Level              int
	sub, sid, idToken  string
}

func newApp(ctx context.Context, c config, key *ecdsa.PrivateKey) (*app, error) {
	provider, err := oidc.NewProvider(ctx, c.Issuer) // checks that the issuer is the same to the letter
	if err != nil {
		return nil, err
	}
	var more struct {
		EndSession string `json:"end_session_endpoint"`
	}
	if err := provider.Claims(&more); err != nil {
		return nil, err
	}
	a := &app{config: c, key: key, provider: provider, endSession: more.EndSession, waiting: map[string]attempt{}, sessions: map[string]session{}, heard: map[string]time.Time{}}
	a.oauth = oauth2.Config{ClientID: c.ClientID, Endpoint: provider.Endpoint(), RedirectURL: c.Address + "/back", Scopes: []string{"openid", "profile", "org"}}
	a.oauth.Endpoint.AuthStyle = oauth2.AuthStyleInParams // no Basic header: we prove ourselves by an assertion
	a.mux = http.NewServeMux()
	a.mux.HandleFunc("GET /{$}", a.home)
	a.mux.HandleFunc("GET /login", a.login)
	a.mux.HandleFunc("GET /back", a.back)
	a.mux.HandleFunc("POST /logout", a.logout)
	a.mux.HandleFunc("GET /bye", func(w http.ResponseWriter, _ *http.Request) { show(w, "bye", nil) })
	a.mux.HandleFunc("POST /backchannel-logout", a.signedOutElsewhere)
	return a, nil
}

// ServeHTTP refuses posts that other sites' pages send with our visitors' cookies; Tongban's own message carries no Origin and passes.
func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	http.NewCrossOriginProtection().Handler(a.mux).ServeHTTP(w, r)
}

// cookie is the browser's name here, made on the first visit.
func (a *app) cookie(w http.ResponseWriter, r *http.Request) string {
	if c, err := r.Cookie("department"); err == nil && len(c.Value) >= 26 {
		return c.Value
	}
	v := rand.Text()
	http.SetCookie(w, &http.Cookie{Name: "department", Value: v, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: strings.HasPrefix(a.Address, "https://")}) //nolint:gosec // Secure wherever we are reached by https
	return v
}

func (a *app) home(w http.ResponseWriter, r *http.Request) {
	browser := a.cookie(w, r)
	a.mu.Lock()
	s, in := a.sessions[browser]
	a.mu.Unlock()
	show(w, "home", map[string]any{"In": in, "S": s})
}

// login sends the person to Tongban. With ?level=3 it asks for that identity level: Tongban leads through the proof, or says that it was not reached.
func (a *app) login(w http.ResponseWriter, r *http.Request) {
	level, _ := strconv.Atoi(r.URL.Query().Get("level")) // anything else asks for nothing
	at := attempt{browser: a.cookie(w, r), nonce: rand.Text(), verifier: oauth2.GenerateVerifier(), level: level, until: time.Now().Add(time.Hour)}
	state := rand.Text()
	a.mu.Lock()
	for k, old := range a.waiting {
		if time.Now().After(old.until) {
			delete(a.waiting, k)
		}
	}
	a.waiting[state] = at
	a.mu.Unlock()
	opts := []oauth2.AuthCodeOption{oidc.Nonce(at.nonce), oauth2.S256ChallengeOption(at.verifier)}
	if level >= 1 && level <= 4 {
		opts = append(opts, oauth2.SetAuthURLParam("acr_values", fmt.Sprintf("urn:tongban:loa:%d", level)))
	}
	http.Redirect(w, r, a.oauth.AuthCodeURL(state, opts...), http.StatusSeeOther)
}

// back is where Tongban sends the person afterwards, with a code or an error.
func (a *app) back(w http.ResponseWriter, r *http.Request) {
	q, browser := r.URL.Query(), a.cookie(w, r)
	a.mu.Lock()
	at, ok := a.waiting[q.Get("state")]
	delete(a.waiting, q.Get("state")) // good once
	a.mu.Unlock()
	if !ok || at.browser != browser || time.Now().After(at.until) || q.Get("iss") != a.Issuer {
		trouble(w, http.StatusBadRequest, "这次登录不是从这里开始的，请重新登录。")
		return
	}
	switch e := q.Get("error"); e {
	case "":
	case "access_denied":
		trouble(w, http.StatusForbidden, "您没有同意授权，没有登录。")
		return
	case "unmet_authentication_requirements":
		trouble(w, http.StatusForbidden, "没有完成所需等级的身份核验。您可以稍后再试，或到政务服务大厅窗口办理。")
		return
	default:
		slog.Warn("sign-in refused", "error", e)
		trouble(w, http.StatusBadGateway, "登录没有成功，请稍后再试。")
		return
	}
	s, err := a.finish(r.Context(), q.Get("code"), at)
	if err != nil {
		slog.Warn("sign-in failed", "err", err)
		trouble(w, http.StatusBadGateway, "登录没有成功，请稍后再试。")
		return
	}
	a.mu.Lock()
	delete(a.sessions, browser)
	fresh := rand.Text() // a new cookie for a new session, so that nobody can prepare one
	a.sessions[fresh] = s
	a.mu.Unlock()
	http.SetCookie(w, &http.Cookie{Name: "department", Value: fresh, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: strings.HasPrefix(a.Address, "https://")}) //nolint:gosec // as above
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// finish changes the code for tokens, checks the ID token and asks who it is.
func (a *app) finish(ctx context.Context, code string, at attempt) (session, error) {
	assertion, err := a.assertion()
	if err != nil {
		return session{}, err
	}
	tok, err := a.oauth.Exchange(ctx, code, oauth2.VerifierOption(at.verifier),
		oauth2.SetAuthURLParam("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"), oauth2.SetAuthURLParam("client_assertion", assertion))
	if err != nil {
		return session{}, err
	}
	raw, _ := tok.Extra("id_token").(string)
	id, err := a.provider.Verifier(&oidc.Config{ClientID: a.ClientID}).Verify(ctx, raw)
	if err != nil {
		return session{}, err
	}
	var claims struct {
		ACR string `json:"acr"`
		SID string `json:"sid"`
	}
	if err := id.Claims(&claims); err != nil {
		return session{}, err
	}
	level, _ := strconv.Atoi(strings.TrimPrefix(claims.ACR, "urn:tongban:loa:")) // no acr is level 0
	if id.Nonce != at.nonce || level < at.level {
		return session{}, errors.New("nonce or level is not what was asked for")
	}
	info, err := a.provider.UserInfo(ctx, oauth2.StaticTokenSource(tok))
	if err != nil {
		return session{}, err
	}
	if info.Subject != id.Subject {
		return session{}, errors.New("userinfo speaks of somebody else")
	}
	var who struct {
		Name string `json:"name"`
		Org  struct {
			Type string `json:"type"`
			Name string `json:"name"`
		} `json:"org"`
	}
	if err := info.Claims(&who); err != nil {
		return session{}, err
	}
	s := session{Name: who.Name, Level: level, sub: id.Subject, sid: claims.SID, idToken: raw}
	if who.Org.Type == "firm" {
		s.Firm = who.Org.Name
	} else {
		s.Agency = who.Org.Name
	}
	return s, nil
}

// assertion proves to Tongban that it is us who ask (RFC 7523): signed with our key, good for a minute, used once.
func (a *app) assertion() (string, error) {
	now := time.Now()
	b, err := json.Marshal(map[string]any{"iss": a.ClientID, "sub": a.ClientID, "aud": a.Issuer, "jti": rand.Text(), "iat": now.Unix(), "exp": now.Add(time.Minute).Unix()})
	if err != nil {
		return "", err
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: a.key}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", err
	}
	jws, err := signer.Sign(b)
	if err != nil {
		return "", err
	}
	return jws.CompactSerialize()
}

// logout ends the session here, then leads to Tongban, which ends it there and everywhere else.
func (a *app) logout(w http.ResponseWriter, r *http.Request) {
	browser := a.cookie(w, r)
	a.mu.Lock()
	s := a.sessions[browser]
	delete(a.sessions, browser)
	a.mu.Unlock()
	q := url.Values{"client_id": {a.ClientID}, "post_logout_redirect_uri": {a.Address + "/bye"}}
	if s.idToken != "" {
		q.Set("id_token_hint", s.idToken)
	}
	http.Redirect(w, r, a.endSession+"?"+q.Encode(), http.StatusSeeOther)
}

// signedOutElsewhere is Tongban's message that a session has ended: all of ours that came from it end too.
func (a *app) signedOutElsewhere(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	t, err := a.provider.Verifier(&oidc.Config{ClientID: a.ClientID}).VerifyLogout(r.Context(), r.PostFormValue("logout_token"))
	if err != nil {
		slog.Warn("logout token refused", "err", err)
		http.Error(w, "invalid logout token", http.StatusBadRequest)
		return
	}
	var claims struct {
		JTI string `json:"jti"`
		SID string `json:"sid"`
	}
	if err := t.Claims(&claims); err != nil || claims.JTI == "" {
		http.Error(w, "invalid logout token", http.StatusBadRequest)
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for jti, until := range a.heard {
		if time.Now().After(until) {
			delete(a.heard, jti)
		}
	}
	if _, again := a.heard[claims.JTI]; again {
		http.Error(w, "logout token was used before", http.StatusBadRequest)
		return
	}
	a.heard[claims.JTI] = time.Now().Add(time.Hour)
	for browser, s := range a.sessions {
		if claims.SID != "" && s.sid == claims.SID || claims.SID == "" && s.sub == t.Subject {
			delete(a.sessions, browser)
		}
	}
}

func trouble(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_ = pages.ExecuteTemplate(w, "trouble", text)
}

func show(w http.ResponseWriter, page string, v any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_ = pages.ExecuteTemplate(w, page, v) // a browser that went away cannot be told
}

var pages = template.Must(template.New("").Parse(`
{{define "top"}}<!DOCTYPE html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>示例业务系统</title><h1>示例业务系统</h1>{{end}}
{{define "home"}}{{template "top"}}{{if .In}}
<dl><dt>姓名</dt><dd id="name">{{.S.Name}}</dd><dt>身份等级</dt><dd id="level">{{.S.Level}}</dd>{{with .S.Firm}}<dt>代表企业</dt><dd id="firm">{{.}}</dd>{{end}}{{with .S.Agency}}<dt>所在单位</dt><dd id="agency">{{.}}</dd>{{end}}</dl>
{{if lt .S.Level 3}}<p><a href="/login?level=3">办理需要实人核验的事项</a></p>{{else}}<p>您已通过实人核验，可以办理全部事项。</p>{{end}}
<form method="post" action="/logout"><button>退出登录</button></form>{{else}}<p><a href="/login">用统一身份登录</a></p>{{end}}{{end}}
{{define "bye"}}{{template "top"}}<p>您已退出登录。</p><p><a href="/">返回首页</a></p>{{end}}
{{define "trouble"}}{{template "top"}}<p role="alert">{{.}}</p><p><a href="/">返回首页</a></p>{{end}}
`))
