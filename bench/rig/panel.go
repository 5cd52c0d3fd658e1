package rig

import (
	"fmt"
	"math"
	"strings"
)

// Panel is one small chart: lines over a number of rows, with the aim as a dashed line where there is one.
type Panel struct {
	Title, Unit string
	Aim         float64
	Lines       []Line
}

// Line is one line of a panel; its points are rows and value.
type Line struct {
	Name   string
	Colour string
	Points [][2]float64
}

const (
	panelWidth, panelHeight   = 420.0, 240.0
	left, right, above, under = 62.0, 14.0, 30.0, 34.0
)

// Draw sets panels two in a row.
func Draw(all []Panel) string {
	rows := (len(all) + 1) / 2
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" font-family="sans-serif" font-size="11">`+"\n", 2*panelWidth, float64(rows)*panelHeight)
	b.WriteString(`<rect width="100%" height="100%" fill="white"/>` + "\n")
	for i, p := range all {
		fmt.Fprintf(&b, `<g transform="translate(%.0f,%.0f)">`+"\n", float64(i%2)*panelWidth, float64(i/2)*panelHeight)
		p.draw(&b)
		b.WriteString("</g>\n")
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func (p Panel) draw(b *strings.Builder) {
	most, items := p.Aim, 1.0
	for _, l := range p.Lines {
		for _, x := range l.Points {
			items, most = max(items, x[0]), max(most, x[1])
		}
	}
	step := nice(most / 4)
	most = math.Ceil(most/step) * step
	x := func(v float64) float64 { return left + v/items*(panelWidth-left-right) }
	y := func(v float64) float64 { return panelHeight - under - v/max(most, 1e-9)*(panelHeight-above-under) }
	fmt.Fprintf(b, `<text x="%.0f" y="16" font-weight="bold">%s (%s)</text>`+"\n", left, p.Title, p.Unit)
	for v := 0.0; v <= most+step/2; v += step {
		fmt.Fprintf(b, `<path d="M%.1f %.1fH%.1f" stroke="#ddd"/><text x="%.1f" y="%.1f" text-anchor="end">%s</text>`+"\n", left, y(v), panelWidth-right, left-5, y(v)+4, short(v))
	}
	for v, across := 0.0, nice(items/4); v <= items*1.001; v += across {
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="middle">%s</text>`+"\n", x(v), panelHeight-under+15, short(v))
	}
	if p.Aim > 0 {
		fmt.Fprintf(b, `<path d="M%.1f %.1fH%.1f" stroke="#b00" stroke-dasharray="4 3"/>`+"\n", left, y(p.Aim), panelWidth-right)
	}
	for i, l := range p.Lines {
		d := ""
		for j, q := range l.Points {
			d += fmt.Sprintf("%s%.1f %.1f", map[bool]string{true: "M", false: "L"}[j == 0], x(q[0]), y(q[1]))
			fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="2.5" fill="%s"/>`, x(q[0]), y(q[1]), l.Colour)
		}
		fmt.Fprintf(b, `<path d="%s" fill="none" stroke="%s" stroke-width="1.6"/><text x="%.1f" y="%.1f" fill="%s">%s</text>`+"\n", d, l.Colour, left+8, above+10+13*float64(i), l.Colour, l.Name)
	}
}

// nice rounds a step up to 1, 2 or 5 times a power of ten.
func nice(v float64) float64 {
	if v <= 0 {
		return 1
	}
	ten := math.Pow(10, math.Floor(math.Log10(v)))
	for _, f := range []float64{1, 2, 5} {
		if v <= f*ten {
			return f * ten
		}
	}
	return 10 * ten
}

// short writes a number of an axis.
func short(v float64) string {
	switch {
	case v >= 1e6:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", v/1e6), ".0") + " M"
	case v >= 10_000:
		return fmt.Sprintf("%.0f k", v/1e3)
	case v >= 10 || v == math.Trunc(v):
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.2g", v)
}
