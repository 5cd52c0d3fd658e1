package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"

	"tongban/internal/base/db"
)

// panel is one small chart: lines over the number of items, with the aim as a dashed line where there is one.
type panel struct {
	title, unit string
	aim         float64
	lines       []line
}

type line struct {
	name   string
	colour string
	points [][2]float64 // items, value
}

const (
	panelWidth, panelHeight   = 420.0, 240.0
	left, right, above, under = 62.0, 14.0, 30.0, 34.0
)

var colours = map[string]string{string(db.SQLite): "#9a5b00", string(db.Postgres): "#0b5394"}

// plot draws the results of a folder as growth.svg; without a folder it does nothing.
func plot(out string) error {
	if out == "" {
		return nil
	}
	all, err := results(out)
	if err != nil || len(all) == 0 {
		return err
	}
	return os.WriteFile(filepath.Join(out, "growth.svg"), []byte(draw(panels(all))), 0o644) //nolint:gosec // results are for everybody
}

// panels chooses what is drawn.
func panels(all []result) []panel {
	of := func(value func(result) (float64, bool), suffix, shade string) []line {
		var out []line
		for _, engine := range []string{string(db.SQLite), string(db.Postgres)} {
			l := line{name: strings.TrimSpace(engine + " " + suffix), colour: colours[engine] + shade}
			for _, r := range all {
				if v, ok := value(r); ok && r.Engine == engine {
					l.points = append(l.points, [2]float64{float64(r.Items), v})
				}
			}
			if len(l.points) > 0 {
				out = append(out, l)
			}
		}
		return out
	}
	asked := func(kind string, clients int, value func(answers) float64) func(result) (float64, bool) {
		return func(r result) (float64, bool) {
			a, ok := r.answer(kind, clients)
			return value(a), ok
		}
	}
	p99 := func(a answers) float64 { return a.P99 }
	p50 := func(a answers) float64 { return a.P50 }
	whole := func(v func(result) float64) func(result) (float64, bool) {
		return func(r result) (float64, bool) { return v(r), true }
	}
	imports := panel{title: "import of each list", unit: "items/s", aim: 20_000}
	for i := len(all) - 1; i >= 0; i-- { // the largest of each engine holds the lists of the smaller ones
		r := all[i]
		l := line{name: r.Engine, colour: colours[r.Engine]}
		for _, x := range r.Lists {
			l.points = append(l.points, [2]float64{float64(x.From + x.Items), x.rate()})
		}
		if i == len(all)-1 || all[i+1].Engine != r.Engine {
			imports.lines = append(imports.lines, l)
		}
	}
	return []panel{
		imports,
		{"size", "GB", 0, append(of(whole(func(r result) float64 { return float64(r.Size) / 1024 }), "database", ""), of(whole(func(r result) float64 { return float64(r.Indexes) / 1024 }), "indexes", "88")...)},
		{"search, mixed, one client", "ms", 50, append(of(asked("mixed", 1, p99), "p99", ""), of(asked("mixed", 1, p50), "p50", "88")...)},
		{"search, mixed, eight clients", "ms", 50, append(of(asked("mixed", 8, p99), "p99", ""), of(asked("mixed", 8, p50), "p50", "88")...)},
		{"type-ahead, eight clients", "ms", 15, append(of(asked("type", 8, p99), "p99", ""), of(asked("type", 8, p50), "p50", "88")...)},
		{"memory of the process", "MB", 2048, append(of(whole(func(r result) float64 { return float64(r.Asked.Peak) }), "most, asking", ""), of(whole(func(r result) float64 { return float64(r.Import.Peak) }), "most, importing", "88")...)},
	}
}

// draw sets panels two in a row.
func draw(all []panel) string {
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

func (p panel) draw(b *strings.Builder) {
	most, items := p.aim, 1.0
	for _, l := range p.lines {
		for _, x := range l.points {
			items, most = max(items, x[0]), max(most, x[1])
		}
	}
	step := nice(most / 4)
	most = math.Ceil(most/step) * step
	x := func(v float64) float64 { return left + v/items*(panelWidth-left-right) }
	y := func(v float64) float64 { return panelHeight - under - v/max(most, 1e-9)*(panelHeight-above-under) }
	fmt.Fprintf(b, `<text x="%.0f" y="16" font-weight="bold">%s (%s)</text>`+"\n", left, p.title, p.unit)
	for v := 0.0; v <= most+step/2; v += step {
		fmt.Fprintf(b, `<path d="M%.1f %.1fH%.1f" stroke="#ddd"/><text x="%.1f" y="%.1f" text-anchor="end">%s</text>`+"\n", left, y(v), panelWidth-right, left-5, y(v)+4, short(v))
	}
	for v, across := 0.0, nice(items/4); v <= items*1.001; v += across {
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="middle">%s</text>`+"\n", x(v), panelHeight-under+15, short(v))
	}
	if p.aim > 0 {
		fmt.Fprintf(b, `<path d="M%.1f %.1fH%.1f" stroke="#b00" stroke-dasharray="4 3"/>`+"\n", left, y(p.aim), panelWidth-right)
	}
	for i, l := range p.lines {
		d := ""
		for j, q := range l.points {
			d += fmt.Sprintf("%s%.1f %.1f", map[bool]string{true: "M", false: "L"}[j == 0], x(q[0]), y(q[1]))
			fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="2.5" fill="%s"/>`, x(q[0]), y(q[1]), l.colour)
		}
		fmt.Fprintf(b, `<path d="%s" fill="none" stroke="%s" stroke-width="1.6"/><text x="%.1f" y="%.1f" fill="%s">%s</text>`+"\n", d, l.colour, left+8, above+10+13*float64(i), l.colour, l.name)
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
