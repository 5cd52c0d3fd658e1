package face

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/base/signedcall"
	"tongban/internal/domain/identity"
)

// Config says where the provider is and how requests to it are signed.
type Config struct {
	URL     string // without a slash at the end
	KeyID   string
	Key     []byte
	Timeout time.Duration // of one question; 0 = 3 s
	Now     func() time.Time
}

// Client asks the provider; it is an identity.Face. A provider that does not answer in time is errs.Unavailable "face.away".
type Client struct {
	cfg  Config
	http *http.Client
}

const (
	defaultTimeout = 3 * time.Second
	maxAnswer      = 64 << 10
)

// New makes a client.
func New(c Config) *Client {
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	c.URL = strings.TrimRight(c.URL, "/")
	t := &http.Transport{DialContext: (&net.Dialer{Timeout: c.Timeout}).DialContext, MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute}
	return &Client{cfg: c, http: &http.Client{Transport: t, Timeout: c.Timeout}}
}

// Begin opens a check for a person and gives the address of the provider's page, which leads to back?id=… when it is over. back is absolute.
func (c *Client) Begin(ctx context.Context, name, number, back string) (id, url string, err error) {
	var out struct{ ID, URL string }
	err = c.ask(ctx, "/face/start", map[string]string{"name": name, "number": number, "back": back}, &out)
	if err == nil && (out.ID == "" || !strings.HasPrefix(out.URL, "http")) {
		err = errors.New("face check: the answer has no id or address")
	}
	return out.ID, out.URL, err
}

// Result asks what came of a check; the provider tells it once. Errors: errs.NotFound "face.unknown", errs.Gone "face.over" (too old, or told
// before), errs.Unavailable "face.away".
func (c *Client) Result(ctx context.Context, id string) (identity.FaceResult, error) {
	var out struct {
		Done, Passed bool
		At           int64
	}
	if err := c.ask(ctx, "/face/result", map[string]string{"id": id}, &out); err != nil {
		return identity.FaceResult{}, err
	}
	r := identity.FaceResult{Done: out.Done, Passed: out.Done && out.Passed}
	if out.At > 0 {
		r.At = time.UnixMilli(out.At)
	}
	return r, nil
}

var errAway = errors.New("face check is away")

// ask sends a signed question. Errors name the path, never the person.
func (c *Client) ask(ctx context.Context, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.cfg.URL+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	signedcall.Sign(req, path, c.cfg.KeyID, c.cfg.Key, body, c.cfg.Now())
	res, err := c.http.Do(req)
	if err != nil {
		return errs.Wrap(fmt.Errorf("face check %s: %w", path, errAway), errs.Unavailable, "face.away") // the cause names the address only
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	switch {
	case err != nil || res.StatusCode >= http.StatusInternalServerError:
		return errs.Wrap(fmt.Errorf("face check %s: status %d: %w", path, res.StatusCode, errors.Join(err, errAway)), errs.Unavailable, "face.away")
	case res.StatusCode == http.StatusNotFound:
		return errs.New(errs.NotFound, "face.unknown")
	case res.StatusCode == http.StatusGone:
		return errs.New(errs.Gone, "face.over")
	case res.StatusCode != http.StatusOK:
		return fmt.Errorf("face check %s refused the request: status %d", path, res.StatusCode)
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("face check %s: answer cannot be read: %w", path, err)
	}
	return nil
}
