package app_test

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"tongban/internal/base/authz"
	"tongban/internal/base/web"
)

// caller is somebody who stands in a relation to the objects of the matrix.
type who struct {
	name  string
	role  authz.Role
	token string
	http  *http.Client
}

// object is one thing routes name, and who may reach it. Everybody else gets not found, refused or the sign-in page, whatever the method.
type object struct {
	name   string
	routes []string              // patterns whose placeholders mean this object
	at     map[string]string     // placeholder → value
	may    []string              // callers
	forms  map[string]url.Values // by pattern: what is sent about this object
	views  bool                  // who may must really be shown it by GET
	mute   bool                  // answers everybody alike and does nothing for those who may not; the object is looked at afterwards
}

// matrix is a city with objects and callers.
type matrix struct {
	callers []*who
	objects []object
	kept    string // a clerk's draft that somebody else must not be able to throw away
}

// bodies are well-formed bodies of API operations by the last part of the path: a malformed one is refused before anybody asks whose the object is.
var bodies = map[string]string{
	"receive": `{"version":1}`, "accept": `{"version":1}`, "take-up": `{"version":1}`, "withdraw": `{"version":1}`, "resubmit": `{"version":1}`, "submit": `{"version":1}`,
	"release": `{"version":1}`, "assign": `{"version":1,"staff":"x"}`, "suspend": `{"version":1,"ground":"testing","n":1,"unit":"workday","reason":"x"}`,
	"resume": `{"version":1,"result":"x"}`, "extend": `{"version":1,"reason":"x"}`, "terminate": `{"version":1,"ground":"dead","reason":"x"}`,
	"transfer": `{"version":1,"ground":"upper_agency","reason":"x","to":"x"}`, "lapse": `{"version":1,"ground":"not_corrected","reason":"x"}`,
	"choices": `{"later":[],"promise":false}`, "supply": `{"version":1}`, "check-promise": `{"version":1,"result":"true","reason":"x"}`,
	"messages": `{"text":"x"}`, "urges": `{}`, "answer": `{"text":"x"}`, "copies": `{"kind":"post","to":"x","reason":"x","days":1}`,
	"void":              `{"version":1,"ground":"test","reason":"x"}`,
	"refuse-acceptance": `{"version":1,"ground":"not_needed","reason":"x"}`, "correction": `{"version":1,"defects":[{"kind":"field","key":"k","text":"x"}]}`,
	"inspection": `{"version":1,"officers":["a","b"],"results":{},"conclusion":"x"}`, "opinion": `{"version":1,"outcome":"pass","text":"x"}`,
	"decision": `{"version":1,"outcome":"refuse","reason":"x"}`, "delivery": `{"version":1,"to":"x"}`, "licences": `{"material":"fire-safety","ref":"x"}`,
}

// sent are forms that are looked at before anybody asks whose the object is, by pattern.
var sent = map[string]url.Values{
	"POST /desk/ratings/{id}/verify":                {"finding": {"clear"}},
	"POST /desk/ratings/{id}/answer":                {"answer": {"已经向当事人说明情况并改正"}},
	"POST /desk/alarms/{id}":                        {"explanation": {"当天系统停电，次日补办完毕"}},
	"POST /window/mandates/{id}/end":                {"basis": {"出示居民身份证原件，本人到场"}, "name": {"沈玉英"}, "number": {"580102194103071821"}},
	"POST /admin/clients/{id}/proposals/{proposal}": {"choice": {"approve"}},
	"POST /admin/providers/changes/{id}/refuse":     {"why": {"协议尚未签署，暂不同意接入"}},
	"POST /privacy/delays/{id}/refuse":              {"why": {"依据不充分，不同意延迟告知"}},
	"POST /admin/proposals/{id}/review":             {"verdict": {"approve"}},
	"POST /admin/staff/{id}/{act}":                  {"reason": {"岗位调整需要"}, "posts": {"market-decide"}, "from": {""}},
}

// asks are parameters without which an address is refused before anybody asks whose the object is.
var asks = map[string]string{
	"GET /api/v1/drafts/{id}/licences": "?material=fire-safety", "GET /supervision/reports/{id}/cases": "?number=received", "GET /api/v1/reports/{id}/cases": "?number=received",
}

const uploading = "POST /api/v1/drafts/{id}/materials/{key}"

func (o *object) body(pattern, path string) string {
	method, _, _ := strings.Cut(pattern, " ")
	switch {
	case o.forms[pattern] != nil:
		return o.forms[pattern].Encode()
	case strings.HasPrefix(pattern, "POST /office/changes/") && (strings.HasSuffix(pattern, "/data") || strings.HasSuffix(pattern, "/preview")):
		return `{"definition":{},"rev":0}`
	case strings.HasSuffix(pattern, "/finish"):
		return `{"id":"x","response":{}}`
	case pattern == uploading:
		return "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n%PDF-1.4\r\n--b--\r\n"
	case method == http.MethodPut:
		return `{"version":1,"scenario":{},"form":{},"contact":{"name":"x","phone":"x"}}`
	case strings.HasPrefix(path, "/api/"):
		return strings.ReplaceAll(bodyOf(path), `"version":1`, `"version":`+cmp.Or(o.at["version"], "1"))
	}
	return sent[pattern].Encode()
}

// reached reports whether an answer is more than a refusal.
func reached(status int, location string) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		return false
	case http.StatusSeeOther:
		return !strings.HasPrefix(location, "/sign-in")
	}
	return true
}

// reaches calls, and goes on where a page leads to another view of the same object.
func (w *who) reaches(base, pattern, path string, o *object) (status int, yes bool, err error) {
	method, _, _ := strings.Cut(pattern, " ")
	id := o.at["id"]
	status, to, err := w.call(base, method, path+asks[pattern], o.body(pattern, path))
	if err == nil && method == http.MethodGet && status == http.StatusSeeOther && id != "" && strings.Contains(to, id) && !strings.HasPrefix(to, "/sign-in") {
		status, to, err = w.call(base, http.MethodGet, to, "")
	}
	return status, reached(status, to), err
}

// call sends a request as somebody and gives status and where it leads.
func (w *who) call(base, method, path, body string) (int, string, error) {
	r, err := http.NewRequest(method, base+path, strings.NewReader(body)) //nolint:noctx // ends with the test
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	switch {
	case strings.HasPrefix(body, "--b"):
		r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	case strings.HasPrefix(path, "/api/"), strings.HasPrefix(body, "{"):
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if w.token != "" {
		r.AddCookie(&http.Cookie{Name: "session", Value: w.token})
	}
	res, err := w.http.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode, res.Header.Get("Location"), nil
}

// violations calls routes as everybody and gives what the policy forbids. The expectation is made of the permission table (role) and of the
// objects' lists (relation); refusals come first, so that a right call cannot change what a wrong one finds.
func (m *matrix) violations(base string, routes []web.Route, only func(web.Route) bool) (found []string, asked int) {
	for _, allowed := range []bool{false, true} {
		for _, rt := range routes {
			if !only(rt) {
				continue
			}
			for _, o := range m.objectsOf(rt) {
				f, n := m.tried(base, rt, o, allowed)
				found, asked = append(found, f...), asked+n
			}
		}
	}
	return found, asked
}

// tried calls one route about one object as all who may, or as all who may not.
func (m *matrix) tried(base string, rt web.Route, o *object, allowed bool) (found []string, asked int) {
	path := rt.Path
	for k, v := range o.at {
		path = strings.ReplaceAll(path, "{"+k+"}", url.PathEscape(v))
	}
	for _, w := range m.callers {
		right := (w.role == authz.Visitor && rt.Perm == authz.Public || w.role != authz.Visitor && authz.May(w.role, rt.Perm)) && slices.Contains(o.may, w.name)
		if right != allowed || right && (!o.views || rt.Method != http.MethodGet) {
			continue
		}
		status, yes, err := w.reaches(base, rt.Pattern(), path, o)
		asked++
		switch {
		case o.mute && status < http.StatusInternalServerError:
		case err != nil || status == http.StatusInternalServerError:
			found = append(found, fmt.Sprintf("%s as %s: %d %v", rt.Pattern(), w.name, status, err))
		case yes != right:
			found = append(found, fmt.Sprintf("%s (%s) as %s = %d, may: %v", rt.Pattern(), o.name, w.name, status, right))
		}
	}
	return found, asked
}

func (m *matrix) objectsOf(rt web.Route) (out []*object) {
	for i := range m.objects {
		if slices.Contains(m.objects[i].routes, rt.Pattern()) {
			out = append(out, &m.objects[i])
		}
	}
	return out
}

// TestWhoReachesWhat is the authorization matrix: every route that names an object × every relation to it, over HTTP.
func TestWhoReachesWhat(t *testing.T) {
	c := startCity(t, "sqlite")
	m := newMatrix(t, c)
	for _, rt := range c.Site.Routes() { // a new route with a place in its path is a decision
		if strings.Contains(rt.Path, "{") && !strings.Contains(rt.Path, "{$}") && len(m.objectsOf(rt)) == 0 && !slices.Contains(openToTheRole, rt.Pattern()) && !slices.Contains(openOffice, rt.Pattern()) {
			t.Errorf("%s names an object, and the matrix does not say who may reach it", rt.Pattern())
		}
	}
	found, asked := m.violations(c.base, c.Site.Routes(), func(web.Route) bool { return true })
	for _, v := range found {
		t.Error(v)
	}
	t.Logf("%d calls", asked)
	if _, err := c.Cases.Case(t.Context(), m.actor(t, c, hall), m.kept); err != nil {
		t.Errorf("a draft was thrown away by somebody else: %v", err)
	}
	t.Run("holes", func(t *testing.T) { m.findsHoles(t, c) })
}

// findsHoles is the test of the test: each deliberate hole, alone, must be found.
func (m *matrix) findsHoles(t *testing.T, c *city) {
	hs := m.holes(t, c)
	if len(hs) < 20 {
		t.Errorf("only %d holes", len(hs))
	}
	for _, h := range hs {
		changed := false
		site := c.Site.Variant(func(rt web.Route) web.Route {
			if rt.Pattern() != h.route {
				return rt
			}
			changed = true
			return h.open(rt)
		})
		if !changed {
			t.Errorf("%s: there is no such route", h.route)
			continue
		}
		srv := httptest.NewServer(site.Handler())
		found, _ := m.violations(srv.URL, c.Site.Routes(), func(rt web.Route) bool { return rt.Pattern() == h.route })
		srv.Close()
		if len(found) == 0 {
			t.Errorf("the hole %q in %s is not found", h.name, h.route)
		}
	}
}

// hole is a mistake somebody could make in one route.
type hole struct {
	name, route string
	open        func(web.Route) web.Route
}

// wider is the wrong permission on a route.
func wider(p authz.Permission) func(web.Route) web.Route {
	return func(rt web.Route) web.Route { rt.Perm = p; return rt }
}

// unscoped is a handler that forgets what the mandate covers.
func unscoped(rt web.Route) web.Route {
	inner := rt.Handle
	rt.Handle = func(w http.ResponseWriter, r *http.Request) error {
		a := authz.From(r.Context())
		a.Scope = nil
		return inner(w, r.WithContext(authz.With(r.Context(), a)))
	}
	return rt
}

// unasked is a handler that does not ask whose the object is: whoever calls is answered as if they were another.
func unasked(as authz.Actor) func(web.Route) web.Route {
	return func(rt web.Route) web.Route {
		inner := rt.Handle
		rt.Handle = func(w http.ResponseWriter, r *http.Request) error {
			a := authz.From(r.Context())
			if !a.Signed() {
				return inner(w, r)
			}
			return inner(w, r.WithContext(authz.With(r.Context(), as)))
		}
		return rt
	}
}
