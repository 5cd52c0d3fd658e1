package catalog_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/base/packfile"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/org"
)

var itemOffice = authz.Actor{StaffID: "office", AgencyID: "hall", Via: "page", Roles: []authz.Role{authz.ItemOffice}}

// lastRelease is the room as the release before knew it.
func lastRelease(t *testing.T) db.Room {
	t.Helper()
	b, err := os.ReadFile("migrations/0001_catalog.sql")
	if err != nil {
		t.Fatal(err)
	}
	return db.Room{Name: "catalog", Files: fstest.MapFS{"migrations/0001_catalog.sql": {Data: b}}}
}

func TestRowsOfTheLastReleaseAreFilledIn(t *testing.T) {
	const rows = 1203 // more than two batches
	dbtest.Each(t, []db.Room{job.Schema, event.Schema, audit.Schema, lastRelease(t)}, func(t *testing.T, d *db.DB) {
		err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			for i := range rows {
				key := fmt.Sprintf("old-%04d", i)
				doc := fmt.Sprintf(`{"key":%q,"name":"事项%d","item_type":"01","online":"guide","imported":{"department":"区水务局","agency_code":"00877844X","region_code":"511602000000"}}`, key, i)
				if i == 0 {
					doc = `{"key":"old-0000","name":"老年证","agency":"civil","online":"full","form":"f","flow":"w","themes":{"person":["065"]},"audience":["1"]}`
				}
				if _, err := tx.ExecContext(ctx, `INSERT INTO catalog_version (key, version, doc, hash, form_version, flow_version, published_ms) VALUES ($1, 1, $2, 'h', 0, 0, 1)`, key, doc); err != nil {
					return err
				}
				if _, err := tx.ExecContext(ctx, `INSERT INTO catalog_item (key, version, pack, unreviewed, published_ms, seq) VALUES ($1, 1, $2, $3, 1, 0)`, key, map[bool]string{true: "elder"}[i == 0], i != 0); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Migrate(t.Context(), catalog.Schema); err != nil {
			t.Fatal(err)
		}
		if err := service(d).Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		for where, want := range map[string]int{
			"sort = ''": 0, "region = '511602000000' AND agency = '00877844X'": rows - 1, "agency = 'civil' AND region = '580102' AND rank = 3": 1, "hash = 'h'": rows,
		} {
			if n := dbtest.Count(t, d, "catalog_item", where); n != want {
				t.Errorf("%s: %d rows, want %d", where, n, want)
			}
		}
		s := service(d)
		p, err := s.Search(t.Context(), catalog.Query{Limit: 1})
		if err != nil || p.Count != "1,000+" || p.Items[0].Name != "老年证" {
			t.Errorf("%s %v %v", p.Count, names(p), err)
		}
		if g, err := s.Themes(t.Context(), "person"); err != nil || len(g) != 1 || g[0].Count != 1 {
			t.Errorf("themes: %v %v", g, err)
		}
		if err := s.Ready(t.Context()); err != nil { // nothing is counted twice
			t.Error(err)
		}
		if g, _ := s.Agencies(t.Context()); len(g) != 3 || g[2].Count != rows-1 || g[2].Name != "区水务局" {
			t.Errorf("agencies: %+v", g)
		}
	})
}

func TestSuspendedItemsDisappearButKeepTheirPage(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		s := service(d)
		for _, name := range []string{"food-licence", "elder-card"} {
			load(t, d, s, vectorDir(t, name))
		}
		set := func(key string, to catalog.State) error {
			return d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return s.SetStateTx(ctx, tx, start, itemOffice, key, to) })
		}
		for want, err := range map[string]error{
			"catalog.state_reason":  set("elder-card", catalog.State{Code: catalog.Suspended, Reason: " "}),
			"catalog.state_unknown": set("elder-card", catalog.State{Code: "9", Reason: "系统升级"}),
			"catalog.state_instead": set("elder-card", catalog.State{Code: catalog.Suspended, Reason: "系统升级", Instead: "none"}),
			"catalog.no_item":       set("none", catalog.State{Code: catalog.Suspended, Reason: "系统升级"}),
			"catalog.state_same":    set("elder-card", catalog.State{Code: catalog.InUse}),
		} {
			if !errs.Is(err, want) {
				t.Errorf("%v, want %s", err, want)
			}
		}
		if err := set("elder-card", catalog.State{Code: catalog.Suspended, Reason: "系统升级，恢复时间另行公告", Instead: "food-licence-new"}); err != nil {
			t.Fatal(err)
		}
		counts(t, s, 1)
		it, err := s.Item(t.Context(), "elder-card")
		if err != nil || it.State != catalog.Suspended {
			t.Errorf("the page: %q %v", it.State, err)
		}
		if st, err := s.State(t.Context(), "elder-card"); err != nil || st.Reason != "系统升级，恢复时间另行公告" || st.Instead != "food-licence-new" || !st.Since.Equal(start) {
			t.Errorf("%+v %v", st, err)
		}
		if err := s.TakesApplications(t.Context(), "elder-card"); errs.KindOf(err) != errs.Conflict || !errs.Is(err, "catalog.halted") {
			t.Errorf("applications: %v", err)
		}
		if p, err := s.Search(t.Context(), catalog.Query{State: catalog.Suspended}); err != nil || !slices.Equal(names(p), []string{"老年人优待证申领"}) {
			t.Errorf("the item office's list: %v %v", names(p), err)
		}
		// a new version of the pack does not take it into use again
		load(t, d, s, changed(t, "elder-card", "items/elder-card.yaml", "老年人优待证申领", "老年人优待证申领（新）"))
		counts(t, s, 1)
		if err := set("elder-card", catalog.State{Code: catalog.InUse}); err != nil {
			t.Fatal(err)
		}
		counts(t, s, 2)
		if err := s.TakesApplications(t.Context(), "elder-card"); err != nil {
			t.Error(err)
		}
		if err := set("elder-card", catalog.State{Code: catalog.Cancelled, Reason: "法规废止"}); err != nil {
			t.Error(err)
		}
		counts(t, s, 1)
		for _, act := range []string{"catalog.state_2", "catalog.state_1", "catalog.state_3"} {
			if n := dbtest.Count(t, d, "audit_entry", "act = $1", act); n != 1 {
				t.Errorf("%d entries of %s", n, act)
			}
		}
		if n := dbtest.Count(t, d, "event_event", "topic = $1", "catalog.state_changed"); n != 3 {
			t.Errorf("%d events", n)
		}
	})
}

// counts wants n items in lists and in every count.
func counts(t *testing.T, s *catalog.Service, n int) {
	t.Helper()
	p, err := s.Search(t.Context(), catalog.Query{Online: "full"})
	if err != nil || p.Count != fmt.Sprint(n) || len(p.Items) != n {
		t.Errorf("list: %s, %v, %v", p.Count, names(p), err)
	}
	all, err := s.Count(t.Context(), "580000")
	groups, _ := s.Agencies(t.Context())
	sum := 0
	for _, g := range groups {
		sum += g.Count
	}
	if err != nil || all != n || sum != n {
		t.Errorf("counted %d, by agencies %d, want %d, %v", all, sum, n, err)
	}
}

// changed is a pack with one text replaced.
func changed(t *testing.T, pack, path, old, is string) []packfile.File {
	t.Helper()
	all := vectorDir(t, pack)
	for i, f := range all {
		if f.Path == path {
			all[i].Data = []byte(strings.Replace(string(f.Data), old, is, 1))
		}
	}
	return all
}

func TestAPackTakesOverAnItemOfAList(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		s := service(d)
		importing(t, s, []byte("\uFEFFitem_name,local_item_code,agency_code,department,region_code,item_type\n老年人优待证申领,ELDER-CARD,11580102004192572R,区民政局,580102,05\n"))
		was, err := s.Item(t.Context(), "elder-card")
		if err != nil || was.Pack != "" || !was.Unreviewed {
			t.Fatalf("%+v %v", was, err)
		}
		if ps := s.CheckSection(t.Context(), vectorDir(t, "elder-card"), anything{}); strings.Contains(words(ps), "catalog.other_pack") {
			t.Errorf("the check refuses: %s", words(ps))
		}
		load(t, d, s, vectorDir(t, "elder-card"))
		is, err := s.Item(t.Context(), "elder-card")
		if err != nil || is.Pack != "elder-card" || is.Version != 2 || is.Unreviewed || !is.Applicable() {
			t.Errorf("%s v%d %v", is.Pack, is.Version, err)
		}
		counts(t, s, 1)
	})
}

func TestTheLastStateServesOnWhileTheDatabaseIsAway(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		s := service(d)
		load(t, d, s, vectorDir(t, "elder-card"))
		seen := func(ctx context.Context) error {
			_, err1 := s.Item(ctx, "elder-card")
			_, err2 := s.Search(ctx, catalog.Query{Online: "full", Limit: 8})
			g, err3 := s.Agencies(ctx)
			_, err4 := s.Themes(ctx, "person")
			if len(g) != 2 || g[1].Count != 1 {
				t.Errorf("%+v", g)
			}
			for _, err := range []error{err1, err2, err3, err4} {
				if err != nil {
					return err
				}
			}
			return nil
		}
		if err := seen(t.Context()); err != nil {
			t.Fatal(err)
		}
		away, cancel := context.WithDeadline(t.Context(), start.AddDate(-10, 0, 0)) // the database does not answer in time
		defer cancel()
		if err := seen(away); err != nil {
			t.Errorf("away: %v", err)
		}
		if _, err := s.Item(away, "food-licence-new"); errs.KindOf(err) != errs.Unavailable {
			t.Errorf("what nobody asked for before: %v", err)
		}
	})
}

// growing are offices that come to know an agency.
type growing struct{ all *[]org.Agency }

func (g growing) Agencies(context.Context) []org.Agency { return *g.all }

func (growing) HasKey(context.Context, string, string) bool { return true }

func TestAnAgencyThatBecomesKnownGetsItsItems(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		var all []org.Agency
		s := catalog.New(catalog.Deps{DB: d, Org: growing{&all}, Now: func() time.Time { return start }})
		importing(t, s, []byte("\uFEFFitem_name,local_item_code,agency_code,department,region_code,item_type\n采砂,A1,115801020041-92572R,区水务局,580102,01\n取水,A2,115801020041-92572R,区水务局,580102,01\n"))
		all = []org.Agency{{Key: "water", Code: "11580102004192572R", Name: "清江区水务局", Region: "580102"}}
		if err := s.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		p, err := s.Search(t.Context(), catalog.Query{Agency: "water"})
		if err != nil || p.Count != "2" || p.Items[0].AgencyName != "清江区水务局" {
			t.Errorf("%s %v %v", p.Count, names(p), err)
		}
		if g, err := s.Agencies(t.Context()); err != nil || len(g) != 1 || g[0].Count != 2 {
			t.Errorf("%+v %v", g, err)
		}
	})
}
