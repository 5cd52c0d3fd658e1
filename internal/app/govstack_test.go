package app_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/dbtest"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/govstack"
)

const member = "eGovStack/GOV/90000009/demo"

// gov is a member's system.
type gov struct {
	t             *testing.T
	base          string
	client, token string
}

// call sends a request and decodes what a wanted answer holds.
func (g gov) call(method, path string, body any, want int, into any, head ...string) string {
	g.t.Helper()
	var in io.Reader
	kind := "application/json"
	switch b := body.(type) {
	case nil:
	case *multi:
		in, kind = &b.Buffer, b.kind
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			g.t.Fatal(err)
		}
		in = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(g.t.Context(), method, g.base+govstack.Base+path, in)
	if err != nil {
		g.t.Fatal(err)
	}
	if in != nil {
		r.Header.Set("Content-Type", kind)
	}
	if g.client != "" {
		r.Header.Set("Information-Mediator-Client", g.client)
	}
	if g.token != "" {
		r.Header.Set("Authorization", "Bearer "+g.token)
	}
	for i := 0; i+1 < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	res, err := (&http.Client{}).Do(r)
	if err != nil {
		g.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		g.t.Fatal(err)
	}
	if res.StatusCode != want {
		g.t.Fatalf("%s %s: %d, want %d\n%s", method, path, res.StatusCode, want, raw)
	}
	if want >= 400 {
		var p struct{ Code, Message, LocalizedMessage, TraceID string }
		if json.Unmarshal(raw, &p) != nil || p.Code == "" || p.Message == "" || p.LocalizedMessage == "" || p.TraceID == "" || res.Header.Get("Content-Type") != "application/problem+json" {
			g.t.Errorf("%s %s is no problem: %s", method, path, raw)
		}
		return p.Code
	}
	if into != nil {
		if err := json.Unmarshal(raw, into); err != nil {
			g.t.Fatalf("%s %s: %v\n%s", method, path, err, raw)
		}
	}
	return string(raw)
}

type multi struct {
	bytes.Buffer
	kind string
}

func filePart(t *testing.T, name string, b []byte) *multi {
	t.Helper()
	m := &multi{}
	w := multipart.NewWriter(&m.Buffer)
	p, err := w.CreateFormFile("file", name)
	if err == nil {
		_, err = p.Write(b)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	m.kind = w.FormDataContentType()
	return m
}

type govApplication struct {
	FileID, CaseNo, State, ServiceID, ApplicantID string
	Status                                        struct{ Code, Title string }
	Ended                                         bool
	ApplicationData                               struct {
		ApplicantID  string
		FormData     struct{ Data map[string]any }
		DocumentURLs []string
	}
}

type govTask struct {
	TaskID, FileID, RoleID, ServiceID string
	Status                            struct{ Code string }
	Data                              struct {
		Outcome struct{ OneOf []string }
		Step    struct{ Kind string }
	}
}

// waiting gives the open task of an application.
func (g gov) waiting(file string) govTask {
	g.t.Helper()
	var ts []govTask
	g.call("GET", "/tasks?fileId="+file, nil, 200, &ts)
	i := slices.IndexFunc(ts, func(t govTask) bool { return t.Status.Code == "PENDING" })
	if i < 0 {
		g.t.Fatalf("no task waits: %+v", ts)
	}
	var one govTask
	g.call("GET", "/tasks/"+ts[i].TaskID, nil, 200, &one)
	return one
}

func (g gov) complete(task govTask, want int, data map[string]any) string {
	g.t.Helper()
	return g.call("POST", "/tasks/"+task.TaskID+"/complete", map[string]any{"data": data}, want, nil)
}

var elderData = map[string]any{
	"_scenario": map[string]any{"residence": "household", "photo": "id-card"}, "live_address": "望江街道石板弄7号", "delivery": "electronic", "truth": true,
}

// TestGovStackRegistration is a member's whole way: services, forms, an application that becomes a real case, the officers' tasks, statistics.
func TestGovStackRegistration(t *testing.T) {
	each(t, func(t *testing.T, c *city) {
		g := gov{t: t, base: c.base, client: member}
		var services []struct {
			ID, Name, Type string
			IsExecutable   bool
		}
		g.call("GET", "/services", nil, 200, &services)
		if !slices.ContainsFunc(services, func(s struct {
			ID, Name, Type string
			IsExecutable   bool
		},
		) bool {
			return s.ID == "elder-card" && s.IsExecutable && s.Type == "Public"
		}) {
			t.Errorf("services: %+v", services)
		}
		g.call("GET", "/services?name="+url.QueryEscape("食品经营许可（新办）"), nil, 200, &services)
		if len(services) != 1 || services[0].ID != "food-licence-new" {
			t.Errorf("by name: %+v", services)
		}
		g.call("GET", "/services/elder-card", nil, 200, nil)
		for _, path := range []string{"/services/no-such-thing", "/services/no-such-thing/eForms", "/eForms/no-such-thing", "/applications/no-such-thing", "/tasks/no-such-thing"} {
			g.call("GET", path, nil, 404, nil)
		}
		var forms []struct{ EFormID string }
		g.call("GET", "/services/elder-card/eForms", nil, 200, &forms)
		var form struct {
			Schema struct {
				Properties map[string]any
				Materials  []map[string]any `json:"x-materials"`
			}
		}
		g.call("GET", "/eForms/"+forms[0].EFormID, nil, 200, &form)
		if form.Schema.Properties["live_address"] == nil || form.Schema.Properties["_scenario"] == nil || len(form.Schema.Materials) == 0 {
			t.Errorf("schema: %+v", form.Schema)
		}

		send := map[string]any{"applicantId": "u-1", "applicant": map[string]any{"name": "贺怀仁", "number": "580102196008303179", "phone": "19900000103"}, "formData": map[string]any{"data": elderData}}
		var a govApplication
		if code := g.call("POST", "/services/no-such-thing/applications", send, 404, nil); code != "govstack.service_unknown" {
			t.Error(code)
		}
		g.call("POST", "/services/elder-card/applications", map[string]any{"applicantId": "u-1"}, 422, nil)
		if code := g.call("POST", "/services/elder-card/applications", map[string]any{"applicantId": "u-1", "applicant": send["applicant"]}, 422, nil); code != "cases.not_ready" {
			t.Error(code)
		}
		if n := dbtest.Count(t, c.DB, "cases_case", "channel = 'exchange'"); n != 0 {
			t.Errorf("%d drafts are left of what was refused", n)
		}
		g.call("POST", "/services/elder-card/applications", send, 200, &a, "Idempotency-Key", "first")
		var again govApplication
		g.call("POST", "/services/elder-card/applications", send, 200, &again, "Idempotency-Key", "first")
		if a.FileID == "" || again.FileID != a.FileID || a.Status.Code != "PENDING" || a.Ended || a.ServiceID != "elder-card" || a.ApplicantID != "u-1" {
			t.Fatalf("%+v, again %+v", a, again)
		}
		c.govApplied(t, g, a)

		accept := g.waiting(a.FileID)
		if !slices.Contains(accept.Data.Outcome.OneOf, "accept") || accept.RoleID != "civil-elder" {
			t.Errorf("task %+v", accept)
		}
		if code := g.complete(accept, 422, nil); code != "govstack.bad_completion" {
			t.Error(code)
		}
		if code := g.complete(accept, 403, map[string]any{"outcome": "accept", "operator": "qiao-bo"}); code != "govstack.operator" {
			t.Error(code)
		}
		g.complete(accept, 404, map[string]any{"outcome": "accept", "operator": "lu-zheng"}) // to whom the case is as if it were not there
		g.complete(accept, 200, map[string]any{"outcome": "accept"})
		if code := g.complete(accept, 409, map[string]any{"outcome": "accept"}); code != "govstack.task_done" {
			t.Error(code)
		}
		decide := g.waiting(a.FileID)
		g.complete(decide, 422, map[string]any{"outcome": "refuse"}) // without reason and basis
		g.complete(decide, 200, map[string]any{"outcome": "grant", "operator": "xu-hui"})
		g.call("GET", "/applications/"+a.FileID, nil, 200, &a)
		if a.Status.Code != "APPROVED" || a.State != string(cases.Certified) {
			t.Errorf("decided: %+v", a)
		}
		c.govCounted(t, g)
	})
}

// govApplied checks what became of an application: a case of the applicant's, on record, that they see.
func (c *city) govApplied(t *testing.T, g gov, a govApplication) {
	t.Helper()
	c.as(t, "person:19900000103").Get("/my/cases/"+a.FileID, 200).Wants(a.CaseNo, "数据交换")
	if n := dbtest.Count(t, c.DB, "audit_entry", "object = $1 AND actor = $2 AND act = 'cases.submit'", "case:"+a.FileID, "system:govstack:"+member); n != 1 {
		t.Errorf("%d records of the submission", n)
	}
	var list []struct{ FileID, ApplicantID, ServiceID string }
	g.call("GET", "/applications?applicantId=u-1&serviceId=elder-card&maxResult=5", nil, 200, &list)
	if len(list) != 1 || list[0].FileID != a.FileID {
		t.Errorf("list %+v", list)
	}
	for _, none := range []string{"applicantId=nobody", "serviceId=food-licence-new", "firstResult=1"} {
		if g.call("GET", "/applications?"+none, nil, 200, &list); len(list) != 0 {
			t.Errorf("%s: %+v", none, list)
		}
	}
	g.call("GET", "/applications?maxResult=x", nil, 400, nil)
	if code := g.call("PUT", "/applications/"+a.FileID, map[string]any{"applicantId": "u-1"}, 409, nil); code != "cases.not_now" {
		t.Error(code)
	}
}

// govCounted checks the statistics after one grant.
func (c *city) govCounted(t *testing.T, g gov) {
	t.Helper()
	type line struct {
		Processed, Approved, SentBack, Rejected int
		References                              struct{ StartDate, EndDate string }
	}
	var lines []line
	today := time.Now().In(time.FixedZone("", 8*3600)).Format(time.DateOnly)
	g.call("GET", "/data/statistics/1.0", nil, 200, &lines)
	if len(lines) != 1 || lines[0].Processed != 1 || lines[0].Approved != 1 || lines[0].References.EndDate != today {
		t.Errorf("statistics %+v", lines)
	}
	for q, want := range map[string]int{"registrationName=elder-card": 1, "registrationName=food-licence-new": 0, "operator=xu-hui": 1, "operator=wei-chun": 0, "role=civil-elder": 1} {
		if g.call("GET", "/data/statistics/1.0?"+q, nil, 200, &lines); len(lines) != 1 || lines[0].Approved != want {
			t.Errorf("%s: %+v", q, lines)
		}
	}
	g.call("GET", "/data/statistics/1.0?timeframe=day&endDate="+today, nil, 200, &lines)
	if len(lines) != 30 || lines[29].Approved != 1 || lines[28].Approved != 0 {
		t.Errorf("by day: %d %+v", len(lines), lines[len(lines)-1])
	}
	g.call("GET", "/data/statistics/1.0?startDate=2026-13-01", nil, 400, nil)
	g.call("GET", "/data/statistics/1.0?timeframe=hour", nil, 400, nil)
	g.call("GET", "/data/statistics/1.0?registrationName=nothing", nil, 404, nil)
	if err := c.Audit.SequenceNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := audit.Verify(t.Context(), c.DB.R()); err != nil {
		t.Error(err)
	}
}

// TestGovStackCorrection sends a firm's application with a document, has it corrected and answered, refused by whoever may not decide, and granted.
func TestGovStackCorrection(t *testing.T) {
	each(t, func(t *testing.T, c *city) {
		g := gov{t: t, base: c.base, client: member}
		var up struct {
			Code         int
			Message, URL string
		}
		pdf := []byte("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n")
		g.call("POST", "/documents", nil, 400, nil)
		if code := g.call("POST", "/documents", filePart(t, "a.pdf", nil), 400, nil); code != "govstack.document_empty" {
			t.Error(code)
		}
		g.call("POST", "/documents?additionalMetadata=layout-plan", filePart(t, "平面图.pdf", pdf), 200, &up)
		plan := up.URL
		scenario := map[string]string{"kind": "2", "special_room": "no", "central": "no", "vending": "no", "building": "business", "size": "small", "chain": "no", "agent": "self"}
		data := map[string]any{
			"_scenario": scenario, "shop_name": "小满饭庄", "shop_area": 100,
			"contact_name": "林小满", "contact_phone": "19900000101", "shop_region": "580102", "shop_address": "清澜市清江区望江街道石栏路58号一层",
			"kitchen_area": 30, "seats": 40, "has_warehouse": false, "business_items": []string{"hot", "drinks"}, "online": false,
			"manager_name": "林小满", "manager_id": "580102199605182647", "manager_phone": "19900000101", "manager_trained": true, "staff_count": 6, "staff_health": true,
			"equipment": []map[string]any{{"name": "三联水池", "use": "washing", "quantity": 2, "place": "粗加工间"}, {"name": "消毒柜", "use": "disinfection", "quantity": 1, "place": "洗消间"}},
			"rules":     []string{"self-check", "health", "purchase", "accident", "cleaning", "additives"}, "delivery": "electronic", "truth": true, "no_bar": true, "consent": true,
		}
		firm := map[string]any{"kind": "firm", "name": "林小满", "number": "580102199605182647", "creditCode": "91580102MACXM7P15Q"}
		send := func(firm map[string]any, docs ...string) map[string]any {
			return map[string]any{"applicantId": "firm-1", "applicant": firm, "formData": map[string]any{"data": data, "eFormId": "food-licence-new"}, "documentUrls": docs}
		}
		other := map[string]any{"kind": "firm", "name": "欧阳静姝", "number": "580103197802145228", "creditCode": "91580102MACXM7P15Q"}
		if code := g.call("POST", "/services/food-licence-new/applications", send(other, plan), 403, nil); code != "cases.exchange_firm" {
			t.Error(code)
		}
		g.call("POST", "/services/food-licence-new/applications", send(firm, "nowhere"), 422, nil)
		var a govApplication
		g.call("POST", "/services/food-licence-new/applications", send(firm, plan), 200, &a)
		g.call("POST", "/services/food-licence-new/applications", send(firm, plan), 422, nil) // the document is the case's now
		if n := dbtest.Count(t, c.DB, "cases_material", "case_id = $1 AND material = 'layout-plan' AND size = $2", a.FileID, len(pdf)); n != 1 || len(a.ApplicationData.DocumentURLs) != 1 {
			t.Errorf("%d plans; %+v", n, a)
		}
		g.complete(g.waiting(a.FileID), 200, nil) // receive
		accept := g.waiting(a.FileID)
		g.complete(accept, 200, map[string]any{"outcome": "correction", "operator": "zhou-min", "defects": []map[string]string{{"kind": "material", "key": "layout-plan", "text": "平面图没有标明门的位置"}}})
		g.call("GET", "/applications/"+a.FileID, nil, 200, &a)
		if a.Status.Code != "SENDBACK" {
			t.Errorf("%+v", a)
		}
		g.call("POST", "/documents?additionalMetadata="+url.QueryEscape(`{"material":"layout-plan","name":"新图.pdf"}`), filePart(t, "x.pdf", append(pdf, '2')), 200, &up)
		if code := g.call("PUT", "/applications/"+a.FileID, map[string]any{"applicantId": "somebody-else"}, 422, nil); code != "govstack.bad_application" {
			t.Error(code)
		}
		g.call("PUT", "/applications/"+a.FileID, map[string]any{"applicantId": "firm-1", "documentUrls": []string{up.Message}}, 200, &a)
		if a.Status.Code != "PENDING" || len(a.ApplicationData.DocumentURLs) != 2 || a.ApplicationData.FormData.Data["shop_name"] != "小满饭庄" {
			t.Errorf("answered %+v", a)
		}
		if n := dbtest.Count(t, c.DB, "cases_material", "case_id = $1 AND material = 'layout-plan' AND removed_round < 0", a.FileID); n != 1 {
			t.Errorf("%d plans are in force", n)
		}
		if n := dbtest.Count(t, c.DB, "govstack_document", ""); n != 0 {
			t.Errorf("%d documents are left", n)
		}
		c.govReviewed(t, g, a.FileID)
	})
}

// govReviewed works a food case to its refusal: who reviewed may not decide.
func (c *city) govReviewed(t *testing.T, g gov, file string) {
	t.Helper()
	for range 2 {
		if w := g.waiting(file); w.Data.Step.Kind == "receive" {
			g.complete(w, 200, nil)
		} else if w.Data.Step.Kind == "accept" {
			g.complete(w, 200, map[string]any{"outcome": "accept", "operator": "zhou-min"})
		}
	}
	g.complete(g.waiting(file), 200, map[string]any{"outcome": "pass", "reason": "材料齐全", "operator": "zhou-min"})
	inspect := g.waiting(file)
	results := map[string]any{}
	for _, k := range strings.Fields("site layout washing disinfection special_room supply_water") {
		results[k] = map[string]any{"pass": true}
	}
	one := map[string]any{"outcome": "inspected", "reason": "现场符合要求", "operator": "zhou-min", "officers": []string{"zhou-min"}, "results": results}
	g.complete(inspect, 422, one) // one officer is no inspection
	one["officers"] = []string{"zhou-min", "feng-li"}
	g.complete(inspect, 200, one)
	decide := g.waiting(file)
	g.complete(decide, 403, map[string]any{"outcome": "grant", "operator": "zhou-min"})
	g.complete(decide, 200, map[string]any{"outcome": "grant"})
	var a govApplication
	g.call("GET", "/applications/"+file, nil, 200, &a)
	if a.Status.Code != "APPROVED" || dbtest.Count(t, c.DB, "licence_licence", "case_id = $1", file) != 1 {
		t.Errorf("granted %+v", a)
	}
}

// TestGovStackDoor: who is let in, and that a grant needs two officers and a token.
func TestGovStackDoor(t *testing.T) {
	each(t, func(t *testing.T, c *city) {
		g := gov{t: t, base: c.base}
		for _, header := range []string{"", "eGovStack", "a/b/c", "a/b/c/d/e", "a//c/d", "a/b/c/d e"} {
			g.client = header
			if code := g.call("GET", "/services", nil, 400, nil); code != "govstack.header" {
				t.Errorf("%q: %s", header, code)
			}
		}
		g.client = "QingLan/GOV/11580100/aid"
		if code := g.call("GET", "/services", nil, 403, nil); code != "govstack.not_registered" {
			t.Error(code)
		}
		first, second := c.as(t, "staff:qin-zhuo"), c.as(t, "staff:shen-ze")
		grant := url.Values{"client": {g.client}, "name": {"救助系统"}, "agency": {"civil"}, "basis": {"数据共享协议〔2026〕3号"}, "items": {"elder-card"}, "file": {"true"}, "level": {"1"}, "operators": {""}}
		bad := url.Values{"client": {"x"}, "level": {"9"}, "items": {"no-such-thing"}}
		first.Post("/admin/members", bad, 422).Wants("四段")
		p := first.Post("/admin/members", grant, 200).Wants("已提出")
		id := p.URL.Path[strings.LastIndex(p.URL.Path, "/")+1:]
		first.Post("/admin/members", grant, 422).Wants("已经登记")
		g.call("GET", "/services", nil, 403, nil) // asked for is not granted
		_, ps, err := c.GovStack.Member(t.Context(), id)
		if err != nil || len(ps) != 1 {
			t.Fatal(ps, err)
		}
		to := "/admin/members/" + id
		first.Post(to+"/proposals/"+ps[0].ID, url.Values{"choice": {"approve"}}, 403)
		second.Post(to+"/proposals/"+ps[0].ID, url.Values{"choice": {"approve"}}, 200)
		if code := g.call("GET", "/services", nil, 401, nil); code != "govstack.token" { // no token yet
			t.Error(code)
		}
		g.token = second.Post(to+"/token", nil, 200).Find("code").First().Text()
		var services []struct{ ID string }
		g.call("GET", "/services", nil, 200, &services)
		if len(services) != 1 || services[0].ID != "elder-card" {
			t.Errorf("%+v", services)
		}
		g.call("GET", "/services/food-licence-new", nil, 404, nil) // not of the grant
		he := map[string]any{"applicationName": "贺怀仁", "applicantId": "580102196008303179", "formData": map[string]any{"data": elderData}}
		if code := g.call("POST", "/services/elder-card/applications", he, 403, nil); code != "cases.exchange_level" {
			t.Error(code)
		}
		grant.Set("level", "2")
		first.Post(to, grant, 200)
		_, ps, _ = c.GovStack.Member(t.Context(), id)
		second.Post(to+"/proposals/"+ps[0].ID, url.Values{"choice": {"approve"}}, 200)
		var a govApplication
		g.call("POST", "/services/elder-card/applications", he, 200, &a) // by the standard's own fields: a name and a citizen's number
		if code := g.complete(g.waiting(a.FileID), 403, map[string]any{"outcome": "accept"}); code != "govstack.operator" {
			t.Error(code)
		}
		demo := gov{t: t, base: c.base, client: member}
		demo.call("GET", "/applications/"+a.FileID, nil, 404, nil) // another member's
		g.token = "tbgs_wrong"
		g.call("GET", "/services", nil, 401, nil)
		first.Post(to+"/suspend", url.Values{"reason": {""}}, 422)
		first.Post(to+"/suspend", url.Values{"reason": {"令牌外泄"}}, 200)
		g.call("GET", "/services", nil, 403, nil)
	})
}
