package rp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"golang.org/x/oauth2"

	"tongban/internal/base/ident"
	"tongban/internal/domain/federation"
)

const (
	skew          = time.Minute // between two clocks
	assertionLife = time.Minute
	assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
)

// algorithms are the signatures believed: asymmetric ones only. "none" and HMAC with a key everybody can read are no signatures.
var algorithms = []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA}

// Redeem swaps a code and checks everything the answer says.
func (c *Client) Redeem(ctx context.Context, s federation.Settings, b federation.Back) (federation.Vouched, error) {
	var none federation.Vouched
	f, err := c.provider(ctx, s.Issuer)
	if err != nil {
		return none, err
	}
	if b.Iss != "" && b.Iss != s.Issuer || b.Iss == "" && f.says.Iss { // RFC 9207, section 2.4
		return none, wrong(errors.New("the answer names another issuer, or none though it should"))
	}
	ctx, cancel := context.WithTimeout(c.with(ctx), 2*c.cfg.Timeout)
	defer cancel()
	token, err := c.swap(ctx, f, s, b)
	if err != nil {
		return none, err
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := f.p.Verifier(&oidc.Config{ClientID: s.ClientID, SupportedSigningAlgs: algorithms, Now: c.cfg.Now}).Verify(ctx, raw)
	if err != nil {
		if strings.Contains(err.Error(), "fetching keys") { // go-oidc wraps no cause here
			return none, away(errors.New("the provider's keys cannot be fetched"))
		}
		return none, wrong(fmt.Errorf("id token: %w", err))
	}
	v, err := c.read(id, s, b)
	if err != nil {
		return none, wrong(err)
	}
	if id.AccessTokenHash != "" && token.AccessToken != "" {
		if err := id.VerifyAccessToken(token.AccessToken); err != nil {
			return none, wrong(err)
		}
	}
	return v, c.more(ctx, f, s, token, &v)
}

func (c *Client) swap(ctx context.Context, f *found, s federation.Settings, b federation.Back) (*oauth2.Token, error) {
	opts := []oauth2.AuthCodeOption{oauth2.VerifierOption(b.Verifier)}
	if s.Auth == federation.AuthKey {
		jws, err := c.assertion(s, b.Key)
		if err != nil {
			return nil, err
		}
		opts = append(opts, oauth2.SetAuthURLParam("client_assertion_type", assertionType), oauth2.SetAuthURLParam("client_assertion", jws))
	}
	token, err := c.config(f, s, b.Redirect).Exchange(ctx, b.Code, opts...)
	if err == nil {
		return token, nil
	}
	var re *oauth2.RetrieveError
	if errors.As(err, &re) && re.Response != nil && re.Response.StatusCode < http.StatusInternalServerError {
		return nil, wrong(fmt.Errorf("token endpoint: status %d, %q", re.Response.StatusCode, re.ErrorCode)) // its description may hold anything
	}
	if unreachable(err) || re != nil {
		return nil, away(errors.New("the token endpoint does not answer"))
	}
	return nil, wrong(errors.New("the token endpoint's answer cannot be read"))
}

// assertion proves to the provider who we are (RFC 7523, OpenID Connect Core section 9), once.
func (c *Client) assertion(s federation.Settings, k federation.Key) (string, error) {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: k.Private, KeyID: k.ID}}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", err
	}
	now := c.cfg.Now()
	return jwt.Signed(signer).Claims(jwt.Claims{
		Issuer: s.ClientID, Subject: s.ClientID, Audience: jwt.Audience{s.Issuer}, ID: ident.Secret(20), IssuedAt: jwt.NewNumericDate(now),
		Expiry: jwt.NewNumericDate(now.Add(assertionLife)),
	}).Serialize()
}

// read checks nonce, party and time of an id token whose signature is right.
func (c *Client) read(id *oidc.IDToken, s federation.Settings, b federation.Back) (federation.Vouched, error) {
	v := federation.Vouched{Issuer: id.Issuer, Subject: id.Subject}
	var says struct {
		ACR      string   `json:"acr"`
		AMR      []string `json:"amr"`
		AZP      string   `json:"azp"`
		AuthTime float64  `json:"auth_time"`
	}
	if err := errors.Join(id.Claims(&says), id.Claims(&v.Claims)); err != nil {
		return v, errors.New("id token: its claims cannot be read")
	}
	v.ACR, v.AMR = says.ACR, says.AMR
	if says.AuthTime > 0 {
		v.AuthTime = time.Unix(int64(says.AuthTime), 0)
	}
	now := c.cfg.Now()
	switch {
	case id.Subject == "" || len(id.Subject) > 255: // Core, section 2
		return v, errors.New("id token: no subject")
	case !ident.Equal(id.Nonce, b.Nonce):
		return v, errors.New("id token: another nonce")
	case says.AZP != "" && says.AZP != s.ClientID, says.AZP == "" && len(id.Audience) > 1:
		return v, errors.New("id token: made for another party")
	case id.IssuedAt.After(now.Add(skew)):
		return v, errors.New("id token: issued in the future")
	case !b.Since.IsZero() && (v.AuthTime.IsZero() || v.AuthTime.Before(b.Since.Add(-skew)) || v.AuthTime.After(now.Add(skew))):
		return v, errors.New("id token: the person did not sign in afresh")
	}
	return v, nil
}

// more asks the userinfo endpoint for claims the id token lacks. It must speak of the same subject.
func (c *Client) more(ctx context.Context, f *found, s federation.Settings, token *oauth2.Token, v *federation.Vouched) error {
	var missing []string
	for _, name := range []string{s.Claims.Name, s.Claims.Number, s.Claims.Phone} {
		if _, told := v.Claims[name]; name != "" && !told {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 || f.says.UserInfo == "" || token.AccessToken == "" || !federation.SafeURL(f.says.UserInfo, c.cfg.Loopback) {
		return nil
	}
	info, err := f.p.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return away(errors.New("the userinfo endpoint does not answer"))
	}
	var says map[string]any
	if err := info.Claims(&says); err != nil || info.Subject != v.Subject {
		return wrong(errors.New("userinfo speaks of somebody else"))
	}
	for _, name := range missing {
		if says[name] != nil {
			v.Claims[name] = says[name]
		}
	}
	return nil
}
