package org_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/job"
	"tongban/internal/domain/org"
)

const head = "登录名,姓名,手机号,机构标识,岗位标识,开始日期,截止日期\n"

func TestATableIsReadFromEveryShape(t *testing.T) {
	text := head + "newone,买买提·艾力,19955550001,county,county-work、county-window,2026-04-01,\n\nnewtwo,𠮷田,19955550002,town,town-work,,2026年12月31日\n"
	gbk, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	f := excelize.NewFile()
	for i, r := range strings.Split(strings.TrimSpace(text), "\n") {
		for j, v := range strings.Split(r, ",") {
			_ = f.SetCellValue("Sheet1", fmt.Sprintf("%c%d", 'A'+j, i+1), v)
		}
	}
	_ = f.SetCellValue("Sheet1", "C2", 19955550001)
	_ = f.SetCellValue("Sheet1", "F2", time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC))
	var book bytes.Buffer
	if err := f.Write(&book); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"utf-8": []byte(text), "bom": []byte("\xef\xbb\xbf" + text), "gb 18030": []byte(gbk), "crlf": []byte(strings.ReplaceAll(text, "\n", "\r\n")),
		"tabs": []byte(strings.ReplaceAll(text, ",", "\t")), "xlsx": book.Bytes(),
		"explained heads, other order": []byte(strings.Replace(text, "岗位标识", "岗位标识（可多个）", 1)),
	} {
		rows, err := org.ReadTable(data)
		if err != nil || len(rows) != 2 || rows[0].Line != 2 || rows[1].Line != 4 || rows[0].Cells[1] != "买买提·艾力" || rows[0].Cells[2] != "19955550001" || rows[1].Cells[1] != "𠮷田" {
			t.Errorf("%s: %+v, %v", name, rows, err)
		}
	}
	for key, data := range map[string]string{
		"org.table_heads":      "登录名,姓名\na,b\n",
		"org.table_empty":      head,
		"org.table_unreadable": "PK\x03\x04 not a workbook",
		"org.table_xls":        "\xd0\xcf\x11\xe0 old",
		"org.table_coding":     head + "\xff\xff\xff",
		"org.table_line":       head + "a,\"b\n",
		"org.table_long":       head + strings.Repeat("a,b,c,d,e,,\n", org.MaxRows+1),
		"org.table_large":      strings.Repeat("x", org.MaxTable+1),
	} {
		if _, err := org.ReadTable([]byte(data)); !errs.Is(err, key) {
			t.Errorf("%s: %v", key, err)
		}
	}
}

func FuzzReadTable(f *testing.F) {
	f.Add([]byte(head + "a,b,c,d,e,,\n"))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if rows, err := org.ReadTable(data); err == nil && len(rows) == 0 {
			t.Error("neither rows nor an error")
		} else if err != nil && errs.As(err) == nil {
			t.Errorf("an error nobody can read: %v", err)
		}
	})
}

func TestTheDryRunFindsEverythingAndChangesNothing(t *testing.T) {
	d := dbtest.SQLite(t, rooms...)
	h := openHall(t, d)
	text := head +
		"Bad Login,买买提·艾力,19955550001,county,county-work,,\n" + // 2
		"a.one,,1995555,nowhere,county-none,,\n" + // 3
		"a.two,苏晴,19955550002,county,county-sec,,\n" + // 4
		"a.three,苏晴,19955550003,county,,2026-13-01,2025-01-01\n" + // 5
		"a.four,苏晴,19955550004,city,city-work,,\n" + // 6
		"a.five,苏晴,19955550005,county,county-work,,\n" + // 7 good
		"a.five,苏情,19955550005,county,county-window,,\n" + // 8: another name for the same login
		"county.w,苏晴,19900001024,county,county-work,,\n" + // 9: as it is
		"county.adm,方远,19900001023,county,county-work,,\n" // 10: an administrator
	id, err := h.CheckTable(t.Context(), h.as("county-s1"), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	im, rows, err := h.OpenImport(t.Context(), h.as("county-s1"), id)
	if err != nil || len(rows) != 9 {
		t.Fatalf("OpenImport = %+v, %v", im, err)
	}
	var got []string
	for _, f := range im.Findings {
		got = append(got, fmt.Sprintf("%d %s %s", f.Line, org.Columns[f.Column], f.Key))
	}
	want := []string{
		"2 登录名 org.login_shape", "3 姓名 cnid.name_empty", "3 手机号 cnid.mobile_wrong", "3 机构标识 org.no_agency", "3 岗位标识 org.no_post",
		"4 岗位标识 org.row_admin", "5 开始日期 org.day_date_wrong", "5 截止日期 org.until_before", "5 岗位标识 org.no_posts", "6 机构标识 org.row_reach",
		"8 姓名 org.row_differs", "10 岗位标识 org.roles_apart_at",
	}
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Errorf("findings: %q\nwant %q", got, want)
			break
		}
	}
	if im.New != 1 || im.Same != 1 || dbtest.Count(t, d, "org_staff", "") != 4*len(ladder) {
		t.Errorf("%+v", im)
	}
	if _, err := h.ProposeImport(t.Context(), h.as("county-s1"), id, "新人"); !errs.Is(err, "org.import_findings") {
		t.Errorf("proposed with findings: %v", err)
	}
	if _, _, err := h.OpenImport(t.Context(), h.as("county-s2"), id); errs.KindOf(err) != errs.NotFound {
		t.Errorf("somebody else's table: %v", err)
	}
}

// carry runs the room's jobs until none is left.
func carry(t *testing.T, h *hall) {
	t.Helper()
	r := job.NewRunner(h.d, func() time.Time { return h.now }, quiet)
	for kind, w := range h.Workers() {
		r.Handle(kind, w)
	}
	if _, err := r.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestATableIsOneReviewedActWithoutDoubles(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		h := openHall(t, d)
		const n = 600
		var b strings.Builder
		b.WriteString(head)
		for i := range n {
			fmt.Fprintf(&b, "imp.%04d,买买提·艾力,1997%07d,county,county-work,,\n", i, i)
		}
		b.WriteString("county.w,苏晴,19900001024,county,county-work county-window,,\n")
		id, err := h.CheckTable(t.Context(), h.as("county-s1"), []byte(b.String()))
		if err != nil {
			t.Fatal(err)
		}
		p, err := h.ProposeImport(t.Context(), h.as("county-s1"), id, "年度轮岗")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.ProposeImport(t.Context(), h.as("county-s1"), id, "再来"); !errs.Is(err, "org.import_moved") {
			t.Errorf("proposed twice: %v", err)
		}
		if err := h.Review(t.Context(), h.as("beside-s1"), p, true, ""); !errs.Is(err, "org.out_of_reach") {
			t.Errorf("another county: %v", err)
		}
		if _, err := h.StaffByLogin(t.Context(), "imp.0000"); err == nil {
			t.Error("a row took effect before the review")
		}
		if err := h.Review(t.Context(), h.as("county-s2"), p, true, ""); err != nil {
			t.Fatal(err)
		}
		// Meanwhile one of the logins is taken: that row is left out and says why.
		h.grant("county-s1", "county-s2", org.Change{Kind: org.Join, Login: "imp.0007", Name: "别人", Phone: "19911112222", Agency: "county", Posts: []string{"county-work"}})
		carry(t, h)
		im, _, err := h.OpenImport(t.Context(), h.as("county-s2"), id)
		if err != nil || im.State != "done" || im.Done != n+1 || im.Made != n || len(im.Findings) == 0 || im.Findings[0].Line != 9 {
			t.Errorf("after: %+v, %v", im, err)
		}
		if st, err := h.StaffByLogin(t.Context(), "imp.0599"); err != nil || !h.may(st.ID) {
			t.Errorf("the last row: %+v, %v", st, err)
		}
		if st, _ := h.Staff(t.Context(), "county-w"); !slices.Contains(st.Posts, "county-window") {
			t.Error("the account that was there got no post")
		}
		if err := h.CarryOut(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		dbtest.WantCounts(t, d, map[string]int{"org_staff": 4*len(ladder) + n})
		again, err := h.CheckTable(t.Context(), h.as("county-s1"), []byte(strings.Replace(b.String(), "imp.0007,买买提·艾力,19970000007", "imp.0007,别人,19911112222", 1)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.ProposeImport(t.Context(), h.as("county-s1"), again, "再来"); !errs.Is(err, "org.import_nothing") {
			t.Errorf("the same table again: %v", err)
		}
		table, err := h.StaffTable(t.Context(), h.as("county-s1"), "county")
		if err != nil || len(table) != 1+n+5 { // the county's own four, one of them with two terms
			t.Errorf("export: %d lines, %v", len(table), err)
		}
		var out bytes.Buffer
		if err := org.WriteCSV(&out, table); err != nil {
			t.Fatal(err)
		}
		if rows, err := org.ReadTable(out.Bytes()); err != nil || len(rows) != len(table)-1 {
			t.Errorf("the export comes back as %d rows, %v", len(rows), err)
		}
		out.Reset()
		if err := org.WriteBook(&out, []string{"人员"}, [][][]string{table}); err != nil {
			t.Fatal(err)
		}
		if rows, err := org.ReadTable(out.Bytes()); err != nil || rows[0].Cells[2] != table[1][2] {
			t.Errorf("the workbook comes back as %+v, %v", rows[:min(1, len(rows))], err)
		}
	})
}

func TestNoCellBecomesAFormula(t *testing.T) {
	var out bytes.Buffer
	if err := org.WriteCSV(&out, [][]string{{"=1+1", "+86", "@x", "-", "ok"}}); err != nil || !strings.Contains(out.String(), "'=1+1,'+86,'@x,'-,ok") {
		t.Errorf("%q, %v", out.String(), err)
	}
}

// TestTenThousandRows is the largest table: the dry run and every transaction of carrying it out stay short.
func TestTenThousandRows(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	h := openHall(t, dbtest.SQLite(t, rooms...))
	var b strings.Builder
	b.WriteString(head)
	for i := range org.MaxRows {
		fmt.Fprintf(&b, "imp.%05d,苏晴,198%08d,village,village-work,,\n", i, i)
	}
	id, err := h.CheckTable(t.Context(), h.as("county-s1"), []byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	p, err := h.ProposeImport(t.Context(), h.as("county-s1"), id, "新设村级窗口")
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Review(t.Context(), h.as("county-s2"), p, true, ""); err != nil {
		t.Fatal(err)
	}
	carry(t, h)
	if im, _, err := h.OpenImport(t.Context(), h.as("county-s1"), id); err != nil || im.Made != org.MaxRows || len(im.Findings) > 0 {
		t.Errorf("%d of %d made, %d findings, %v", im.Made, im.Total, len(im.Findings), err)
	}
}
