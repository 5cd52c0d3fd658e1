package org_test

import (
	"slices"
	"strings"
	"testing"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/org"
)

// list2027 has the shape of a notice; its dates beyond the fixed ones are invented.
const list2027 = `date,working,note
2027-01-01,休,元旦
2027-01-02,休,元旦
2027-02-05,rest,春节
2027-02-06,休,春节
2027-02-07,休,春节
2027-02-08，休，春节
2027-02-14,班,春节
2027-04-05,休,清明节
2027-05-01,0,劳动节
2027-05-02,休,劳动节
2027-06-09,休,端午节
2027-09-15,休,中秋节
2027-10-01,休,国庆节
2027-10-02,休,国庆节
2027-10-03,休,国庆节
2026-12-26,班,元旦
`

func TestAYearIsKnownOnlyWithItsList(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		s := service(d)
		day := org.Holiday{Date: "2027-03-08", Note: "民族节日", Source: "清澜市人民政府公告"}
		if err := s.SetDay(t.Context(), admin, day); !fieldIs(err, "date", "org.year_not_loaded") {
			t.Fatalf("a lone day of 2027 was taken: %v", err)
		}
		if got := s.Calendar(t.Context()).Day("2027-03-08"); got.Covered || !got.Working {
			t.Errorf("2027 before its list: %+v", got)
		}
		n, err := s.LoadYear(t.Context(), admin, 2027, list2027, "国办发明电")
		if err != nil || n != 16 {
			t.Fatalf("LoadYear = %d, %v", n, err)
		}
		if err := s.SetDay(t.Context(), admin, day); err != nil {
			t.Fatal(err)
		}
		for date, working := range map[string]bool{"2027-03-08": false, "2027-02-14": true, "2026-12-26": true, "2027-02-08": false, "2027-03-09": true, "2026-10-01": false} {
			if got := s.Calendar(t.Context()).Day(date); got.Working != working || !got.Covered {
				t.Errorf("%s: %+v", date, got)
			}
		}
		if !slices.Contains(s.Years(t.Context()), 2027) {
			t.Error("2027 is not among the years")
		}
		if err := s.DropDay(t.Context(), admin, "2027-03-08"); err != nil {
			t.Fatal(err)
		}
		if err := s.DropDay(t.Context(), admin, "2027-02-14"); errs.KindOf(err) != errs.NotFound {
			t.Errorf("a day of the national list was dropped: %v", err)
		}
		if !s.Calendar(t.Context()).Day("2027-03-08").Working {
			t.Error("the dropped day still counts")
		}
		if n := dbtest.Count(t, d, "event_event", "topic = 'org.calendar_changed'"); n != 3 {
			t.Errorf("%d events, want 3", n)
		}
		if n := dbtest.Count(t, d, "audit_entry", "object = 'year:2027' AND actor = 'staff:boss' AND origin <> '' AND origin NOT LIKE '%10.0.0.9%'"); n != 1 {
			t.Error("loading the year is not on record, or with a readable address")
		}
	})
}

func TestALoadedListReplacesTheEmbeddedOne(t *testing.T) {
	d := dbtest.SQLite(t, rooms...)
	s := service(d)
	if s.Calendar(t.Context()).Day("2026-06-19").Working {
		t.Fatal("2026-06-19 is not off in the embedded list")
	}
	text := strings.ReplaceAll(strings.ReplaceAll(list2027, "2026-12-26,班,元旦\n", ""), "2027-", "2026-")
	text = strings.Replace(text, "2026-02-14,班", "2026-02-15,班", 1)
	if _, err := s.LoadYear(t.Context(), admin, 2026, text, "调整通知"); err != nil {
		t.Fatal(err)
	}
	if !s.Calendar(t.Context()).Day("2026-06-19").Working {
		t.Error("a day of the replaced list still counts")
	}
}

func TestADecemberDayDoesNotMakeItsYearKnown(t *testing.T) {
	d := dbtest.SQLite(t, rooms...)
	s := service(d)
	text := strings.NewReplacer("2027-02-14,班", "2028-02-12,班", "2026-12-26", "2027-12-25", "2027-", "2028-").Replace(list2027)
	if _, err := s.LoadYear(t.Context(), admin, 2028, text, "国办发明电"); err != nil {
		t.Fatal(err)
	}
	if s.Calendar(t.Context()).Day("2027-06-01").Covered || slices.Contains(s.Years(t.Context()), 2027) {
		t.Error("a December day of the list of 2028 made 2027 known")
	}
}

func TestParseYearSaysWhichLineIsWrong(t *testing.T) {
	for text, key := range map[string]string{
		"2027-01-01;休":               "org.line_shape",
		"2027-13-01,休":               "org.line_date",
		"2025-01-01,休":               "org.line_year",
		"2027-01-01,maybe":           "org.line_working",
		"2027-01-04,班":               "org.line_workday",
		"2027-01-01,休\n2027-01-01,休": "org.line_twice",
		"2027-01-01,休":               "org.year_misses",
		strings.Replace(list2027, "2027-09-15", "2027-09-15,休\n#", 1):                                                       "org.line_date",
		strings.NewReplacer("2027-04-05,休,清明节\n", "", "2027-06-09,休,端午节\n", "", "2027-09-15,休,中秋节\n", "").Replace(list2027): "org.year_short",
	} {
		if _, err := org.ParseYear(2027, text, "x"); !fieldIs(err, "rows", key) {
			t.Errorf("%q: %v, want %s", text[:min(40, len(text))], err, key)
		}
	}
}
