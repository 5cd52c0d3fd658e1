package paper

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/base/packfile"
	"tongban/internal/engine/pdf"
)

var place = regexp.MustCompile(`\{\{\s*([^{}\s]+)\s*\}\}`)

// textsOf gives every text of a block that may hold places.
func textsOf(b pdf.Block) []string {
	out := []string{b.Text, b.QR, b.Purpose}
	for _, row := range b.Rows {
		out = append(out, row...)
	}
	return out
}

// Places gives the names a layout uses.
func Places(l pdf.Layout) map[string]bool {
	out := map[string]bool{}
	take := func(s string) {
		for _, m := range place.FindAllStringSubmatch(s, -1) {
			out[m[1]] = true
		}
	}
	take(l.Title)
	take(l.Watermark)
	for _, b := range l.Blocks {
		for _, s := range textsOf(b) {
			take(s)
		}
	}
	return out
}

// CheckLayout reports everything wrong with the layout at /layout of a pack file: no blocks, names nobody fills, and what a trial print of
// each block finds (unknown kinds, characters the font cannot draw, pictures that cannot be read).
func CheckLayout(doc *packfile.Doc, l pdf.Layout, known map[string]bool) []packfile.Problem {
	var ps []packfile.Problem
	if len(l.Blocks) == 0 {
		return append(ps, doc.Problem("/layout", "paper.check_no_blocks"))
	}
	if err := trial(pdf.Layout{Paper: l.Paper, Blocks: []pdf.Block{{Kind: "spacer"}}}); err != nil {
		ps = append(ps, doc.Problem("/layout/paper", "paper.check_paper", errs.P{"paper": l.Paper}))
	}
	for i, b := range l.Blocks {
		at := fmt.Sprintf("/layout/blocks/%d", i)
		ps = append(ps, checkNames(doc, at, b, known)...)
		if err := trial(pdf.Layout{Blocks: []pdf.Block{b}}); err != nil {
			p := doc.Problem(at, "paper.check_block", errs.P{"kind": b.Kind})
			if e := errs.As(err); e != nil {
				p.Key, p.Params = e.Key, e.Params
			}
			ps = append(ps, p)
		}
	}
	return ps
}

func checkNames(doc *packfile.Doc, at string, b pdf.Block, known map[string]bool) []packfile.Problem {
	var ps []packfile.Problem
	used := Places(pdf.Layout{Blocks: []pdf.Block{b}})
	if b.If != "" {
		used[b.If] = true
	}
	var unknown []string
	for n := range used {
		if !known[n] {
			unknown = append(unknown, n)
		}
	}
	slices.Sort(unknown)
	for _, n := range unknown {
		ps = append(ps, doc.Problem(at, "paper.check_name", errs.P{"name": "{{" + n + "}}"}))
	}
	if text := strings.Join(textsOf(b), ""); strings.Contains(place.ReplaceAllString(text, ""), "{{") {
		ps = append(ps, doc.Problem(at, "paper.check_braces"))
	}
	return ps
}

// trial prints with every place filled by a word.
func trial(l pdf.Layout) error {
	values := map[string]string{}
	for n := range Places(l) {
		values[n] = "示例"
	}
	for i := range l.Blocks {
		l.Blocks[i].If = ""
	}
	filled, err := pdf.Fill(l, values)
	if err != nil {
		return err
	}
	_, err = pdf.Render(filled, pdf.Meta{Created: time.Unix(0, 0), ID: "trial"})
	return err
}

// KeysOf gives the keys that the files of a section define; files that cannot be read define none.
func KeysOf(files []packfile.File) []string {
	var out []string
	for _, f := range files {
		var k map[string]any
		if _, bad := packfile.Decode(f, &k); len(bad) == 0 {
			if key, ok := k["key"].(string); ok {
				out = append(out, key)
			}
		}
	}
	return out
}
