package webhook_test

import (
	"encoding/base64"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/webhook"
)

func serve(t *testing.T, f http.HandlerFunc) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then does the server notice a caller that hangs up
		f(w, r)
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// TestSign holds us to the example of the specification.
func TestSign(t *testing.T) {
	got, err := webhook.Sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want || err != nil {
		t.Errorf("%s %v", got, err)
	}
}

// fits tells which of some secrets signed a message.
func fits(t *testing.T, m got, secrets ...string) (out []int) {
	t.Helper()
	n, err := strconv.ParseInt(m.Header.Get("webhook-timestamp"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range secrets {
		sig, err := webhook.Sign(s, m.Header.Get("webhook-id"), time.Unix(n, 0), m.Body)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(strings.Fields(m.Header.Get("webhook-signature")), sig) {
			out = append(out, i)
		}
	}
	return out
}

func TestSecretRotation(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		h, ctx := open(t, d), t.Context()
		x := listen(t, nil)
		id, first := h.subscribe(x.URL)
		send := func() got {
			h.publish(cases.AcceptedEvent{Fact: fact("c1")})
			h.work()
			ms := x.messages()
			return ms[len(ms)-1]
		}
		want := func(when string, secrets []string, by ...int) {
			t.Helper()
			if got := fits(t, send(), secrets...); !slices.Equal(got, by) {
				t.Errorf("%s: signed with %v, want %v", when, got, by)
			}
		}
		want("first", []string{first}, 0)
		second, err := h.s.Rotate(ctx, admin, id, 24*time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		both := []string{first, second}
		want("both", both, 0, 1)
		if _, err := h.s.Rotate(ctx, admin, id, time.Hour); !errs.Is(err, "webhook.secrets_two") {
			t.Errorf("a third secret = %v", err)
		}
		h.add(25 * time.Hour)
		want("after a day", both, 1)
		third, err := h.s.Rotate(ctx, admin, id, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.s.EndOld(ctx, admin, id); err != nil {
			t.Fatal(err)
		}
		want("ended by hand", []string{second, third}, 1)
		fourth, err := h.s.Rotate(ctx, admin, id, 0)
		if err != nil {
			t.Fatal(err)
		}
		want("at once", []string{third, fourth}, 1)
		if err := h.s.EndOld(ctx, admin, id); !errs.Is(err, "webhook.secret_one") {
			t.Errorf("ending the only one = %v", err)
		}
		key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(fourth, "whsec_"))
		for _, table := range []string{"webhook_secret", "webhook_subscription", "webhook_attempt", "webhook_delivery", "audit_entry"} {
			if dump := text(t, d, table); len(key) != 32 || strings.Contains(dump, string(key)) || strings.Contains(dump, fourth) || strings.Contains(dump, x.URL) {
				t.Errorf("%s holds a secret or an address", table)
			}
		}
	})
}

// text is everything a table holds.
func text(t *testing.T, d *db.DB, table string) string {
	t.Helper()
	rows, err := d.Raw().QueryContext(t.Context(), "SELECT * FROM "+table) //nolint:gosec // our own tables
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	cols, _ := rows.Columns()
	var b strings.Builder
	for rows.Next() {
		vals, to := make([][]byte, len(cols)), make([]any, len(cols))
		for i := range vals {
			to[i] = &vals[i]
		}
		if err := rows.Scan(to...); err != nil {
			t.Fatal(err)
		}
		for _, v := range vals {
			b.Write(v)
			b.WriteByte('\n')
		}
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	return b.String()
}

// TestWhoKeepsWhat: administrators within their reach, operators for their own agency, nobody else; another's is as if it were not there.
func TestWhoKeepsWhat(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		h, ctx := open(t, d), t.Context()
		x := listen(t, nil)
		civilIT, officer := operator, operator
		civilIT.AgencyID, officer.Roles = "civil", []authz.Role{authz.Officer}
		narrow, _ := h.subscribe(x.URL)
		wide, _ := h.subscribe(x.URL, func(s *webhook.Subscription) { s.Wide = true })
		for _, c := range []struct {
			who          authz.Actor
			narrow, wide bool
		}{{admin, true, true}, {operator, true, false}, {civilIT, false, false}, {farAdmin, false, false}, {officer, false, false}, {authz.Actor{}, false, false}} {
			for id, may := range map[string]bool{narrow: c.narrow, wide: c.wide} {
				_, err := h.s.Get(ctx, c.who, id)
				if (err == nil) != may || err != nil && errs.KindOf(err) != errs.NotFound {
					t.Errorf("%s of %s: %v", c.who.StaffID, c.who.AgencyID, err)
				}
				_, more := h.s.Rotate(ctx, c.who, id, 0)
				if (more == nil) != may {
					t.Errorf("%s rotates: %v", c.who.StaffID, more)
				}
			}
			all, err := h.s.List(ctx, c.who)
			if n := len(all); err != nil || n != map[bool]int{true: 1}[c.narrow]+map[bool]int{true: 1}[c.wide] {
				t.Errorf("%s lists %d %v", c.who.StaffID, n, err)
			}
		}
		in := webhook.Subscription{Agency: "market", URL: x.URL, Name: "系统", Topics: []string{"cases.accepted"}, Wide: true}
		if _, _, err := h.s.Create(ctx, operator, in); field(err) != "wide" {
			t.Errorf("an operator subscribes to a region: %v", err)
		}
		in.Wide, in.Agency = false, "civil"
		if _, _, err := h.s.Create(ctx, operator, in); field(err) != "agency" {
			t.Errorf("an operator subscribes another agency: %v", err)
		}
		in.Agency = "market"
		if err := h.s.Change(ctx, admin, narrow, 1, in); err != nil {
			t.Error(err)
		}
		if err := h.s.Change(ctx, admin, narrow, 1, in); errs.KindOf(err) != errs.Conflict {
			t.Errorf("a stale change = %v", err)
		}
	})
}

func field(err error) string {
	if e := errs.As(err); e != nil && len(e.Fields) > 0 {
		return e.Fields[0].Path
	}
	return ""
}

func TestCheck(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		good := webhook.Subscription{Agency: "market", URL: "https://8.8.8.8/hooks?key=1", Name: "系统", Topics: []string{"cases.accepted"}}
		for name, c := range map[string]struct {
			change func(*webhook.Subscription)
			field  string
		}{
			"good":          {func(*webhook.Subscription) {}, ""},
			"no name":       {func(x *webhook.Subscription) { x.Name = "  " }, "name"},
			"no topic":      {func(x *webhook.Subscription) { x.Topics = nil }, "topics"},
			"other topic":   {func(x *webhook.Subscription) { x.Topics = []string{"cases.acted"} }, "topics"},
			"no region":     {func(x *webhook.Subscription) { x.Regions = []string{"110000"} }, "regions"},
			"other client":  {func(x *webhook.Subscription) { x.Agency, x.Client = "civil", "drain" }, "client"},
			"no address":    {func(x *webhook.Subscription) { x.URL = "" }, "url"},
			"ftp":           {func(x *webhook.Subscription) { x.URL = "ftp://8.8.8.8/" }, "url"},
			"password":      {func(x *webhook.Subscription) { x.URL = "https://a:b@8.8.8.8/" }, "url"},
			"inside":        {func(x *webhook.Subscription) { x.URL = "https://192.168.0.1/" }, "url"},
			"mail":          {func(x *webhook.Subscription) { x.URL = "https://8.8.8.8:25/" }, "url"},
			"metadata":      {func(x *webhook.Subscription) { x.URL = "http://169.254.169.254/latest" }, "url"},
			"mapped":        {func(x *webhook.Subscription) { x.URL = "https://[::ffff:10.0.0.1]/" }, "url"},
			"fragment":      {func(x *webhook.Subscription) { x.URL = "https://8.8.8.8/#x" }, "url"},
			"white space":   {func(x *webhook.Subscription) { x.URL = "https://8.8.8.8/ x" }, "url"},
			"no such place": {func(x *webhook.Subscription) { x.Agency = "nobody" }, "agency"},
		} {
			x := good
			c.change(&x)
			if _, _, err := h.s.Create(t.Context(), admin, x); field(err) != c.field || (err == nil) != (c.field == "") {
				t.Errorf("%s: %v", name, err)
			}
		}
		if s := good.Shown(); s != "https://8.8.8.8/hooks?…" {
			t.Errorf("shown as %s", s)
		}
	})
}

// TestWhoHearsOfWhat publishes one event and looks which subscriptions queue it.
func TestWhoHearsOfWhat(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		x := listen(t, nil)
		hears := map[string]bool{}
		for name, c := range map[string]struct {
			change func(*webhook.Subscription)
			hears  bool
		}{
			"all":            {func(*webhook.Subscription) {}, true},
			"the topic":      {func(s *webhook.Subscription) { s.Topics = []string{"cases.decided", "cases.accepted"} }, true},
			"another topic":  {func(s *webhook.Subscription) { s.Topics = []string{"cases.decided"} }, false},
			"the item":       {func(s *webhook.Subscription) { s.Items = []string{"food"} }, true},
			"another item":   {func(s *webhook.Subscription) { s.Items = []string{"drain"} }, false},
			"the region":     {func(s *webhook.Subscription) { s.Regions = []string{"580103", "580102"} }, true},
			"above":          {func(s *webhook.Subscription) { s.Regions = []string{"580100"} }, true},
			"another region": {func(s *webhook.Subscription) { s.Regions = []string{"580103"} }, false},
			"another agency": {func(s *webhook.Subscription) { s.Agency = "civil" }, false},
			"wide":           {func(s *webhook.Subscription) { s.Agency, s.Wide = "gov", true }, true},
			"not wide":       {func(s *webhook.Subscription) { s.Agency = "gov" }, false},
		} {
			id, _ := h.subscribe(x.URL, func(s *webhook.Subscription) { s.Name = name }, c.change)
			hears[id] = c.hears
		}
		f := fact("c1")
		f.Region = "580102001"
		h.publish(cases.AcceptedEvent{Fact: f})
		h.work()
		for id, want := range hears {
			p, err := h.s.Deliveries(t.Context(), admin, id, webhook.Filter{})
			if err != nil || (len(p.Deliveries) == 1) != want {
				t.Errorf("%s: %d deliveries %v", h.get(id).Name, len(p.Deliveries), err)
			}
		}
	})
}

// TestNobodyIsNamed: no field that leads to a person leaves, whatever the event.
func TestNobodyIsNamed(t *testing.T) {
	d := dbtest.SQLite(t, rooms...)
	h := open(t, d)
	x := listen(t, nil)
	h.subscribe(x.URL)
	f := fact("c1")
	f.By = "person:secret-person"
	h.publish(cases.SubmittedEvent{Fact: f}, cases.DeliveredEvent{Fact: f, How: "window", Taker: "secret-person"}, cases.StepDoneEvent{Fact: f, Step: "s", Took: 1500 * time.Millisecond},
		cases.ActedEvent{CaseID: "c1", ByPerson: "secret-person"})
	h.work()
	ms := x.messages()
	if len(ms) != 3 {
		t.Fatalf("%d messages", len(ms))
	}
	for _, m := range ms {
		if strings.Contains(string(m.Body), "secret-person") {
			t.Errorf("%s", m.Body)
		}
		if m.Type == "cases.step_done" && m.Data["took_ms"] != 1500.0 {
			t.Errorf("took %v", m.Data)
		}
		var top map[string]any
		if err := json.Unmarshal(m.Body, &top); err != nil || top["specversion"] != "1.0" || top["source"] != "https://zwfw.example.gov.cn/api/v1/cases" || m.Subject != "c1" || m.Data["case_no"] != "No-c1" {
			t.Errorf("%s", m.Body)
		}
	}
}

// TestEveryTopicOfCasesIsKnown reads the source of the packages cases and talk: an event that is in no list nobody would hear of.
func TestEveryTopicOfCasesIsKnown(t *testing.T) {
	found := append(topicsIn(t, "../cases"), topicsIn(t, "../talk")...)
	have := append(webhook.TopicNames(), "cases.acted") // which stays inside
	slices.Sort(found)
	slices.Sort(have)
	if !slices.Equal(found, have) {
		t.Errorf("packages cases and talk tell\n%v, webhooks know\n%v", found, have)
	}
	for _, x := range webhook.Topics() {
		if !i18n.Has("webhook.topic_" + strings.TrimPrefix(x.Name, "cases.")) {
			t.Errorf("%s has no words", x.Name)
		}
		for _, f := range x.Fields {
			if f.Name == "" || f.Name == "by" {
				t.Errorf("%s: field %+v", x.Name, f)
			}
		}
	}
}

// topicsIn gives the topics of the events a package declares.
func topicsIn(t *testing.T, dir string) (found []string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		src, err := parser.ParseFile(token.NewFileSet(), dir+"/"+f.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range src.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Name.Name != "Topic" || fn.Recv == nil {
				continue
			}
			topic, err := strconv.Unquote(fn.Body.List[0].(*ast.ReturnStmt).Results[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, topic)
		}
	}
	return found
}
