package designweb_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"tongban/internal/domain/design"
	"tongban/internal/domain/licence"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/pdf"
)

type printed struct {
	PDF    []byte `json:"pdf"`
	Pages  int    `json:"pages"`
	Number string `json:"number"`
	Notes  []struct{ Path, Level, Text string }
	Values []struct{ Name, Label, Value string }
}

func (p printed) value(name string) string {
	for _, v := range p.Values {
		if v.Name == name {
			return v.Value
		}
	}
	return ""
}

// sample asks for a sample as the island does.
func (k *office) sample(at string, definition any, more string, status int) (out printed) {
	k.t.Helper()
	d, err := json.Marshal(definition)
	if err != nil {
		k.t.Fatal(err)
	}
	p := k.json("POST", at+"/preview", fmt.Sprintf(`{"definition":%s%s}`, d, more), status)
	if status == 200 {
		if err := json.Unmarshal(p.Raw, &out); err != nil {
			k.t.Fatalf("%v: %.200s", err, p.Raw)
		}
	}
	return out
}

// definition is what the change has.
func definition[T any](k *office, at string) (out T) {
	k.t.Helper()
	var a struct{ Definition json.RawMessage }
	if err := json.Unmarshal([]byte(k.Get(at, 200).Find("script#design-data").Text()), &a); err != nil {
		k.t.Fatal(err)
	}
	if err := json.Unmarshal(a.Definition, &out); err != nil {
		k.t.Fatal(err)
	}
	return out
}

func (k *office) addPaper(at string) string {
	k.t.Helper()
	p := k.Get(at, 200).Submit("#add-papers form", url.Values{"act": {"grant"}, "key": {"grant-dog"}}, 200)
	if !strings.HasSuffix(p.URL.Path, "/papers/grant-dog") {
		k.t.Fatal("adding a paper leads to", p.URL.Path)
	}
	return p.URL.Path
}

// addLicence makes a licence that takes nothing from itself: the plain page shows sources as they are written.
func (k *office) addLicence(change string) string {
	k.t.Helper()
	if err := k.design.Add(k.t.Context(), market, k.id(change), design.LicenceFile, "dog-registration", ""); err != nil {
		k.t.Fatal(err)
	}
	at := change + "/licence-types/dog-registration"
	d := definition[licence.Type](k, at)
	d.Fields = d.Fields[:1]
	b, err := json.Marshal(d)
	if err != nil {
		k.t.Fatal(err)
	}
	k.json("POST", at+"/data", `{"rev":1,"definition":`+string(b)+`}`, 200)
	return at
}

func TestTheSampleOfAPaper(t *testing.T) {
	k := open(t)
	at := k.addPaper(k.begin())
	d := definition[paper.Template](k, at)
	got := k.sample(at, d, "", 200)
	if !bytes.HasPrefix(got.PDF, []byte("%PDF-")) || got.Pages != 1 || len(got.Notes) != 0 {
		t.Fatalf("%d bytes, %d pages, %+v", len(got.PDF), got.Pages, got.Notes)
	}
	if got.Number != "清江市监食许准〔2026〕12号" || got.value("agency") != "清澜市清江区市场监督管理局" || got.value("item") != "养犬登记（个人）" {
		t.Errorf("number %q, values %+v", got.Number, got.Values)
	}
	for n := range paper.PlaceNames("grant") {
		if got.value(n) == "" {
			t.Errorf("no sample for %s", n)
		}
	}
	for _, set := range []string{"long", "nation", "rare"} {
		s := k.sample(at, d, `,"set":"`+set+`"`, 200)
		if s.value("applicant") == got.value("applicant") || len(s.Notes) != 0 || bytes.Equal(s.PDF, got.PDF) {
			t.Errorf("%s: %q %+v", set, s.value("applicant"), s.Notes)
		}
	}
	if rare := k.sample(at, d, `,"set":"rare"`, 200).value("applicant"); !strings.ContainsFunc(rare, func(r rune) bool { return r > 0xffff }) {
		t.Errorf("%q holds no character beyond the basic plane", rare)
	}
}

func TestCharactersNobodyCanPrint(t *testing.T) {
	k := open(t)
	at := k.addPaper(k.begin())
	d := definition[paper.Template](k, at)
	who := slices.IndexFunc(d.Layout.Blocks, func(b pdf.Block) bool { return strings.Contains(b.Text, "{{applicant}}") })
	got := k.sample(at, d, `,"values":{"applicant":"王🦄"}`, 200)
	if len(got.Notes) != 1 || got.Notes[0].Path != fmt.Sprintf("/layout/blocks/%d", who) || got.Notes[0].Level != "bad" || !strings.Contains(got.Notes[0].Text, "申请人") || !strings.Contains(got.Notes[0].Text, "U+1F984") {
		t.Errorf("in a value: %+v", got.Notes)
	}
	if len(got.PDF) == 0 || got.value("applicant") != "王🦄" {
		t.Error("the sample is not shown all the same")
	}
	d.Layout.Blocks[1].Text = "证明🦄"
	if got = k.sample(at, d, "", 200); len(got.Notes) != 1 || got.Notes[0].Path != "/layout/blocks/1" || len(got.PDF) == 0 {
		t.Errorf("in the template: %+v", got.Notes)
	}
}

func TestWhatDoesNotFit(t *testing.T) {
	k := open(t)
	at := k.addPaper(k.begin())
	d := definition[paper.Template](k, at)
	cases := []struct {
		block pdf.Block
		level string
	}{
		{pdf.Block{Kind: "field", Text: "{{applicant}}", X: 20, Y: 20, W: 150, H: 20, Size: 14}, ""},
		{pdf.Block{Kind: "field", Text: strings.Repeat("申请人", 8), X: 20, Y: 20, W: 60, H: 9, Size: 14}, "note"},
		{pdf.Block{Kind: "field", Text: strings.Repeat("申请人", 8), X: 20, Y: 20, W: 40, H: 5, Size: 14}, "warn"},
		{pdf.Block{Kind: "field", Text: strings.Repeat("申请人", 30), X: 20, Y: 20, W: 30, H: 5, Size: 14}, "bad"},
		{pdf.Block{Kind: "field", Text: "{{applicant}}", X: 180, Y: 20, W: 40, H: 20, Size: 9}, "warn"},
		{pdf.Block{Kind: "seal", Text: "{{agency}}", X: 180, Y: 20, W: 40}, "warn"},
		{pdf.Block{Kind: "field", Text: strings.Repeat("申请人", 30), X: 20, Y: 20, W: 30, H: 5, If: "agent"}, ""},
	}
	for i, c := range cases {
		x := d
		x.Layout.Blocks = []pdf.Block{{Kind: "frame", X: 9, Y: 9, W: 192, H: 279}, c.block, {Kind: "field", Text: "下一块", X: 20, Y: 60, W: 60, H: 9}}
		var level string
		for _, n := range k.sample(at, x, `,"values":{"agent":""}`, 200).Notes {
			if n.Path != "/layout/blocks/1" {
				t.Errorf("case %d: a remark on %s: %s", i, n.Path, n.Text)
			}
			level = n.Level
		}
		if level != c.level {
			t.Errorf("case %d: %q, want %q", i, level, c.level)
		}
	}
}

func TestTheSampleOfALicence(t *testing.T) {
	k := open(t)
	change := k.begin()
	k.Get(change, 200).Submit("#add-forms form", nil, 200)
	k.json("POST", change+"/forms/dog_registration/data", `{"rev":1,"definition":{"key":"dog_registration","title":"申请表","sections":[{"key":"main","title":"狗","fields":[{"key":"dog_name","kind":"text","label":"狗的名字","term":"dog.name"},{"key":"sex","kind":"radio","label":"公母","term":"dog.sex","options":[{"value":"1","label":"公"}]}]}]}}`, 200)
	at := k.addLicence(change)
	page := k.Get(at, 200)
	for _, from := range []string{`"form.dog_name"`, `"applicant.name"`, `"decision.date"`} {
		if !strings.Contains(string(page.Raw), from) {
			t.Errorf("the page does not offer %s", from)
		}
	}
	d := definition[licence.Type](k, at)
	d.Number = "狗{sex}{region}{year}{seq:6}{check}"
	d.Fields = append(d.Fields, licence.Field{Key: "dog", Label: "狗名", From: "form.dog_name"}, licence.Field{Key: "sex", Label: "公母", From: "form.sex"}, licence.Field{Key: "note", Label: "说明", From: "const:随身携带"})
	d.Validity = licence.Validity{Years: 1}
	d.Layout.Blocks = append(d.Layout.Blocks, pdf.Block{Kind: "field", Text: "{{dog}} {{sex}} {{note}} {{valid_until}} {{nobody}}", X: 20, Y: 240, W: 150, H: 10})
	got := k.sample(at, d, "", 200)
	if len(got.PDF) == 0 || got.Pages != 1 || len(got.Notes) != 0 {
		t.Fatalf("%d pages, %+v", got.Pages, got.Notes)
	}
	if !strings.HasPrefix(got.Number, "狗15801022026000012") || len([]rune(got.Number)) != len([]rune("狗15801022026000012"))+1 {
		t.Errorf("number %q", got.Number)
	}
	for name, want := range map[string]string{"dog": "示例狗的名字", "sex": "公", "note": "随身携带", "valid_until": "2027年3月1日", "agency": "清澜市清江区市场监督管理局"} {
		if got.value(name) != want {
			t.Errorf("%s = %q, want %q", name, got.value(name), want)
		}
	}
}

func TestWhoMaySeeASample(t *testing.T) {
	k := open(t)
	at := k.addPaper(k.begin())
	d := definition[paper.Template](k, at)
	k.as(lawyer).sample(at, d, "", 200)
	k.as(civil).sample(at, d, "", 404)
	k.Get(at, 404)
	k.as(market).sample(at, map[string]any{"key": "grant-dog", "colour": 1}, "", 422)
	if is := definition[paper.Template](k, at); is.Title != d.Title {
		t.Error("a sample was kept")
	}
	other := k.Get("/office/changes", 200)
	if csp := other.Header.Get("Content-Security-Policy"); strings.Contains(csp, "frame-src") {
		t.Error("other pages may frame:", csp)
	}
	if csp := k.Get(at, 200).Header.Get("Content-Security-Policy"); !strings.HasSuffix(csp, "; frame-src blob:") {
		t.Error("the page cannot show the sample:", csp)
	}
}

func TestPapersAndLicencesWithoutScripts(t *testing.T) {
	k := open(t)
	change := k.begin()
	for kind, at := range map[design.Kind]string{design.PaperFile: k.addPaper(change), design.LicenceFile: k.addLicence(change)} {
		p := k.Get(at, 200)
		text := p.Find("textarea[name=text]").Text()
		saved := p.Submit("[data-plain] form", url.Values{"text": {strings.Replace(text, "title: ", "title: 清江区", 1)}, "_act": {"save"}}, 200)
		if !strings.Contains(saved.Find("textarea[name=text]").Text(), "清江区") {
			t.Errorf("%s was not saved", kind)
		}
		p.Submit("[data-plain] form", url.Values{"text": {"key: ["}, "_act": {"save"}}, 422)
	}
}
