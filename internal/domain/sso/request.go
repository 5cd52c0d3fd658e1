package sso

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"tongban/internal/base/errs"
)

// Request is an authorization request that was understood (OpenID Connect Core §3.1.2.1).
type Request struct {
	ClientID  string   `json:"client"`
	Redirect  string   `json:"redirect"`
	Mode      string   `json:"mode"` // query or form_post
	State     string   `json:"state,omitempty"`
	Nonce     string   `json:"nonce,omitempty"`
	Challenge string   `json:"challenge"`
	Scopes    []string `json:"scopes"`
	Prompt    []string `json:"prompt,omitempty"`
	MaxAge    int      `json:"max_age"`         // seconds; -1 when not asked
	Level     int      `json:"level,omitempty"` // asked for by acr_values
	Hint      string   `json:"hint,omitempty"`  // sub of the id_token_hint

	LoginHint string `json:"-"` // for the first way to the sign-in page only: it may be a phone number and is not kept
	Lang      string `json:"-"` // first of ui_locales that we speak
}

// The ways in which an answer travels.
const (
	ByQuery = "query"
	ByForm  = "form_post"
)

// acrName begins the names of identity levels in acr and acr_values.
const acrName = "urn:tongban:loa:"

const (
	longParam  = 2048
	longScope  = 500
	farthestMA = 10 * 365 * 24 * 3600
)

// Texts reports whether every value is text that a database can hold and no parameter stands twice (RFC 6749 §3.1); the error is an *Error.
func Texts(v url.Values, twice ...string) error {
	for k, all := range v {
		if len(all) > 1 && !slices.Contains(twice, k) {
			return bad("a parameter is given more than once")
		}
		for _, one := range all {
			if !utf8.ValidString(one) || strings.ContainsRune(one, 0) {
				return bad("a parameter is not UTF-8 text")
			}
		}
	}
	return nil
}

// Read reads an authorization request. An error of package errs is for the person in front of the screen, because the client or its
// address is not known; an *Error goes back to the client as the request says (Client, Redirect, Mode and State are then filled).
func (s *Service) Read(ctx context.Context, v url.Values) (Request, error) {
	rq := Request{Mode: ByQuery, MaxAge: -1}
	texts := Texts(v)
	rq.ClientID, rq.Redirect = v.Get("client_id"), v.Get("redirect_uri")
	c, ok, err := s.active(ctx, rq.ClientID)
	if err != nil {
		return rq, err
	}
	if !ok || len(v["client_id"]) > 1 {
		return rq, errs.New(errs.BadRequest, "sso.client_not_here")
	}
	if !slices.Contains(c.Redirects, rq.Redirect) || len(v["redirect_uri"]) > 1 {
		return rq, errs.New(errs.BadRequest, "sso.redirect_unknown", errs.P{"name": c.Name})
	}
	if texts != nil {
		return rq, texts
	}
	if m := v.Get("response_mode"); m == ByForm {
		rq.Mode = ByForm
	} else if m != "" && m != ByQuery {
		return rq, bad("response_mode must be query or form_post")
	}
	if rq.State = v.Get("state"); len(rq.State) > longParam {
		rq.State = ""
		return rq, bad("state is longer than 2048 bytes")
	}
	return rq, s.read(ctx, &rq, c, v)
}

func (s *Service) read(ctx context.Context, rq *Request, c Client, v url.Values) error {
	for param, code := range map[string]string{"request": "request_not_supported", "request_uri": "request_uri_not_supported", "registration": "registration_not_supported"} {
		if v.Has(param) {
			return refuse(code, param+" is not supported")
		}
	}
	if t := v.Get("response_type"); t != "code" {
		if t == "" {
			return bad("response_type is missing")
		}
		return refuse("unsupported_response_type", "response_type must be code")
	}
	if err := rq.readSecrets(c, v); err != nil {
		return err
	}
	if err := rq.readScopes(c, v.Get("scope")); err != nil {
		return err
	}
	if err := rq.readPrompt(v); err != nil {
		return err
	}
	if err := rq.readLevel(v.Get("acr_values")); err != nil {
		return err
	}
	if asksLevel(v.Get("claims")) {
		return bad("the claims parameter is not supported; ask for a level with acr_values")
	}
	rq.LoginHint, rq.Lang = v.Get("login_hint"), language(v.Get("ui_locales"))
	return s.readHint(ctx, rq, c, v.Get("id_token_hint"))
}

func (rq *Request) readSecrets(c Client, v url.Values) error {
	rq.Nonce, rq.Challenge = v.Get("nonce"), v.Get("code_challenge")
	if !c.Native && (rq.State == "" || rq.Nonce == "") {
		return bad("state and nonce are required")
	}
	if len(rq.Nonce) > longParam {
		return bad("nonce is longer than 2048 bytes")
	}
	if rq.Challenge == "" {
		return bad("code_challenge is required (PKCE)")
	}
	if v.Get("code_challenge_method") != "S256" {
		return bad("code_challenge_method must be S256")
	}
	if b, err := base64.RawURLEncoding.DecodeString(rq.Challenge); err != nil || len(b) != 32 {
		return bad("code_challenge is not the base64url of a SHA-256")
	}
	return nil
}

func (rq *Request) readScopes(c Client, scope string) error {
	if len(scope) > longScope {
		return refuse(InvalidScope, "scope is too long")
	}
	asked := strings.Fields(scope)
	if !slices.Contains(asked, "openid") {
		return refuse(InvalidScope, "scope must contain openid")
	}
	for _, a := range asked {
		if _, ok := c.Scopes[a]; !ok {
			return refuse(InvalidScope, "a scope is unknown or not registered for this client")
		}
	}
	for _, known := range Scopes {
		if slices.Contains(asked, known) {
			rq.Scopes = append(rq.Scopes, known)
		}
	}
	return nil
}

var prompts = []string{"none", "login", "consent", "select_account"}

func (rq *Request) readPrompt(v url.Values) error {
	rq.Prompt = strings.Fields(v.Get("prompt"))
	for _, p := range rq.Prompt {
		if !slices.Contains(prompts, p) {
			return bad("prompt is unknown")
		}
	}
	if rq.asks("none") && len(rq.Prompt) > 1 {
		return bad("prompt none cannot be combined")
	}
	if m := v.Get("max_age"); m != "" {
		n, err := strconv.Atoi(m)
		if err != nil || n < 0 {
			return bad("max_age must be a number of seconds")
		}
		rq.MaxAge = min(n, farthestMA)
	}
	return nil
}

func (rq Request) asks(prompt string) bool { return slices.Contains(rq.Prompt, prompt) }

// readLevel takes the lowest level named by acr_values: any one of them is good for the client, and none below it. Values of others are passed over, but
// a request that names nothing we know is refused.
func (rq *Request) readLevel(acr string) error {
	values := strings.Fields(acr)
	for _, v := range values {
		n, ok := strings.CutPrefix(v, acrName)
		if level, err := strconv.Atoi(n); ok && err == nil && len(n) == 1 && level >= 1 && level <= 4 && (rq.Level == 0 || level < rq.Level) {
			rq.Level = level
		}
	}
	if len(values) > 0 && rq.Level == 0 {
		return refuse(Unmet, "acr_values names no level known here")
	}
	return nil
}

// asksLevel reports whether a claims parameter asks for an acr (OpenID Connect Core §5.5.1.1). The parameter is not supported and otherwise passed over,
// but a level that was asked for is never left out silently.
func asksLevel(claims string) bool {
	if claims == "" {
		return false
	}
	var c map[string]map[string]json.RawMessage
	if json.Unmarshal([]byte(claims), &c) != nil {
		return strings.Contains(claims, "acr")
	}
	for _, of := range c {
		if _, ok := of["acr"]; ok {
			return true
		}
	}
	return false
}

func language(locales string) string {
	for _, l := range strings.Fields(locales) {
		switch l = strings.ToLower(l); {
		case strings.HasPrefix(l, "zh"):
			return "zh-CN"
		case strings.HasPrefix(l, "en"):
			return "en"
		}
	}
	return ""
}

// idHint is what is read of an ID token that comes back as a hint. It may have expired.
type idHint struct {
	Issuer string `json:"iss"`
	Sub    string `json:"sub"`
	Aud    string `json:"aud"`
	SID    string `json:"sid"`
}

func (s *Service) readHint(ctx context.Context, rq *Request, c Client, token string) error {
	if token == "" {
		return nil
	}
	var h idHint
	ok, err := s.ours(ctx, token, &h)
	if err != nil {
		return err
	}
	if !ok || h.Issuer != s.Issuer || h.Aud != c.ID || h.Sub == "" {
		return bad("id_token_hint is not an ID token of this client")
	}
	rq.Hint = h.Sub
	return nil
}

// Answer is what goes back to the client, by redirect or by a form.
type Answer struct {
	Redirect string
	Mode     string
	Params   url.Values
}

// URL is the whole address of an answer that travels in the query; a registered address keeps its own query.
func (a Answer) URL() string {
	u, err := url.Parse(a.Redirect)
	if err != nil {
		return a.Redirect
	}
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += a.Params.Encode()
	return u.String()
}

// Refuse is the answer that tells a client of an error, with iss (RFC 9207).
func (s *Service) Refuse(rq Request, e *Error) Answer {
	p := url.Values{"error": {e.Code}, "error_description": {e.Text}, "iss": {s.Issuer}}
	if rq.State != "" {
		p.Set("state", rq.State)
	}
	return Answer{rq.Redirect, rq.Mode, p}
}

// Parked is a request that waits while somebody signs in, proves more, or decides.
type Parked struct {
	ID      string
	Request Request
	At      time.Time

	stepped  bool
	agreedBy string
}
