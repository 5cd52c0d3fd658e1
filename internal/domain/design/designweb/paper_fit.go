package designweb

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/engine/pdf"
)

const (
	readableSize = 8.0  // points; smaller text on a licence is hard to read
	fieldSize    = 14.0 // points, of a field that names none
	fieldLeading = 1.35 // line height in ems
	mmPoint      = 72 / 25.4
)

// printed is how a text came out.
type printed struct {
	Size  float64 // points
	Lines int
}

// shrunk remarks on fields whose text had to be made smaller to fit, and on those it does not fit at all. The sizes are read from a print.
func (s *sample) shrunk() {
	var fields []pdf.Block
	var at []int
	for i, b := range s.layout.Blocks {
		if b.Kind != "field" || b.H <= 0 || b.If != "" && s.values[b.If] == "" {
			continue
		}
		if filled, err := s.fill(b); err == nil {
			filled.If = ""
			fields, at = append(fields, filled), append(at, i)
		}
	}
	for i, p := range printedSizes(s.layout.Paper, fields) {
		asked := fields[i].Size
		if asked == 0 {
			asked = fieldSize
		}
		key, level := "", "warn"
		switch {
		case p.Lines > 1 && float64(p.Lines)*p.Size*fieldLeading > fields[i].H*mmPoint+0.01:
			key, level = "note_overflow", "bad"
		case p.Lines == 0 || p.Size >= asked:
			continue
		case p.Size < readableSize:
			key = "note_tiny"
		default:
			key, level = "note_shrunk", "note"
		}
		s.note(fmt.Sprintf("/layout/blocks/%d", at[i]), level, t(s.ctx, "designer_paper."+key, errs.P{"from": points(asked), "to": points(p.Size)}))
	}
}

func points(size float64) string { return strconv.FormatFloat(size, 'f', -1, 64) }

var (
	pageContent = regexp.MustCompile(`(?s)<</Filter/FlateDecode/Length (\d+)>>\nstream\n`)
	fontSize    = regexp.MustCompile(`/F1 ([0-9.]+) Tf`)
)

// printedSizes prints fields and reads back how each came out. A thin line stands after each, so that the texts can be told apart.
func printedSizes(sheet string, fields []pdf.Block) []printed {
	out := make([]printed, len(fields))
	l := pdf.Layout{Paper: sheet, NoPageNumbers: true}
	for _, f := range fields {
		l.Blocks = append(l.Blocks, f, pdf.Block{Kind: "rule", X: 1, Y: 1, W: 1})
	}
	file, err := pdf.Render(l, pdf.Meta{ID: "fit"})
	if err != nil || len(fields) == 0 {
		return out
	}
	parts := strings.Split(content(file), " l S\n")
	for i := range min(len(out), len(parts)) {
		for _, m := range fontSize.FindAllStringSubmatch(parts[i], -1) {
			out[i].Lines++
			out[i].Size, _ = strconv.ParseFloat(m[1], 64)
		}
	}
	return out
}

// content gives the drawing of a one-page file.
func content(file []byte) string {
	for _, m := range pageContent.FindAllSubmatchIndex(file, -1) {
		n, err := strconv.Atoi(string(file[m[2]:m[3]]))
		if err != nil || m[1]+n > len(file) {
			continue
		}
		z, err := zlib.NewReader(bytes.NewReader(file[m[1] : m[1]+n]))
		if err != nil {
			continue
		}
		text, err := io.ReadAll(io.LimitReader(z, 8<<20))
		if err == nil && bytes.Contains(text, []byte(" l S\n")) {
			return string(text)
		}
	}
	return ""
}
