package federation

import (
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
)

// The ways in which we prove to a provider that we are ourselves.
const (
	AuthKey    = "private_key_jwt"
	AuthSecret = "client_secret_basic"
)

// The ways in which a provider's answer comes back.
const (
	ModeQuery = "query"
	ModePost  = "form_post"
)

// The levels a provider's word may be worth.
const (
	lowest  = 1
	highest = 4
)

// Settings is one provider as data.
type Settings struct {
	Key      string         `json:"key"` // in addresses: a-z, 0-9 and -
	Issuer   string         `json:"issuer"`
	ClientID string         `json:"client_id"`
	Auth     string         `json:"auth"`
	Secret   string         `json:"-"` // of AuthSecret; sealed in a column of its own
	Scopes   []string       `json:"scopes"`
	Claims   Names          `json:"claims"`
	Levels   map[string]int `json:"levels"` // acr → 1–4; what is not listed is 1
	Mode     string         `json:"mode"`
	NameZH   string         `json:"name_zh"`
	NameEN   string         `json:"name_en"` // NameZH when empty
	Order    int            `json:"order"`
	Enabled  bool           `json:"enabled"`
}

// Names are the claims in which a provider tells what we need; an empty name is not read.
type Names struct {
	Name   string `json:"name"`
	Number string `json:"number"`
	Phone  string `json:"phone"`
}

// Label is the provider's name in a language.
func (s Settings) Label(l i18n.Lang) string {
	if l == i18n.English && s.NameEN != "" {
		return s.NameEN
	}
	return s.NameZH
}

// levelOf is what the provider's acr is worth here. Without an ID number nobody is more than a phone.
func (s Settings) levelOf(acr, number string) int {
	n := s.Levels[acr]
	if n < lowest || n > highest || number == "" {
		return lowest
	}
	return n
}

// acrFor lists the acr values that are worth a level or more, the least first: what is asked is enough and no more than needed.
func (s Settings) acrFor(level int) []string {
	var out []string
	for acr, n := range s.Levels {
		if n >= level {
			out = append(out, acr)
		}
	}
	slices.SortFunc(out, func(a, b string) int {
		if d := s.Levels[a] - s.Levels[b]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return out
}

// reaches reports whether the provider can vouch for a level.
func (s Settings) reaches(level int) bool { return level <= lowest || len(s.acrFor(level)) > 0 }

var (
	keyShape   = regexp.MustCompile(`^[a-z][a-z0-9-]{1,30}$`)
	tokenShape = regexp.MustCompile(`^[\x21\x23-\x5B\x5D-\x7E]{1,100}$`) // RFC 6749 scope-token
	claimShape = regexp.MustCompile(`^[A-Za-z0-9_:./-]{0,100}$`)
)

const maxList = 20

// check cleans settings; loopback allows an http issuer on this machine (demo). The error is federation.settings_wrong with fields.
func (s Settings) check(loopback bool) (Settings, error) {
	var fs []errs.Field
	bad := func(path, key string) { fs = append(fs, errs.Field{Path: path, Key: key}) }
	s.trim()
	if !keyShape.MatchString(s.Key) {
		bad("key", "federation.key_wrong")
	}
	if !SafeURL(s.Issuer, loopback) || strings.ContainsAny(s.Issuer, "?#") {
		bad("issuer", "federation.issuer_wrong")
	}
	if !tokenShape.MatchString(s.ClientID) {
		bad("client_id", "federation.client_id_wrong")
	}
	if s.Auth != AuthKey && s.Auth != AuthSecret {
		bad("auth", "federation.auth_wrong")
	}
	if s.Auth == AuthSecret && s.Secret == "" {
		bad("secret", "federation.secret_missing")
	}
	if s.Mode != ModeQuery && s.Mode != ModePost {
		bad("mode", "federation.mode_wrong")
	}
	if s.NameZH == "" || utf8.RuneCountInString(s.NameZH) > 40 || utf8.RuneCountInString(s.NameEN) > 80 {
		bad("name_zh", "federation.name_wrong")
	}
	if s.Order < 0 || s.Order > 999 {
		bad("order", "federation.order_wrong")
	}
	s.checkLists(bad)
	if s.Auth == AuthKey {
		s.Secret = ""
	}
	return s, errs.Fields("federation.settings_wrong", fs)
}

func (s Settings) checkLists(bad func(path, key string)) {
	okScope := func(t string) bool { return tokenShape.MatchString(t) }
	if !slices.Contains(s.Scopes, "openid") || len(s.Scopes) > maxList || !all(s.Scopes, okScope) {
		bad("scopes", "federation.scopes_wrong")
	}
	if !all([]string{s.Claims.Name, s.Claims.Number, s.Claims.Phone}, claimShape.MatchString) {
		bad("claims", "federation.claims_wrong")
	}
	if len(s.Levels) > maxList {
		bad("levels", "federation.levels_wrong")
	}
	for acr, n := range s.Levels {
		if !okScope(acr) || n < lowest || n > highest {
			bad("levels", "federation.levels_wrong")
			break
		}
	}
}

func all(ss []string, ok func(string) bool) bool {
	return !slices.ContainsFunc(ss, func(s string) bool { return !ok(s) })
}

func (s *Settings) trim() {
	for _, p := range []*string{&s.Key, &s.Issuer, &s.ClientID, &s.NameZH, &s.NameEN, &s.Claims.Name, &s.Claims.Number, &s.Claims.Phone} {
		*p = strings.TrimSpace(*p)
	}
}

// SafeURL reports whether an address may be asked: https, or with loopback also http on this machine. Addresses with a user in them never.
func SafeURL(address string, loopback bool) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil {
		return false
	}
	if u.Scheme == "https" {
		return true
	}
	ip := net.ParseIP(u.Hostname())
	return loopback && u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}
