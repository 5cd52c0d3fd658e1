package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/go-jose/go-jose/v4"

	"tongban/internal/app"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/sso"
)

// The systems people sign in to. The API takes the tokens of the others.
const (
	publicClient, keyClient, apiClient = "bench-public", "bench-key", "bench-api"
	apiSecret, password                = "of-the-api-for-a-minute", "Lantern-9-harbour-42" //nolint:gosec // good as long as the command runs

	callback  = "http://127.0.0.1:9/back"
	challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" // RFC 7636, appendix B
	verifier  = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)

// person is somebody with an open session, a device they have used before and a password.
type person struct{ phone, device, session string }

// city is the demo city, listening, and the people in it.
type city struct {
	*app.App
	dir, base string
	people    []person
	signer    jose.Signer
	stop      func() error
}

func openCity(ctx context.Context, dir, database string, persons int) (*city, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &city{dir: dir, base: "http://" + l.Addr().String()}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	if c.App, err = app.OpenDemo(ctx, app.DemoOptions{Dir: dir, Database: database, BaseURL: c.base, Version: "bench", Log: log, Now: time.Now}); err != nil {
		return nil, err
	}
	work, end := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- c.Serve(work, l) }()
	c.stop = func() error { end(); return <-done }
	if err := errors.Join(c.systems(ctx), c.populate(ctx, persons)); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

func (c *city) close() error { return errors.Join(c.stop(), c.Close(), c.Demo().Close()) }

// idle waits until no job is due, at most two minutes.
func (c *city) idle(ctx context.Context) error {
	for range 600 {
		var n int
		err := c.DB.R().QueryRowContext(ctx, `SELECT COUNT(*) FROM job_job WHERE state IN ('ready', 'run') AND due_ms <= $1`, time.Now().UnixMilli()).Scan(&n)
		if err != nil || n == 0 {
			return err
		}
		time.Sleep(200 * time.Millisecond)
	}
	return errors.New("the jobs did not end within two minutes")
}

func (c *city) systems(ctx context.Context) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	if c.signer, err = jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: "1"}}, nil); err != nil {
		return err
	}
	jwks, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &key.PublicKey, KeyID: "1", Algorithm: "ES256", Use: "sig"}}})
	if err != nil {
		return err
	}
	for _, cl := range []sso.Client{
		{ID: publicClient, Auth: sso.AuthNone},
		{ID: keyClient, Auth: sso.AuthKey, JWKS: jwks, Serves: []string{publicClient}},
		{ID: apiClient, Auth: sso.AuthSecret, Serves: []string{publicClient}},
	} {
		cl.Name, cl.Agency, cl.Redirects, cl.Audience = cl.ID, "market", []string{callback}, sso.ForPeople
		cl.Scopes = map[string]string{"openid": "", "profile": "measurement"}
		secret := map[string]string{sso.AuthSecret: apiSecret}[cl.Auth]
		if err := c.SSO.EnsureClient(ctx, cl, secret); err != nil {
			return err
		}
	}
	return nil
}

// populate lets people sign in by a text message, which makes their device known.
func (c *city) populate(ctx context.Context, persons int) error {
	phone := func(i int) string { return strconv.Itoa(19900100000 + i) }
	from := func(i int) identity.From { // a network of each one's own: networks are held to a number of messages
		return identity.From{Origin: fmt.Sprintf("127.%d.%d.1", 10+i/250, i%250), Device: fmt.Sprintf("device-of-person-%06d", i)}
	}
	for i := range persons {
		if err := c.Identity.RequestCode(ctx, phone(i), from(i)); err != nil {
			return err
		}
	}
	if err := c.idle(ctx); err != nil {
		return err
	}
	codes := map[string]string{}
	for _, m := range c.Demo().SMS.Sent() {
		codes[m.Phone] = m.Params["code"]
	}
	for i := range persons {
		in, err := c.Identity.SignInWithCode(ctx, phone(i), codes[phone(i)], from(i))
		if err != nil {
			return err
		}
		if err := c.settle(ctx, in.Token); err != nil {
			return err
		}
		c.people = append(c.people, person{phone(i), from(i).Device, in.Token})
	}
	return nil
}

// settle chooses a password and agrees to both systems.
func (c *city) settle(ctx context.Context, token string) error {
	a, err := c.Identity.Actor(ctx, token)
	if err != nil {
		return err
	}
	a.Via = "page"
	for _, id := range []string{publicClient, keyClient} {
		rq, err := c.SSO.Read(ctx, asked(id, "state"))
		if err != nil {
			return err
		}
		p, err := c.SSO.Park(ctx, rq)
		if err != nil {
			return err
		}
		if err := errors.Join(c.SSO.Agree(ctx, a, p), c.SSO.Finish(ctx, p)); err != nil {
			return err
		}
	}
	return c.Factor.SetPassword(ctx, a, "person:"+a.PersonID, nil, password)
}

// asked is an authorization request.
func asked(client, state string) url.Values {
	return url.Values{
		"client_id": {client}, "redirect_uri": {callback}, "response_type": {"code"}, "scope": {"openid profile"}, "state": {state}, "nonce": {state},
		"code_challenge": {challenge}, "code_challenge_method": {"S256"},
	}
}
