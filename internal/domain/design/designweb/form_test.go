package designweb

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"tongban/internal/base/authz"
	"tongban/internal/base/i18n"
	"tongban/internal/engine/form"
)

// TestFormDesigner runs what needs a whole site on one.
func TestFormDesigner(t *testing.T) {
	k := openForm(t)
	officer := k.actor
	for name, run := range map[string]func(*testing.T, *formDesk){"page": formPageAndText, "others": formForOthers, "trial": formTrial, "template": formTemplateReads} {
		k.actor = officer
		t.Run(name, func(t *testing.T) { run(t, k) })
	}
}

// The page carries what its island needs, and without scripts the form is text that is checked, saved, and not lost when somebody was faster.
func formPageAndText(t *testing.T, k *formDesk) {
	p := k.Get(k.at, http.StatusOK)
	for _, want := range []string{`id="design-data"`, `id="design-texts"`, `data-designer="form"`, "person.name", "已发布"} {
		if !bytes.Contains(p.Raw, []byte(want)) {
			t.Errorf("the page lacks %s", want)
		}
	}
	text, rev := p.Find("#f-text").Text(), p.Find("input[name=_v]").AttrOr("value", "")
	bad := k.Post(k.at, url.Values{"_act": {"save"}, "_v": {rev}, "text": {strings.Replace(text, "kind: text", "kynd: text", 1)}}, http.StatusUnprocessableEntity)
	if s := bad.Find(".error-summary").Text(); !strings.Contains(s, "行") || !strings.Contains(bad.Find("#f-text").Text(), "kynd") {
		t.Errorf("an unreadable text: %q, and what was typed is kept", s)
	}
	k.Post(k.at, url.Values{"_act": {"check"}, "_v": {rev}, "text": {text}}, http.StatusOK)
	mine := strings.Replace(text, "法定代表人", "负责人", 1)
	saved := k.Post(k.at, url.Values{"_act": {"save"}, "_v": {rev}, "text": {mine}}, http.StatusOK) // after the redirect
	if !strings.Contains(saved.Find("#f-text").Text(), "负责人") || saved.Find(".status").Length() != 1 {
		t.Error("the text was not saved")
	}
	clash := k.Post(k.at, url.Values{"_act": {"save"}, "_v": {rev}, "text": {text}}, http.StatusConflict)
	if !strings.Contains(clash.Find("pre").Text(), "负责人") || !strings.Contains(clash.Find("#f-text").Text(), "法定代表人") {
		t.Error("the second person is not shown both texts")
	}
}

// Who does not look after the agency's items sees nothing of its forms; a legal reviewer reads and tries them and saves nothing.
func formForOthers(t *testing.T, k *formDesk) {
	d, rev := k.data(t)
	ask := map[string]any{"definition": d, "page": d.Sections[0].Key, "go": "show"}
	var out map[string]any
	k.actor = authz.Actor{StaffID: "wei-chun", AgencyID: "civil", Roles: []authz.Role{authz.ItemOffice}, Via: "page"}
	k.Get(k.at, http.StatusNotFound)
	k.send(t, k.at+"/preview", ask, &out, http.StatusNotFound)
	k.send(t, k.at+"/data", map[string]any{"definition": d, "rev": rev}, &out, http.StatusNotFound)
	k.Post(k.at, url.Values{"_act": {"save"}, "_v": {"1"}, "text": {"key: food"}}, http.StatusNotFound)
	k.actor = authz.Actor{StaffID: "yan-heng", AgencyID: "hall", Roles: []authz.Role{authz.Legal}, Via: "page"}
	if p := k.Get(k.at, http.StatusOK); p.Find("[name=_act]").Length() != 0 || !bytes.Contains(p.Raw, []byte(`"closed":true`)) {
		t.Error("a reviewer is offered to save")
	}
	k.send(t, k.at+"/preview", ask, &out, http.StatusOK)
	k.Post(k.at, url.Values{"_act": {"save"}, "_v": {"1"}, "text": {"key: food"}}, http.StatusForbidden)
}

// The trial goes through the pages as an applicant would: mistakes keep it, conditions choose the next page, and the desk sees masked answers.
func formTrial(t *testing.T, k *formDesk) {
	d := form.Definition{Key: "food", Title: "养犬", Sections: []form.Section{
		{Key: "who", Title: "养犬人", Fields: []form.Field{
			{Key: "name", Kind: form.Text, Label: "姓名", Term: "person.name", Required: true, ReadOnly: true, Level: "name"},
			{Key: "phone", Kind: form.Phone, Label: "手机号", Term: "person.phone", Required: true},
			{Key: "shot", Kind: form.YesNo, Label: "打过疫苗吗", Term: "dog.shot", Required: true},
		}},
		{Key: "vaccine", Title: "疫苗", When: expr(t, `{"field":"shot","op":"eq","value":true}`), Fields: []form.Field{{Key: "maker", Kind: form.Text, Label: "疫苗厂家", Term: "dog.maker"}}},
		{Key: "dogs", Title: "狗", Fields: []form.Field{{Key: "list", Kind: form.Table, Label: "名单", Term: "dog.list", Columns: []form.Field{{Key: "call", Kind: form.Text, Label: "狗名"}}}}},
	}}
	var out previewAnswer
	ask := func(page, act string, posted url.Values) {
		t.Helper()
		in := previewAsk{Answers: out.Answers, Page: page, Posted: posted, Go: act}
		out = previewAnswer{}
		k.send(t, k.at+"/preview", struct {
			previewAsk
			Definition form.Definition `json:"definition"`
		}{in, d}, &out, http.StatusOK)
	}
	ask("who", "next", url.Values{"phone": {"12345"}, form.FieldsInput: {"phone", "shot"}})
	if out.Page != "who" || out.Errors != 2 || !strings.Contains(out.HTML, "error-summary") || !strings.Contains(out.HTML, `value="12345"`) {
		t.Fatalf("mistakes: page %q, %d errors", out.Page, out.Errors)
	}
	if !strings.Contains(out.HTML, "登记库（示例）") || !strings.Contains(out.HTML, "readonly") {
		t.Error("what registers fill in is not shown as filled in")
	}
	ask("who", "next", url.Values{"phone": {"13800001234"}, "shot": {"false"}, form.FieldsInput: {"phone", "shot"}})
	if out.Page != "dogs" {
		t.Fatalf("the page of the vaccine is skipped, got %q", out.Page)
	}
	ask("dogs", "back", nil)
	ask("who", "next", url.Values{"shot": {"true"}, form.FieldsInput: {"shot"}})
	if out.Page != "vaccine" {
		t.Fatalf("with a vaccine the page comes, got %q", out.Page)
	}
	ask("vaccine", "next", nil)
	ask("dogs", "show", url.Values{"list._add": {"1"}, form.FieldsInput: {"list"}})
	if !strings.Contains(out.HTML, `name="list.0.call"`) {
		t.Error("no row was added")
	}
	ask("dogs", "next", url.Values{"list.0._id": {"r1"}, "list.0.call": {"豆豆"}, form.FieldsInput: {"list"}})
	applicant, desk, _ := strings.Cut(out.HTML, "工作人员看到的")
	if out.Page != "" || !strings.Contains(applicant, "13800001234") || !strings.Contains(desk, "138****1234") || strings.Contains(desk, "13800001234") || !strings.Contains(desk, "豆豆") {
		t.Errorf("page %q, desk %.400s", out.Page, desk)
	}
	k.send(t, k.at+"/preview", map[string]any{"definition": map[string]any{"kye": 1}}, &map[string]any{}, http.StatusUnprocessableEntity)
}

// A spreadsheet as offices have them: a title above, merged cells, words of their own for kinds, and mistakes, each told with its row.
func TestFormImport(t *testing.T) {
	f := excelize.NewFile()
	rows := [][]any{
		{"食品店登记需要采集的内容"},
		{"分组", "题目*", "题型", "选项", "是否必填", "填写说明"},
		{"店铺", "手机号", "", "", "是"},
		{"", "怎样保存", "单选题", "冷藏", "是"},
		{"", "", "", "冷冻", ""},
		{"", "", "", "常温；阴凉", ""},
		{"", "神秘", "魔法", "", "也许", "说不清"},
		{"", "", "数字", "", ""},
		{"设备清单"},
		{"", "设备", "表格"},
		{"", "设备名称", "表格列", "", "是"},
		{"", "孤列", "下拉框"},
	}
	for i, r := range rows {
		if err := setRow(f, "Sheet1", i+1, r); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range [][2]string{{"A1", "F1"}, {"B4", "B6"}, {"A9", "F9"}} {
		if err := f.MergeCell("Sheet1", m[0], m[1]); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	g, err := readGrid(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	m := importer{ctx: t.Context(), grid: g, form: "food", library: gather(i18n.Chinese, nil)}
	out, err := m.read()
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Sections) != 2 || out.Sections[0].Title != "店铺" || out.Sections[1].Title != "设备清单" || out.Questions != 6 {
		t.Fatalf("sections %+v, %d questions", out.Sections, out.Questions)
	}
	shop, kit := out.Sections[0].Fields, out.Sections[1].Fields
	if shop[0].Term != "person.phone" || shop[0].Kind != form.Phone {
		t.Errorf("a shared question was not recognised: %+v", shop[0])
	}
	if labels := optionLabels(shop[1]); shop[1].Kind != form.Radio || !slices.Equal(labels, []string{"冷藏", "冷冻", "常温", "阴凉"}) {
		t.Errorf("choices over merged rows: %v", labels)
	}
	if shop[2].Kind != form.Text || shop[2].Hint != "说不清" || shop[2].Required {
		t.Errorf("a row of an unknown kind lost something: %+v", shop[2])
	}
	if kit[0].Kind != form.Table || len(kit[0].Columns) != 1 || !kit[0].Columns[0].Required {
		t.Errorf("table %+v", kit[0])
	}
	want := map[int]string{4: "合并", 7: "魔法", 8: "没有写题目", 12: "没有写选项"}
	for row, words := range want {
		if !slices.ContainsFunc(out.Remarks, func(r remark) bool { return r.Row == row && strings.Contains(r.Text, words) }) {
			t.Errorf("row %d: no remark of %s in %+v", row, words, out.Remarks)
		}
	}
	d := form.Definition{Key: "food", Title: "x", Sections: []form.Section{{Key: "a", Title: "a", Fields: slices.Concat(shop, kit[:1])}}}
	if ps := d.Check(); len(ps) > 0 {
		t.Errorf("what was imported is no good form: %+v", ps)
	}
}

func optionLabels(f form.Field) []string {
	var out []string
	for _, o := range f.Options {
		out = append(out, o.Label)
	}
	return out
}

// CSV comes in three shapes; what is no table is said so.
func TestFormImportFiles(t *testing.T) {
	gbk := []byte("\xcc\xe2\xc4\xbf,\xc0\xe0\xd0\xcd\r\n\xd0\xd5\xc3\xfb,\xb5\xa5\xd0\xd0\xce\xc4\xd7\xd6\r\n") // 题目,类型 / 姓名,单行文字
	for name, data := range map[string][]byte{"utf-8": []byte("题目,类型\n姓名,文本\n"), "bom": []byte("\uFEFF题目\t类型\n\n姓名\t填空\n"), "gbk": gbk} {
		g, err := readGrid(data)
		if err != nil {
			t.Fatal(name, err)
		}
		m := importer{ctx: t.Context(), grid: g, form: "f"}
		if out, err := m.read(); err != nil || out.Questions != 1 || out.Sections[0].Fields[0].Label != "姓名" || out.Sections[0].Fields[0].Kind != form.Text || len(out.Remarks) != 0 {
			t.Errorf("%s: %+v %v", name, out, err)
		}
	}
	for name, data := range map[string][]byte{"nothing": nil, "no head": []byte("甲,乙\n1,2\n"), "only a head": []byte("题目,类型\n"), "broken zip": []byte("PK\x03\x04xxxx"), "an image": {0xff, 0xd8, 0xff, 0xe0, 0xff}} {
		g, err := readGrid(data)
		if err == nil {
			m := importer{ctx: t.Context(), grid: g, form: "f"}
			_, err = m.read()
		}
		if err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

// The template is read back without a remark.
func formTemplateReads(t *testing.T, k *formDesk) {
	p := k.Get("/office/form-template", http.StatusOK)
	g, err := readGrid(p.Raw)
	if err != nil {
		t.Fatal(err)
	}
	m := importer{ctx: t.Context(), grid: g, form: "f", library: gather(i18n.Chinese, nil)}
	out, err := m.read()
	if err != nil || out.Questions != len(templateRows) || len(out.Remarks) != 0 {
		t.Errorf("%d questions, %+v, %v", out.Questions, out.Remarks, err)
	}
}

// The seed is a good form as it stands: every shared question has its term, once. Terms of published forms follow, without what is particular to them.
func TestFormLibrary(t *testing.T) {
	d := form.Definition{Key: "library", Title: "x", Sections: []form.Section{{Key: "a", Title: "a"}}}
	for _, q := range gather(i18n.Chinese, nil) {
		d.Sections[0].Fields = append(d.Sections[0].Fields, q.Field)
	}
	for _, p := range d.Check() {
		t.Errorf("%s %s %v", p.Path, p.Key, p.Params)
	}
	if len(d.Sections[0].Fields) < 40 {
		t.Errorf("only %d shared questions", len(d.Sections[0].Fields))
	}
	for _, term := range []string{"person.name", "person.id_number", "firm.credit_code"} {
		a := form.Definition{Key: "f", Sections: []form.Section{{Key: "a", Fields: []form.Field{{Key: "x", Kind: kindOf(d, term), Label: term, Term: term, Required: true, Level: levelOf(d, term)}}}}}
		if wrong := a.Validate(form.Answers{"x": sampleOf(term)}, "2026-03-01"); len(wrong) > 0 {
			t.Errorf("the sample of %s is wrong: %+v", term, wrong)
		}
	}
	when := expr(t, `{"field":"x","op":"eq","value":"1"}`)
	f := func(label string) form.Field {
		return form.Field{Key: "breed", Kind: form.Text, Label: label, Term: "dog.breed", When: when}
	}
	published := func(key string, fs ...form.Field) form.Definition {
		return form.Definition{Key: key, Sections: []form.Section{{Fields: fs}}}
	}
	all := gather(i18n.Chinese, []form.Definition{published("a", f("品种")), published("b", f("狗的品种")), published("c", f("品种"), form.Field{Key: "own", Term: "c.own"})})
	last := all[len(all)-1]
	if last.Field.Term != "dog.breed" || last.Field.Label != "品种" || last.Uses != 3 || !last.Field.When.IsZero() {
		t.Errorf("%+v", last)
	}
}

func kindOf(d form.Definition, term string) string {
	for _, f := range d.Sections[0].Fields {
		if f.Term == term {
			return f.Kind
		}
	}
	return ""
}

func levelOf(d form.Definition, term string) string {
	for _, f := range d.Sections[0].Fields {
		if f.Term == term {
			return f.Level
		}
	}
	return ""
}
