// Package line speaks HTTP to the systems of other authorities: every request is signed with the key both sides share (package signedcall), and never
// redirected. It owns no tables.
package line

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"tongban/internal/base/signedcall"
	"tongban/internal/domain/elsewhere"
)

const (
	timeout   = 15 * time.Second
	maxAnswer = 8 << 20
)

// Client sends; it is an elsewhere.Line.
type Client struct {
	now  func() time.Time
	http *http.Client
}

// New makes a client.
func New(now func() time.Time) *Client {
	t := &http.Transport{DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext, MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{now: now, http: &http.Client{Transport: t, Timeout: timeout, CheckRedirect: stay}}
}

// Post sends a signed request and reads the answer. Errors name the path only.
func (c *Client) Post(ctx context.Context, s elsewhere.System, path string, body []byte) (int, []byte, error) {
	u, err := url.Parse(s.URL + path)
	if err != nil {
		return 0, nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	signedcall.Sign(req, u.Path, s.Key, []byte(s.Secret()), body, c.now())
	res, err := c.http.Do(req)
	if err != nil {
		return 0, nil, fmt.Errorf("%s %s: %w", s.Key, path, errors.Unwrap(err))
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	return res.StatusCode, answer, err
}
