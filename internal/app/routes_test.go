package app_test

import (
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tongban/internal/base/authz"
)

// accounts of the demo city, one for each role.
var accounts = map[authz.Role]string{
	authz.Person: "person:19900000101", authz.Clerk: "staff:su-qing", authz.Officer: "staff:zhou-min", authz.Supervisor: "staff:gu-wei", authz.ItemOffice: "staff:ning-ke", authz.Legal: "staff:yan-heng",
	authz.Admin: "staff:fang-yuan", authz.Security: "staff:qin-zhuo", authz.Auditor: "staff:bai-lu", authz.Operator: "staff:shi-lei",
}

// endsSession are routes after which a session is over or locked: the caller signs in again.
var endsSession = []string{"POST /sign-out", "POST /session/lock", "POST /oauth/logout/confirm"}

// ownProof are public routes that ask for a proof of their own: a client's key, an access token, a locked session.
var ownProof = []string{
	"POST /oauth/token", "GET /oauth/userinfo", "POST /oauth/userinfo", "POST /oauth/revoke", "POST /oauth/introspect",
	"POST /api/v1/elsewhere/{system}/events", "GET /api/v1/elsewhere/{system}/cases/{id}/files/{file}",
	"POST /session/unlock", "POST /session/unlock/passkey/begin", "POST /session/unlock/passkey/finish",
}

// ownRules are routes that refuse these callers by a rule of the room: only a legal representative has agents, and staff change a password with the old one and keep one.
var ownRules = []string{"GET /my/agents", "POST /my/security/password", "POST /my/security/password/remove"}

var place = regexp.MustCompile(`\{[^}]+\}`)

// TestEveryRouteAsEveryRole calls every route of the table as every role and as a stranger: whoever lacks the permission is refused before
// anything else, whoever has it is never refused for lack of it, and nobody gets an internal error. Files and PDFs are routes like any other.
func TestEveryRouteAsEveryRole(t *testing.T) {
	c := startCity(t, "sqlite")
	clients := map[authz.Role]func(method, path string) int{authz.Visitor: caller(c.base, "", 0)}
	signIn := func(role authz.Role) {
		account := accounts[role]
		token, err := c.Demo().SignIn(t.Context(), kindOf(account), idOf(account))
		if err != nil {
			t.Fatal(err)
		}
		clients[role] = caller(c.base, token, slices.Index(authz.Roles, role))
	}
	for role := range accounts {
		signIn(role)
	}
	if len(c.Site.Routes()) < 60 {
		t.Fatalf("only %d routes", len(c.Site.Routes()))
	}
	for _, rt := range c.Site.Routes() {
		path := place.ReplaceAllString(rt.Path, "0190d2c8-0000-7000-8000-000000000000")
		for role, call := range clients {
			got := call(rt.Method, path)
			may := role == authz.Visitor && (rt.Perm == authz.Public || rt.Perm == authz.DemoOnly) || role != authz.Visitor && authz.May(role, rt.Perm)
			switch {
			case got == http.StatusInternalServerError:
				t.Errorf("%s as %s: internal error", rt.Pattern(), role)
			case !may && role == authz.Visitor && got != http.StatusUnauthorized && got != http.StatusSeeOther:
				t.Errorf("%s as a stranger = %d, want sign-in", rt.Pattern(), got)
			case !may && role != authz.Visitor && got != http.StatusForbidden:
				t.Errorf("%s as %s = %d, want 403 (%s)", rt.Pattern(), role, got, rt.Perm)
			case may && got == http.StatusForbidden && !slices.Contains(ownRules, rt.Pattern()) && !slices.Contains(officeOnly, rt.Pattern()):
				t.Errorf("%s as %s = 403 in spite of %s", rt.Pattern(), role, rt.Perm)
			case may && role == authz.Visitor && got == http.StatusUnauthorized && !slices.Contains(ownProof, rt.Pattern()):
				t.Errorf("%s is public and asks a stranger to sign in", rt.Pattern())
			}
			if role != authz.Visitor && slices.Contains(endsSession, rt.Pattern()) {
				signIn(role)
			}
		}
	}
}

func kindOf(account string) string { kind, _, _ := strings.Cut(account, ":"); return kind }
func idOf(account string) string   { _, id, _ := strings.Cut(account, ":"); return id }

// browser follows no redirects and comes from an address of its own, as limits count by address.
func browser(n int) *http.Client {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(n+1))}}
	return &http.Client{Transport: &http.Transport{DialContext: d.DialContext}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// caller sends one request without following redirects and gives the status.
func caller(base, token string, n int) func(method, path string) int {
	client := browser(n)
	return func(method, path string) int {
		r, err := http.NewRequest(method, base+path, strings.NewReader("")) //nolint:noctx // ends with the test
		if err != nil {
			return -1
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if strings.HasPrefix(path, "/api/") {
			r.Header.Set("Content-Type", "application/json")
		}
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		if token != "" {
			r.AddCookie(&http.Cookie{Name: "session", Value: token})
		}
		res, err := client.Do(r)
		if err != nil {
			return -1
		}
		defer res.Body.Close()
		return res.StatusCode
	}
}
