package pdf_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/engine/pdf"
)

var meta = pdf.Meta{Title: "准予行政许可决定书", Author: "清澜市市场监督管理局", Subject: "食品经营许可", Created: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), ID: "paper-1"}

func render(t *testing.T, l pdf.Layout) []byte {
	t.Helper()
	out, err := pdf.Render(l, meta)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// extract gives the text a reader would copy; without spaces and line ends when joined.
func extract(t *testing.T, file []byte, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath("pdftotext"); err != nil {
		if os.Getenv("TONGBAN_FULL") != "" {
			t.Fatal("pdftotext is not installed (Debian package poppler-utils)")
		}
		t.Skip("SKIPPED: pdftotext is not installed (Debian package poppler-utils); what a reader copies is not checked")
	}
	name := filepath.Join(t.TempDir(), "x.pdf")
	if err := os.WriteFile(name, file, 0o600); err != nil {
		t.Fatal(err)
	}
	var warn bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "pdftotext", append(args, "-enc", "UTF-8", name, "-")...)
	cmd.Stderr = &warn
	out, err := cmd.Output()
	if err != nil || warn.Len() > 0 {
		t.Fatalf("pdftotext: %v %s", err, warn.String())
	}
	return string(out)
}

func joined(s string) string { return strings.Join(strings.Fields(s), "") }

func decision() pdf.Layout {
	return pdf.Layout{Title: "准予行政许可决定书", Watermark: "测试", Blocks: []pdf.Block{
		{Kind: "title", Text: "清澜市市场监督管理局"},
		{Kind: "title", Text: "准予行政许可决定书"},
		{Kind: "number", Text: "清市监许准〔2026〕{{serial}}号"},
		{Kind: "para", Align: "left", Text: "{{applicant}}："},
		{Kind: "para", Text: "你（单位）于2026年2月10日向本机关提出的食品经营许可（新办）申请，经审查，符合法定条件、标准。根据《中华人民共和国行政许可法》第三十八条第一款的规定，本机关决定准予行政许可。\n请凭查询码 TB-2026-000137 领取《食品经营许可证》（Food Business Licence）。"},
		{Kind: "kv", Rows: [][]string{{"经营场所", "{{address}}"}, {"主体业态", "餐饮服务经营者"}, {"有效期至", "2031年3月1日"}}},
		{Kind: "list", Text: "如不服本决定，可以自收到本决定书之日起六十日内依法申请行政复议。\n也可以在六个月内依法向人民法院提起行政诉讼。"},
		{Kind: "sign", Text: "清澜市市场监督管理局\n2026年3月2日", Seal: true, Purpose: "行政审批专用章", Test: true},
		{Kind: "qr", QR: "https://example.test/verify?id=1", Text: "扫码核验", X: 27, Y: 236},
	}}
}

func filled(t *testing.T, values map[string]string) pdf.Layout {
	t.Helper()
	l, err := pdf.Fill(decision(), values)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

var values = map[string]string{"serial": "12", "applicant": "𠮷野家·买买提（清澜）餐饮有限公司", "address": "清澜市滨河区望江路18号1层101室"}

func TestPaperCopiesAsItReads(t *testing.T) {
	file := render(t, filled(t, values))
	got := joined(extract(t, file))
	for _, want := range []string{
		"准予行政许可决定书", "清市监许准〔2026〕12号", "𠮷野家·买买提（清澜）餐饮有限公司：", "根据《中华人民共和国行政许可法》第三十八条第一款的规定",
		"TB-2026-000137", "FoodBusinessLicence", "清澜市滨河区望江路18号1层101室", "1.如不服本决定", "2.也可以在六个月内", "2026年3月2日", "扫码核验", "第1页共1页·测试",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("copied text lacks %q:\n%s", want, got)
		}
	}
	if n := strings.Count(got, "清澜市市场监督管理局"); n != 2 {
		t.Errorf("agency occurs %d times, want 2: the seal is a picture and must not add text", n)
	}
	if n := strings.Count(got, "测试"); n != 1 {
		t.Errorf("测试 occurs %d times, want once, in the foot", n)
	}
}

func TestSameInputSameBytes(t *testing.T) {
	a, b := render(t, filled(t, values)), render(t, filled(t, values))
	if !bytes.Equal(a, b) {
		t.Error("two renderings differ")
	}
	other := meta
	other.ID = "paper-2"
	c, err := pdf.Render(filled(t, values), other)
	if err != nil || bytes.Equal(a, c) {
		t.Errorf("another ID gives the same file (%v)", err)
	}
	if len(a) > 120_000 {
		t.Errorf("one page is %d bytes; the font must be a subset", len(a))
	}
}

func TestFillNamesWhatIsMissing(t *testing.T) {
	_, err := pdf.Fill(decision(), map[string]string{"serial": "12"})
	e := errs.As(err)
	if e == nil || e.Kind != errs.Invalid || e.Key != "pdf.missing_value" || e.Params["names"] != "address, applicant" || len(e.Fields) != 2 {
		t.Fatalf("Fill = %v", err)
	}
	tpl := pdf.Layout{Blocks: []pdf.Block{{Kind: "para", Text: "{{a}}", If: "a"}, {Kind: "table", Rows: [][]string{{"{{ b }}"}}}}}
	l, err := pdf.Fill(tpl, map[string]string{"a": "", "b": "{{c}} <b>"})
	if err != nil || len(l.Blocks) != 1 || l.Blocks[0].Rows[0][0] != "{{c}} <b>" {
		t.Errorf("Fill = %+v, %v; a value must not be filled again", l, err)
	}
	if tpl.Blocks[1].Rows[0][0] != "{{ b }}" {
		t.Error("Fill changed the template")
	}
}

func TestRefusesWhatItCannotDraw(t *testing.T) {
	for _, c := range []struct {
		name, text, chars string
	}{
		{"emoji", "王😀", "U+1F600"},
		{"rare extension", "名\U000323AF", "U+323AF"},
		{"bidi override", "甲\u202E乙", "U+202E"},
		{"variation selector", "葛\U000E0100", "U+E0100"},
		{"control", "甲\x00", "U+0000"},
	} {
		for _, b := range []pdf.Block{{Kind: "para", Text: c.text}, {Kind: "table", Rows: [][]string{{c.text}}}, {Kind: "seal", Text: "局", Purpose: c.text}} {
			_, err := pdf.Render(pdf.Layout{Blocks: []pdf.Block{b}}, meta)
			if e := errs.As(err); e == nil || e.Key != "pdf.missing_glyph" || !strings.Contains(e.Params["chars"].(string), c.chars) {
				t.Errorf("%s in %s: %v", c.name, b.Kind, err)
			}
		}
	}
	if miss := pdf.MissingGlyphs("𠮷㐂䶮龘 买买提·艾力 Ünal №1〔2026〕\n"); len(miss) > 0 {
		t.Errorf("missing %q", miss)
	}
	for _, l := range []pdf.Layout{{Paper: "A0"}, {Blocks: []pdf.Block{{Kind: "video"}}}} {
		if _, err := pdf.Render(l, meta); !errs.Is(err, "pdf.bad_layout") {
			t.Errorf("%+v: %v", l, err)
		}
	}
	if _, err := pdf.Render(pdf.Layout{Blocks: []pdf.Block{{Kind: "qr", QR: strings.Repeat("长", 2000)}}}, meta); !errs.Is(err, "pdf.bad_qr") {
		t.Errorf("long QR: %v", err)
	}
}

func TestLongNamesAndManyPages(t *testing.T) {
	name := strings.Repeat("阿卜杜热西提", 33) + "尾末" // 200 characters
	latin := strings.Repeat("Wolfeschlegelsteinhausen", 9)
	rows := [][]string{{"序号", "材料名称", "说明"}}
	for range 60 {
		rows = append(rows, []string{"1", "场所平面图", "需加盖公章，一式两份。"})
	}
	file := render(t, pdf.Layout{Blocks: []pdf.Block{
		{Kind: "para", Text: name},
		{Kind: "kv", Rows: [][]string{{"姓名", name}, {"Name", latin}}},
		{Kind: "table", Rows: rows, Widths: []float64{1, 3, 4}},
		{Kind: "kv", Rows: [][]string{{"长", strings.Repeat("很长的意见，", 900)}}},
		{Kind: "sign", Text: name + "\n2026年3月2日", Seal: true},
	}})
	pages := strings.Split(strings.TrimRight(extract(t, file, "-layout"), "\f"), "\f")
	all := joined(extract(t, file, "-raw"))
	if n := strings.Count(all, name); n < 1 {
		t.Error("the long name is not whole in the paragraph")
	}
	if !strings.Contains(all, latin) {
		t.Error("the long word is not whole")
	}
	if n := strings.Count(all, "很长的意见，"); n < 880 { // page breaks may cut a few in two
		t.Errorf("%d of 900 repetitions survive the pages", n)
	}
	if len(pages) < 6 {
		t.Fatalf("%d pages", len(pages))
	}
	for i, p := range pages {
		if want := "第" + string(rune('1'+i)) + "页"; i < 9 && !strings.Contains(joined(p), want) {
			t.Errorf("page %d has no number", i+1)
		}
	}
	if n := strings.Count(all, "序号材料名称说明"); n < 2 {
		t.Errorf("table head stands on %d pages", n)
	}
}

func TestPicturesLoseTheirPast(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 40, 50))
	img.Set(3, 3, color.RGBA{200, 10, 10, 255})
	var p, j bytes.Buffer
	if err := png.Encode(&p, img); err != nil {
		t.Fatal(err)
	}
	if err := jpeg.Encode(&j, img, nil); err != nil {
		t.Fatal(err)
	}
	evil := append([]byte{0xff, 0xd8, 0xff, 0xfe, 0, 20}, "/ByteRange[0 1 2 3]"[:18]...) // a comment in the JPEG
	photo := append(evil, j.Bytes()[2:]...)
	file := render(t, pdf.Layout{Blocks: []pdf.Block{{Kind: "image", Image: photo, X: 10, Y: 10, W: 30}, {Kind: "image", Image: p.Bytes(), Align: "center"}}})
	if bytes.Contains(file, []byte("/ByteRange")) || !bytes.Contains(file, []byte("/DCTDecode")) {
		t.Error("the picture was not encoded anew")
	}
	if _, err := pdf.Render(pdf.Layout{Blocks: []pdf.Block{{Kind: "image", Image: []byte("GIF89a")}}}, meta); !errs.Is(err, "pdf.bad_image") {
		t.Errorf("GIF: %v", err)
	}
}

func TestNoTextCanLookLikeSyntax(t *testing.T) {
	m := meta
	m.Title = ") /ByteRange[0 1 2 3] endobj"
	file, err := pdf.Render(pdf.Layout{Blocks: []pdf.Block{{Kind: "para", Text: "/ByteRange[0 1 2 3] endobj startxref"}}}, m)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(file, []byte("/ByteRange")) {
		t.Error("text got into the file as syntax")
	}
	if !regexp.MustCompile(`startxref\n\d+\n%%EOF\n$`).Match(file) {
		t.Error("odd end of file")
	}
}

func TestImpossibleSizesAreRefused(t *testing.T) {
	for _, b := range []pdf.Block{
		{Kind: "field", Text: "字", W: 20, H: 5, X: 1, Size: 1e9}, {Kind: "field", Text: "字", X: math.NaN()}, {Kind: "spacer", H: 1e12}, {Kind: "para", Text: "字", Size: -1},
	} {
		if _, err := pdf.Render(pdf.Layout{Blocks: []pdf.Block{b}}, meta); !errs.Is(err, "pdf.bad_size") {
			t.Errorf("%+v: %v", b, err)
		}
	}
}
