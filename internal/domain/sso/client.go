package sso

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tongban/internal/base/errs"
)

// How a client proves itself at the token endpoint.
const (
	AuthKey    = "private_key_jwt"
	AuthSecret = "client_secret_basic" //nolint:gosec // the protocol's name of a method
	AuthNone   = "none"
)

// Who may sign in to a client.
const (
	ForPeople = "people"
	ForStaff  = "staff"
	ForBoth   = "both"
)

// The states of a client.
const (
	Asked     = "asked"     // proposed, never approved
	Active    = "active"    // may sign people in
	Suspended = "suspended" // stopped by an officer; its tokens are worth nothing meanwhile
)

// Scopes are the groups of claims, in the order in which pages show them.
var Scopes = []string{"openid", "profile", "identity", "org", "mandate"}

// Algs are the algorithms with which we sign for clients.
var Algs = []string{"ES256", "RS256"}

// Client is a department's system that signs people in here. Keys are pasted, not fetched from an address: what was approved is what is used.
type Client struct {
	ID          string            `json:"-"`
	Name        string            `json:"name"`
	Agency      string            `json:"agency"`
	Sector      string            `json:"sector"` // systems of one sector see the same sub; the agency when empty
	Native      bool              `json:"native,omitempty"`
	Redirects   []string          `json:"redirects"`
	PostLogouts []string          `json:"post_logouts,omitempty"`
	Auth        string            `json:"auth"`
	JWKS        json.RawMessage   `json:"jwks,omitempty"`
	Scopes      map[string]string `json:"scopes"` // scope → why it is needed, shown when asked for consent
	Number      bool              `json:"number,omitempty"`
	NumberBasis string            `json:"number_basis,omitempty"` // legal basis of knowing the ID number
	Audience    string            `json:"audience"`
	Alg         string            `json:"alg"`
	BackChannel string            `json:"back_channel,omitempty"`
	MinLevel    int               `json:"min_level,omitempty"`
	Refresh     bool              `json:"refresh,omitempty"`
	Serves      []string          `json:"serves,omitempty"` // clients whose access tokens this one receives as an API and may introspect

	State     string    `json:"-"`
	Version   int64     `json:"-"`
	Since     time.Time `json:"-"`
	HasSecret bool      `json:"-"`

	keys       []clientKey
	secretHash string
}

// Public reports whether the client cannot keep a secret.
func (c Client) Public() bool { return c.Auth == AuthNone }

func (c Client) sector() string {
	if c.Sector != "" {
		return c.Sector
	}
	return c.Agency
}

const (
	mostAddresses = 20
	longAddress   = 500
	longText      = 300
)

// check finds what is wrong with a registration; the fields are those of the form.
func (c *Client) check(allowHTTP bool) error {
	var fs []errs.Field
	add := func(ok bool, field, key string, p ...errs.P) {
		if !ok {
			f := errs.Field{Path: field, Key: "sso." + key}
			if len(p) > 0 {
				f.Params = p[0]
			}
			fs = append(fs, f)
		}
	}
	c.clean()
	add(c.Name != "" && utf8.RuneCountInString(c.Name) <= 60, "name", "name_missing")
	add(c.Agency != "", "agency", "agency_missing")
	add(len(c.Redirects) > 0 && len(c.Redirects) <= mostAddresses, "redirects", "redirects_missing")
	for _, list := range []struct {
		field string
		all   []string
	}{{"redirects", c.Redirects}, {"post_logouts", c.PostLogouts}, {"back_channel", nonEmpty(c.BackChannel)}} {
		for _, a := range list.all {
			add(address(a, allowHTTP), list.field, "address_bad", errs.P{"address": a})
		}
	}
	add(slices.Contains([]string{AuthKey, AuthSecret, AuthNone}, c.Auth), "auth", "auth_missing")
	c.checkKeys(add)
	c.checkScopes(add)
	add(slices.Contains([]string{ForPeople, ForStaff, ForBoth}, c.Audience), "audience", "audience_missing")
	add(slices.Contains(Algs, c.Alg), "alg", "alg_missing")
	add(c.MinLevel >= 0 && c.MinLevel <= 4, "min_level", "level_bad")
	return errs.Fields("sso.invalid", fs)
}

func (c *Client) clean() {
	for _, s := range []*string{&c.Name, &c.Agency, &c.Sector, &c.NumberBasis, &c.BackChannel} {
		*s = strings.TrimSpace(*s)
	}
	if c.Alg == "" {
		c.Alg = "ES256"
	}
	if c.Auth != AuthKey {
		c.JWKS = nil
	}
	if !c.Number {
		c.NumberBasis = ""
	}
}

func (c *Client) checkKeys(add func(bool, string, string, ...errs.P)) {
	if c.Auth != AuthKey {
		return
	}
	keys, err := parseJWKS(c.JWKS)
	if e := errs.As(err); e != nil {
		add(false, "jwks", strings.TrimPrefix(e.Key, "sso."), e.Params)
	}
	c.keys = keys
}

func (c *Client) checkScopes(add func(bool, string, string, ...errs.P)) {
	_, ok := c.Scopes["openid"]
	add(ok, "scopes", "openid_missing")
	for s, why := range c.Scopes {
		add(slices.Contains(Scopes, s), "scopes", "scope_unknown", errs.P{"scope": s})
		add(s == "openid" || why != "" && utf8.RuneCountInString(why) <= longText, "why_"+s, "why_missing")
	}
	_, identity := c.Scopes["identity"]
	add(!c.Number || identity, "number", "number_scope")
	add(!c.Number || c.NumberBasis != "" && utf8.RuneCountInString(c.NumberBasis) <= longText, "number_basis", "basis_missing")
}

// address reports whether an address may be registered: absolute, exact, without a fragment, https or loopback where that is allowed.
func address(a string, allowHTTP bool) bool {
	u, err := url.Parse(a)
	return err == nil && len(a) <= longAddress && secure(u, allowHTTP) && u.Fragment == "" && !strings.ContainsAny(a, "#*\\ \t\r\n") && utf8.ValidString(a)
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}
