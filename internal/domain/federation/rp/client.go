package rp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"tongban/internal/base/errs"
	"tongban/internal/domain/federation"
)

// Config is what a client needs.
type Config struct {
	Timeout   time.Duration     // of one question to a provider; 0 = 5 s
	Loopback  bool              // http providers on this machine are allowed: demo and tests
	Transport http.RoundTripper // nil: a fresh one
	Now       func() time.Time
}

// Client speaks with providers.
type Client struct {
	cfg   Config
	http  *http.Client
	mu    sync.Mutex
	found map[string]*found
}

const (
	defaultTimeout = 5 * time.Second
	freshFor       = time.Hour        // how long what a provider publishes is believed
	staleFor       = 24 * time.Hour   // and while it does not answer
	pause          = 10 * time.Second // after a provider did not answer
	maxAnswer      = 1 << 20
)

// New makes a client.
func New(c Config) *Client {
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	if c.Transport == nil {
		c.Transport = &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: c.Timeout}).DialContext, TLSHandshakeTimeout: c.Timeout,
			MaxIdleConnsPerHost: 8, IdleConnTimeout: time.Minute,
		}
	}
	// Redirects are not followed: what a provider's addresses are, its discovery document says.
	never := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{cfg: c, http: &http.Client{Transport: short{c.Transport}, Timeout: c.Timeout, CheckRedirect: never}, found: map[string]*found{}}
}

// short cuts endless answers off.
type short struct{ http.RoundTripper }

func (s short) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := s.RoundTripper.RoundTrip(r)
	if err == nil {
		res.Body = body{io.LimitReader(res.Body, maxAnswer), res.Body}
	}
	return res, err
}

type body struct {
	io.Reader
	io.Closer
}

// found is a provider that was discovered.
type found struct {
	p      *oidc.Provider
	says   metadata
	at     time.Time
	failed time.Time
	err    error
}

// metadata is what go-oidc does not read of the discovery document.
type metadata struct {
	Iss      bool     `json:"authorization_response_iss_parameter_supported"`
	Methods  []string `json:"code_challenge_methods_supported"`
	Modes    []string `json:"response_modes_supported"`
	ACR      []string `json:"acr_values_supported"`
	JWKS     string   `json:"jwks_uri"`
	UserInfo string   `json:"userinfo_endpoint"`
}

// provider gives a provider, asking it at most once an hour. While it does not answer, what it said within the last day is still good.
func (c *Client) provider(ctx context.Context, issuer string) (*found, error) {
	now := c.cfg.Now()
	c.mu.Lock()
	f := c.found[issuer]
	c.mu.Unlock()
	switch {
	case f != nil && f.p != nil && now.Sub(f.at) < freshFor:
		return f, nil
	case f != nil && f.err != nil && now.Sub(f.failed) < pause:
		return f.orStale(now)
	}
	fresh, err := c.discover(ctx, issuer)
	if err != nil {
		fresh = &found{failed: now, err: err}
		if f != nil {
			fresh.p, fresh.says, fresh.at = f.p, f.says, f.at
		}
	}
	c.mu.Lock()
	c.found[issuer] = fresh
	c.mu.Unlock()
	return fresh.orStale(now)
}

func (f *found) orStale(now time.Time) (*found, error) {
	if f.err == nil || f.p != nil && now.Sub(f.at) < staleFor {
		return f, nil
	}
	return nil, away(f.err)
}

func (c *Client) discover(ctx context.Context, issuer string) (*found, error) {
	ctx, cancel := context.WithTimeout(c.with(ctx), c.cfg.Timeout)
	defer cancel()
	p, err := oidc.NewProvider(ctx, issuer) // refuses a document that names another issuer
	if err != nil {
		return nil, fmt.Errorf("discovery of %s: %w", issuer, err)
	}
	f := &found{p: p, at: c.cfg.Now()}
	if err := p.Claims(&f.says); err != nil {
		return nil, fmt.Errorf("discovery of %s: %w", issuer, err)
	}
	for _, u := range []string{p.Endpoint().AuthURL, p.Endpoint().TokenURL, f.says.JWKS} {
		if !federation.SafeURL(u, c.cfg.Loopback) {
			return nil, fmt.Errorf("discovery of %s: the address %q may not be used", issuer, u)
		}
	}
	return f, nil
}

func (c *Client) with(ctx context.Context) context.Context { return oidc.ClientContext(ctx, c.http) }

func away(cause error) error { return errs.Wrap(cause, errs.Unavailable, "federation.away") }

func wrong(cause error) error { return errs.Wrap(cause, errs.Forbidden, "federation.answer_wrong") }

// unreachable reports whether an error is the network's.
func unreachable(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) || errors.Is(err, context.DeadlineExceeded)
}
