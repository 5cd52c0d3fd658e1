// Package backchannel hands logout tokens to departments' systems over HTTPS (OpenID Connect Back-Channel Logout 1.0 §2.5). It owns no tables;
// package app gives Sender.Send to sso, whose jobs call it and try again when it fails.
package backchannel

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Sender sends logout tokens.
type Sender struct{ http *http.Client }

// timeout of one call: short, because everybody who signed out has to be out within five seconds, also when one system hangs.
const timeout = 2 * time.Second

// New makes a sender. It follows no redirect: the address is the one two officers admitted.
func New() *Sender {
	t := &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: timeout}).DialContext, TLSHandshakeTimeout: timeout, MaxIdleConnsPerHost: 4,
		IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
	}
	return &Sender{&http.Client{Transport: t, Timeout: timeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// Send posts a logout token. Anything but 200 or 204 is an error, and worth another try.
func (s *Sender) Send(ctx context.Context, address, token string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(url.Values{"logout_token": {token}}.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := s.http.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10)) // so that the connection can be used again
	if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusNoContent {
		return fmt.Errorf("back-channel logout answered %d", res.StatusCode)
	}
	return nil
}
