package main

import (
	"os"
	"path/filepath"
	"strings"

	"tongban/bench/rig"
	"tongban/internal/base/db"
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
	return os.WriteFile(filepath.Join(out, "growth.svg"), []byte(rig.Draw(panels(all))), 0o644) //nolint:gosec // results are for everybody
}

// panels chooses what is drawn.
func panels(all []result) []rig.Panel {
	of := func(value func(result) (float64, bool), suffix, shade string) []rig.Line {
		var out []rig.Line
		for _, engine := range []string{string(db.SQLite), string(db.Postgres)} {
			l := rig.Line{Name: strings.TrimSpace(engine + " " + suffix), Colour: colours[engine] + shade}
			for _, r := range all {
				if v, ok := value(r); ok && r.Engine == engine {
					l.Points = append(l.Points, [2]float64{float64(r.Items), v})
				}
			}
			if len(l.Points) > 0 {
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
	imports := rig.Panel{Title: "import of each list", Unit: "items/s", Aim: 20_000}
	for i := len(all) - 1; i >= 0; i-- { // the largest of each engine holds the lists of the smaller ones
		r := all[i]
		l := rig.Line{Name: r.Engine, Colour: colours[r.Engine]}
		for _, x := range r.Lists {
			l.Points = append(l.Points, [2]float64{float64(x.From + x.Items), x.rate()})
		}
		if i == len(all)-1 || all[i+1].Engine != r.Engine {
			imports.Lines = append(imports.Lines, l)
		}
	}
	return []rig.Panel{
		imports,
		{Title: "size", Unit: "GB", Lines: append(of(whole(func(r result) float64 { return float64(r.Size) / 1024 }), "database", ""), of(whole(func(r result) float64 { return float64(r.Indexes) / 1024 }), "indexes", "88")...)},
		{Title: "search, mixed, one client", Unit: "ms", Aim: 50, Lines: append(of(asked("mixed", 1, p99), "p99", ""), of(asked("mixed", 1, p50), "p50", "88")...)},
		{Title: "search, mixed, eight clients", Unit: "ms", Aim: 50, Lines: append(of(asked("mixed", 8, p99), "p99", ""), of(asked("mixed", 8, p50), "p50", "88")...)},
		{Title: "type-ahead, eight clients", Unit: "ms", Aim: 15, Lines: append(of(asked("type", 8, p99), "p99", ""), of(asked("type", 8, p50), "p50", "88")...)},
		{Title: "memory of the process", Unit: "MB", Aim: 2048, Lines: append(of(whole(func(r result) float64 { return float64(r.Asked.Peak) }), "most, asking", ""), of(whole(func(r result) float64 { return float64(r.Import.Peak) }), "most, importing", "88")...)},
	}
}
