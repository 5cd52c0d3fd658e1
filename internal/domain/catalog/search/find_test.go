package search_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/catalog/search"
)

// town is a small catalog of two counties of a city, the city, its province and another one.
func town(t testing.TB, d *db.DB, s *search.Service) {
	t.Helper()
	food := func(key, region string) row {
		r := named(key, "食品经营许可（新办）", region, "开饭店", "开餐馆", "食品证")
		r.Audience, r.Themes.Firm = []string{"2"}, []string{"010"}
		return r
	}
	licence := named("drive", "机动车驾驶证换领", "510100", "换驾照")
	licence.Audience, licence.Online, licence.Form, licence.Flow = []string{"1"}, item.OnlineFull, "f", "f"
	sand := named("sand", "河道采砂许可", "510104")
	sand.agencyName, sand.agencyShort, sand.code = "锦江区水务局", "区水务局", "511A19016001-510104"
	record := named("record", "无犯罪记录证明", "510104")
	record.Materials = []item.Material{{Key: "m", Name: "亲属关系公证书"}}
	write(t, d, s, food("food-jin", "510104"), food("food-qing", "510105000000"), food("food-far", "440106"), licence, sand, record,
		named("elder", "老年人优待证申领", "510104", "老年证", "老人坐公交"), named("shop", "营业执照核发", "510104", "办执照"),
		named("rent", "房屋租赁合同登记备案", "510104"), named("prov", "保安员证核发", "510000"))
}

func TestFindInOnesOwnWords(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		s := service(t, d)
		town(t, d, s)
		for _, c := range []struct{ text, first, field string }{
			{"食品经营许可", "food-jin", search.FieldName},
			{"开饭店", "food-jin", search.FieldEveryday},
			{"食品經營許可", "food-jin", search.FieldName},
			{"驾照", "drive", search.FieldEveryday},
			{"驾驶证过期", "drive", search.FieldName},
			{"老年证", "elder", search.FieldEveryday},
			{"采砂", "sand", search.FieldName},
			{"亲属关系公证书", "record", search.FieldBody},
			{"511a19016001-510104", "sand", search.FieldCode},
			{"511A19016001", "sand", search.FieldCode},
			{"hedaocaisha", "sand", search.FieldPinyin},
			{"租房合同要去哪里登记", "rent", ""},
		} {
			r := find(t, s, search.Query{Text: c.text, Region: "510104"})
			if len(r.Hits) == 0 || r.Hits[0].Key != c.first {
				t.Errorf("%s: %v, want %s first", c.text, keysOf(r), c.first)
				continue
			}
			if why := r.Hits[0].Why; c.field != "" && !slices.ContainsFunc(why, func(w search.Why) bool { return w.Field == c.field }) {
				t.Errorf("%s: because of %v, want %s", c.text, why, c.field)
			}
		}
		if r := find(t, s, search.Query{Text: "区水务局 采砂", Region: "510104"}); len(r.Hits) != 1 || r.Hits[0].Key != "sand" || r.Loose {
			t.Errorf("agency and word: %+v", r)
		}
		if r := find(t, s, search.Query{Text: "营业直照"}); len(r.Hits) == 0 || r.Hits[0].Key != "shop" || r.Corrected == "" {
			t.Errorf("a typing error: %+v", r)
		}
		for _, signs := range []string{"", "？！。", "\x00", "\xff\xfe", "　", strings.Repeat("（", 9000)} {
			if r := find(t, s, search.Query{Text: signs}); len(r.Hits) > 0 || r.Count != "0" {
				t.Errorf("%.10q found %v", signs, keysOf(r))
			}
		}
		for _, odd := range []string{`"`, "'", "a OR b", "NEAR(", `采砂" OR "许可`, "'; DROP TABLE catalog_item;--", strings.Repeat("许可", 50000), "𠮷", "\u202e许可"} {
			find(t, s, search.Query{Text: odd})
		}
	})
}

func TestNearAgenciesComeFirstAndOthersAreCounted(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		s := service(t, d)
		town(t, d, s)
		for region, want := range map[string]string{"510104": "food-jin", "510105": "food-qing", "440106000000": "food-far", "440000": "food-far"} {
			r := find(t, s, search.Query{Text: "食品经营许可", Region: region})
			if len(r.Hits) != 1 || r.Hits[0].Key != want || r.Hits[0].Others != 2 {
				t.Errorf("%s: %+v, want %s and two others", region, r.Hits, want)
			}
		}
		r := find(t, s, search.Query{Text: "食品经营许可", Region: "510107"}) // nobody there: the neighbour in the city, not the far one
		if len(r.Hits) != 1 || r.Hits[0].Key == "food-far" {
			t.Errorf("a county without it: %+v", r.Hits)
		}
	})
}

func TestFiltersNarrowExactly(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		s := service(t, d)
		town(t, d, s)
		halted := named("halted", "食品生产许可", "510104")
		halted.state = "2"
		write(t, d, s, halted)
		for name, c := range map[string]struct {
			f    search.Filter
			want []string
		}{
			"county":       {search.Filter{Region: "510105"}, []string{"food-qing"}},
			"city":         {search.Filter{Region: "510100"}, []string{"food-jin"}},
			"province":     {search.Filter{Region: "440000"}, []string{"food-far"}},
			"nobody there": {search.Filter{Region: "310000"}, nil},
			"agency":       {search.Filter{Agency: "a-440106"}, []string{"food-far"}},
			"agency else":  {search.Filter{Agency: "a-440106", Region: "510000"}, nil},
			"firm":         {search.Filter{Audience: "firm"}, []string{"food-jin"}},
			"person":       {search.Filter{Audience: "person"}, nil},
			"theme":        {search.Filter{Theme: "firm:010"}, []string{"food-jin"}},
			"other theme":  {search.Filter{Theme: "person:010"}, nil},
			"no theme":     {search.Filter{Theme: "nonsense"}, nil},
			"type":         {search.Filter{Type: "01", Region: "510105"}, []string{"food-qing"}},
			"other type":   {search.Filter{Type: "05"}, nil},
			"on line":      {search.Filter{Online: item.OnlineFull}, nil},
			"suspended":    {search.Filter{State: "2"}, []string{"halted"}},
		} {
			r := find(t, s, search.Query{Text: "食品", Region: "510104", Filter: c.f})
			wantKeys(t, name, keysOf(r), c.want...)
			if !r.Nearest && r.Count != fmt.Sprint(len(c.want)) {
				t.Errorf("%s: count %s, want %d", name, r.Count, len(c.want))
			}
		}
	})
}

func TestPagesCoverEverythingOnce(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		s := service(t, d)
		var rows []row
		for i := range 57 {
			rows = append(rows, named(fmt.Sprintf("k%02d", i), fmt.Sprintf("第%d类医疗器械经营许可", i), "510104"))
		}
		write(t, d, s, rows...)
		seen := map[string]bool{}
		q := search.Query{Text: "经营许可", Limit: 10, Region: "510104"}
		for range 10 {
			r := find(t, s, q)
			if r.Count != "57" {
				t.Errorf("count %s", r.Count)
			}
			for _, k := range keysOf(r) {
				if seen[k] {
					t.Fatalf("%s twice", k)
				}
				seen[k] = true
			}
			if q.After = r.Next; q.After == "" {
				break
			}
		}
		if len(seen) != 57 {
			t.Errorf("%d of 57", len(seen))
		}
		if _, err := s.Find(t.Context(), search.Query{Text: "x", After: "nonsense"}); errs.KindOf(err) != errs.BadRequest {
			t.Errorf("a broken cursor: %v", err)
		}
	})
}

func TestWhatIsWrittenIsFoundAndWhatIsGoneIsNot(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		s, other := service(t, d), service(t, d) // two nodes
		town(t, d, s)
		find(t, other, search.Query{Text: "采砂"})
		write(t, d, s, named("new", "犬只登记", "510104", "毛孩子落户"))
		wantKeys(t, "a new item on the other node", keysOf(find(t, other, search.Query{Text: "毛孩子落户"})), "new")

		write(t, d, s, named("new", "养犬许可", "510104")) // another name
		if r := find(t, other, search.Query{Text: "毛孩子落户"}); slices.Contains(keysOf(r), "new") && !r.Loose && !r.Nearest {
			t.Errorf("found by the name it no longer has: %+v", r)
		}
		wantKeys(t, "by its new name", keysOf(find(t, other, search.Query{Text: "养犬许可"})), "new")

		err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			it := item.Item{Name: "养犬许可"}
			if _, err := tx.ExecContext(ctx, `UPDATE catalog_item SET state = '3', seq = 99 WHERE key = 'new'`); err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `UPDATE catalog_change SET seq = 99`); err != nil {
				return err
			}
			return s.RemoveTx(ctx, tx, 99, []int64{search.HeadID(&it)})
		})
		if err != nil {
			t.Fatal(err)
		}
		if r := find(t, other, search.Query{Text: "养犬许可"}); slices.Contains(keysOf(r), "new") {
			t.Errorf("a cancelled item is found: %+v", r)
		}
		dbtest.WantCounts(t, d, map[string]int{"catalog_head_text": dbtest.Count(t, d, "catalog_head", "")})
	})
}

func TestWhatNothingAnswersHasNoCount(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		s := service(t, d)
		town(t, d, s)
		for _, text := range []string{"火星移民签证", "火星移民簽證", "怎么办理火星移民签证", "申请飞碟", "怎么办", "xqzw"} {
			if r := find(t, s, search.Query{Text: text, Region: "510104"}); len(r.Hits) > 0 || r.Count != "0" || r.Next != "" {
				t.Errorf("%s: %s found, %v: nothing shares a word with it", text, r.Count, keysOf(r))
			}
		}
		for i := range 8 {
			write(t, d, s, named(fmt.Sprintf("camp%d", i), fmt.Sprintf("第%d类露营基地登记", i), "510104"))
		}
		r := find(t, s, search.Query{Text: "飞碟登记", Region: "510104"}) // 登记 is all they share
		if !r.Nearest || r.Count != "0" || r.Next != "" || len(r.Hits) == 0 || len(r.Hits) > 5 {
			t.Errorf("near: %v, %s found, next %q, %v", r.Nearest, r.Count, r.Next, keysOf(r))
		}
		for _, h := range r.Hits {
			if !strings.Contains(h.Name, "登记") {
				t.Errorf("%s shares nothing with the question", h.Name)
			}
		}
	})
}

func TestWhyNamesTheEverydayWord(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		s := service(t, d)
		it := named("elder", "老年人优待证申领", "510104", "老人坐公交", "老年证")
		it.SearchTitle = "老年证（老年人优待证）到哪里领怎么办"
		shop := named("shop", "个体工商户设立登记", "510104")
		shop.SearchTitle = "想开杂货铺要办哪些手续"
		write(t, d, s, it, shop)
		for text, want := range map[string]search.Why{
			"老年证": {Field: search.FieldEveryday, Word: "老年证"},
			"杂货铺": {Field: search.FieldShort, Word: "杂货铺"},
		} {
			r := find(t, s, search.Query{Text: text, Region: "510104"})
			if len(r.Hits) == 0 || !slices.Contains(r.Hits[0].Why, want) {
				t.Errorf("%s: %+v, want %v", text, r.Hits, want)
			}
		}
	})
}
