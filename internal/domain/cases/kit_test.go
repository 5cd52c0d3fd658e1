package cases_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/blob"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
	"tongban/internal/base/job"
	"tongban/internal/base/vault"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/identity"
	"tongban/internal/domain/licence"
	"tongban/internal/domain/notify"
	"tongban/internal/domain/org"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/cond"
	"tongban/internal/engine/flow"
	"tongban/internal/engine/form"
)

// The real rooms satisfy what this room asks for.
var (
	_ cases.Items    = (*catalog.Service)(nil)
	_ cases.Offices  = (*org.Service)(nil)
	_ cases.People   = (*identity.Service)(nil)
	_ cases.Papers   = (*paper.Service)(nil)
	_ cases.Licences = (*licence.Service)(nil)
	_ cases.Notices  = (*notify.Service)(nil)
)

// told keeps what the other rooms were asked to write, in the same transaction, so that a rollback takes it back.
var told = db.Room{Name: "told", Files: fstest.MapFS{"migrations/0001_told.sql": {Data: []byte(
	"-- +goose Up\nCREATE TABLE told_row (id TEXT PRIMARY KEY, room TEXT NOT NULL, what TEXT NOT NULL, body {{json}} NOT NULL);")}}}

var rooms = []db.Room{job.Schema, event.Schema, audit.Schema, blob.Schema, cases.Schema, told}

func tell(ctx context.Context, tx *db.Tx, room, what string, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO told_row (id, room, what, body) VALUES ($1, $2, $3, $4)`, ident.New(), room, what, string(b))
	return err
}

type papers struct{}

func (papers) OfCase(_ context.Context, id string) ([]paper.Paper, error) {
	return []paper.Paper{{ID: "p-" + id, Act: paper.Receipt}, {ID: "g-" + id, Act: paper.Grant}, {ID: "r-" + id, Act: paper.Refuse}}, nil
}

func (papers) DeliveredTx(ctx context.Context, tx *db.Tx, _ time.Time, pr paper.Proof) (bool, error) {
	return true, tell(ctx, tx, "proof", pr.How, pr)
}

func (papers) IssueTx(ctx context.Context, tx *db.Tx, _ time.Time, r paper.Request) (paper.Paper, error) {
	return paper.Paper{ID: ident.New()}, tell(ctx, tx, "paper", r.Act, r.Values)
}

// signer keeps what was signed.
type signer struct{ signed map[string]string }

func (s *signer) Ask(_ context.Context, a authz.Actor, object, _, text, back string) (string, error) {
	s.signed[a.Name()+object+text] = "sig-" + object
	return "/my/sign/1?back=" + back, nil
}

func (s *signer) Signed(_ context.Context, a authz.Actor, object, text string) (string, bool, error) {
	id, ok := s.signed[a.Name()+object+text]
	return id, ok, nil
}

type notices struct{}

func (notices) SendTx(ctx context.Context, tx *db.Tx, _ time.Time, m notify.Message) error {
	return tell(ctx, tx, "notice", m.Template, m.Data)
}

type licences struct {
	fail   error
	once   bool // a holder can have only one
	usable []licence.Licence
}

func (l *licences) IssueTx(ctx context.Context, tx *db.Tx, _ time.Time, r licence.Issue) (licence.Licence, error) {
	if l.fail != nil {
		return licence.Licence{}, l.fail
	}
	return licence.Licence{ID: "lic-" + r.CaseID, TypeName: "食品经营许可证"}, tell(ctx, tx, "licence", r.TypeKey, r)
}

func (l *licences) Type(_ context.Context, key string) (licence.Type, error) {
	return licence.Type{Key: key, Name: "老年人优待证", Exclusive: l.once}, nil
}

func (l *licences) Usable(context.Context, string, string) ([]licence.Licence, error) {
	return l.usable, nil
}

func (l *licences) UseTx(ctx context.Context, tx *db.Tx, _ time.Time, id, caseID, _ string) error {
	return tell(ctx, tx, "use", id, caseID)
}

type offices struct {
	regions map[string]string // of agencies that do not lie in 580102
	gone    string            // an agency that is not there
	posts   map[string]org.Post
	staff   map[string]org.Staff
	cal     clock.Calendar
}

func (o *offices) Agency(_ context.Context, key string) (org.Agency, error) {
	if key == o.gone {
		return org.Agency{}, errs.New(errs.NotFound, "org.no_agency")
	}
	g := org.Agency{Key: key, Name: "清江区市场监督管理局", Region: "580102"}
	if code := o.regions[key]; code != "" {
		g.Region = code
	}
	return g, nil
}

func (o *offices) Agencies(ctx context.Context) (out []org.Agency) {
	for _, p := range o.posts {
		g, _ := o.Agency(ctx, p.Agency)
		out = append(out, g)
	}
	return out
}

func (o *offices) Post(_ context.Context, key string) (org.Post, error) {
	if p, ok := o.posts[key]; ok {
		return p, nil
	}
	return org.Post{}, errs.New(errs.NotFound, "org.no_post")
}

func (o *offices) Staff(_ context.Context, id string) (org.Staff, error) {
	if s, ok := o.staff[id]; ok {
		return s, nil
	}
	return org.Staff{}, errs.New(errs.NotFound, "org.no_staff")
}

func (o *offices) Region(_ context.Context, code string) (org.Region, error) {
	if name := map[string]string{"580102": "清江区", "580103": "望江区"}[code]; name != "" {
		return org.Region{Code: code, Name: name}, nil
	}
	return org.Region{}, errs.New(errs.NotFound, "org.no_region")
}

func (o *offices) Within(_ context.Context, code, above string) bool {
	return strings.HasPrefix(code, strings.TrimRight(above, "0"))
}
func (o *offices) Calendar(context.Context) clock.Calendar { return o.cal }

type people struct {
	away  bool
	legal string // number of the firm's legal representative, as the register has it
	known map[string]identity.Known
	docs  []identity.Document
}

func (p *people) Person(_ context.Context, id string) (identity.Person, error) {
	birth := "1980-05-01"
	if id == "old" {
		birth = "1941-02-03"
	}
	return identity.Person{ID: id, Name: "罗小满", Number: "58010219800501" + strings.ToUpper(id), NumberKind: "citizen", Birth: birth, Phone: "13812345678", Level: 2}, nil
}

func (p *people) Firm(_ context.Context, id string) (identity.Firm, error) {
	return identity.Firm{ID: id, CreditCode: "CREDIT-" + strings.ToUpper(id), Name: "清澜小满餐饮店", LegalPersonNumber: p.legal}, nil
}

func (p *people) EnsurePerson(ctx context.Context, name, _, _, _ string) (identity.Person, error) {
	if name == "代办人" {
		return p.Person(ctx, "p1")
	}
	return p.Person(ctx, "old")
}

func (p *people) EnsureFirm(ctx context.Context, _ string) (identity.Firm, error) {
	return p.Firm(ctx, "f1")
}

func (p *people) Prefill(context.Context, string, string) (map[string]identity.Known, bool, error) {
	if p.away {
		return map[string]identity.Known{}, false, nil
	}
	return p.known, true, nil
}

func (p *people) HeldDocuments(context.Context, string, string) ([]identity.Document, error) {
	if p.away {
		return nil, errs.New(errs.Unavailable, "identity.away")
	}
	return p.docs, nil
}

type items struct{ all map[string]catalog.Item }

func (i *items) Item(_ context.Context, key string) (catalog.Item, error) {
	if it, ok := i.all[key]; ok {
		return it, nil
	}
	return catalog.Item{}, errs.New(errs.NotFound, "catalog.no_item")
}

func (i *items) TakesApplications(_ context.Context, key string) error {
	if st := i.all[key].State; st != "" && st != catalog.InUse {
		return errs.New(errs.Conflict, "catalog.halted", errs.P{"item": key, "state": st, "reason": "系统升级"})
	}
	return nil
}

func (i *items) ItemVersion(ctx context.Context, key string, _ int) (catalog.Item, error) {
	return i.Item(ctx, key)
}

func (i *items) Form(_ context.Context, key string, v int) (form.Definition, int, error) {
	return forms[key], v, nil
}

func (i *items) Flow(_ context.Context, key string, v int) (flow.Definition, int, error) {
	return flows[key], v, nil
}

func eq(field, value string) cond.Expr { return cond.Expr{Field: field, Op: cond.Eq, Value: value} }

var forms = map[string]form.Definition{
	"food": {Key: "food", Sections: []form.Section{{Key: "shop", Title: "店铺", Fields: []form.Field{
		{Key: "firm", Kind: form.Text, Label: "名称", Term: "firm.name", ReadOnly: true, Required: true},
		{Key: "address", Kind: form.Address, Label: "经营场所", Term: "premises.address", Required: true},
		{Key: "area", Kind: form.Number, Label: "面积", Required: true},
		{Key: "fee", Kind: form.Money, Label: "投资额"},
		{Key: "county", Kind: form.Region, Label: "区县"},
	}}}},
	"elder": {Key: "elder", Sections: []form.Section{{Key: "me", Title: "本人", Fields: []form.Field{
		{Key: "name", Kind: form.Text, Label: "姓名", Term: "person.name", ReadOnly: true, Level: "name"},
	}}}},
}

var flows = map[string]flow.Definition{
	"food": {Key: "food", Separate: true, Steps: []flow.Step{
		{Key: "receive", Name: "收件", Kind: flow.Receive, Post: "window"},
		{Key: "accept", Name: "受理", Kind: flow.Accept, Post: "review"},
		{Key: "review", Name: "审查", Kind: flow.Review, Post: "review", Limit: &clock.Period{N: 2, Unit: clock.Workday}},
		{
			Key: "inspect", Name: "现场核查", Kind: flow.Inspect, Post: "review", Officers: 2,
			Checklist: []flow.CheckItem{{Key: "water", Text: "用水", Critical: true}, {Key: "light", Text: "照明"}},
		},
		{Key: "decide", Name: "决定", Kind: flow.Decide, Post: "decide"},
		{Key: "certificate", Name: "制证", Kind: flow.Certificate, Post: "window"},
		{Key: "deliver", Name: "送达", Kind: flow.Deliver, Post: "window"},
	}},
	"quiet": {Key: "quiet", Steps: []flow.Step{ // the review does not see what was invested, and the applicant hears of it
		{Key: "accept", Name: "受理", Kind: flow.Accept, Post: "review"},
		{Key: "size", Name: "看面积", Kind: flow.Branch, Ways: []flow.Way{
			{Name: "大", When: cond.Expr{Field: "form.area", Op: cond.Gt, Value: json.Number("300")}, Steps: []flow.Step{{Key: "site", Name: "现场核查", Kind: flow.Inspect, Post: "review", Officers: 2}}},
			{Name: "其余", Steps: []flow.Step{{
				Key: "review", Name: "审查", Kind: flow.Review, Post: "review", Hide: []string{"fee"},
				Notices: []flow.Notice{{On: flow.OnEnter, Text: "开始审查"}, {On: flow.OnLeave, Text: "审查完了"}},
			}}},
		}},
		{Key: "decide", Name: "决定", Kind: flow.Decide, Post: "decide", Notices: []flow.Notice{{On: flow.OnEnter, Text: "等待决定"}}},
	}},
	"elder": {Key: "elder", Steps: []flow.Step{{Key: "accept", Name: "受理", Kind: flow.Accept, Post: "counter"}, {Key: "decide", Name: "决定", Kind: flow.Decide, Post: "counter"}}},
}

const code33 = "11580102MB1234567X300013100600001"

func foodItem() catalog.Item {
	return catalog.Item{
		Key: "food", Version: 1, FormVersion: 1, FlowVersion: 1, Name: "食品经营许可（新办）", Agency: "market", AgencyName: "清江区市场监督管理局", Region: "580102",
		ItemType: "01", Audience: []string{"1", "2"}, Online: catalog.OnlineFull, Form: "food", Flow: "food", Level: 2, Separate: true, VariantCode: code33,
		Limits: catalog.Limits{Legal: catalog.Limit{N: 10, Unit: clock.Workday}, Promised: catalog.Limit{N: 8, Unit: clock.Workday}, AcceptanceRule: catalog.AcceptLicensing},
		Result: catalog.Result{Kind: "licence", Name: "食品经营许可证", LicenceType: "food-business"},
		Scenario: []catalog.Question{{
			Key: "kind", Ask: "哪一类？", Options: []catalog.Option{{Value: "restaurant", Label: "餐饮服务"}, {Value: "prepacked", Label: "仅预包装"}},
			Stop: &catalog.Stop{When: eq("scenario.kind", "prepacked"), Title: "您不需要办这个许可"},
		}},
		Materials: []catalog.Material{
			{Key: "plan", Name: "布局图", Source: catalog.FromApplicant, Required: catalog.RequiredYes, Formats: []string{"pdf", "png"}, MaxMB: 1, MaxFiles: 2},
			{Key: "biz", Name: "营业执照", Source: catalog.FromLicence, LicenceType: "business-licence", Required: catalog.RequiredYes},
			{Key: "note", Name: "其他说明", Source: catalog.FromApplicant, Required: catalog.RequiredNo},
		},
	}
}

func elderItem() catalog.Item {
	return catalog.Item{
		Key: "elder", Version: 1, FormVersion: 1, FlowVersion: 1, Name: "老年人优待证", Agency: "civil", AgencyName: "清江区民政局", Region: "580102", ItemType: "20",
		Audience: []string{"1"}, Online: catalog.OnlineFull, Form: "elder", Flow: "elder", VariantCode: "11580102MB7654321X300201100600001",
		Limits: catalog.Limits{OnTheSpot: true, AcceptanceRule: catalog.AcceptNone}, Result: catalog.Result{Kind: "licence", LicenceType: "elder-card"},
		CheckRules: []catalog.CheckRule{{Name: "age", When: cond.Expr{Field: "applicant.age", Op: cond.Lt, Value: json.Number("65")}, Text: "未满65周岁"}},
	}
}

type kit struct {
	*cases.Service
	t     *testing.T
	d     *db.DB
	mu    sync.Mutex
	at    time.Time
	items *items
	lic   *licences
	ppl   *people
	off   *offices
	sig   *signer
	log   *audit.Log
	run   *job.Runner
}

type orgStaff = org.Staff

func (k *kit) now() time.Time { k.mu.Lock(); defer k.mu.Unlock(); return k.at }

func (k *kit) set(s string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	at, err := time.ParseInLocation("2006-01-02 15:04", s, clock.Shanghai)
	if err != nil {
		panic(err)
	}
	k.at = at
}

func newKit(t *testing.T, d *db.DB) *kit {
	k := &kit{
		t: t, d: d, items: &items{map[string]catalog.Item{"food": foodItem(), "elder": elderItem()}}, lic: &licences{}, sig: &signer{map[string]string{}},
		ppl: &people{
			known: map[string]identity.Known{"firm.name": {Value: "清澜小满餐饮店", Source: "identity.source_firms"}, "person.name": {Value: "罗小满", Source: "identity.source_population"}},
			docs:  []identity.Document{{Type: "business-licence", Number: "91580102MA0000001X", Holder: "清澜小满餐饮店"}},
		},
	}
	k.set("2026-03-02 10:00") // a Monday
	post := func(key, agency, items string, acts ...string) org.Post {
		return org.Post{Key: key, Agency: agency, Acts: acts, Items: []string{items}}
	}
	k.off = &offices{cal: clock.Embedded(), posts: map[string]org.Post{
		"window": post("window", "hall", "*", "receive", "deliver"), "review": post("review", "market", "food", "accept", "review", "inspect"),
		"decide": post("decide", "market", "food", "decide", "review"), "counter": post("counter", "civil", "elder", "receive", "accept", "decide", "deliver"),
		"tax": post("tax", "tax", "*", "accept", "review", "decide"),
	}, staff: map[string]org.Staff{}}
	for id, p := range map[string]string{"chen": "window", "zhou": "review", "li": "review", "wang": "decide", "sun": "counter", "qian": "tax"} {
		k.off.staff[id] = org.Staff{ID: id, Name: "工作人员" + id, Posts: []string{p}}
	}
	k.off.staff["wu"] = org.Staff{ID: "wu", Name: "监督员"}
	v := vault.New(vault.NewKeys())
	b, err := blob.Open(t.TempDir(), v)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	a := audit.NewLog(d, k.now, log)
	t.Cleanup(a.Close)
	k.log = a
	k.Service = cases.New(cases.Deps{DB: d, Vault: v, Blobs: b, Audit: a, Now: k.now, Log: log, Items: k.items, Offices: k.off, People: k.ppl, Papers: papers{}, Licences: k.lic, Notices: notices{}, Signatures: k.sig})
	k.run = job.NewRunner(d, k.now, log)
	for kind, w := range k.Workers() {
		k.run.Handle(kind, w)
	}
	k.run.Handle(event.DeliverKind, event.NewBus(d, k.Listeners()...).Deliver)
	return k
}

func each(t *testing.T, f func(t *testing.T, k *kit)) {
	t.Helper()
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) { f(t, newKit(t, d)) })
}

func staff(id string) authz.Actor {
	return authz.Actor{StaffID: id, Roles: []authz.Role{authz.Officer, authz.Clerk}, Via: "page", Origin: "10.0.0.1"}
}

var (
	firm     = authz.Actor{PersonID: "p1", FirmID: "f1", Roles: []authz.Role{authz.Person}, Level: 2, Via: "page"}
	person   = authz.Actor{PersonID: "p1", Roles: []authz.Role{authz.Person}, Level: 2, Via: "page"}
	stranger = authz.Actor{PersonID: "p9", Roles: []authz.Role{authz.Person}, Level: 2, Via: "page"}
	elder    = authz.Actor{PersonID: "old", Roles: []authz.Role{authz.Person}, Level: 2, Via: "page"}
	// authorised is what a firm's agent shows at the window.
	authorised = &cases.Behalf{Basis: cases.BasisFirmAgent, Relation: "店长", Seen: true}

	overseer = authz.Actor{StaffID: "wu", Roles: []authz.Role{authz.Supervisor}, Region: "580100", Via: "page"}
)

func (k *kit) ok(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

func (k *kit) refused(err error, key string) {
	k.t.Helper()
	if !errs.Is(err, key) {
		k.t.Errorf("error %v, want %s", err, key)
	}
}

func (k *kit) drain() { k.t.Helper(); k.ok(k.run.Drain(k.t.Context())) }

var png = append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 600)...)

func (k *kit) upload(a authz.Actor, id, material, key string) cases.File {
	k.t.Helper()
	f, err := k.Attach(k.t.Context(), a, id, cases.Upload{Material: material, ClientKey: key, Name: `<b>图'; DROP TABLE x</b>.png`, Size: int64(len(png)), Body: bytes.NewReader(png)})
	k.ok(err)
	return f
}

var answers = cases.Patch{
	Scenario: map[string]string{"kind": "restaurant"}, Form: form.Answers{"address": "清江区滨河路18号", "area": "86", "fee": "1000.50"},
	Contact: cases.Contact{Name: "罗小满", Phone: "13812345678"},
}

// filled makes a draft of the food licence that is ready to go.
func (k *kit) filled(a authz.Actor, key string) cases.Detail {
	k.t.Helper()
	ctx := k.t.Context()
	d, err := k.CreateDraft(ctx, a, "food", key)
	k.ok(err)
	_, err = k.SaveDraft(ctx, a, d.ID, d.Version, answers)
	k.ok(err)
	k.upload(a, d.ID, "plan", "u1")
	_, err = k.UseLicence(ctx, a, d.ID, "biz", "register:business-licence")
	k.ok(err)
	d, err = k.Case(ctx, a, d.ID)
	k.ok(err)
	return d
}

func (k *kit) submitted(a authz.Actor, key string) cases.Receipt {
	k.t.Helper()
	d := k.filled(a, key)
	r, err := k.Submit(k.t.Context(), a, d.ID, d.Version)
	k.ok(err)
	return r
}

// v gives a case's version.
func (k *kit) v(id string) int64 {
	k.t.Helper()
	c, err := k.Head(k.t.Context(), id)
	k.ok(err)
	return c.Version
}

func (k *kit) told(room, what string) int {
	k.t.Helper()
	return dbtest.Count(k.t, k.d, "told_row", "room = $1 AND what = $2", room, what)
}

func (k *kit) events(topic string) int {
	k.t.Helper()
	return dbtest.Count(k.t, k.d, "event_event", "topic = $1", topic)
}

// replays fails the test unless every stored clock equals the one computed from the events.
func (k *kit) replays() {
	k.t.Helper()
	for _, id := range k.ids() {
		h, err := k.Head(k.t.Context(), id)
		k.ok(err)
		got, err := k.Replay(k.t.Context(), id)
		k.ok(err)
		h.Clock.Skipped, got.Skipped = nil, nil
		if fmt.Sprint(h.Clock) != fmt.Sprint(got) {
			k.t.Errorf("stored clock %+v, replayed %+v", h.Clock, got)
		}
	}
}

func (k *kit) ids() []string {
	k.t.Helper()
	out, err := db.All(k.t.Context(), k.d.R(), func(r *db.Rows) (string, error) { var s string; return s, r.Scan(&s) }, `SELECT id FROM cases_case`)
	k.ok(err)
	return out
}

func wantDue(t *testing.T, got time.Time, want string) {
	t.Helper()
	if s := got.In(clock.Shanghai).Format("2006-01-02 15:04:05"); s != want {
		t.Errorf("due %s, want %s", s, want)
	}
}
