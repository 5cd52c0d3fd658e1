package ui_test

import (
	"context"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
)

// hostile is written into every text of a component; none of it may become markup.
const hostile = `"><script>alert(1)</script><b onclick='x'>𠮷</b>`

func render(ctx context.Context, t *testing.T, c templ.Component) *goquery.Document {
	t.Helper()
	var b strings.Builder
	if err := c.Render(ctx, &b); err != nil {
		t.Fatal(err)
	}
	d, err := goquery.NewDocumentFromReader(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// shells are the surroundings in which every page must hold.
func shells() map[string]context.Context {
	full := ui.Shell{
		SiteName: "清澜市政务服务网", SearchURL: "/items", Demo: true, Unread: 2, DelegateURL: "/delegate", SessionEndsMS: 5, NowMS: 1, Watermark: "李*华 10:00",
		User: &ui.ShellUser{Name: "李*华", Role: "审查岗", ActingFor: "某公司", Home: "/desk", Desk: true},
		Nav:  []ui.NavItem{{Href: "/", Label: "首页", Current: true}, {Href: "/x", Label: "办件", Count: 3, Group: "办件"}},
		Footer: ui.Footer{
			Sponsor: "清澜市人民政府办公室", Undertaker: "数据局", SiteCode: "9999000001", Record: "ICP", DataTime: "10:00",
			Links: []ui.Link{{Label: "帮助", Href: "/help"}},
		},
	}
	elder := full
	elder.Elder, elder.FontPlus = true, true
	ctx := context.Background()
	english := full
	english.Lang = "en"
	return map[string]context.Context{
		"bare": ctx, "full": ui.WithShell(ctx, full), "elder": ui.WithShell(ctx, elder),
		"english": ui.WithShell(i18n.With(ctx, i18n.English), english),
	}
}

func eachPage(t *testing.T, check func(t *testing.T, d *goquery.Document)) {
	t.Helper()
	p := ui.PageView{
		Title: "设计系统", Lead: "示例", Crumbs: []ui.Crumb{{Label: "首页", Href: "/"}, {Label: "设计系统"}}, BackHref: "/", RemaskURL: "/r", Description: "d", Robots: "noindex",
	}
	for name, ctx := range shells() {
		for kind, page := range map[string]func(ui.PageView) templ.Component{"portal": ui.Page, "desk": ui.DeskPage} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				check(t, render(templ.WithChildren(ctx, ui.DesignSystem()), t, page(p)))
			})
		}
	}
}

func TestEveryInputHasALabel(t *testing.T) {
	eachPage(t, func(t *testing.T, d *goquery.Document) {
		n := 0
		d.Find("input, select, textarea").Each(func(_ int, s *goquery.Selection) {
			if s.AttrOr("type", "") == "hidden" {
				return
			}
			n++
			label := d.Find(`label[for="` + s.AttrOr("id", "-") + `"]`)
			if label.Length() == 0 {
				label = s.Closest("label")
			}
			if label.Length() != 1 || strings.TrimSpace(label.Text()) == "" {
				t.Errorf("%s has %d labels", s.AttrOr("name", "?"), label.Length())
			}
		})
		if n < 40 {
			t.Errorf("only %d inputs were looked at", n)
		}
	})
}

func TestReferencesLeadSomewhere(t *testing.T) {
	eachPage(t, func(t *testing.T, d *goquery.Document) {
		seen := map[string]bool{}
		d.Find("[id]").Each(func(_ int, s *goquery.Selection) {
			id := s.AttrOr("id", "")
			if seen[id] {
				t.Errorf("id %q twice", id)
			}
			seen[id] = true
		})
		for _, attr := range []string{"aria-describedby", "aria-labelledby", "for", "data-dialog"} {
			d.Find("[" + attr + "]").Each(func(_ int, s *goquery.Selection) {
				for _, id := range strings.Fields(s.AttrOr(attr, "")) {
					if !seen[id] {
						t.Errorf("%s=%q leads nowhere", attr, id)
					}
				}
			})
		}
		d.Find(".error-summary a").Each(func(_ int, s *goquery.Selection) {
			if id := strings.TrimPrefix(s.AttrOr("href", ""), "#"); !seen[id] {
				t.Errorf("the error summary leads to %q, which is not there", id)
			}
		})
	})
}

func TestNothingBreaksTheCSP(t *testing.T) {
	eachPage(t, func(t *testing.T, d *goquery.Document) { noInline(t, d) })
}

func noInline(t *testing.T, d *goquery.Document) {
	t.Helper()
	d.Find("*").Each(func(_ int, s *goquery.Selection) {
		node := s.Nodes[0]
		for _, a := range node.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-on") || strings.HasPrefix(strings.TrimSpace(a.Val), "javascript:") {
				t.Errorf("<%s %s=%q>", node.Data, a.Key, a.Val)
			}
		}
		if node.Data == "style" || node.Data == "script" && s.AttrOr("src", "") == "" && s.AttrOr("type", "") != "application/json" {
			t.Errorf("inline <%s>", node.Data)
		}
	})
}

func TestTextsAreEscaped(t *testing.T) {
	h := hostile
	f := ui.FormField{
		Name: h, Label: h, Hint: h, Value: h, Values: []string{h}, Error: h, Source: h, WhenJSON: h, Unit: h, Autocomplete: h,
		Options: []ui.Option{{Value: h, Label: h, Hint: h}}, Rows: []ui.FormRow{{ID: h, Cells: []ui.FormField{{Name: h, Label: h}}}},
	}
	kinds := []string{
		"text", "textarea", "number", "money", "date", "date_range", "radio", "yesno", "checkbox", "select", "region", "id_number", "phone", "email",
		"address", "table", "notice", "computed", "declaration", "file", "licence",
	}
	parts := []templ.Component{
		ui.Table(ui.TableView{Caption: h, Columns: []ui.Column{{Label: h}, {Label: h}}, Rows: [][]ui.Cell{{{Text: h, Sub: h}, {Text: h, Href: h}}}}),
		ui.QR(h, h), ui.CopyText(h), ui.MaskedValue(ui.MaskedView{Label: h, Masked: h, Action: h}), ui.MaskedValue(ui.MaskedView{Masked: h, Plain: h}),
		ui.Timeline([]ui.Stage{{Label: h, Who: h, Note: h, Time: h, Docs: []ui.Link{{Label: h, Href: h}}}}), ui.ErrorPage(ui.ErrorPageView{Title: h, What: h, Quote: h, Retry: h}),
		ui.DiffTable(h, h, h, []ui.DiffRow{{Label: h, Old: h, New: h}}), ui.Page(ui.PageView{Title: h, Eyebrow: h, Lead: h, Errors: []ui.ErrorItem{{Field: h, Text: h}}}),
		ui.ItemRow(ui.ItemView{Name: h, Href: h, Facts: []string{h}, Snippet: h}), ui.BarFigure(h, h, h, []ui.Bar{{Label: h, Text: h, Value: 1}}),
		ui.ButtonLink(h, "javascript:alert(1)", ui.Primary),
	}
	for _, k := range kinds {
		f.Kind = k
		parts = append(parts, ui.Field(f))
	}
	ctx := ui.WithShell(t.Context(), ui.Shell{SiteName: h, Watermark: h, Path: h, User: &ui.ShellUser{Name: h, Role: h}})
	for i, p := range parts {
		d := render(ctx, t, p)
		noInline(t, d)
		if n := d.Find("b").Length(); n > 0 {
			t.Errorf("part %d let markup through", i)
		}
	}
}

func TestErrorsAreToldThreeTimes(t *testing.T) {
	f := ui.FormField{Name: "shop.area", Kind: "number", Label: "经营面积", Required: true, Value: "abc", Error: "请填写数字"}
	page := ui.Page(ui.PageView{Title: "填写表单", Errors: []ui.ErrorItem{{Field: "shop.area", Text: "请填写数字"}}})
	d := render(templ.WithChildren(t.Context(), ui.Field(f)), t, page)
	if got := d.Find("title").Text(); !strings.HasPrefix(got, "错误：填写表单") {
		t.Errorf("title %q", got)
	}
	if got := d.Find(".error-summary[autofocus] a").AttrOr("href", ""); got != "#f-shop-area" {
		t.Errorf("summary leads to %q", got)
	}
	in := d.Find("#f-shop-area")
	if in.AttrOr("value", "") != "abc" || in.AttrOr("aria-invalid", "") != "true" || in.AttrOr("aria-describedby", "") != "f-shop-area-error" {
		t.Errorf("input lost the typed text or its error: %v", in.Nodes[0].Attr)
	}
	if got := d.Find("#f-shop-area-error").Text(); !strings.Contains(got, "请填写数字") {
		t.Errorf("error beside the field: %q", got)
	}
}

func TestFieldSaysOptionalSourceAndList(t *testing.T) {
	d := render(t.Context(), t, ui.FormFields([]ui.FormField{
		{Name: "a", Label: "姓名", Source: "人口库", Required: true}, {Name: "b", Label: "邮箱"}, {Name: "c", Label: "代码", ReadOnly: true}, {Name: "n", Kind: "notice", Label: "说明"},
	}))
	if got := d.Find("label[for=f-a]").Text(); !strings.Contains(got, "已带出：人口库") || strings.Contains(got, "选填") {
		t.Errorf("label a = %q", got)
	}
	if got := d.Find("label[for=f-b]").Text(); !strings.Contains(got, "（选填）") {
		t.Errorf("label b = %q", got)
	}
	var asked []string
	d.Find("input[name=_fields]").Each(func(_ int, s *goquery.Selection) { asked = append(asked, s.AttrOr("value", "")) })
	if strings.Join(asked, ",") != "a,b" {
		t.Errorf("_fields = %v: read-only fields and notices ask nothing", asked)
	}
}

func TestRepeatTableWorksWithoutScripts(t *testing.T) {
	f := ui.FormField{Name: "staff", Kind: "table", Label: "人员", MaxRows: 2, Rows: []ui.FormRow{
		{ID: "r7", Cells: []ui.FormField{{Name: "staff.0.name", Label: "姓名"}}}, {Cells: []ui.FormField{{Name: "staff.1.name", Label: "姓名"}}},
	}}
	d := render(t.Context(), t, ui.FormFields([]ui.FormField{f}))
	if got := d.Find(`[name="staff._remove"]`); got.Length() != 1 || got.AttrOr("value", "") != "r7" {
		t.Errorf("remove buttons: %d; a padding row has none", got.Length())
	}
	if got := d.Find(`[name="staff.0._id"]`).AttrOr("value", ""); got != "r7" {
		t.Errorf("row identity %q", got)
	}
	if d.Find(`[name="staff._add"]`).Length() != 0 {
		t.Error("a full table still offers a row")
	}
	if first := d.Find("button").First(); first.AttrOr("name", "") != "" {
		t.Errorf("the Enter key would press %s", first.AttrOr("name", ""))
	}
	f.MaxRows = 0
	if render(t.Context(), t, ui.Field(f)).Find(`[name="staff._add"]`).Length() != 1 {
		t.Error("no button to add a row")
	}
}

func TestDatesAreThreeInputs(t *testing.T) {
	d := render(t.Context(), t, ui.FormFields([]ui.FormField{
		{Name: "born", Kind: "date", Label: "出生日期", Value: "1961-02-x"},
		{Name: "rent", Kind: "date_range", Label: "租期", Values: []string{"2026-01-01", "2028-12-31"}, Partial: [2]string{"", "太晚"}},
	}))
	for name, want := range map[string]string{
		"born.y": "1961", "born.m": "2", "born.d": "x", "rent.from.y": "2026", "rent.from.m": "1", "rent.to.d": "31",
	} {
		if got := d.Find(`[name="`+name+`"]`).AttrOr("value", "missing"); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if d.Find("#f-rent-to").AttrOr("name", "") != "rent.to.y" || d.Find("#f-rent-to-error").Length() != 1 {
		t.Error("an error of rent.to leads nowhere")
	}
}

func TestRatingStarsAreReversed(t *testing.T) {
	d := render(t.Context(), t, ui.Rating(ui.RatingView{Value: "1"}))
	best := d.Find("input[value='1']").Closest("label")
	if best.Find(".on").Length() != 5 || !strings.Contains(best.Text(), "非常满意") {
		t.Errorf("grade 1 shows %d stars and %q", best.Find(".on").Length(), best.Text())
	}
	if n := d.Find("input[value='5']").Closest("label").Find(".on").Length(); n != 1 {
		t.Errorf("grade 5 shows %d stars", n)
	}
}

func TestClockSaysItInWords(t *testing.T) {
	for state, want := range map[ui.ClockState]string{
		ui.Running: "还剩 2 个工作日", ui.DueSoon: "还剩 2 个工作日", ui.Overdue: "已超期 2 个工作日", ui.Paused: "计时已暂停，恢复后还剩 2 个工作日", ui.Finished: "已办结",
	} {
		if got := strings.TrimSpace(render(t.Context(), t, ui.ClockBadge(ui.ClockView{State: state, Left: 2})).Text()); got != want {
			t.Errorf("%s: %q, want %q", state, got, want)
		}
	}
}

var keyInSource = regexp.MustCompile(`"(ui\.[a-z0-9_]*[a-z0-9])"`)

// TestEveryKeyHasATextInBothLanguages reads the sources, and looks for keys that were left raw on the pages.
func TestEveryKeyHasATextInBothLanguages(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".templ") && f.Name() != "shell.go" {
			continue
		}
		b, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range keyInSource.FindAllStringSubmatch(string(b), -1) {
			found++
			if !i18n.Has(m[1]) {
				t.Errorf("%s: no text for %s", f.Name(), m[1])
			}
		}
	}
	if found < 100 {
		t.Errorf("only %d keys found: the search is broken", found)
	}
	raw := regexp.MustCompile(`\bui\.[a-z]|[{}]`)
	eachPage(t, func(t *testing.T, d *goquery.Document) {
		d.Find("script, meta[name=htmx-config]").Remove()
		if m := raw.FindString(d.Text()); m != "" {
			t.Errorf("raw text %q on the page", m)
		}
	})
}

func TestLongLabelsGetTheWholeWidth(t *testing.T) {
	for label, want := range map[string]bool{"申请人": false, strings.Repeat("字", 20): false, strings.Repeat("字", 21): true, "Unified social credit code of the firm": false, strings.Repeat("w", 41): true} {
		if ui.LongLabel(label) != want {
			t.Errorf("%s: not %v", label, want)
		}
	}
	if d := render(t.Context(), t, ui.KeyValues([]ui.KVRow{{Key: strings.Repeat("字", 30), Value: "是"}, {Key: "短", Value: "否"}})); d.Find("div.long").Length() != 1 {
		t.Error("a long label stands in the narrow column")
	}
}

// TestTablesKeepShortFiguresWhole: a date or a year stays in one line beside long words, which break; a long heading may wrap.
func TestTablesKeepShortFiguresWhole(t *testing.T) {
	var b strings.Builder
	v := ui.TableView{Columns: []ui.Column{{Label: "名称"}, {Label: "年度"}, {Label: "代码"}, {Label: strings.Repeat("很长的列名", 5)}}, Rows: [][]ui.Cell{{{Text: "甲"}, {Text: "2026-11-22"}, {Text: strings.Repeat("A", 31)}, {Text: "说明"}}}}
	if err := ui.Table(v).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	html := b.String()
	if strings.Count(html, `class="brief"`) != 1 || !strings.Contains(html, `class="brief">2026-11-22`) || strings.Count(html, `class="long"`) != 1 {
		t.Error(html)
	}
}
