package paper

import (
	_ "embed"
	"fmt"
	"strings"

	"tongban/internal/base/packfile"
	"tongban/internal/engine/pdf"
)

// natureYAML are the built-in papers by what a matter is in law.
//
//go:embed builtin_nature.yaml
var natureYAML []byte

// plainFile holds papers of which only the body differs.
type plainFile struct {
	Papers []plain `json:"papers"`
}

// plain is a paper in the common frame: heading, number, whom it is to, body, remedies, how to ask, seal and date.
type plain struct {
	Act      string      `json:"act"`
	Natures  []string    `json:"natures"`
	Variants []string    `json:"variants"`
	Title    string      `json:"title"`
	Number   string      `json:"number"`
	Remedies bool        `json:"remedies"`
	Body     []paragraph `json:"body"`
}

type paragraph struct {
	Text string `json:"text"`
	If   string `json:"if"`
	List bool   `json:"list"`
}

// plainTemplates gives the built-in papers by nature as whole templates.
func plainTemplates() []Template {
	var f plainFile
	if _, ps := packfile.Decode(packfile.File{Path: "builtin_nature.yaml", Data: natureYAML}, &f); len(ps) > 0 {
		panic(fmt.Sprintf("paper: built-in papers by nature: %+v", ps)) // a fault of the build; a test reads the same file
	}
	var out []Template
	for _, p := range f.Papers {
		out = append(out, p.template())
	}
	return out
}

func (p plain) template() Template {
	key := strings.Join(append(append([]string{"builtin", p.Act}, p.Natures...), p.Variants...), "-")
	blocks := []pdf.Block{
		{Kind: "qr", QR: "{{verify_url}}", Text: "扫码核验", X: 164, Y: 6, W: 20},
		{Kind: "title", Text: "{{agency}}", Size: 20},
		{Kind: "title", Text: p.Title},
		{Kind: "number", Text: "{{number}}"},
		{Kind: "para", Text: "{{applicant}}：", Align: "left", Size: 14},
		{Kind: "para", Text: "（{{agent}}）", Align: "left", Size: 12, If: "agent"},
	}
	for _, x := range p.Body {
		b := pdf.Block{Kind: "para", Text: x.Text, Size: 14, If: x.If}
		if x.List {
			b.Kind = "list"
		}
		blocks = append(blocks, b)
	}
	if p.Remedies {
		blocks = append(blocks, pdf.Block{Kind: "para", Text: "{{remedies}}", Size: 14})
	}
	blocks = append(blocks,
		pdf.Block{Kind: "para", Text: "办件编号：{{case_no}}\n查询码：{{query_code}}", Size: 12, Align: "left"},
		pdf.Block{Kind: "para", Text: "咨询电话：{{phone}}　　监督投诉电话：{{complaint_phone}}", Size: 12, Align: "left"},
		pdf.Block{Kind: "sign", Text: "{{agency}}\n{{date_cn}}", Size: 14, Seal: true, Purpose: "行政审批专用章"})
	return Template{Key: key, Act: p.Act, Natures: p.Natures, Variants: p.Variants, Title: p.Title, Number: p.Number, Layout: pdf.Layout{Title: p.Title, Paper: "A4", Blocks: blocks}}
}
