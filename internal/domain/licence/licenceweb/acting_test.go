package licenceweb

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tongban/internal/base/dbtest"
)

// under asks as p2, who acts for p1 within a scope of "items/acts".
func (w *world) under(path, scope string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("X-Scope", scope)
	return w.do(r, "p2")
}

func TestLicencesOfWhomOneActsForFollowTheScope(t *testing.T) {
	w := newWorld(t)
	one := "/my/licences/" + w.l.ID
	for _, c := range []struct {
		scope     string
		lists     bool // the principal's licences have a place
		shows     bool // this one is there
		page, pdf int
		hands     int // how often the case was told that its result arrived
	}{
		{"elder-card/view", true, true, 200, 200, 0},
		{"elder-card/collect", true, true, 200, 200, 1},
		{"*/*", true, true, 200, 200, 1},
		{"elder-card/apply sign", false, false, 404, 404, 0},
		{"another/view collect", true, false, 403, 403, 0},
		{"/view", true, false, 403, 403, 0},
	} {
		w.opened = nil
		list := w.under("/my/licences", c.scope)
		if got := strings.Contains(list.Body.String(), "您代为办理"); got != c.lists {
			t.Errorf("%s: the principal has a place: %v", c.scope, got)
		}
		if got := strings.Contains(list.Body.String(), one); got != c.shows {
			t.Errorf("%s: the licence is listed: %v", c.scope, got)
		}
		if got := w.under(one, c.scope).Code; got != c.page {
			t.Errorf("%s: page %d, want %d", c.scope, got, c.page)
		}
		if got := w.under(one+"/pdf", c.scope).Code; got != c.pdf || len(w.opened) != c.hands {
			t.Errorf("%s: file %d, want %d; handed over %d times, want %d", c.scope, got, c.pdf, len(w.opened), c.hands)
		}
	}
	if w.get(one, "p2").Code != http.StatusNotFound || strings.Contains(w.get("/my/licences", "p2").Body.String(), "您代为办理") {
		t.Error("without the mandate the licence is still there")
	}
	// Its holder finds every look among who saw their data.
	if n := dbtest.Count(t, w.d, "audit_entry", "object = $1 AND actor = 'person:p2' AND on_behalf = 'person:p1'", "licence:"+w.l.ID); n != 9 {
		t.Errorf("%d looks are on record, want list, page and file three times", n)
	}
}
