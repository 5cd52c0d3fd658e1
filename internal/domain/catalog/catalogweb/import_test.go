package catalogweb_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/job"
	"tongban/internal/domain/catalog/catalogweb"
)

// drain runs what waits in the background.
func (p *portal) drain(t *testing.T) {
	t.Helper()
	r := job.NewRunner(p.d, func() time.Time { return now }, quiet())
	for kind, w := range p.catalog.Workers() {
		r.Handle(kind, w)
	}
	r.Handle("event.deliver", func(context.Context, job.Job) error { return nil })
	if err := r.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestItemOfficeImportsAndReviews(t *testing.T) {
	p := open(t, "elder-card")
	p.Get("/office/items", http.StatusUnauthorized)
	p.actor = authz.Actor{StaffID: "officer", Roles: []authz.Role{authz.Officer}}
	p.Get("/office/items", http.StatusForbidden)
	p.actor = authz.Actor{StaffID: "office", AgencyID: "hall", Via: "page", Roles: []authz.Role{authz.ItemOffice}}
	says(t, p.Get("/office/items", http.StatusOK), "main", "老年人优待证申领", "凭了解撰写")
	p.Get("/office/items/import", http.StatusOK)

	says(t, p.Post("/office/items/import", url.Values{}, http.StatusUnprocessableEntity), ".error-summary", "还没有选择文件")
	says(t, p.Upload("/office/items/import", nil, "list", "a.csv", []byte("a,b\n1,2\n"), http.StatusUnprocessableEntity), ".error-summary", "没有找到表头")
	list, err := os.ReadFile("../testdata/district-items.csv")
	if err != nil {
		t.Fatal(err)
	}
	rep := p.Upload("/office/items/import", nil, "list", "清单.csv", append(list, []byte("区水务局,未分类,,X,1,a,b\n")...), http.StatusOK)
	if !strings.HasPrefix(rep.URL.Path, "/office/items/imports/") {
		t.Errorf("after the upload: %s", rep.URL)
	}
	says(t, rep, "#import-progress [role=status]", "已检查 0 行")
	says(t, rep, "noscript", "refresh")
	p.drain(t)
	checked := p.Get(rep.URL.Path, http.StatusOK)
	says(t, checked, "main", "1135", "没有事项名称，不能导入", "1137", "区经信局", "不能导入", "将新增", "会导入")
	dbtest.WantCounts(t, p.d, map[string]int{"catalog_item": 1})
	p.Post(rep.URL.Path+"/load", nil, http.StatusOK)
	p.Post(rep.URL.Path+"/load", nil, http.StatusConflict)
	loading := p.Get(rep.URL.Path, http.StatusOK)
	says(t, loading, "main", "将新增", "会导入")
	if strings.Contains(string(loading.Raw), "已导入") {
		t.Error("rows that wait are told as imported")
	}
	p.drain(t)
	rep = p.Get(rep.URL.Path, http.StatusOK)
	if strings.Contains(string(rep.Raw), "将新增") {
		t.Error("what was written is told as to come")
	}
	p.Post(rep.URL.Path+"/cancel", nil, http.StatusConflict)
	all := p.Get(rep.URL.Path+"/findings.csv", http.StatusOK)
	if n := strings.Count(string(all.Raw), "\n"); n < 4000 || !strings.Contains(string(all.Raw), "1137,事项名称") && !strings.Contains(string(all.Raw), ",1137,") {
		t.Errorf("findings: %d lines, %.300s", n, all.Raw)
	}
	says(t, rep, "main", "1135", "没有事项名称，不能导入", "1137", "region_code", "2–1136")
	says(t, p.Get("/office/items", http.StatusOK), "main", "1136")
	says(t, p.Get("/office/items?review=unreviewed&q="+url.QueryEscape("采砂"), http.StatusOK), "table", "河道采砂许可", "未复核")

	key := hrefs(p.Get("/office/items?q="+url.QueryEscape("河道采砂许可"), http.StatusOK), "tbody th a")[0]
	item := p.Get(key, http.StatusOK)
	says(t, item, "main", "00877844X", "是9位组织机构代码")
	done := p.Post(key+"/review", url.Values{"version": {"1"}}, http.StatusOK)
	says(t, done, "[role=status]", "已标记为复核")
	p.Post(key+"/review", url.Values{"version": {"1"}}, http.StatusConflict)
	p.Post("/office/items/none/review", url.Values{"version": {"1"}}, http.StatusNotFound)
	for _, act := range []string{"catalog.import", "catalog.review"} {
		if n := dbtest.Count(t, p.d, "audit_entry", "act = $1", act); n != 1 {
			t.Errorf("%d entries of %s", n, act)
		}
	}
	dbtest.WantCounts(t, p.d, map[string]int{"catalog_import": 1})
	out := p.Get("/office/items/export.csv", http.StatusOK)
	rows, err := csv.NewReader(bytes.NewReader(out.Raw)).ReadAll()
	if err != nil || !strings.HasPrefix(string(out.Raw), "\uFEFF事项标识,事项名称") || !strings.Contains(string(out.Raw), "老年人优待证申领") || len(rows) != 1137 {
		t.Errorf("export: %v, %d records, %.200s", err, len(rows), out.Raw)
	}
}

func TestAListWithoutRowsIsNotOffered(t *testing.T) {
	p := open(t, "elder-card")
	p.actor = authz.Actor{StaffID: "office", AgencyID: "hall", Via: "page", Roles: []authz.Role{authz.ItemOffice}}
	rep := p.Upload("/office/items/import", nil, "list", "空.csv", []byte("事项名称,事项编码\n"), http.StatusOK)
	p.drain(t)
	checked := p.Get(rep.URL.Path, http.StatusOK)
	says(t, checked, "main", "清单里没有一行事项", "再导入一份")
	if raw := string(checked.Raw); strings.Contains(raw, "没有发现问题") || strings.Contains(raw, rep.URL.Path+"/load") {
		t.Error("no rows are offered to be imported")
	}
}

func TestAnotherAgencysImportIsNotThere(t *testing.T) {
	p := open(t, "elder-card")
	p.actor = authz.Actor{StaffID: "office", AgencyID: "market", Via: "page", Roles: []authz.Role{authz.ItemOffice}}
	rep := p.Upload("/office/items/import", nil, "list", "清单.csv", []byte("事项名称,事项编码\n低保申请,A-1\n"), http.StatusOK)
	p.drain(t)
	says(t, p.Get("/office/items/import", http.StatusOK), "table", "清单.csv")
	p.actor.StaffID, p.actor.AgencyID = "other", "civil"
	p.Get(rep.URL.Path, http.StatusNotFound)
	p.Get(rep.URL.Path+"/findings.csv", http.StatusNotFound)
	p.Get("/api/v1"+rep.URL.Path, http.StatusNotFound)
	p.Post(rep.URL.Path+"/load", nil, http.StatusNotFound)
	p.Post(rep.URL.Path+"/cancel", nil, http.StatusNotFound)
	if strings.Contains(string(p.Get("/office/items/import", http.StatusOK).Raw), "清单.csv") {
		t.Error("the list of imports shows another agency's")
	}
}

func TestOtherSystemsFollowTheCatalogue(t *testing.T) {
	p := open(t, "elder-card")
	var feed catalogweb.ItemChanges
	get := func(after string) {
		t.Helper()
		feed = catalogweb.ItemChanges{}
		if err := json.Unmarshal(p.Get("/api/v1/items/changes?limit=500&after="+url.QueryEscape(after), http.StatusOK).Raw, &feed); err != nil {
			t.Fatal(err)
		}
	}
	get("")
	if len(feed.Changes) != 1 || feed.Changes[0].Key != "elder-card" || feed.More {
		t.Fatalf("%+v", feed)
	}
	after := feed.Next

	p.Post("/api/v1/office/items/import", nil, http.StatusUnauthorized)
	p.actor = authz.Actor{StaffID: "office", AgencyID: "hall", Via: "api", Roles: []authz.Role{authz.ItemOffice}}
	list, err := os.ReadFile("../testdata/district-items.csv")
	if err != nil {
		t.Fatal(err)
	}
	var im, again catalogweb.ItemImport
	for _, into := range []*catalogweb.ItemImport{&im, &again} {
		if err := json.Unmarshal(p.Upload("/api/v1/office/items/import", nil, "list", "list.csv", list, http.StatusAccepted).Raw, into); err != nil {
			t.Fatal(err)
		}
	}
	if im.State != "checking" || again.ID != im.ID {
		t.Errorf("%+v, sent again: %+v", im, again)
	}
	p.drain(t)
	if err := json.Unmarshal(p.Get(im.Href, http.StatusOK).Raw, &im); err != nil || im.State != "done" || im.Count.Added != 1135 || len(im.Findings) == 0 {
		t.Errorf("%v %+v", err, im)
	}
	p.actor = authz.Actor{}
	seen := map[string]bool{}
	for get(after); len(feed.Changes) > 0; get(feed.Next) {
		for _, c := range feed.Changes {
			seen[c.Key] = true
		}
	}
	if len(seen) != 1135 {
		t.Errorf("%d changes", len(seen))
	}
	p.Get("/api/v1/items/changes?after=junk", http.StatusBadRequest)

	lines := strings.Split(strings.TrimSpace(string(p.Get("/api/v1/items/export.jsonl", http.StatusOK).Raw)), "\n")
	if len(lines) != 1136 {
		t.Fatalf("%d lines", len(lines))
	}
	var half catalogweb.ItemLine
	if err := json.Unmarshal([]byte(lines[600]), &half); err != nil || half.Key == "" || half.Item["name"] == "" {
		t.Fatalf("%v %s", err, lines[600])
	}
	if strings.Contains(lines[600], "findings") {
		t.Errorf("what the import found is for the item office: %s", lines[600])
	}
	rest := strings.Split(strings.TrimSpace(string(p.Get("/api/v1/items/export.jsonl?after="+url.QueryEscape(half.Key), http.StatusOK).Raw)), "\n")
	if len(rest) != 535 || rest[0] != lines[601] {
		t.Errorf("behind line 601: %d lines", len(rest))
	}
}

func TestEveryFormatCanBeDownloaded(t *testing.T) {
	p := open(t, "elder-card")
	p.actor = authz.Actor{StaffID: "office", AgencyID: "hall", Via: "page", Roles: []authz.Role{authz.ItemOffice}}
	page := p.Get("/office/items/export", http.StatusOK)
	n := 0
	for _, f := range page.Find(`input[name=format]`).EachIter() {
		name, _ := f.Attr("value")
		n++
		if b := p.Get("/office/items/export/file?format="+name+"&region=580000", http.StatusOK).Raw; len(b) < 100 {
			t.Errorf("%s: %d bytes", name, len(b))
		}
	}
	if n != 9 {
		t.Errorf("%d formats on the page", n)
	}
	p.Get("/office/items/export/file?format=pdf", http.StatusBadRequest)
	if b := p.Get("/office/items/import/template.xlsx", http.StatusOK).Raw; !strings.HasPrefix(string(b), "PK") {
		t.Error("the template is no workbook")
	}
}
