package app_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"tongban/internal/base/audit"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/webtest"
)

// answer decodes a JSON answer.
func answer[T any](t *testing.T, p *webtest.Page) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(p.Raw, &v); err != nil {
		t.Fatalf("%v in %s", err, p.Raw)
	}
	return v
}

func send(t *testing.T, c *webtest.Client, method, path string, body any, status int) *webtest.Page {
	t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return c.Send(method, path, "application/json", bytes.NewReader(b), status)
}

type draft struct {
	ID      string         `json:"id"`
	Version int64          `json:"version"`
	Form    map[string]any `json:"form"`
}

// elderCard applies for the card by API and gives case id and number.
func elderCard(t *testing.T, c *webtest.Client, key string) (id, number, code string) {
	t.Helper()
	d := answer[draft](t, send(t, c, http.MethodPost, "/api/v1/drafts", map[string]any{"item": "elder-card", "client_key": key}, http.StatusCreated))
	if d.Form["name"] == "" || d.Form["name"] == nil {
		t.Fatalf("nothing was prefilled: %v", d.Form)
	}
	saved := answer[draft](t, send(t, c, http.MethodPut, "/api/v1/drafts/"+d.ID, map[string]any{
		"version": d.Version, "scenario": map[string]string{"residence": "household", "photo": "id-card"},
		"form":    map[string]any{"live_address": "望江街道石板弄7号", "delivery": "electronic", "truth": true},
		"contact": map[string]string{"name": "贺怀仁", "phone": "19900000103"},
	}, http.StatusOK))
	r := answer[struct {
		CaseNo    string `json:"case_no"`
		QueryCode string `json:"query_code"`
		ID        string `json:"id"`
	}](t, send(t, c, http.MethodPost, "/api/v1/drafts/"+d.ID+"/submit", map[string]any{"version": saved.Version}, http.StatusOK))
	return r.ID, r.CaseNo, r.QueryCode
}

// TestFromSearchToRating is the whole matter on both engines: found in everyday words, applied for, decided by the rules, licensed, verified, a
// flipped byte refused, rated, looked up without an account, and every reading on an unbroken record.
func TestFromSearchToRating(t *testing.T) {
	each(t, func(t *testing.T, c *city) {
		he := c.as(t, "person:19900000103")
		he.Get("/items?q="+url.QueryEscape("老年证"), 200).Wants("老年人优待证申领")
		he.Get("/items/elder-card", 200).Wants("65", "不收费", "区民政局")
		id, number, code := elderCard(t, he, "journey-0001")
		c.settle(t)
		he.Get("/my/cases/"+id, 200).Wants(number)

		licences := he.Get("/my/licences", 200).Wants("老年人优待证").Lacks("580102196008303179")
		href := licences.Find(`a[href^="/my/licences/"]`).First().AttrOr("href", "")
		pdf := he.Get(strings.TrimSuffix(href, "/pdf")+"/pdf", 200)
		if !bytes.HasPrefix(pdf.Raw, []byte("%PDF-")) {
			t.Fatalf("the licence is no PDF: %.40q", pdf.Raw)
		}
		anyone := c.visitor(t)
		judged := func(file []byte) (status string, test bool) {
			v := answer[struct {
				Status string `json:"status"`
				Test   bool   `json:"test"`
			}](t, anyone.Upload("/api/v1/verify", nil, "file", "a.pdf", file, 200))
			return v.Status, v.Test
		}
		if status, test := judged(pdf.Raw); status != "valid" || !test {
			t.Errorf("verified as %s, test %v", status, test)
		}
		for _, at := range []int{100, len(pdf.Raw) / 2, len(pdf.Raw) - 3} {
			bad := bytes.Clone(pdf.Raw)
			bad[at] ^= 4
			if status, _ := judged(bad); status != "forged" {
				t.Errorf("byte %d flipped: %s", at, status)
			}
		}
		anyone.Post("/lookup", url.Values{"no": {number}, "code": {code}}, 200).Wants("老年人优待证").Lacks("贺怀仁")
		anyone.Post("/lookup", url.Values{"no": {number}, "code": {"00000000"}}, 0).Lacks("老年人优待证申领")
		he.Get("/my/cases/"+id+"/rate", 200)
		he.Get("/my/messages", 200).Wants("老年人优待证")
		he.Get("/my/access", 200)
		if err := c.Audit.SequenceNow(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n, err := audit.Verify(t.Context(), c.DB.R()); err != nil || n == 0 {
			t.Errorf("audit chain of %d: %v", n, err)
		}
		if n := dbtest.Count(t, c.DB, "job_job", "state = 'dead'"); n != 0 {
			t.Errorf("%d dead jobs", n)
		}
		// Somebody else's case is not there, under any address.
		other := c.as(t, "person:19900000101")
		for _, path := range []string{"/my/cases/" + id, "/my/cases/" + id + "/receipt", "/drafts/" + id, "/api/v1/cases/" + id, strings.TrimSuffix(href, "/pdf")} {
			other.Get(path, 404).Lacks("贺怀仁", number)
		}
	})
}

// TestSubmittingTwiceIsOneCase repeats every write with the same key.
func TestSubmittingTwiceIsOneCase(t *testing.T) {
	each(t, func(t *testing.T, c *city) {
		he := c.as(t, "person:19900000103")
		id1, no1, _ := elderCard(t, he, "twice-0001")
		d := answer[draft](t, send(t, he, http.MethodPost, "/api/v1/drafts", map[string]any{"item": "elder-card", "client_key": "twice-0001"}, 0))
		if d.ID != id1 {
			t.Errorf("the same key made another draft: %s and %s", id1, d.ID)
		}
		again := answer[struct {
			CaseNo string `json:"case_no"`
		}](t, send(t, he, http.MethodPost, "/api/v1/drafts/"+id1+"/submit", map[string]any{"version": 1}, 200))
		if again.CaseNo != no1 {
			t.Errorf("submitted twice: %s and %s", no1, again.CaseNo)
		}
		c.settle(t)
		dbtest.WantCounts(t, c.DB, map[string]int{"cases_case": 1, "licence_licence": 1})
	})
}
