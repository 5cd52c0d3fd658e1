package push

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"tongban/internal/domain/webhook"
)

// Config is what differs between deployments.
type Config struct {
	// Allow are networks targets may be in although they are inside: a laptop's demo and tests, or a government extranet.
	Allow []netip.Prefix
	// HTTP lets addresses begin with http://; demo and tests.
	HTTP bool
	// Timeout of a whole POST; 10 s when 0. BodyTimeout is how long an answer is read once its status came; 2 s when 0.
	Timeout, BodyTimeout time.Duration
	// Resolve looks a host up; nil: the system's resolver.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)
	// Roots are the authorities of targets' certificates; nil: the system's.
	Roots *x509.CertPool
}

// Sender posts messages. It is safe for concurrent use.
type Sender struct {
	Config
	http *http.Client
}

const (
	answerRead  = 4 << 10  // bytes read of an answer
	answerKept  = 200      // characters
	longHeaders = 32 << 10 // bytes
)

// New makes a sender.
func New(c Config) *Sender {
	if c.Timeout == 0 {
		c.Timeout = 10 * time.Second
	}
	if c.BodyTimeout == 0 {
		c.BodyTimeout = 2 * time.Second
	}
	if c.Resolve == nil {
		c.Resolve = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	s := &Sender{Config: c}
	t := &http.Transport{
		DialContext: s.dial, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.Roots}, TLSHandshakeTimeout: c.Timeout / 2,
		ResponseHeaderTimeout: c.Timeout, MaxResponseHeaderBytes: longHeaders, MaxIdleConnsPerHost: 4, IdleConnTimeout: 30 * time.Second, ForceAttemptHTTP2: true, DisableCompression: true,
	}
	s.http = &http.Client{Transport: t, Timeout: c.Timeout + c.BodyTimeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return s
}

// Check refuses an address that is not https or leads inside. One that cannot be looked up now passes.
func (s *Sender) Check(ctx context.Context, address string) error {
	u, err := url.Parse(address)
	if err != nil || !s.scheme(u) || !port(u) {
		return errInside
	}
	ctx, stop := context.WithTimeout(ctx, s.Timeout/2)
	defer stop()
	if _, err := s.lookUp(ctx, u.Hostname()); errors.Is(err, errInside) {
		return err
	}
	return nil
}

func (s *Sender) scheme(u *url.URL) bool { return u.Scheme == "https" || u.Scheme == "http" && s.HTTP }

// port lets through the web's own and unprivileged ones: nobody may have us speak to a mail or database server of somebody else.
func port(u *url.URL) bool {
	if u.Port() == "" {
		return true
	}
	n, err := strconv.Atoi(u.Port())
	return err == nil && (n == 443 || n == 80 || n >= 1024 && n < 1<<16)
}

// Post sends a message and tells what came of it.
func (s *Sender) Post(ctx context.Context, m webhook.Message) webhook.Answer {
	ctx, stop := context.WithTimeout(ctx, s.Timeout)
	defer stop()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, m.URL, bytes.NewReader(m.Body))
	if err != nil || !s.scheme(r.URL) || !port(r.URL) {
		return webhook.Answer{Why: "inside"}
	}
	h := r.Header
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", "Tongban-Webhooks/1")
	h.Set("webhook-id", m.ID)
	h.Set("webhook-timestamp", strconv.FormatInt(m.At.Unix(), 10))
	h.Set("webhook-signature", m.Signature)
	res, err := s.http.Do(r)
	if err != nil {
		return webhook.Answer{Why: whyOf(err)}
	}
	defer res.Body.Close()
	slow := time.AfterFunc(s.BodyTimeout, stop) // the status is what counts; a body that drips is left
	defer slow.Stop()
	body, _ := io.ReadAll(io.LimitReader(res.Body, answerRead))
	a := webhook.Answer{Status: res.StatusCode, Text: readable(string(body))}
	switch {
	case a.Status >= 300 && a.Status < 400:
		a.Why = "redirect"
	case a.Status < 200 || a.Status > 299:
		a.Why = "status"
	}
	return a
}

// whyOf tells the failures apart that an administrator can do something about.
func whyOf(err error) string {
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var ne net.Error
	switch {
	case errors.Is(err, errInside):
		return "inside"
	case errors.As(err, &dns):
		return "dns"
	case errors.As(err, &cert), errors.As(err, &record):
		return "tls"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), errors.As(err, &ne) && ne.Timeout():
		return "timeout"
	}
	return "connect"
}

// numbers are runs of digits as long as a telephone's; a target may answer with what it should not.
var numbers = regexp.MustCompile(`[0-9]{10,}[0-9Xx]`)

// readable makes the beginning of an answer fit to be kept and shown.
func readable(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(numbers.ReplaceAllString(s, "***")), " ")
	if rs := []rune(s); len(rs) > answerKept {
		s = string(rs[:answerKept])
	}
	return s
}
