package catalog_test

import (
	"context"
	"os"
	"strconv"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/domain/catalog"
)

func quality(t testing.TB, s *catalog.Service, q catalog.QualityQuery) catalog.QualityPage {
	t.Helper()
	q.Limit = 50
	p, err := s.Quality(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestScoresFollowTheItems(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		s := service(d)
		load(t, d, s, vectorDir(t, "elder-card"))
		load(t, d, s, vectorDir(t, "food-licence"))
		before := quality(t, s, catalog.QualityQuery{})
		civil := quality(t, s, catalog.QualityQuery{Agency: "civil"})
		if before.Sum.Items != 2 || civil.Sum.Items != 1 || len(civil.Items) != 1 || civil.Items[0].Item.Key != "elder-card" {
			t.Fatalf("%+v, %+v", before.Sum, civil)
		}
		load(t, d, s, swap(t, vectorDir(t, "elder-card"), "items/elder-card.yaml", "visits: 0", "visits: 30"))
		worse := quality(t, s, catalog.QualityQuery{Agency: "civil"})
		if worse.Sum.Items != 1 || worse.Sum.Points >= civil.Sum.Points || worse.Sum.Clean != 0 || worse.Sum.ByRule["visits_range"] != 1 {
			t.Errorf("after a bad version %+v, before %+v", worse.Sum, civil.Sum)
		}
		if p := quality(t, s, catalog.QualityQuery{Rule: "visits_range"}); len(p.Items) != 1 || p.Items[0].Item.Key != "elder-card" {
			t.Errorf("by rule: %+v", p.Items)
		}
		err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return s.SetStateTx(ctx, tx, start, authz.Actor{StaffID: "x"}, "elder-card", catalog.State{Code: catalog.Suspended, Reason: "系统升级"})
		})
		if err != nil {
			t.Fatal(err)
		}
		if p := quality(t, s, catalog.QualityQuery{Agency: "civil"}); p.Sum.Items != 0 || p.Sum.Points != 0 || p.Sum.ByRule["visits_range"] != 0 || len(p.Items) != 0 {
			t.Errorf("a suspended item still counts: %+v", p)
		}
		sums, err := s.QualityOfAgencies(t.Context())
		if all := quality(t, s, catalog.QualityQuery{}); err != nil || all.Sum.Points != sums["market"].Points || sums["market"].Items != 1 {
			t.Errorf("the whole %+v is not its parts %+v, %v", all.Sum, sums, err)
		}
	})
}

func TestScoresFollowTheDay(t *testing.T) {
	d := dbtest.SQLite(t, schema...)
	now := start
	s := catalog.New(catalog.Deps{DB: d, Org: offices{}, Now: func() time.Time { return now }})
	load(t, d, s, vectorDir(t, "elder-card"))
	load(t, d, s, swap(t, vectorDir(t, "food-licence"), "items/food-licence-new.yaml", "name: 食品经营许可（新办）", "extra: {cancel: [\"2026-03-31\"]}\nname: 食品经营许可（新办）"))
	if p := quality(t, s, catalog.QualityQuery{}); p.Sum.ByRule["planned_past"] != 0 {
		t.Fatalf("%+v", p.Sum.ByRule)
	}
	now = now.AddDate(0, 1, 0)
	if p := quality(t, s, catalog.QualityQuery{}); p.Sum.ByRule["planned_past"] != 1 || p.Sum.Items != 2 {
		t.Errorf("a day that came is not seen: %+v", p.Sum)
	}
}

// TestQualityOfManyItems asks for the platform and for an agency with all of 150,000 items once they are judged.
func TestQualityOfManyItems(t *testing.T) {
	n := 3_000
	if v, err := strconv.Atoi(os.Getenv("TONGBAN_BENCH_ITEMS")); err == nil {
		n = v
	}
	d := dbtest.SQLite(t, schema...)
	s := scaled(t, d, n)
	if _, err := d.Raw().ExecContext(t.Context(), `UPDATE catalog_version SET doc = replace(doc, '"online"', '"agency":"civil","online"')`); err != nil {
		t.Fatal(err)
	}
	began := time.Now() //nolint:forbidigo // it measures
	if left, err := s.JudgeOn(t.Context(), 0); err != nil || left {
		t.Fatal(left, err)
	}
	t.Logf("%d items judged in %s", n, time.Since(began))
	for _, q := range []catalog.QualityQuery{{}, {Agency: "civil"}, {Rule: "basis"}, {Agency: "civil", Rule: "who"}, {Agency: "none"}} {
		began := time.Now() //nolint:forbidigo // it measures
		p := quality(t, s, q)
		took := time.Since(began)
		t.Logf("%+v: %d items, %s", q, p.Sum.Items, took)
		if took > time.Second || p.Waiting != 0 {
			t.Errorf("%+v took %s, %d wait", q, took, p.Waiting)
		}
	}
}
