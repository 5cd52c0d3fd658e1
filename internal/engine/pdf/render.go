package pdf

import (
	"bytes"
	"fmt"
	"strings"

	"tongban/internal/base/errs"
)

// Page measures in points. The margins follow the proportions of GB/T 9704-2012 (党政机关公文格式).
const (
	mm        = 72 / 25.4
	marginX   = 27 * mm
	marginTop = 30 * mm
	marginEnd = 28 * mm
	bodySize  = 16.0 // 3 号
	leading   = 1.7  // line height in ems
	maxPages  = 500
)

// Render draws a filled layout. It returns errs.Invalid "pdf.missing_glyph" with the characters the font cannot draw, "pdf.bad_layout"
// with the kind for a block it does not know, "pdf.bad_image" for a picture it cannot read, "pdf.bad_qr" for a text too long for a QR code
// and "pdf.too_long" beyond 500 pages. A paper is drawn wholly and rightly or not at all.
func Render(l Layout, meta Meta) ([]byte, error) {
	if miss := MissingGlyphs(l.texts()); len(miss) > 0 {
		return nil, errs.New(errs.Invalid, "pdf.missing_glyph", errs.P{"chars": glyphNames(miss)})
	}
	f, err := theFace()
	if err != nil {
		return nil, err
	}
	c := &canvas{face: f, sub: newSubset(f), w: 210 * mm, h: 297 * mm, forms: map[string]int{}, layout: l}
	if l.Paper == "A4L" {
		c.w, c.h = c.h, c.w
	} else if l.Paper != "" && l.Paper != "A4" {
		return nil, errs.New(errs.Invalid, "pdf.bad_layout", errs.P{"what": "paper " + l.Paper})
	}
	c.newPage()
	for i, b := range l.Blocks {
		draw, ok := drawers[b.Kind]
		if !ok {
			return nil, errs.New(errs.Invalid, "pdf.bad_layout", errs.P{"what": fmt.Sprintf("block %d: %q", i+1, b.Kind)})
		}
		if !b.sane() {
			return nil, errs.New(errs.Invalid, "pdf.bad_size", errs.P{"n": i + 1, "points": maxSize, "mm": maxLength})
		}
		if err := draw(c, b); err != nil {
			return nil, err
		}
		if len(c.pages) > maxPages {
			return nil, errs.New(errs.Invalid, "pdf.too_long", errs.P{"pages": maxPages})
		}
	}
	return c.finish(meta), nil
}

func glyphNames(rs []rune) string {
	var names []string
	for _, r := range rs {
		names = append(names, fmt.Sprintf("%c (U+%04X)", r, r))
	}
	return strings.Join(names, ", ")
}

// canvas is the document in the making; y grows downward from the top of the page until it is written.
type canvas struct {
	face   *face
	sub    *subset
	file   file
	w, h   float64
	pages  []*bytes.Buffer
	y      float64
	forms  map[string]int // name of a picture in the resources → its object
	layout Layout
}

// style is how a text looks; gap is extra space after each character, which fills a line to the margin.
type style struct {
	size  float64
	bold  bool
	color string
	gap   float64
}

func (c *canvas) page() *bytes.Buffer { return c.pages[len(c.pages)-1] }

func (c *canvas) newPage() {
	c.pages = append(c.pages, &bytes.Buffer{})
	c.y = marginTop
}

// need starts a new page when less than height is left on this one.
func (c *canvas) need(height float64) {
	if c.y+height > c.h-marginEnd && c.y > marginTop {
		c.newPage()
	}
}

func (c *canvas) textWidth() float64 { return c.w - 2*marginX }

func (c *canvas) measure(size float64) func(string) float64 {
	return func(s string) float64 { return c.face.width(s, size) }
}

// text writes one line with its baseline at y.
func (c *canvas) text(x, y float64, s string, st style) {
	if strings.TrimSpace(s) == "" {
		return
	}
	w := c.page()
	r, g, b := rgb(st.color)
	w.WriteString("BT ")
	nums(w, r, g, b)
	w.WriteString("rg ")
	if st.bold { // the font has one weight: a thin stroke around each character makes it heavier
		nums(w, r, g, b)
		w.WriteString("RG 2 Tr ")
		nums(w, st.size*0.028)
		w.WriteString("w ")
	}
	w.WriteString("/F1 ")
	nums(w, st.size)
	w.WriteString("Tf ")
	if st.gap > 0 {
		nums(w, st.gap)
		w.WriteString("Tc ")
	}
	nums(w, x, c.h-y)
	w.WriteString("Td <")
	for _, ch := range s {
		fmt.Fprintf(w, "%04X", c.sub.use(ch))
	}
	w.WriteString("> Tj")
	if st.bold {
		w.WriteString(" 0 Tr")
	}
	if st.gap > 0 {
		w.WriteString(" 0 Tc")
	}
	w.WriteString(" ET\n")
}

// line writes one aligned line into a box whose top is y and whose height is lh.
func (c *canvas) line(x, y, w, lh float64, s, align string, st style) {
	switch align {
	case "center":
		x += (w - c.face.width(s, st.size)) / 2
	case "right":
		x += w - c.face.width(s, st.size)
	}
	up, down := float64(c.face.ascent), float64(-c.face.descent)
	em := float64(c.face.unitsPerEm)
	c.text(x, y+(lh-(up+down)/em*st.size)/2+up/em*st.size, s, st)
}

// rect draws a rectangle: op "S" strokes it in a colour, "f" fills it.
func (c *canvas) rect(x, y, w, h, width float64, color, op string) {
	b := c.page()
	r, g, bl := rgb(color)
	nums(b, r, g, bl)
	b.WriteString(map[string]string{"S": "RG ", "f": "rg "}[op])
	nums(b, width)
	b.WriteString("w ")
	nums(b, x, c.h-y-h, w, h)
	b.WriteString("re " + op + "\n")
}

func (c *canvas) stroke(x0, y0, x1, y1, width float64, color string) {
	b := c.page()
	r, g, bl := rgb(color)
	nums(b, r, g, bl)
	b.WriteString("RG ")
	nums(b, width)
	b.WriteString("w ")
	nums(b, x0, c.h-y0)
	b.WriteString("m ")
	nums(b, x1, c.h-y1)
	b.WriteString("l S\n")
}

// show places a picture of the resources; sx, sy scale its unit, x, y is where its origin goes.
func (c *canvas) show(name string, sx, sy, x, y float64) {
	b := c.page()
	b.WriteString("q /GM gs ")
	nums(b, sx, 0, 0, sy, x, c.h-y)
	b.WriteString("cm /" + name + " Do Q\n")
}

// rgb reads #rrggbb; anything else is black.
func rgb(s string) (r, g, b float64) {
	var v [3]int
	if n, _ := fmt.Sscanf(s, "#%02x%02x%02x", &v[0], &v[1], &v[2]); n != 3 {
		return 0, 0, 0
	}
	return float64(v[0]) / 255, float64(v[1]) / 255, float64(v[2]) / 255
}

// finish adds what needs the number of pages and assembles the file.
func (c *canvas) finish(meta Meta) []byte {
	if c.layout.Watermark != "" {
		c.forms["WM"] = c.file.form(c.face.watermark(c.layout.Watermark, c.w, c.h), 0, 0, c.w, c.h)
	}
	for i := range c.pages {
		c.foot(i)
	}
	font := c.file.font(c.sub)
	var pics strings.Builder
	for _, name := range sortedKeys(c.forms) {
		fmt.Fprintf(&pics, "/%s %d 0 R", name, c.forms[name])
	}
	res := c.file.add(fmt.Sprintf("<</Font<</F1 %d 0 R>>/XObject<<%s>>/ExtGState<</GM<</BM/Multiply>>>>>>", font, pics.String()))
	tree := c.file.alloc()
	var kids strings.Builder
	for _, p := range c.pages {
		content := c.file.addStream("", p.Bytes())
		n := c.file.add(fmt.Sprintf("<</Type/Page/Parent %d 0 R/MediaBox[0 0 %.2f %.2f]/Resources %d 0 R/Contents %d 0 R>>", tree, c.w, c.h, res, content))
		fmt.Fprintf(&kids, "%d 0 R ", n)
	}
	c.file.set(tree, fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", len(c.pages), strings.TrimSpace(kids.String())))
	root := c.file.add(fmt.Sprintf("<</Type/Catalog/Pages %d 0 R/Lang(zh-CN)/ViewerPreferences<</DisplayDocTitle true>>>>", tree))
	at := dateString(meta.Created)
	info := c.file.add(fmt.Sprintf("<</Title%s/Author%s/Subject%s/Producer(Tongban)/CreationDate%s/ModDate%s>>",
		textString(meta.Title), textString(meta.Author), textString(meta.Subject), at, at))
	return c.file.bytes(root, info, meta.ID)
}

// foot writes page number and watermark on a page that is otherwise complete.
func (c *canvas) foot(i int) {
	save := c.pages
	c.pages = save[:i+1]
	foot := ""
	if !c.layout.NoPageNumbers {
		foot = fmt.Sprintf("第 %d 页 共 %d 页", i+1, len(save))
	}
	if c.layout.Watermark != "" {
		if foot != "" {
			foot += " · "
		}
		foot += c.layout.Watermark
		c.show("WM", 1, 1, 0, c.h)
	}
	if foot != "" {
		size, up := 10.5, 14*mm
		if c.layout.NoPageNumbers { // licences have a frame; this stays outside it
			size, up = 8, 8*mm
		}
		c.line(0, c.h-up, c.w, size, foot, "center", style{size: size, color: "#595959"})
	}
	c.pages = save
}
