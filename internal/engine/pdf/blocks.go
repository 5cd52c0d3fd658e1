package pdf

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// drawers is the table of block kinds.
var drawers = map[string]func(*canvas, Block) error{
	"title":    func(c *canvas, b Block) error { c.heading(b, 22, true); return nil },
	"subtitle": func(c *canvas, b Block) error { c.heading(b, 16, false); return nil },
	"number":   drawNumber,
	"para":     drawPara,
	"list":     drawList,
	"kv":       func(c *canvas, b Block) error { return c.table(b, false) },
	"table":    func(c *canvas, b Block) error { return c.table(b, true) },
	"sign":     drawSign,
	"seal":     drawSealBlock,
	"qr":       drawQR,
	"image":    drawImage,
	"field":    drawField,
	"frame":    drawFrame,
	"rule":     drawRule,
	"spacer":   func(c *canvas, b Block) error { c.y += b.H * mm; return nil },
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// What a block may ask for at most: type in points, lengths in millimetres. Beyond that it is a slip of the pen that would take for ever to draw.
const (
	maxSize   = 200
	maxLength = 1000
)

// sane reports whether all lengths of a block can be drawn.
func (b Block) sane() bool {
	for _, x := range append([]float64{b.X, b.Y, b.W, b.H}, b.Widths...) {
		if !(x >= -maxLength && x <= maxLength) { // also what is no number
			return false
		}
	}
	return b.Size >= 0 && b.Size <= maxSize
}

func (b Block) fixed() bool { return b.X != 0 || b.Y != 0 }

func (b Block) sizeOr(size float64) float64 {
	if b.Size > 0 {
		return b.Size
	}
	return size
}

func (b Block) alignOr(align string) string {
	if b.Align != "" {
		return b.Align
	}
	return align
}

// lines flows lines of text down the page, each in a box of height lh.
func (c *canvas) lines(ls []string, x, w, lh float64, align string, st style) {
	for _, s := range ls {
		c.need(lh)
		c.line(x, c.y, w, lh, s, align, st)
		c.y += lh
	}
}

func (c *canvas) heading(b Block, size float64, bold bool) {
	st := style{size: b.sizeOr(size), bold: bold || b.Bold, color: b.Color}
	ls := breakLines(b.Text, c.textWidth(), 0, c.measure(st.size))
	c.need(float64(len(ls))*st.size*1.5 + 3*bodySize) // a heading stays with what follows
	c.lines(ls, marginX, c.textWidth(), st.size*1.5, b.alignOr("center"), st)
	c.y += st.size * 0.4
}

func drawNumber(c *canvas, b Block) error {
	st := style{size: b.sizeOr(bodySize - 2), bold: b.Bold, color: b.Color}
	c.lines(breakLines(b.Text, c.textWidth(), 0, c.measure(st.size)), marginX, c.textWidth(), st.size*leading, b.alignOr("right"), st)
	c.y += st.size * 0.4
	return nil
}

func drawPara(c *canvas, b Block) error {
	st := style{size: b.sizeOr(bodySize), bold: b.Bold, color: b.Color}
	indent := 0.0
	if b.Align == "" {
		indent = 2 * st.size
	}
	for _, p := range strings.Split(b.Text, "\n") {
		c.paragraph(breakPara(p, c.textWidth(), indent, c.measure(st.size)), marginX, c.textWidth(), indent, b.alignOr("left"), st)
	}
	return nil
}

// paragraph flows lines; a full line is stretched to the margin by the least bit after each character.
func (c *canvas) paragraph(ls []string, x, w, indent float64, align string, st style) {
	lh := st.size * leading
	if len(ls) > 1 {
		c.need(2 * lh) // no single first line at the foot of a page
	}
	for i, s := range ls {
		c.need(lh)
		one := st
		slack := w - indent - c.face.width(s, st.size)
		if n := len([]rune(s)); align == "left" && i < len(ls)-1 && n > 8 && slack > 0 && slack < 2*st.size {
			one.gap = slack / float64(n-1)
		}
		c.line(x+indent, c.y, w-indent, lh, s, align, one)
		c.y += lh
		if align == "left" {
			indent = 0
		}
	}
}

func drawList(c *canvas, b Block) error {
	items := strings.Split(b.Text, "\n")
	if len(b.Rows) > 0 {
		items = nil
		for _, row := range b.Rows {
			items = append(items, strings.Join(row, "　"))
		}
	}
	st := style{size: b.sizeOr(bodySize), bold: b.Bold, color: b.Color}
	hang := c.face.width(fmt.Sprintf("%d. ", len(items)), st.size)
	for i, p := range items {
		if strings.TrimSpace(p) == "" {
			continue
		}
		ls := breakLines(p, c.textWidth()-2*st.size-hang, 0, c.measure(st.size))
		lh := st.size * leading
		c.need(lh * float64(min(2, len(ls))))
		c.line(marginX+2*st.size, c.y, hang, lh, fmt.Sprintf("%d.", i+1), "left", st)
		c.paragraph(ls, marginX+2*st.size+hang, c.textWidth()-2*st.size-hang, 0, "left", st)
	}
	return nil
}

// drawSign sets agency and date one above the other at the right (GB/T 9704-2012, 7.3.5), the seal over the date.
func drawSign(c *canvas, b Block) error {
	st := style{size: b.sizeOr(bodySize), bold: b.Bold, color: b.Color}
	ls := breakLines(b.Text, c.textWidth()*0.7, 0, c.measure(st.size))
	lh := st.size * leading
	w := 0.0
	for _, s := range ls {
		w = max(w, c.face.width(s, st.size))
	}
	d := DefaultSealMM * mm
	if b.W > 0 {
		d = b.W * mm
	}
	height := float64(len(ls)) * lh
	above := 1.2 * lh
	if b.Seal {
		w = max(w, d)
		above = max(above, d/2-height+lh)
	}
	c.need(above + height + d/4)
	c.y += above
	x := c.w - marginX - st.size - w
	for i, s := range ls {
		c.line(x, c.y, w, lh, s, "center", st)
		c.y += lh
		if i == max(0, len(ls)-2) && b.Seal {
			c.seal(x+w/2, c.y, d/2, strings.Split(b.Text, "\n")[0], b)
		}
	}
	if b.Seal {
		c.y += max(0, d/2-lh)
	}
	return nil
}

func drawSealBlock(c *canvas, b Block) error {
	d := DefaultSealMM * mm
	if b.W > 0 {
		d = b.W * mm
	}
	if b.fixed() {
		c.seal(b.X*mm+d/2, b.Y*mm+d/2, d/2, b.Text, b)
		return nil
	}
	c.need(d)
	x := map[string]float64{"left": marginX + d/2, "center": c.w / 2}[b.Align]
	if x == 0 {
		x = c.w - marginX - d/2
	}
	c.seal(x, c.y+d/2, d/2, b.Text, b)
	c.y += d
	return nil
}

// seal shows an agency's seal around x, y; the same seal is stored once.
func (c *canvas) seal(x, y, r float64, agency string, b Block) {
	const unit = 100.0 // the stored picture has this radius
	var w strings.Builder
	fmt.Fprintf(&w, "%s\n%s\n%t", agency, b.Purpose, b.Test)
	name := fmt.Sprintf("S%x", checksum([]byte(w.String())))
	if _, ok := c.forms[name]; !ok {
		c.forms[name] = c.file.form(c.face.sealPicture(unit, agency, b.Purpose, b.Test), -unit, -unit, unit, unit)
	}
	c.show(name, r/unit, r/unit, x, y)
}

func drawField(c *canvas, b Block) error {
	st := style{size: b.sizeOr(14), bold: b.Bold, color: b.Color}
	w := b.W * mm
	if w <= 0 {
		w = c.w - b.X*mm
	}
	ls := breakLines(b.Text, w, 0, c.measure(st.size))
	for b.H > 0 && st.size > 5 && float64(len(ls))*st.size*1.35 > math.Max(b.H*mm, st.size*1.35) {
		st.size -= 0.5
		ls = breakLines(b.Text, w, 0, c.measure(st.size))
	}
	for i, s := range ls {
		c.line(b.X*mm, b.Y*mm+float64(i)*st.size*1.35, w, st.size*1.35, s, b.alignOr("left"), st)
	}
	return nil
}

func drawFrame(c *canvas, b Block) error {
	x, y, w, h := b.X*mm, b.Y*mm, b.W*mm, b.H*mm
	c.rect(x, y, w, h, 2.4, b.Color, "S")
	c.rect(x+4, y+4, w-8, h-8, 0.6, b.Color, "S")
	return nil
}

func drawRule(c *canvas, b Block) error {
	if b.fixed() {
		c.stroke(b.X*mm, b.Y*mm, (b.X+b.W)*mm, b.Y*mm, max(0.5, b.H*mm), b.Color)
		return nil
	}
	c.need(10)
	c.stroke(marginX, c.y+5, c.w-marginX, c.y+5, max(0.6, b.H*mm), b.Color)
	c.y += 10
	return nil
}
