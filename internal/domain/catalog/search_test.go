package catalog_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog"
)

// filled is a catalog with our packs and the district list.
func filled(t testing.TB, d *db.DB) *catalog.Service {
	t.Helper()
	s := service(d)
	for _, name := range []string{"food-licence", "elder-card"} {
		load(t, d, s, vectorDir(t, name))
	}
	importing(t, s, district(t))
	return s
}

func names(p catalog.Page) []string {
	var out []string
	for _, it := range p.Items {
		out = append(out, it.Name)
	}
	return out
}

func TestSearchInEverydayWords(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		s := filled(t, d)
		for q, want := range map[string]string{
			"开饭店":                             "食品经营许可（新办）",
			"我想开饭店要办什么证？":                     "食品经营许可（新办）",
			"开奶茶店怎么办理":                        "食品经营许可（新办）",
			"食品经营许可":                          "食品经营许可（新办）",
			"老年证":                             "老年人优待证申领",
			"老人坐公交":                           "老年人优待证申领",
			"优待":                              "老年人优待证申领",
			"采砂":                              "河道采砂许可",
			"河道采砂许可怎么办理？":                     "河道采砂许可",
			"无犯罪记录":                           "无犯罪记录证明",
			"区水务局 采砂":                         "河道采砂许可",
			"ＬＥＤ":                             "",
			"580102004192572R":                "",
			"11580102004192572R4582011021000": "老年人优待证申领",
			"511A19016001-511602000000-000-1151130100877844X4-1-00": "河道采砂许可",
			"511a19016001": "河道采砂许可",
		} {
			p, err := s.Search(t.Context(), catalog.Query{Text: q})
			got := strings.Join(names(p), "、")
			if err != nil || want == "" && len(p.Items) > 0 && !p.Nearest || want != "" && (len(p.Items) == 0 || p.Items[0].Name != want) {
				t.Errorf("%s: %v, want %s first, got %.200s", q, err, want, got)
			}
		}
	})
}

func TestEveryNameIsFoundByItselfAndByItsPairs(t *testing.T) {
	s := filled(t, dbtest.SQLite(t, schema...))
	all, err := s.Search(t.Context(), catalog.Query{Region: "511602", Limit: 100})
	if err != nil || all.Count != "1,000+" || len(all.Items) != 100 {
		t.Fatalf("%s, %d on the page, %v", all.Count, len(all.Items), err)
	}
	for _, it := range all.Items {
		p, err := s.Search(t.Context(), catalog.Query{Text: it.Name, Limit: 3})
		if err != nil || !slices.Contains(names(p), it.Name) || p.Items[0].Name != it.Name {
			t.Errorf("%s: %v %v", it.Name, names(p), err)
		}
	}
	for _, q := range []string{"许可", "登记", "证", "护士"} {
		p, err := s.Search(t.Context(), catalog.Query{Text: q, Limit: 100})
		if err != nil || len(p.Items) == 0 {
			t.Errorf("%s: nothing, %v", q, err)
		}
		for _, it := range p.Items {
			if !strings.Contains(it.Name+it.MainItem+it.Short+it.Summary+it.AgencyName+strings.Join(it.Everyday, " ")+it.SearchTitle, q) {
				t.Errorf("%s found %s", q, it.Name)
			}
		}
	}
}

func TestAnEverydayWordFindsTheTermOfTheLaw(t *testing.T) {
	s := filled(t, dbtest.SQLite(t, schema...))
	p, err := s.Search(t.Context(), catalog.Query{Text: "低保"})
	if err != nil || len(p.Items) == 0 || !strings.Contains(p.Items[0].Name, "最低生活保障") || len(p.Found) != len(p.Items) || p.Found[0].Why[0].Via != "低保" {
		t.Errorf("%v %+v %v", names(p), p.Found, err)
	}
}

func TestSearchSurvivesHostileQueries(t *testing.T) {
	s := filled(t, dbtest.SQLite(t, schema...))
	for _, q := range []string{`"`, `'`, `*`, `a OR b`, `NEAR(`, `%`, `'; DROP TABLE catalog_item;--`, "\x00", "\xff\xfe", strings.Repeat("许可", 50000), strings.Repeat("a", 1<<20), "　", "？！。", "𠮷", "\u202e"} {
		if _, err := s.Search(t.Context(), catalog.Query{Text: q}); err != nil {
			t.Errorf("%.20q: %v", q, err)
		}
	}
	if p, _ := s.Search(t.Context(), catalog.Query{Text: "？！"}); len(p.Items) != 0 {
		t.Errorf("signs alone found %v", names(p))
	}
	if _, err := s.Search(t.Context(), catalog.Query{After: "nonsense"}); errs.KindOf(err) != errs.BadRequest {
		t.Errorf("bad cursor: %v", err)
	}
}

func TestPagesCoverTheListOnce(t *testing.T) {
	s := filled(t, dbtest.SQLite(t, schema...))
	for _, q := range []catalog.Query{{Limit: 97}, {Text: "许可", Limit: 10}, {Text: "变更登记", Limit: 7}} {
		seen := map[string]bool{}
		n := 0
		for {
			p, err := s.Search(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, it := range p.Items {
				if seen[it.Key] {
					t.Fatalf("%q: %s twice", q.Text, it.Key)
				}
				seen[it.Key] = true
				n++
			}
			if p.Next == "" {
				break
			}
			q.After = p.Next
		}
		if q.Text == "" && n != 1137 || n < 10 {
			t.Errorf("%q: %d in all", q.Text, n)
		}
	}
}

func TestFilters(t *testing.T) {
	s := filled(t, dbtest.SQLite(t, schema...))
	for want, q := range map[string]catalog.Query{
		"2 online":    {Online: "full"},
		"2 region":    {Region: "580000"},
		"2 city":      {Region: "580100"},
		"0 elsewhere": {Region: "580121"},
		"1 agency":    {Agency: "market"},
		"1 person":    {Theme: "person:065"},
		"1 firm":      {Theme: "firm:010"},
		"0 theme":     {Theme: "firm:065"},
		"83 tax":      {Agency: "008779522"},
		"1,000+ list": {Review: "unreviewed"},
		"2 made up":   {Review: "fictional"},
		"0 read":      {Review: "read"},
		"9 payment":   {Type: "05"},
		"1 firms too": {Audience: "firm", Online: "full"},
	} {
		p, err := s.Search(t.Context(), q)
		if n, _, _ := strings.Cut(want, " "); err != nil || p.Count != n {
			t.Errorf("%s: %s, %v", want, p.Count, err)
		}
	}
	groups, err := s.Agencies(t.Context())
	if err != nil || len(groups) != 2+39 || groups[0].Name != "清澜市清江区市场监督管理局" || groups[0].Count != 1 {
		t.Errorf("agencies: %d %+v %v", len(groups), groups[0], err)
	}
	themes, err := s.Themes(t.Context(), "person")
	if err != nil || !slices.Contains(themes, catalog.Group{Key: "065", Count: 1}) {
		t.Errorf("themes: %+v %v", themes, err)
	}
	if regions, err := s.Regions(t.Context()); err != nil || !slices.Equal(regions, []string{"511602000000", "580102"}) {
		t.Errorf("regions: %v %v", regions, err)
	}
}

func TestSearchFindsAtOnceWhatAnotherProcessImported(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		clock := start
		server := catalog.New(catalog.Deps{DB: d, Org: offices{}, Now: func() time.Time { return clock }})
		if p, err := server.Search(t.Context(), catalog.Query{Text: "采砂"}); err != nil || len(p.Items) != 0 {
			t.Fatalf("%v %v", names(p), err)
		}
		importing(t, service(d), district(t)) // its own snapshot, as in another process
		clock = clock.Add(60 * time.Millisecond)
		if p, err := server.Search(t.Context(), catalog.Query{Text: "采砂"}); err != nil || len(p.Items) != 2 || p.Items[0].Name != "河道采砂许可" {
			t.Errorf("%v %v", names(p), err)
		}
	})
}

func BenchmarkSearch(b *testing.B) {
	s := filled(b, dbtest.SQLite(b, schema...))
	for _, q := range []string{"", "食品经营许可", "我想开饭店要办什么证？"} {
		b.Run(q, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Search(b.Context(), catalog.Query{Text: q}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkRefresh(b *testing.B) {
	d := dbtest.SQLite(b, schema...)
	filled(b, d)
	for b.Loop() {
		if err := service(d).Ready(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

func TestReadersAndWritersAtOnce(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		clock := start
		s := catalog.New(catalog.Deps{DB: d, Org: offices{}, Now: func() time.Time { return clock }})
		done := make(chan error)
		go func() {
			_, err := service(d).Import(context.Background(), bytes.NewReader(district(t)), catalog.ImportOptions{})
			done <- err
		}()
		for n := 0; ; {
			p, err := s.Search(t.Context(), catalog.Query{Text: "登记"})
			if err != nil {
				t.Fatal(err)
			}
			if len(p.Items) < n {
				t.Fatalf("%d found after %d", len(p.Items), n)
			}
			n = len(p.Items)
			select {
			case err := <-done:
				if err != nil {
					t.Fatal(err)
				}
				if p, err := s.Search(t.Context(), catalog.Query{}); err != nil || p.Count != "1,000+" {
					t.Errorf("at the end: %s %v", p.Count, err)
				}
				return
			default:
			}
		}
	})
}
