package catalog_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/i18n"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/org"
)

func summary(rep catalog.Report, part string) (found []catalog.Summary) {
	for _, s := range rep.Summaries(i18n.Chinese) {
		if strings.Contains(s.Text, part) {
			found = append(found, s)
		}
	}
	return found
}

// People look for a column of their file, and for a mistake once.
func TestTheReportNamesColumnsAsTheFileDoes(t *testing.T) {
	rows := "序号,事项名称,实施编码,事项类型,办理机构,实施主体编码,行政区划代码,服务对象,承诺办结时限（工作日）,法定办结时限,实施日期\n" +
		"1,甲事项,A1,行政许可类,区民政局,11580102004192572R,580102,1,25个工作日,20个工作日,2020-01-01\n"
	rep := importing(t, service(dbtest.SQLite(t, schema...)), []byte(rows))
	for part, column := range map[string]string{"不在代码表里": "事项类型（D列）", "承诺": "承诺办结时限（工作日）（I列）", "地方编码": "实施编码（C列）"} {
		if f := summary(rep, part); len(f) == 0 || f[0].Column != column {
			t.Errorf("%s: %+v, want column %s", part, f, column)
		}
	}
	if f := summary(rep, "缺少“事项类型”"); len(f) > 0 {
		t.Errorf("said twice: %+v", f)
	}
	if f := summary(rep, "不在代码表里"); len(f) != 1 || !f[0].Forbids {
		t.Errorf("what is missing now: %+v", f)
	}
	if f := summary(rep, "法律名称"); len(f) > 0 || len(rep.Ignored) != 1 || rep.Ignored[0] != "实施日期" {
		t.Errorf("a date without a law: %+v, ignored %q", f, rep.Ignored)
	}
	for _, f := range rep.Lines[0].Findings {
		if f.Key == "catalog.import_type" && (f.Column != "事项类型" || f.Letter != "D") {
			t.Errorf("the line: %+v", f)
		}
	}
	bare := importing(t, service(dbtest.SQLite(t, schema...)), []byte("事项名称,事项类型\n乙事项,07\n"))
	for part, label := range map[string]string{"没有主项": "主项名称", "没有区划代码": "行政区划", "没有机构代码": "实施主体编码"} {
		if f := summary(bare, part); len(f) != 1 || f[0].Column != label {
			t.Errorf("no column for it, %s: %+v", part, f)
		}
	}
	var b bytes.Buffer
	if err := rep.WriteText(&b, i18n.English); err != nil || !strings.Contains(b.String(), "事项类型 (column D)") {
		t.Errorf("%v %s", err, b.String())
	}
}

// cityOffices are two districts with offices of the same short name.
type cityOffices struct{ offices }

func (cityOffices) Agencies(context.Context) []org.Agency {
	return []org.Agency{
		{Key: "east", Code: "11580102004192572R", Name: "清澜市清江区民政局", Short: "区民政局", Region: "580102"},
		{Key: "west", Code: "11580102MB0K731283", Name: "清澜市澜西区民政局", Short: "区民政局", Region: "580103"},
		{Key: "tax", Code: "11580102MB0K73500X", Name: "清澜市税务局", Short: "市税务局", Region: "580100"},
	}
}

func TestAnAgencyIsKnownByItsName(t *testing.T) {
	rows := "事项名称,实施编码,事项类型,%s,机构代码,行政区划代码\n" +
		"甲事项,A1,07,清澜市清江区民政局,,\n" + // its full name
		"乙事项,A2,07,区民政局,,580103\n" + // its short name, in the list's region
		"丙事项,A3,07,区民政局,,\n" + // two are called so
		"丁事项,A4,07,市税务局,,\n" + // only one is
		"戊事项,A5,07,市税务局,,580102\n" + // a short name of another region
		"己事项,A6,07,清澜市 清江区民政局,不详,580102\n" + // with a code that is none
		"庚事项,A7,07,清澜市清江区民政局,11511301008778183N,580102\n" // a true code, of somebody else or not: not ours to say
	want := []string{"east", "west", "区民政局", "tax", "市税务局", "east", "11511301008778183N"}
	for _, head := range []string{"办理机构", "办理部门", "实施机构", "部门", "办理单位", "实施主体"} {
		s := catalog.New(catalog.Deps{DB: dbtest.SQLite(t, schema...), Org: cityOffices{}, Now: func() time.Time { return start }})
		rep := importing(t, s, fmt.Appendf(nil, rows, head))
		if len(rep.Ignored) > 0 || len(rep.Lines) != len(want) {
			t.Fatalf("%s: %q %d lines", head, rep.Ignored, len(rep.Lines))
		}
		for i, line := range rep.Lines {
			it, err := s.Item(t.Context(), line.Item)
			if err != nil || it.Agency != want[i] {
				t.Errorf("%s, row %d: %s, want %s %v", head, line.Row, it.Agency, want[i], err)
			}
		}
		if f := summary(rep, "已按名称认作"); len(f) != 1 || f[0].Count != 1 || f[0].Rows != "7" {
			t.Errorf("%s: %+v", head, f)
		}
	}
}

func TestTheSurestHeadingNamesTheAgency(t *testing.T) {
	s := service(dbtest.SQLite(t, schema...))
	rep := importing(t, s, []byte("事项名称,部门,实施主体\n甲事项,三科,区民政局\n"))
	if it, err := s.Item(t.Context(), rep.Lines[0].Item); err != nil || it.Agency != "civil" || len(rep.Ignored) != 1 || rep.Ignored[0] != "部门" {
		t.Errorf("%v %s, ignored %q", err, it.Agency, rep.Ignored)
	}
}

// Numbered names and a new wrong value in each row do not hide the one mistake further down.
func TestNoKindCrowdsOutOthers(t *testing.T) {
	const n, bad, nameless = 3000, 2800, 2900
	var b strings.Builder
	b.WriteString("事项名称,实施编码,事项类型,实施主体,实施主体编码,行政区划代码,服务对象,法定办结时限,承诺办结时限\n")
	for i := 1; i <= n; i++ {
		name, promised := fmt.Sprintf("第%d号公共停车场经营备案登记", i), 5
		switch i {
		case bad:
			promised = 25
		case nameless:
			name = ""
		}
		fmt.Fprintf(&b, "%s,A%d,种类%d,区民政局,11580102004192572R,580102,1,20个工作日,%d个工作日\n", name, i, i, promised)
	}
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		rep := importing(t, service(d), []byte(b.String()))
		all := rep.Summaries(i18n.Chinese)
		if len(all) > 80 || !all[0].Serious || all[0].Count != 1 {
			t.Errorf("%d lines, first %+v", len(all), all[0])
		}
		for i := 1; i < len(all); i++ {
			if a, b := all[i-1], all[i]; !a.Serious && (b.Serious || b.Forbids && !a.Forbids) {
				t.Errorf("line %d comes before what weighs more: %+v, %+v", i, a, b)
			}
		}
		if f := summary(rep, "只差一个字"); len(f) != 2 || f[0].Count+f[1].Count < n/2 {
			t.Errorf("similar names: %+v", f)
		}
		sum := 0
		for _, s := range summary(rep, "不在代码表里") {
			sum += s.Count
		}
		if sum != n-1 {
			t.Errorf("%d wrong types counted", sum)
		}
		found := false
		for _, k := range rep.Kinds {
			found = found || k.Key == "rule.promise_beyond_law" && k.Forbids && k.Rows[0] == [2]int{bad + 1, bad + 1}
		}
		if !found {
			t.Error("the one mistake is not told")
		}
	})
}
