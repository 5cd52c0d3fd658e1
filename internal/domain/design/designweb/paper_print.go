package designweb

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/web"
	"tongban/internal/domain/design"
	"tongban/internal/domain/licence"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/pdf"
)

// sampleMark is the watermark of a sample; every seal on it says 测试 as well, so that it can never pass for the real thing.
const sampleMark = "样张"

// largestType keeps a mistyped size from keeping the printer busy, which makes text smaller step by step until it fits; in points.
const largestType = 200.0

// printAsk is what a designer sends to see the paper or licence it holds, saved or not. Nothing of it is kept.
type printAsk struct {
	Definition json.RawMessage   `json:"definition"`
	Values     map[string]string `json:"values"` // typed instead of the samples; an empty one leaves the value out
	Set        string            `json:"set"`    // usual, long, nation or rare
}

// printAnswer is the sample, what is remarkable about it, and the values it was filled with.
type printAnswer struct {
	PDF    []byte        `json:"pdf,omitempty"`
	Pages  int           `json:"pages"`
	Notes  []printNote   `json:"notes"`
	Values []sampleValue `json:"values"`
	Number string        `json:"number"` // what the pattern gives
}

// printNote is one remark; Path is a JSON pointer into the definition. Level is bad (it could not be issued so), warn or note.
type printNote struct {
	Path  string `json:"path"`
	Level string `json:"level"`
	Text  string `json:"text"`
}

// sampleValue is one value of a sample.
type sampleValue struct {
	Name  string `json:"name"`
	Label string `json:"label"`
	Value string `json:"value"`
}

// samplePrint answers with a sample made by the very code that prints the real paper.
func (h *Handler) samplePrint(k design.Kind) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		about, err := h.aboutPrint(r)
		if err != nil {
			return err
		}
		var in printAsk
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			return errs.Wrap(err, errs.BadRequest, "base.bad_request")
		}
		v, err := design.Parse(k, in.Definition)
		if err != nil {
			return err
		}
		s := sample{ctx: r.Context(), now: h.now(), about: about, set: in.Set}
		var out printAnswer
		switch v := v.(type) {
		case *paper.Template:
			out.Values, out.Number = s.paper(*v)
			s.layout = v.Layout
		case *licence.Type:
			out.Values, out.Number = s.licence(*v)
			s.layout = v.Layout
		}
		s.take(out.Values, in.Values)
		out.PDF, err = s.print()
		if err != nil {
			s.note("/layout", "bad", i18n.Err(r.Context(), err))
		}
		out.Pages, out.Notes = bytes.Count(out.PDF, []byte("/Type/Page/")), append([]printNote{}, s.notes...)
		return web.JSON(w, http.StatusOK, out)
	}
}

// sample is a print in the making.
type sample struct {
	ctx    context.Context
	now    time.Time
	about  printAbout
	set    string
	layout pdf.Layout
	values map[string]string
	labels map[string]string
	notes  []printNote
}

func (s *sample) note(path, level, text string) {
	s.notes = append(s.notes, printNote{Path: path, Level: level, Text: text})
}

// take puts what was typed over the samples.
func (s *sample) take(vs []sampleValue, typed map[string]string) {
	s.values, s.labels = map[string]string{}, map[string]string{}
	for i, v := range vs {
		if x, ok := typed[v.Name]; ok {
			vs[i].Value = x
		}
		s.values[v.Name], s.labels[v.Name] = vs[i].Value, v.Label
	}
}

// print makes the sample and remarks on it. What the font cannot draw stands as a box, so that the rest can be seen all the same.
func (s *sample) print() ([]byte, error) {
	if len(s.layout.Blocks) == 0 {
		return nil, nil
	}
	l := s.layout
	l.Blocks = make([]pdf.Block, 0, len(l.Blocks))
	for i, b := range s.layout.Blocks {
		at := fmt.Sprintf("/layout/blocks/%d", i)
		if b.If != "" && s.values[b.If] == "" {
			continue
		}
		b.If = ""
		s.missing(at, b)
		filled, err := s.fill(b)
		if err != nil {
			return nil, err
		}
		s.outside(at, filled)
		l.Blocks = append(l.Blocks, filled)
	}
	s.shrunk()
	l.Title, l.Watermark = s.about.item.Name, sampleMark
	return pdf.Render(l, pdf.Meta{Title: sampleMark, Created: s.now, ID: "sample"})
}

var placeName = regexp.MustCompile(`\{\{\s*([^{}\s]+)\s*\}\}`)

// fill puts the values into one block; a name nobody fills shows itself, the findings say why.
func (s *sample) fill(b pdf.Block) (pdf.Block, error) {
	values := maps.Clone(s.values)
	for n := range paper.Places(pdf.Layout{Blocks: []pdf.Block{b}}) {
		if _, ok := values[n]; !ok {
			values[n] = "〔" + n + "〕"
		}
	}
	out, err := pdf.Fill(pdf.Layout{Blocks: []pdf.Block{b}}, values)
	if err != nil {
		return b, err
	}
	b = out.Blocks[0]
	b.Size = min(b.Size, largestType)
	b.Text, b.Purpose, b.Test = boxed(b.Text), boxed(b.Purpose), true
	for _, row := range b.Rows {
		for i := range row {
			row[i] = boxed(row[i])
		}
	}
	if b.Kind == "seal" && strings.TrimSpace(b.Text) == "" {
		b.Text = s.about.agency.SealName
	}
	if b.Purpose == "" {
		b.Purpose = s.about.agency.SealPurpose
	}
	return b, nil
}

// boxed replaces what cannot be drawn by a box.
func boxed(text string) string {
	for _, r := range pdf.MissingGlyphs(text) {
		text = strings.ReplaceAll(text, string(r), "□")
	}
	return text
}

// missing remarks on characters of a block, and of the values it shows, that the font does not have. A paper with one of them is never issued.
func (s *sample) missing(at string, b pdf.Block) {
	texts := []string{b.Text, b.Purpose}
	for _, row := range b.Rows {
		texts = append(texts, row...)
	}
	all := strings.Join(texts, "\n")
	if miss := pdf.MissingGlyphs(placeName.ReplaceAllString(all, "")); len(miss) > 0 {
		s.note(at, "bad", t(s.ctx, "designer_paper.note_glyph", errs.P{"chars": charNames(miss)}))
	}
	seen := map[string]bool{}
	for _, m := range placeName.FindAllStringSubmatch(all, -1) {
		if miss := pdf.MissingGlyphs(s.values[m[1]]); len(miss) > 0 && !seen[m[1]] {
			s.note(at, "bad", t(s.ctx, "designer_paper.note_glyph_value", errs.P{"name": s.labels[m[1]], "chars": charNames(miss)}))
		}
		seen[m[1]] = true
	}
}

// charNames writes characters with their numbers: many of them no screen shows either.
func charNames(rs []rune) string {
	var out []string
	for _, r := range rs {
		out = append(out, fmt.Sprintf("%c（U+%04X）", r, r))
	}
	return strings.Join(out, "、")
}

// outside remarks on blocks that leave the sheet.
func (s *sample) outside(at string, b pdf.Block) {
	if b.X == 0 && b.Y == 0 && b.Kind != "field" && b.Kind != "frame" {
		return
	}
	w, h := b.W, b.H
	switch b.Kind {
	case "seal", "qr":
		if w == 0 {
			w = map[string]float64{"seal": pdf.DefaultSealMM, "qr": 28}[b.Kind]
		}
		h = w
	case "rule": // H is how thick the line is; it runs through the middle
		h /= 2
	}
	sheet := sheetOf(s.layout)
	if b.X < 0 || b.Y < 0 || b.X+w > sheet[0] || b.Y+h > sheet[1] {
		s.note(at, "warn", t(s.ctx, "designer_paper.note_outside"))
	}
}

// sheetOf gives width and height of the paper in millimetres.
func sheetOf(l pdf.Layout) [2]float64 {
	if l.Paper == "A4L" {
		return [2]float64{297, 210}
	}
	return [2]float64{210, 297}
}
