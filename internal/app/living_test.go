package app_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"tongban/internal/base/dbtest"
	"tongban/internal/base/webtest"
	"tongban/internal/domain/pack"
	"tongban/internal/engine/cond"
	"tongban/internal/engine/form"
)

// nursery is a service whose form a random editor keeps changing.
const nurseryItem = `
key: nursery-notice
base_code: "002031077000"
serial: 1
name: 苗圃备案
main_item: 苗圃备案
short: 开苗圃告诉我们一声
agency: far-market
item_type: "20"
use_level: "4"
power_source: 法定本级行使
audience: ["1"]
case_kind: "2"
online: full
channels: ["1", "2"]
depth: ["1", "2", "3", "4", "5", "6"]
visits: 0
themes: {person: ["999"], firm: []}
summary: 在澜山区开苗圃的，填一张表告诉我们。
who: [在澜山区开苗圃的人。]
basis: [{law: 中华人民共和国种子法, article: 第三十八条, effective: "2022-03-01", text: 从事林木种苗生产经营的，应当依法办理手续。, status: knowledge}]
limits: {legal: {n: 20, unit: workday, explain: 自受理之日起, basis: 中华人民共和国种子法}, promised: {n: 5, unit: workday}, acceptance_rule: none}
special: []
fee: {charged: false, note: 不收费}
places: [{hall: 澜山区政务服务大厅, address: 清澜市澜山区松风路1号, phone: "0588-12315022"}]
consult: {phone: "0588-8602138"}
complain: {phone: "0588-12320090"}
result: {kind: none, name: 备案告知}
materials: []
form: nursery
flow: nursery
papers: {accept: accept-service, grant: grant-service, refuse: refuse-service, correction: correction-service}
level: 2
faq: [{q: 收费吗？, a: 不收费。}]
rights: [依法陈述、申辩]
duties: [如实填写]
`

const nurseryFlow = `
key: nursery
name: 苗圃备案
steps:
  - {key: accept, name: 受理, kind: accept, post: far-review}
  - {key: decide, name: 决定, kind: decide, post: far-review}
`

// gardener edits the form at random, always into one that may be published.
type gardener struct {
	r    *rand.Rand
	form form.Definition
	n    int
}

func (g *gardener) fields() []form.Field { return g.form.Sections[0].Fields }

// change makes one random change and keeps it if the form is still sound.
func (g *gardener) change() {
	for range 50 {
		old := slices.Clone(g.fields())
		fs := slices.Clone(old)
		i := g.r.IntN(len(fs))
		switch g.r.IntN(6) {
		case 0, 1:
			g.n++
			fs = slices.Insert(fs, i, g.question())
		case 2:
			if len(fs) > 2 {
				fs = slices.Delete(fs, i, i+1)
			}
		case 3:
			fs[i].Required = !fs[i].Required
		case 4:
			j := g.r.IntN(len(fs))
			fs[i], fs[j] = fs[j], fs[i]
		case 5:
			j := g.r.IntN(len(fs))
			fs[i].When = cond.Expr{Field: fs[j].Key, Op: cond.NotEmpty}
		}
		g.form.Sections[0].Fields = fs
		if len(g.form.Check()) == 0 && !slices.EqualFunc(old, fs, func(a, b form.Field) bool { return fmt.Sprint(a) == fmt.Sprint(b) }) {
			return
		}
		g.form.Sections[0].Fields = old
	}
}

func (g *gardener) question() form.Field {
	f := form.Field{Key: fmt.Sprintf("q%d", g.n), Term: fmt.Sprintf("nursery.q%d", g.n), Label: fmt.Sprintf("第%d问", g.n), Kind: []string{form.Text, form.Number, form.YesNo, form.Radio, form.Date, form.Table}[g.r.IntN(6)]}
	switch f.Kind {
	case form.Radio:
		f.Options = []form.Option{{Value: "a", Label: "甲"}, {Value: "b", Label: "乙"}}
	case form.Table:
		f.Columns = []form.Field{{Key: "name", Kind: form.Text, Label: "名称", Term: "nursery.name"}}
	}
	return f
}

// pack is the service with the form as it is now.
func (g *gardener) pack(t *testing.T, version int) pack.Pack {
	t.Helper()
	b, err := json.Marshal(g.form)
	if err != nil {
		t.Fatal(err)
	}
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	agencies := strings.Replace(elsewhere, "items: [food-licence-new, elder-card]", "items: [nursery-notice]", 1)
	p, ps := pack.Read(fstest.MapFS{
		"pack.yaml":     file(fmt.Sprintf("key: nursery\nversion: %d\nname: 苗圃\nname_en: Nursery\nrequires: [qinglan]\n", version)),
		"agencies.yaml": file(agencies), "items/nursery.yaml": file(nurseryItem), "flows/nursery.yaml": file(nurseryFlow), "forms/nursery.json": {Data: b},
	})
	if len(ps) > 0 {
		t.Fatalf("%+v", ps)
	}
	return p
}

// answers gives something valid for every question, or leaves it out when it may.
func (g *gardener) answers(d form.Definition) map[string]any {
	out := map[string]any{}
	for _, f := range d.Sections[0].Fields {
		if !f.Required && g.r.IntN(3) == 0 {
			continue
		}
		out[f.Key] = map[string]any{
			form.Text: "苗木", form.Number: "12", form.YesNo: true, form.Radio: "a", form.Date: "2026-01-02",
			form.Table: []map[string]any{{"_id": "r1", "name": "松"}},
		}[f.Kind]
	}
	return out
}

// livingCase is one application and the answers it was sent with.
type livingCase struct {
	id, sent string
	stage    int // 0 a draft, 1 sent, 2 accepted, 3 decided
	form     form.Definition
}

// TestOpenCasesSurviveEveryNewForm lets a random editor publish form after form while drafts are filled in and cases handled: every page stays readable,
// every act goes on, and what was sent stays what it was, on the form it was sent on.
func TestOpenCasesSurviveEveryNewForm(t *testing.T) {
	each(t, func(t *testing.T, c *city) {
		g := &gardener{r: rand.New(rand.NewPCG(20261122, 4)), form: form.Definition{Key: "nursery", Title: "苗圃备案表", Sections: []form.Section{{Key: "s", Title: "苗圃", Fields: []form.Field{
			{Key: "place", Kind: form.Text, Label: "地点", Term: "nursery.place", Required: true}, {Key: "kind", Kind: form.Radio, Label: "种类", Term: "nursery.kind", Options: []form.Option{{Value: "a", Label: "树"}, {Value: "b", Label: "花"}}},
		}}}}}
		version := 0
		publish := func() {
			version++
			if _, ps, err := c.Packs.Load(t.Context(), g.pack(t, version)); err != nil || len(ps) > 0 {
				t.Fatalf("version %d: %v %+v", version, err, ps)
			}
		}
		publish()
		she, officer := c.as(t, "person:19900000101"), c.as(t, "staff:far-officer")
		var all []*livingCase
		for step := range 120 {
			switch n := g.r.IntN(10); {
			case n < 3:
				g.change()
				publish()
			case n < 5 || len(all) == 0:
				all = append(all, startLiving(t, g, she, step))
			default:
				all[g.r.IntN(len(all))].goOn(t, g, she, officer)
			}
		}
		c.settle(t)
		count := [4]int{}
		for _, x := range all {
			count[x.stage]++
			x.look(t, she, officer)
		}
		if version < 20 || count[1] == 0 || count[2] == 0 || count[3] == 0 {
			t.Errorf("too little happened: %d versions, cases by stage %v", version, count)
		}
		if n := dbtest.Count(t, c.DB, "job_job", "state = 'dead'"); n != 0 {
			t.Errorf("%d dead jobs", n)
		}
	})
}

func startLiving(t *testing.T, g *gardener, she *webtest.Client, step int) *livingCase {
	t.Helper()
	d := answer[draft](t, send(t, she, http.MethodPost, "/api/v1/drafts", map[string]any{"item": "nursery-notice", "client_key": fmt.Sprintf("living-%04d", step)}, http.StatusCreated))
	f := g.form
	f.Sections = []form.Section{{Key: "s", Title: "苗圃", Fields: slices.Clone(g.fields())}}
	return &livingCase{id: d.ID, form: f}
}

type livingDoc struct {
	Case struct {
		Version int64 `json:"version"`
	} `json:"case"`
	Answers json.RawMessage `json:"answers"`
}

// goOn takes the next act, or just looks.
func (x *livingCase) goOn(t *testing.T, g *gardener, she, officer *webtest.Client) {
	t.Helper()
	if g.r.IntN(4) == 0 {
		x.look(t, she, officer)
		return
	}
	act := func(name string, body map[string]any) {
		doc := answer[livingDoc](t, officer.Get("/api/v1/cases/"+x.id, 200))
		body["version"] = doc.Case.Version
		send(t, officer, http.MethodPost, "/api/v1/cases/"+x.id+"/acts/"+name, body, http.StatusOK)
		x.stage++
	}
	switch x.stage {
	case 0:
		d := answer[draft](t, she.Get("/api/v1/drafts/"+x.id, 200))
		saved := answer[draft](t, send(t, she, http.MethodPut, "/api/v1/drafts/"+x.id, map[string]any{
			"version": d.Version, "scenario": map[string]string{}, "form": g.answers(x.form), "contact": map[string]string{"name": "林小满", "phone": "19900000101"},
		}, http.StatusOK))
		ready := she.Get("/api/v1/drafts/"+x.id+"/ready", 200)
		if strings.Contains(string(ready.Raw), `"ready":true`) {
			send(t, she, http.MethodPost, "/api/v1/drafts/"+x.id+"/submit", map[string]any{"version": saved.Version}, http.StatusOK)
			x.stage = 1
			x.sent = x.answersNow(t, she)
		}
	case 1:
		act("accept", map[string]any{})
	case 2:
		act("decision", map[string]any{"outcome": "grant"})
	}
}

func (x *livingCase) answersNow(t *testing.T, c *webtest.Client) string {
	t.Helper()
	return string(answer[livingDoc](t, c.Get("/api/v1/cases/"+x.id, 200)).Answers)
}

// look opens the pages of both sides and compares what was sent.
func (x *livingCase) look(t *testing.T, she, officer *webtest.Client) {
	t.Helper()
	if x.stage == 0 {
		she.Get("/drafts/"+x.id, 200)
		return
	}
	she.Get("/my/cases/"+x.id, 200)
	officer.Get("/desk/cases/"+x.id, 200)
	if now := x.answersNow(t, she); now != x.sent || now == "" {
		t.Errorf("case %s: the answers became %s, were %s", x.id, now, x.sent)
	}
}
