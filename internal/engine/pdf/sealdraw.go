package pdf

import (
	"bytes"
	"fmt"
	"math"
)

// SealTest is the word in the middle of a test seal.
const SealTest = "测试"

// DefaultSealMM is the diameter of an agency's seal, 42 mm.
const DefaultSealMM = 42.0

// drawSeal writes a round agency seal of radius r around the origin: a ring, the agency's name on an arc, the purpose below. It carries
// neither a star nor any emblem: the real seal's picture belongs to the agency, this one stands for it where the signature is the proof.
func (f *face) drawSeal(w *bytes.Buffer, r float64, agency, purpose string, test bool) {
	w.WriteString("0.83 0.07 0.09 RG 0.83 0.07 0.09 rg\n")
	nums(w, r*0.06)
	w.WriteString("w\n")
	circle(w, r*0.97)
	w.WriteString("S\n")
	f.arcText(w, []rune(agency), r)
	at, size, room := -0.12*r, 0.20*r, 1.06*r
	if test {
		f.centred(w, SealTest, 0.32*r, -0.08*r, r)
		at, size, room = -0.56*r, 0.165*r, 1.16*r
	}
	f.centred(w, purpose, size, at, room)
	w.WriteString("f\n")
}

// circle writes a circle of four cubic curves around the origin.
func circle(w *bytes.Buffer, r float64) {
	const k = 0.5522847498
	nums(w, r, 0)
	w.WriteString("m\n")
	for _, q := range [][6]float64{{1, k, k, 1, 0, 1}, {-k, 1, -1, k, -1, 0}, {-1, -k, -k, -1, 0, -1}, {k, -1, 1, -k, 1, 0}} {
		for _, v := range q {
			nums(w, v*r)
		}
		w.WriteString("c\n")
	}
	w.WriteString("h\n")
}

// arcText sets a name clockwise along the upper arc. Long names become narrower first and then smaller, as engravers do.
func (f *face) arcText(w *bytes.Buffer, name []rune, r float64) {
	if len(name) == 0 {
		return
	}
	size := 0.27 * r
	n := float64(len(name))
	span := math.Min(226*math.Pi/180, n*0.52) // radians from the first to the last character
	base := r*0.885 - size*0.86               // radius of the baselines
	room := span / n * (base + size*0.2)      // width a character may take
	narrow := math.Min(0.94, room/size*0.94)
	if narrow < 0.5 {
		size *= narrow / 0.5
		narrow = 0.5
		base = r*0.885 - size*0.86
	}
	em := float64(f.unitsPerEm)
	for i, c := range name {
		angle := span * ((float64(i)+0.5)/n - 0.5) // from the top, clockwise
		g := f.glyph(c)
		x, y := base*math.Sin(angle), base*math.Cos(angle)
		m := turned(size/em, -angle, x, y).after(matrix{narrow, 0, 0, 1, -narrow * float64(f.advance(g)) / 2, 0})
		f.trace(w, g, m, 0)
	}
}

// centred sets one line around x = 0 with its baseline at y, made smaller when it is wider than room.
func (f *face) centred(w *bytes.Buffer, s string, size, y, room float64) {
	if wide := f.width(s, size); wide > room {
		size *= room / wide
	}
	x := -f.width(s, size) / 2
	f.traceLine(w, s, turned(size/float64(f.unitsPerEm), 0, x, y))
}

// traceLine writes the outlines of a text along the x axis of a matrix in font units.
func (f *face) traceLine(w *bytes.Buffer, s string, m matrix) {
	at := 0.0
	for _, c := range s {
		g := f.glyph(c)
		f.trace(w, g, m.after(matrix{1, 0, 0, 1, at, 0}), 0)
		at += float64(f.advance(g))
	}
}

// watermark draws the word several times across a page of the given size.
func (f *face) watermark(word string, pw, ph float64) []byte {
	var w bytes.Buffer
	w.WriteString("/GW gs 0.5 0.5 0.5 rg\n")
	size := math.Min(54, 240/math.Max(2, float64(len([]rune(word)))))
	long := f.width(word, size)
	const cols, rows = 3, 4
	for i := range cols {
		for j := range rows {
			x := pw*(float64(i)+0.5)/cols - long*0.42
			y := ph*(float64(j)+0.5)/rows - long*0.25
			f.traceLine(&w, word, turned(size/float64(f.unitsPerEm), math.Pi/6, x, y))
		}
	}
	w.WriteString("f\n")
	return w.Bytes()
}

// form adds a picture that pages can show again and again. Its blending darkens, so black text under a seal stays readable.
func (f *file) form(content []byte, x0, y0, x1, y1 float64) int {
	return f.addStream(fmt.Sprintf("/Type/XObject/Subtype/Form/BBox[%.2f %.2f %.2f %.2f]/Group<</S/Transparency>>"+
		"/Resources<</ExtGState<</GW<</ca 0.13>>>>>>", x0, y0, x1, y1), content)
}
