package gateway

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/domain/notify"
)

// The purposes a signature is made for, so that one kind of message cannot be passed off as another.
const (
	forSend     = "send"
	forReport   = "report"
	forDelivery = "delivery"
)

// SignatureHeader carries the signature of a request's body.
const SignatureHeader = "X-Signature"

// Config describes one provider.
type Config struct {
	Name    string        // ours, stands in the rows
	URL     string        // base address; /send and /report are added
	App     string        // our account there
	Secret  string        // shared key, from a file
	Timeout time.Duration // of one request; 0 = 5 s
}

// Check finds what is wrong with a configuration. Plain http is only for the own machine.
func (c Config) Check() error {
	u, err := url.Parse(c.URL)
	switch {
	case c.Name == "" || c.App == "":
		return errors.New("sms provider: name and app are needed")
	case err != nil || u.Host == "":
		return fmt.Errorf("sms provider %s: the address cannot be read", c.Name)
	case u.Scheme != "https" && !(u.Scheme == "http" && isLoopback(u.Hostname())):
		return fmt.Errorf("sms provider %s: the address must begin with https://", c.Name)
	case len(c.Secret) < 16:
		return fmt.Errorf("sms provider %s: the secret has fewer than 16 characters", c.Name)
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Gateway is one provider. It implements notify.Gateway.
type Gateway struct {
	cfg  Config
	http *http.Client
	now  func() time.Time
}

// New makes a gateway of a checked configuration.
func New(cfg Config, now func() time.Time) *Gateway {
	if cfg.Timeout == 0 {
		cfg.Timeout = 5 * time.Second
	}
	cfg.URL = strings.TrimRight(cfg.URL, "/")
	t := &http.Transport{
		Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute, TLSHandshakeTimeout: cfg.Timeout,
		DialContext: (&net.Dialer{Timeout: cfg.Timeout}).DialContext, ForceAttemptHTTP2: true,
	}
	c := &http.Client{Transport: t, Timeout: cfg.Timeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &Gateway{cfg: cfg, http: c, now: now}
}

// Name is the provider's name in our rows.
func (g *Gateway) Name() string { return g.cfg.Name }

// App is our account at the provider; a delivery report names it.
func (g *Gateway) App() string { return g.cfg.App }

type sendRequest struct {
	App       string            `json:"app"`
	Template  string            `json:"template"`
	Phone     string            `json:"phone"`
	Params    map[string]string `json:"params"`
	Sign      string            `json:"sign"`
	Timestamp int64             `json:"timestamp"`
	Nonce     string            `json:"nonce"`
	RequestID string            `json:"request_id"`
}

type reportRequest struct {
	App       string `json:"app"`
	Timestamp int64  `json:"timestamp"`
	Nonce     string `json:"nonce"`
	RequestID string `json:"request_id"`
}

// answer is what a provider says; Code is empty or "ok" when it took the message.
type answer struct {
	ID    string `json:"id"`
	Code  string `json:"code"`
	State string `json:"state"`
}

// Send implements notify.Gateway.
func (g *Gateway) Send(ctx context.Context, m notify.SMS) (string, error) {
	a, err := g.call(ctx, forSend, sendRequest{
		App: g.cfg.App, Template: m.Template, Phone: m.Phone, Params: m.Params, Sign: m.Sign,
		Timestamp: g.now().Unix(), Nonce: ident.Secret(10), RequestID: m.ID,
	})
	if err != nil {
		return "", err
	}
	if a.ID == "" {
		return "", &notify.SendError{Code: "no_id", Unsure: true}
	}
	return a.ID, nil
}

// Report implements notify.Gateway.
func (g *Gateway) Report(ctx context.Context, id string) (notify.Report, error) {
	a, err := g.call(ctx, forReport, reportRequest{App: g.cfg.App, Timestamp: g.now().Unix(), Nonce: ident.Secret(10), RequestID: id})
	if err != nil {
		return notify.Report{}, err
	}
	return notify.Report{Provider: g.cfg.Name, MessageID: id, ProviderID: a.ID, State: stateOf(a.State), Problem: problemOf(a), At: g.now()}, nil
}

func problemOf(a answer) string {
	if stateOf(a.State) == notify.Failed {
		return a.Code
	}
	return ""
}

// stateOf maps a provider's word; one we do not know leaves the message where it is.
func stateOf(s string) string {
	switch s {
	case notify.Delivered, notify.Failed:
		return s
	}
	return notify.Sent
}

const maxAnswer = 64 << 10

func (g *Gateway) call(ctx context.Context, purpose string, v any) (answer, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return answer{}, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, g.cfg.URL+"/"+purpose, bytes.NewReader(body))
	if err != nil {
		return answer{}, &notify.SendError{Code: "address", Cause: err}
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(SignatureHeader, g.sign(purpose, body))
	resp, err := g.http.Do(r)
	if err != nil {
		return answer{}, &notify.SendError{Code: "network", Unsure: !neverArrived(err), Cause: err}
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return answer{}, &notify.SendError{Code: "network", Unsure: true, Cause: err}
	}
	return read(resp.StatusCode, b)
}

// neverArrived reports whether a request failed before it could reach the provider.
func neverArrived(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// read tells what an answer means. 400, 404 and 422 say that this message can never be sent; 401 and 403 that our account is not in order,
// which another provider may mend; 408, 429 and 5xx that a later try may help.
func read(status int, body []byte) (answer, error) {
	var a answer
	readErr := json.Unmarshal(body, &a)
	switch {
	case status == http.StatusOK && readErr == nil:
		return a, nil
	case status == http.StatusOK:
		return a, &notify.SendError{Code: "unreadable", Unsure: true, Cause: readErr}
	}
	if a.Code == "" {
		a.Code = fmt.Sprintf("http_%d", status)
	}
	permanent := status == http.StatusBadRequest || status == http.StatusUnprocessableEntity || status == http.StatusNotFound
	return a, &notify.SendError{Code: a.Code, Permanent: permanent, Unsure: status == http.StatusGatewayTimeout}
}

func (g *Gateway) sign(purpose string, body []byte) string {
	m := hmac.New(sha256.New, []byte(g.cfg.Secret))
	m.Write([]byte(purpose + "\n"))
	m.Write(body)
	return hex.EncodeToString(m.Sum(nil))
}

type delivery struct {
	App       string `json:"app"`
	ID        string `json:"id"`
	RequestID string `json:"request_id"`
	State     string `json:"state"`
	Code      string `json:"code"`
	Timestamp int64  `json:"timestamp"`
	Nonce     string `json:"nonce"`
}

// reportAge is how far a delivery report's time may lie from ours.
const reportAge = 5 * time.Minute

// Delivery reads a delivery report that came in. A wrong signature, an old time or a missing nonce is errs.Forbidden "notify.bad_report".
func (g *Gateway) Delivery(body []byte, signature string) (notify.Report, error) {
	bad := errs.New(errs.Forbidden, "notify.bad_report")
	if !ident.Equal(signature, g.sign(forDelivery, body)) {
		return notify.Report{}, bad
	}
	var d delivery
	if err := json.Unmarshal(body, &d); err != nil {
		return notify.Report{}, errs.Wrap(err, errs.BadRequest, "base.bad_request")
	}
	at := time.Unix(d.Timestamp, 0)
	if age := g.now().Sub(at).Abs(); age > reportAge || len(d.Nonce) < 8 || len(d.Nonce) > 100 || d.App != g.cfg.App {
		return notify.Report{}, bad
	}
	r := notify.Report{Provider: g.cfg.Name, MessageID: d.RequestID, ProviderID: d.ID, State: stateOf(d.State), Nonce: d.Nonce, At: at}
	if r.State == notify.Failed {
		r.Problem = d.Code
	}
	return r, nil
}
