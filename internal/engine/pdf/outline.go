package pdf

import (
	"bytes"
	"math"
)

// matrix is a PDF transformation [a b c d e f] (ISO 32000-1, 8.3.3).
type matrix [6]float64

func (m matrix) apply(x, y float64) (float64, float64) {
	return m[0]*x + m[2]*y + m[4], m[1]*x + m[3]*y + m[5]
}

// after gives the matrix that first applies n, then m.
func (m matrix) after(n matrix) matrix {
	e, f := m.apply(n[4], n[5])
	return matrix{
		m[0]*n[0] + m[2]*n[1], m[1]*n[0] + m[3]*n[1],
		m[0]*n[2] + m[2]*n[3], m[1]*n[2] + m[3]*n[3], e, f,
	}
}

// turned gives a matrix that scales, turns counter-clockwise and then moves.
func turned(scale, angle, x, y float64) matrix {
	s, c := math.Sincos(angle)
	return matrix{scale * c, scale * s, -scale * s, scale * c, x, y}
}

// trace writes the outline of a glyph as path operators. Seals and watermarks are drawn so: they are pictures, and a reader
// that copies text out of the paper must not find their characters strewn over the lines.
func (f *face) trace(w *bytes.Buffer, g int, m matrix, depth int) {
	o := f.outline(g)
	contours := o.i16(0)
	if o == "" || depth > 5 {
		return
	}
	if contours < 0 {
		parts(o, func(at int) { f.tracePart(w, o, at, m, depth) })
		return
	}
	pts, ends := points(o, contours)
	start := 0
	for _, end := range ends {
		if end >= start && end < len(pts) {
			contour(w, pts[start:end+1], m)
		}
		start = end + 1
	}
}

func (f *face) tracePart(w *bytes.Buffer, o table, at int, m matrix, depth int) {
	flags := o.u16(at)
	part := matrix{1, 0, 0, 1, 0, 0}
	next := at + 6
	if flags&argsAreWords != 0 {
		part[4], part[5] = float64(o.i16(at+4)), float64(o.i16(at+6))
		next = at + 8
	} else {
		part[4], part[5] = float64(int8(o.u8(at+4))), float64(int8(o.u8(at+5))) //nolint:gosec // signed bytes by the format
	}
	if flags&argsAreXY == 0 {
		part[4], part[5] = 0, 0
	}
	fix := func(i int) float64 { return float64(o.i16(next+2*i)) / 16384 }
	switch {
	case flags&haveScale != 0:
		part[0], part[3] = fix(0), fix(0)
	case flags&haveXYScale != 0:
		part[0], part[3] = fix(0), fix(1)
	case flags&haveTwoByTwo != 0:
		part[0], part[1], part[2], part[3] = fix(0), fix(1), fix(2), fix(3)
	}
	f.trace(w, o.u16(at+2), m.after(part), depth+1)
}

type point struct {
	x, y float64
	on   bool
}

// points unpacks a simple glyph (OpenType, table glyf): flags, then x steps, then y steps.
func points(o table, contours int) (pts []point, ends []int) {
	for i := range contours {
		ends = append(ends, o.u16(10+2*i))
	}
	if len(ends) == 0 {
		return nil, nil
	}
	n := ends[len(ends)-1] + 1
	at := 10 + 2*contours
	at += 2 + o.u16(at)
	flags := make([]int, 0, n)
	for len(flags) < n && at < len(o) {
		fl := o.u8(at)
		at++
		flags = append(flags, fl)
		if fl&8 != 0 {
			for range o.u8(at) {
				flags = append(flags, fl)
			}
			at++
		}
	}
	pts = make([]point, len(flags))
	axis := func(short, same int, set func(p *point, v float64)) {
		v := 0
		for i, fl := range flags {
			switch {
			case fl&short != 0 && fl&same != 0:
				v += o.u8(at)
				at++
			case fl&short != 0:
				v -= o.u8(at)
				at++
			case fl&same == 0:
				v += o.i16(at)
				at += 2
			}
			pts[i].on = fl&1 != 0
			set(&pts[i], float64(v))
		}
	}
	axis(2, 16, func(p *point, v float64) { p.x = v })
	axis(4, 32, func(p *point, v float64) { p.y = v })
	return pts, ends
}

func mid(a, b point) point { return point{(a.x + b.x) / 2, (a.y + b.y) / 2, true} }

// contour writes one closed curve; PDF knows only cubic curves, so each quadratic one is raised.
func contour(w *bytes.Buffer, pts []point, m matrix) {
	start := pts[0]
	if !start.on {
		start = mid(pts[0], pts[len(pts)-1])
		if last := pts[len(pts)-1]; last.on {
			start = last
		}
	}
	op := func(name string, ps ...point) {
		for _, p := range ps {
			x, y := m.apply(p.x, p.y)
			nums(w, x, y)
		}
		w.WriteString(name + "\n")
	}
	op("m", start)
	cur := start
	quad := func(c, to point) {
		op("c", point{x: cur.x + (c.x-cur.x)*2/3, y: cur.y + (c.y-cur.y)*2/3}, point{x: to.x + (c.x-to.x)*2/3, y: to.y + (c.y-to.y)*2/3}, to)
		cur = to
	}
	var ctrl *point
	for i := range pts {
		p := pts[i]
		switch {
		case p.on && ctrl == nil:
			op("l", p)
			cur = p
		case p.on:
			quad(*ctrl, p)
			ctrl = nil
		case ctrl == nil:
			ctrl = &p
		default:
			quad(*ctrl, mid(*ctrl, p))
			ctrl = &p
		}
	}
	if ctrl != nil {
		quad(*ctrl, start)
	}
	w.WriteString("h\n")
}
