package rp

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"tongban/internal/domain/federation"
)

// oldest is how many seconds ago a person may have signed in at the provider: twelve hours, the life of a session here.
const oldest = 12 * 60 * 60

// Authorize gives the address of the provider's own sign-in page.
func (c *Client) Authorize(ctx context.Context, s federation.Settings, q federation.Request) (string, error) {
	f, err := c.provider(ctx, s.Issuer)
	if err != nil {
		return "", err
	}
	opts := []oauth2.AuthCodeOption{oidc.Nonce(q.Nonce), oauth2.S256ChallengeOption(q.Verifier)}
	set := func(name, value string) {
		if value != "" {
			opts = append(opts, oauth2.SetAuthURLParam(name, value))
		}
	}
	if s.Mode == federation.ModePost {
		set("response_mode", federation.ModePost)
	}
	set("acr_values", strings.Join(q.ACR, " "))
	set("ui_locales", q.Locale)
	set("max_age", strconv.Itoa(oldest)) // with it the provider must tell when the person signed in (Core, section 2)
	if q.Fresh {
		set("prompt", "login")
		set("max_age", "0")
	}
	return c.config(f, s, q.Redirect).AuthCodeURL(q.State, opts...), nil
}

func (c *Client) config(f *found, s federation.Settings, redirect string) *oauth2.Config {
	end := f.p.Endpoint()
	end.AuthStyle = oauth2.AuthStyleInHeader
	if s.Auth == federation.AuthKey {
		end.AuthStyle = oauth2.AuthStyleInParams
	}
	return &oauth2.Config{ClientID: s.ClientID, ClientSecret: s.Secret, Endpoint: end, RedirectURL: redirect, Scopes: s.Scopes}
}

// Probe looks what the provider says of itself, afresh.
func (c *Client) Probe(ctx context.Context, s federation.Settings) (federation.Probe, error) {
	f, err := c.discover(ctx, s.Issuer)
	if err != nil {
		return federation.Probe{}, away(err)
	}
	out := federation.Probe{
		AuthorizeURL: f.p.Endpoint().AuthURL, TokenURL: f.p.Endpoint().TokenURL, PKCE: slices.Contains(f.says.Methods, "S256"), Iss: f.says.Iss,
		Post: slices.Contains(f.says.Modes, federation.ModePost), ACR: f.says.ACR,
	}
	out.Keys, err = c.countKeys(ctx, f.says.JWKS)
	if err != nil {
		return out, away(err)
	}
	return out, nil
}

func (c *Client) countKeys(ctx context.Context, address string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	var set struct{ Keys []json.RawMessage }
	if err := json.NewDecoder(res.Body).Decode(&set); err != nil || res.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("keys at %s: status %d: %w", address, res.StatusCode, err)
	}
	return len(set.Keys), nil
}
