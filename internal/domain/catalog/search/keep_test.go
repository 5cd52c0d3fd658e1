package search_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/catalog/search"
)

func texts(list []search.Suggestion) []string {
	var out []string
	for _, s := range list {
		out = append(out, s.Text)
	}
	return out
}

func TestTypeAhead(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		s := service(t, d)
		town(t, d, s)
		write(t, d, s, named("bank", "重庆银行行业会计登记", "510104"), named("growth", "长春市成长补贴申领", "510104"))
		for typed, want := range map[string]string{
			"食品": "食品经营许可（新办）", "shipinjing": "食品经营许可（新办）", "spjyxk": "食品经营许可（新办）", "食品jy": "食品经营许可（新办）", "shipjyxuke": "食品经营许可（新办）",
			"SPJY": "食品经营许可（新办）", "ｓｐｊｙ": "食品经营许可（新办）", "kaifandian": "食品经营许可（新办）", "caisha": "河道采砂许可", "cs": "河道采砂许可",
			"chongqingyinhanghangye": "重庆银行行业会计登记", "cqyhhykj": "重庆银行行业会计登记", "changchun": "长春市成长补贴申领",
		} {
			got, err := s.Suggest(t.Context(), typed, "510104", 5)
			if err != nil || !slices.Contains(texts(got), want) {
				t.Errorf("%s: %v %v, want %s", typed, texts(got), err, want)
			}
		}
		for _, none := range []string{"", "？", "zhongqingyinxing", "qqqqqq"} {
			if got, err := s.Suggest(t.Context(), none, "", 5); err != nil || len(got) > 0 {
				t.Errorf("%q: %v %v", none, texts(got), err)
			}
		}
		near, err := s.Suggest(t.Context(), "食品", "440106", 1)
		if err != nil || len(near) != 1 || near[0].Key != "food-far" {
			t.Errorf("the nearest agency's: %+v %v", near, err)
		}
	})
}

var officer = authz.Actor{StaffID: "s1", AgencyID: "a1", Roles: []authz.Role{authz.ItemOffice}}

func TestAnEverydayWordWorksOnAllNodesAtOnce(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		s, other := service(t, d), service(t, d)
		town(t, d, s)
		before := find(t, other, search.Query{Text: "挖沙沙票"})
		if slices.Contains(keysOf(before), "sand") && !before.Loose && !before.Nearest {
			t.Fatalf("found before it was taught: %+v", before)
		}
		if err := s.AddSynonym(t.Context(), officer, search.Synonym{Said: " 挖沙沙票 ", Terms: []string{"河道采砂", ""}}); err != nil {
			t.Fatal(err)
		}
		r := find(t, other, search.Query{Text: "挖沙沙票怎么办"})
		if len(r.Hits) == 0 || r.Hits[0].Key != "sand" || r.Loose || r.Hits[0].Why[0] != (search.Why{Field: search.FieldSynonym, Word: "河道采砂", Via: "挖沙沙票"}) {
			t.Errorf("the other node: %+v", r)
		}
		all, err := s.Synonyms(t.Context())
		if err != nil || len(all) != 1 || all[0].Said != "挖沙沙票" || all[0].Author != officer.Name() {
			t.Fatalf("%+v %v", all, err)
		}
		if err := s.RemoveSynonym(t.Context(), officer, all[0].ID); err != nil {
			t.Fatal(err)
		}
		if err := s.RemoveSynonym(t.Context(), officer, all[0].ID); errs.KindOf(err) != errs.NotFound {
			t.Errorf("removed twice: %v", err)
		}
		if r := find(t, other, search.Query{Text: "挖沙沙票"}); len(r.Hits) > 0 && len(r.Hits[0].Why) > 0 && r.Hits[0].Why[0].Via == "挖沙沙票" {
			t.Errorf("still there: %+v", r)
		}
		if n := dbtest.Count(t, d, "audit_entry", "act LIKE 'search.synonym%'"); n != 2 {
			t.Errorf("%d entries on record, want 2", n)
		}
	})
}

func TestEverydayWordsAreChecked(t *testing.T) {
	s := service(t, dbtest.SQLite(t, schema...))
	for key, y := range map[string]search.Synonym{
		"search.said_empty": {Terms: []string{"许可"}}, "search.said_length": {Said: "证", Terms: []string{"许可"}},
		"search.terms_empty": {Said: "开店", Terms: []string{" "}}, "search.synonym_same": {Said: "开店", Terms: []string{"开 店", "开店"}},
	} {
		if err := s.AddSynonym(t.Context(), officer, y); !errs.Is(err, key) {
			t.Errorf("%+v: %v, want %s", y, err, key)
		}
	}
	if err := s.AddSynonym(t.Context(), authz.Actor{StaffID: "x", Roles: []authz.Role{authz.Legal}}, search.Synonym{Said: "开店", Terms: []string{"登记"}}); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("legal review added a word: %v", err)
	}
}

func TestTheLogKeepsWordsAndNoPeople(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		s := service(t, d)
		town(t, d, s)
		ask := func(text, sender string) {
			r := find(t, s, search.Query{Text: text, Region: "510104"})
			s.Note(search.Asked{Result: r, Region: "510104", Sender: sender, First: true})
		}
		for i := range 40 { // 40 senders fall into many of the 64 buckets
			ask("火星移民签证", fmt.Sprintf("10.0.0.%d", i))
		}
		ask("王小明 13800138000 的火星移民", "10.0.0.1")
		ask("王小明 身份证 510104199001011234", "10.0.0.2")
		s.Click("采砂", "sand")
		if err := s.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"13800138000", "510104199001011234", "王小明", "10.0.0"} {
			if n := dbtest.Count(t, d, "catalog_search_log", "words LIKE $1", "%"+bad+"%"); n > 0 {
				t.Errorf("the log holds %s", bad)
			}
		}
		all, err := s.Missed(t.Context(), "510000", now.AddDate(0, 0, -1), 10)
		if err != nil || len(all) != 1 || all[0].Asked != 40 || all[0].Missed != 40 || all[0].People < search.LeastPeople {
			t.Errorf("%+v %v, want the one question many asked", all, err)
		}
		if all, _ := s.Missed(t.Context(), "440000", now.AddDate(0, 0, -1), 10); len(all) > 0 {
			t.Errorf("another province asked: %+v", all)
		}
		dbtest.WantCounts(t, d, map[string]int{"catalog_search_click": 1})
	})
}

func TestOldLinesOfTheLogAreForgotten(t *testing.T) {
	d := dbtest.SQLite(t, schema...)
	s := service(t, d)
	err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO catalog_search_log (day, words, region, bucket, asked, missed) VALUES ($1, 'x', '', 0, 1, 1)`, now.AddDate(0, 0, -401).Format(time.DateOnly))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Click("采砂", "sand")
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	dbtest.WantCounts(t, d, map[string]int{"catalog_search_log": 0})
}

func TestManyItemsOfOneNameAreOneHead(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		s := service(t, d)
		var rows []row
		for i := range 3000 {
			rows = append(rows, named(fmt.Sprintf("k%d", i), fmt.Sprintf("第%d号登记", i%7), fmt.Sprintf("51%02d%02d", 1+i/100%20, 1+i%99)))
		}
		write(t, d, s, rows...)
		dbtest.WantCounts(t, d, map[string]int{"catalog_head": 7, "catalog_head_text": 7, "catalog_head_use": 7})
		if n := dbtest.Count(t, d, "catalog_head_use", "n BETWEEN 428 AND 429"); n != 7 {
			t.Errorf("%d heads are counted right", n)
		}
		write(t, d, s, rows[:10]...) // again, unchanged
		it := item.Item{Name: "第0号登记"}
		if n := dbtest.Count(t, d, "catalog_head_use", "head = $1 AND n = 429", search.HeadID(&it)); n != 1 {
			t.Error("an item was counted twice")
		}
		r := find(t, s, search.Query{Text: "第0号登记", Region: "510101"})
		if len(r.Hits) == 0 || r.Hits[0].Others != 428 {
			t.Errorf("%+v", r.Hits[:min(1, len(r.Hits))])
		}
	})
}

func TestANewDictionaryMakesTheWordsAgain(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		s := service(t, d)
		town(t, d, s)
		find(t, s, search.Query{Text: "采砂"})
		err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			if _, err := tx.ExecContext(ctx, `INSERT INTO catalog_version (key, version, doc, hash, form_version, flow_version, published_ms) VALUES ('sand', 1, $1, '', 0, 0, 0)`, `{"key":"sand","name":"河道采砂许可"}`); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, `UPDATE catalog_head SET lex = 'old', words = 'nothing'`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		n, err := s.Reindex(t.Context())
		if err != nil || n != dbtest.Count(t, d, "catalog_head", "") {
			t.Fatalf("%d heads, %v", n, err)
		}
		if r := find(t, service(t, d), search.Query{Text: "采砂"}); !slices.Contains(keysOf(r), "sand") || r.Loose {
			t.Errorf("a fresh node: %+v", r)
		}
		if r := find(t, s, search.Query{Text: "采砂"}); !slices.Contains(keysOf(r), "sand") || r.Loose {
			t.Errorf("the node that was there: %+v", r)
		}
	})
}
