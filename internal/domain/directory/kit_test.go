package directory_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/base/packfile"
	"tongban/internal/base/vault"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/directory"
	"tongban/internal/domain/org"
	"tongban/internal/engine/clock"
)

var rooms = []db.Room{job.Schema, event.Schema, audit.Schema, org.Schema, directory.Schema}

const regions = `regions:
  - {code: "580000", name: 澜州省, parent: "", level: province}
  - {code: "580100", name: 清澜市, parent: "580000", level: city}
  - {code: "580102", name: 清江区, parent: "580100", level: county}
  - {code: "580103", name: 澜山区, parent: "580100", level: county}
  - {code: "580104", name: 旧城区, parent: "580100", level: county, valid_to: "2025-12-31"}
  - {code: "580102001", name: 望江街道, parent: "580102", level: town}
`

const agencyText = `  - {key: KEY, code: "CODE", name: KEY机关, short: KEY, region: "REGION", nature: "1", government: 人民政府, court: 人民法院, address: 橡树街1号,
     phone: "0588-1234567", complaint_phone: "0588-1234568", number_mark: 清澜, seal: {name: 机关, purpose: 审批专用章}}
`

func agencies() string {
	var b strings.Builder
	b.WriteString("agencies:\n")
	for _, x := range [][3]string{{"city", "11580102MB0K731283", "580100"}, {"county", "11580102004192572R", "580102"}, {"beside", "11580102MB1C40865W", "580103"}} {
		b.WriteString(strings.NewReplacer("KEY", x[0], "CODE", x[1], "REGION", x[2]).Replace(agencyText))
	}
	return b.String()
}

// hall is the room with a clock that tests turn.
type hall struct {
	*directory.Service
	t   *testing.T
	d   *db.DB
	now time.Time
	run *job.Runner
}

func open(t *testing.T, d *db.DB) *hall {
	t.Helper()
	h := &hall{t: t, d: d, now: time.Date(2026, 3, 2, 12, 0, 0, 0, clock.Shanghai)}
	tick := func() time.Time { return h.now }
	o := org.New(org.Deps{DB: d, Vault: vault.New(vault.NewKeys()), Now: tick})
	h.Service = directory.New(directory.Deps{DB: d, Vault: vault.New(vault.NewKeys()), Org: o, Now: tick})
	h.run = job.NewRunner(d, tick, nil)
	for kind, w := range h.Workers() {
		h.run.Handle(kind, w)
	}
	h.run.Handle(event.DeliverKind, event.NewBus(d).Deliver)
	files := []packfile.File{{Pack: "t", Path: "regions.yaml", Data: []byte(regions)}, {Pack: "t", Path: "agencies.yaml", Data: []byte(agencies())}}
	if err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return o.LoadTx(ctx, tx, h.now, files) }); err != nil {
		t.Fatal(err)
	}
	if err := h.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *hall) load(text string) {
	h.t.Helper()
	files := []packfile.File{{Pack: "t", Path: "base.yaml", Data: []byte(text)}}
	if ps := h.CheckSection(h.t.Context(), files, nil); len(ps) > 0 {
		h.t.Fatalf("base.yaml: %+v", ps)
	}
	if err := h.d.Tx(h.t.Context(), func(ctx context.Context, tx *db.Tx) error { return h.LoadTx(ctx, tx, h.now, files) }); err != nil {
		h.t.Fatal(err)
	}
}

// day turns the clock to a date and lets jobs run.
func (h *hall) day(date string) {
	h.t.Helper()
	at, err := time.ParseInLocation(time.DateOnly, date, clock.Shanghai)
	if err != nil {
		h.t.Fatal(err)
	}
	h.now = at.Add(time.Minute)
	if err := h.run.Drain(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
}

// Officers: two of the city, one of a county, and legal review of both.
var (
	qi     = authz.Actor{StaffID: "qi", Roles: []authz.Role{authz.ItemOffice}, AgencyID: "city", Region: "580100", Via: "page"}
	second = authz.Actor{StaffID: "second", Roles: []authz.Role{authz.ItemOffice}, AgencyID: "city", Region: "580100", Via: "page"}
	low    = authz.Actor{StaffID: "low", Roles: []authz.Role{authz.ItemOffice}, AgencyID: "county", Region: "580102", Via: "page"}
	lawyer = authz.Actor{StaffID: "lawyer", Roles: []authz.Role{authz.Legal}, AgencyID: "city", Region: "580100", Via: "page"}
	lowLaw = authz.Actor{StaffID: "low-law", Roles: []authz.Role{authz.Legal}, AgencyID: "county", Region: "580102", Via: "page"}
)

func food() directory.Base {
	return directory.Base{
		Code: "000131006000", Name: "食品经营许可", ItemType: "01", Department: "国家市场监督管理总局", UseLevels: []string{"3", "4"}, Audience: []string{"2", "6"},
		Basis: []item.Basis{{Law: "中华人民共和国食品安全法", Article: "第三十五条", Status: "read"}}, Legal: item.Limit{N: 20, Unit: clock.Workday}, ResultKind: "licence", ResultName: "食品经营许可证",
		Materials: []item.Material{{Key: "application", Name: "申请书", Required: item.RequiredYes, Source: item.FromPlatform}},
	}
}

const foodYAML = `bases:
  - code: "000131006000"
    name: 食品经营许可
    item_type: "01"
    department: 国家市场监督管理总局
    use_levels: ["3", "4"]
    audience: ["2", "6"]
    basis: [{law: 中华人民共和国食品安全法, article: 第三十五条, status: read}]
    legal: {n: 20, unit: workday}
    result_kind: licence
    result_name: 食品经营许可证
    materials: [{key: application, name: 申请书, required: "yes", source: generated}]
`

// adopted is an item that adopts food as it should.
func adopted() *item.Item {
	it := directory.Prefill(food())
	it.Key, it.Agency, it.UseLevel, it.BaseVersion = "food-county", "county", "4", 1
	it.Limits.Legal = item.Limit{N: 10, Unit: clock.Workday}
	return it
}

// through takes a change through both audits.
func (h *hall) through(c directory.Change) string {
	h.t.Helper()
	ctx := h.t.Context()
	saved, err := h.Save(ctx, qi, c)
	if err != nil {
		h.t.Fatalf("save: %v", err)
	}
	for _, step := range []func() error{
		func() error { return h.Submit(ctx, qi, saved.ID, 1) },
		func() error { return h.Audit(ctx, second, saved.ID, 2, true, "") },
		func() error { return h.Review(ctx, lawyer, saved.ID, 3, true, "依据现行有效") },
	} {
		if err := step(); err != nil {
			h.t.Fatalf("%v %+v", err, errs.As(err))
		}
	}
	return saved.ID
}

func (h *hall) state(id string) string {
	h.t.Helper()
	c, err := h.Change(h.t.Context(), qi, id)
	if err != nil {
		h.t.Fatal(err)
	}
	return c.State
}

func (h *hall) base(code string) directory.Base {
	h.t.Helper()
	b, ok, err := h.Base(h.t.Context(), code)
	if err != nil || !ok {
		h.t.Fatalf("base %s: %v %v", code, ok, err)
	}
	return b
}

// keys are the text keys of an error and its findings.
func keys(err error) []string {
	e := errs.As(err)
	if e == nil {
		return nil
	}
	out := []string{e.Key}
	for _, f := range e.Fields {
		out = append(out, f.Path+" "+f.Key)
	}
	return out
}

func wants(t *testing.T, what string, err error, key string) {
	t.Helper()
	if !slices.Contains(keys(err), key) {
		t.Errorf("%s = %v %v, want %s", what, err, keys(err), key)
	}
}

func each(t *testing.T, fn func(t *testing.T, h *hall)) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) { fn(t, open(t, d)) })
}
