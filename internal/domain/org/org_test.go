package org_test

import (
	"context"
	"log/slog"
	"maps"
	"os"
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
	"tongban/internal/domain/org"
)

var (
	noon  = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)
	rooms = []db.Room{job.Schema, event.Schema, audit.Schema, org.Schema}
	admin = authz.Actor{StaffID: "boss", Roles: []authz.Role{authz.Admin}, Via: "page", Origin: "10.0.0.9"}
)

func service(d *db.DB) *org.Service {
	return org.New(org.Deps{DB: d, Vault: vault.New(testKeys), Now: func() time.Time { return noon }})
}

var (
	testKeys = vault.NewKeys()
	quiet    = slog.New(slog.DiscardHandler)
)

const regions = `regions:
  - {code: "580000", name: 澜州省（虚构）, parent: "", level: province}
  - {code: "580100", name: 清澜市, parent: "580000", level: city}
  - {code: "580102", name: 清江区, parent: "580100", level: county}
`

const agencies = `agencies:
  - key: market
    code: "11580102MB0K731283"
    name: 清澜市清江区市场监督管理局
    short: 区市场监管局
    region: "580102"
    nature: "1"
    government: 清澜市清江区人民政府
    court: 清澜市清江区人民法院
    address: 橡树街15号
    phone: "0588-12315021"
    complaint_phone: "0588-12315090"
    seal: {name: 清澜市清江区市场监督管理局, purpose: 行政审批专用章}
    number_mark: 清江市监食许
    windows:
      - {key: hall-food, name: 食品窗口, hall: 政务服务大厅, address: 澜江大道88号, hours: 工作日 9:00–17:00}
    posts:
      - {key: market-window, name: 窗口岗, acts: [receive, accept], items: ["*"]}
      - {key: market-decide, name: 决定岗, acts: [decide], items: [food-licence-new]}
    staff:
      - {key: lu-zheng, login: luzheng, name: 陆正言, roles: [officer], posts: [market-decide], phone: "19900000004"}
      - {key: boss, login: boss, name: 方远, roles: [admin], posts: [], phone: "19900000014"}
`

func pack(regions, agencies string) []packfile.File {
	return []packfile.File{{Pack: "qinglan", Path: "regions.yaml", Data: []byte(regions)}, {Pack: "qinglan", Path: "agencies.yaml", Data: []byte(agencies)}}
}

func load(t *testing.T, d *db.DB, s *org.Service, files []packfile.File) {
	t.Helper()
	if err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return s.LoadTx(ctx, tx, noon, files) }); err != nil {
		t.Fatal(err)
	}
}

func TestAPackIsLoadedOnceAndServed(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		s, other := service(d), service(d)
		if ps := s.CheckSection(t.Context(), pack(regions, agencies), nil); len(ps) != 0 {
			t.Fatalf("findings: %+v", ps)
		}
		if got := len(s.Agencies(t.Context())) + len(other.Agencies(t.Context())); got != 0 {
			t.Fatalf("%d agencies before loading", got)
		}
		load(t, d, s, pack(regions, agencies))
		a, err := s.Agency(t.Context(), "market")
		if err != nil || a.Level != "county" || a.SealPurpose != "行政审批专用章" {
			t.Errorf("Agency = %+v, %v", a, err)
		}
		st, err := s.StaffByLogin(t.Context(), " LuZheng ")
		if err != nil || st.Name != "陆正言" || st.Phone != "19900000004" || !slices.Equal(st.Roles, []authz.Role{authz.Officer}) {
			t.Errorf("StaffByLogin = %+v, %v", st, err)
		}
		if ps := s.PostsFor(t.Context(), "accept", "anything"); len(ps) != 1 || ps[0].Key != "market-window" {
			t.Errorf("PostsFor = %+v", ps)
		}
		if !s.StaffMay(t.Context(), "lu-zheng", "decide", "food-licence-new") || s.StaffMay(t.Context(), "lu-zheng", "decide", "elder-card") || s.StaffMay(t.Context(), "lu-zheng", "accept", "food-licence-new") {
			t.Error("StaffMay does not follow the posts")
		}
		if !s.Within(t.Context(), "580102", "580000") || s.Within(t.Context(), "580100", "580102") {
			t.Error("Within is wrong")
		}
		if _, err := s.Window(t.Context(), "none"); errs.KindOf(err) != errs.NotFound {
			t.Errorf("unknown window: %v", err)
		}
		load(t, d, s, pack(regions, agencies))
		if n := dbtest.Count(t, d, "audit_entry", "act = 'org.load'"); n != 1 {
			t.Errorf("the same pack changed something twice: %d", n)
		}
		dbtest.WantCounts(t, d, map[string]int{"org_region": 3, "org_agency": 1, "org_window": 1, "org_post": 4, "org_staff": 2, "org_holding": 3})
		if n := dbtest.Count(t, d, "org_staff", "version = 1"); n != 2 {
			t.Error("the same pack rewrote an account")
		}
	})
}

func TestAnotherNodeFollowsWithinASecond(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		now := noon
		a := service(d)
		b := org.New(org.Deps{DB: d, Vault: vault.New(testKeys), Now: func() time.Time { return now }})
		if len(b.Agencies(t.Context())) != 0 {
			t.Fatal("not empty")
		}
		load(t, d, a, pack(regions, agencies))
		now = now.Add(time.Second)
		if len(b.Agencies(t.Context())) != 1 {
			t.Error("the other node still serves the old state")
		}
	})
}

func TestAPackKeepsWhatAnAdministratorChangedUntilItsTextChanges(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		s := service(d)
		load(t, d, s, pack(regions, agencies))
		w, _ := s.Window(t.Context(), "hall-food")
		w.Floor = "三楼"
		if err := s.SaveWindow(t.Context(), admin, w); err != nil {
			t.Fatal(err)
		}
		if err := s.SaveWindow(t.Context(), admin, w); !errs.Is(err, "org.moved_meanwhile") {
			t.Errorf("a second save of the same version: %v", err)
		}
		load(t, d, s, pack(regions, agencies))
		if w, _ = s.Window(t.Context(), "hall-food"); w.Floor != "三楼" {
			t.Error("loading the same pack undid the change")
		}
		load(t, d, s, pack(regions, strings.Replace(agencies, "食品窗口", "食品经营许可窗口", 1)))
		if w, _ = s.Window(t.Context(), "hall-food"); w.Name != "食品经营许可窗口" || w.Floor != "" {
			t.Errorf("the changed pack did not come through: %+v", w)
		}
	})
}

func TestStaffIsUnreadableAtRest(t *testing.T) {
	d := dbtest.SQLite(t, rooms...)
	load(t, d, service(d), pack(regions, agencies))
	raw, err := os.ReadFile(strings.TrimPrefix(d.URL(), "sqlite:") + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"陆正言", "19900000004"} {
		if strings.Contains(string(raw), secret) {
			t.Errorf("%s stands readable in the database", secret)
		}
	}
	if !strings.Contains(string(raw), "luzheng") {
		t.Error("the test looks in the wrong place")
	}
}

func TestCheckSectionFindsEverythingAtItsLine(t *testing.T) {
	d := dbtest.SQLite(t, rooms...)
	s := service(d)
	for name, c := range map[string]struct {
		old, new string
		want     []string // pointer and key
	}{
		"credit code":  {"MB0K731283", "MB0K731284", []string{"/agencies/0/code cnid.credit_check"}},
		"region":       {`region: "580102"`, `region: "580999"`, []string{"/agencies/0/region org.no_region"}},
		"act":          {"acts: [decide]", "acts: [decide, judge]", []string{"/agencies/0/posts/1/acts org.unknown_act"}},
		"role":         {"roles: [officer]", "roles: [officer, king]", []string{"/agencies/0/staff/0/roles org.unknown_role"}},
		"post":         {"posts: [market-decide]", "posts: [market-rule]", []string{"/agencies/0/staff/0/posts org.no_post"}},
		"three admins": {"roles: [officer]", "roles: [admin, auditor]", []string{"/agencies/0/staff/0/roles org.roles_apart"}},
		"phone":        {`"19900000004"`, `"1990000"`, []string{"/agencies/0/staff/0/phone cnid.mobile_wrong"}},
		"key twice":    {"key: market-decide", "key: market-window", []string{"/agencies/0/posts/1/key org.key_twice", "/agencies/0/staff/0/posts org.no_post"}},
		"no authority": {"    government: 清澜市清江区人民政府\n", "", []string{"/agencies/0/government org.required_government"}},
		"seal":         {"purpose: 行政审批专用章", "purpose: ''", []string{"/agencies/0/seal/purpose org.required_seal_purpose"}},
		"unknown word": {"number_mark:", "number_marc:", []string{"/agencies/0/number_marc packfile.unknown"}},
	} {
		var got []string
		for _, p := range s.CheckSection(t.Context(), pack(regions, strings.Replace(agencies, c.old, c.new, 1)), nil) {
			got = append(got, p.Pointer+" "+p.Key)
			if p.Line == 0 || p.File != "agencies.yaml" {
				t.Errorf("%s: no place: %+v", name, p)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	ps := s.CheckSection(t.Context(), pack(strings.Replace(regions, `parent: "580000", level: city`, `parent: "580102", level: city`, 1), agencies), nil)
	if len(ps) != 1 || ps[0].Key != "org.region_above" {
		t.Errorf("a city below a county: %+v", ps)
	}
}

func fieldIs(err error, path, key string) bool {
	e := errs.As(err)
	return e != nil && slices.ContainsFunc(e.Fields, func(f errs.Field) bool { return f.Path == path && f.Key == key })
}

func TestReviewAuthority(t *testing.T) {
	for want, a := range map[string]org.Agency{
		"清江区人民政府": {Government: "清江区人民政府"},
		"清澜市税务局":  {Government: "清江区人民政府", Review: "清澜市税务局"},
	} {
		if got := org.ReviewAuthority(a); got != want {
			t.Errorf("ReviewAuthority(%+v) = %s", a, got)
		}
	}
}

func TestNamesOfASection(t *testing.T) {
	got := service(dbtest.SQLite(t, rooms...)).Names(pack(regions, agencies))
	if want := []string{"agency", "post", "region", "staff", "window"}; !slices.Equal(slices.Sorted(maps.Keys(got)), want) || len(got["post"]) != 2 {
		t.Errorf("Names = %v", got)
	}
}
