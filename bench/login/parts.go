package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"sync"
	"time"

	"tongban/internal/base/ident"
	"tongban/internal/domain/factor"
	"tongban/internal/domain/sso"
)

var asset = regexp.MustCompile(`(?:href|src)="(/a/[^"]+)"`)

// page weighs the page people sign in on as a browser takes it on a first visit, compressed.
func (l *load) page(ctx context.Context) error {
	c := caller(0)
	defer c.CloseIdleConnections()
	_, plain, err := l.do(ctx, c, "/sign-in", nil, http.StatusOK)
	if err != nil {
		return err
	}
	sizes, all := map[string]int{}, 0
	for _, m := range append(asset.FindAllSubmatch(plain, -1), [][]byte{nil, []byte("/sign-in")}) {
		name := string(m[1])
		_, b, err := l.do(ctx, c, name, nil, http.StatusOK, func(r *http.Request) { r.Header.Set("Accept-Encoding", "gzip") })
		if err != nil {
			return err
		}
		if sizes[name] == 0 {
			sizes[name], all = len(b), all+len(b)
			l.say("  %s: %d bytes", name, len(b))
		}
	}
	l.row("sign-in page on the wire", fmt.Sprintf("%.1f KB with %d assets, %.1f KB alone", float64(all)/1000, len(sizes)-1, float64(sizes["/sign-in"])/1000), "≤ 40 KB")
	return nil
}

// codes measures sign-ins to a system by people who have a session and agreed before.
func (l *load) codes(ctx context.Context, client, how string) error {
	return l.run(ctx, "sign-ins by code, PKCE, "+how, "≥ 200/s", 1, func(c *http.Client, n int) error {
		_, err := l.login(ctx, c, client, l.people[n%len(l.people)])
		return err
	})
}

// login is authorize, the code out of the redirect, and the tokens. It gives the access token.
func (l *load) login(ctx context.Context, c *http.Client, client string, who person) (string, error) {
	state := ident.Secret(10)
	h, _, err := l.do(ctx, c, sso.PathAuthorize+"?"+asked(client, state).Encode(), nil, http.StatusSeeOther, cookie("session", who.session), cookie("device", who.device))
	if err != nil {
		return "", err
	}
	to, err := url.Parse(h.Get("Location"))
	if err != nil || to.Query().Get("code") == "" || to.Query().Get("state") != state {
		return "", fmt.Errorf("no code: led to %s", to)
	}
	form := url.Values{"grant_type": {"authorization_code"}, "code": {to.Query().Get("code")}, "redirect_uri": {callback}, "code_verifier": {verifier}, "client_id": {client}}
	if client == keyClient {
		if err := l.assert(form); err != nil {
			return "", err
		}
	}
	_, b, err := l.do(ctx, c, sso.PathToken, form, http.StatusOK)
	if err != nil {
		return "", err
	}
	var t sso.Tokens
	if err := json.Unmarshal(b, &t); err != nil || t.Access == "" || t.ID == "" {
		return "", errors.Join(err, errors.New("no tokens"))
	}
	return t.Access, nil
}

// assert adds a new client assertion, good for five minutes.
func (l *load) assert(form url.Values) error {
	now := time.Now()
	b, err := json.Marshal(map[string]any{"iss": keyClient, "sub": keyClient, "aud": l.base, "jti": ident.Secret(16), "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix()})
	if err != nil {
		return err
	}
	jws, err := l.signer.Sign(b)
	if err != nil {
		return err
	}
	text, err := jws.CompactSerialize()
	form.Set("client_assertion", text)
	form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
	return err
}

// passwords measures sign-ins by phone and password, each on a device its owner has used before.
func (l *load) passwords(ctx context.Context) error {
	k := factor.DefaultCost
	what := fmt.Sprintf("sign-ins by password, argon2id %d MiB, %d passes, lanes %d", k.Memory/1024, k.Time, k.Lanes)
	return l.run(ctx, what, "", 30, func(c *http.Client, n int) error { // one address may try 120 times a minute
		who := l.people[n%len(l.people)]
		h, _, err := l.do(ctx, c, "/sign-in/password", url.Values{"phone": {who.phone}, "password": {password}}, http.StatusSeeOther, cookie("device", who.device))
		if err == nil && !bytes.Contains([]byte(h.Get("Set-Cookie")), []byte("session=")) {
			err = fmt.Errorf("no session: led to %s", h.Get("Location"))
		}
		return err
	})
}

// introspect asks at a fixed rate, with a secret and with assertions.
func (l *load) introspect(ctx context.Context) error {
	c := caller(0)
	defer c.CloseIdleConnections()
	var tokens []string
	for _, who := range l.people {
		t, err := l.login(ctx, c, publicClient, who)
		if err != nil {
			return err
		}
		tokens = append(tokens, t)
	}
	for _, how := range []string{sso.AuthSecret, sso.AuthKey} {
		for _, length := range []time.Duration{time.Second, l.length / 2} { // the first warms
			forms := make([]url.Values, int(length.Seconds()*float64(l.rate)))
			for i := range forms { // made beforehand: our own signatures do not count
				forms[i] = url.Values{"token": {tokens[i%len(tokens)]}}
				if how == sso.AuthKey {
					if err := l.assert(forms[i]); err != nil {
						return err
					}
				}
			}
			cpu := used()
			t, late := l.steady(ctx, c, how, forms)
			if length > time.Second {
				l.row(fmt.Sprintf("introspection, %s, %d/s for %.0f s", how, l.rate, length.Seconds()), fmt.Sprintf("%v; %s (generator late: %v)", t, perOne(cpu, len(forms)), late), "p99 ≤ 5 ms")
			}
		}
	}
	return ctx.Err()
}

// steady asks at moments fixed beforehand, however slow the answers are, and times each answer from its moment.
func (l *load) steady(ctx context.Context, c *http.Client, how string, forms []url.Values) (t, late *times) {
	var wg sync.WaitGroup
	t, late = &times{}, &times{}
	began := time.Now()
	for i, form := range forms {
		at := began.Add(time.Duration(i) * time.Second / time.Duration(l.rate))
		time.Sleep(time.Until(at))
		if ctx.Err() != nil {
			break
		}
		late.add(time.Since(at), nil)
		wg.Go(func() {
			_, b, err := l.do(ctx, c, sso.PathIntrospect, form, http.StatusOK, func(r *http.Request) {
				if how == sso.AuthSecret {
					r.SetBasicAuth(apiClient, apiSecret)
				}
			})
			if err == nil && !bytes.Contains(b, []byte(`"active":true`)) {
				err = fmt.Errorf("not active: %.200s", b)
			}
			t.add(time.Since(at), err)
		})
	}
	wg.Wait()
	return t, late
}
