package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"tongban/bench/rig"
)

// result is what one size gave.
type result struct {
	At       string    `json:"at"`
	Kind     string    `json:"kind"` // full or slim cases
	Cases    int       `json:"cases"`
	Version  string    `json:"version"`
	Settings []string  `json:"settings"`
	Load     float64   `json:"load_average"`
	Bytes    int64     `json:"bytes"`
	Indexes  int64     `json:"index_bytes"`
	PerCase  float64   `json:"kb_per_case"`
	Acts     float64   `json:"acceptances_per_second"`
	ActCPU   float64   `json:"acceptance_cpu_ms"`
	Answers  []answers `json:"answers"`
}

// answers is how long one kind of question took, in ms.
type answers struct {
	Kind    string  `json:"kind"`
	Clients int     `json:"clients"`
	Rows    int     `json:"rows"`
	N       int     `json:"n"`
	P50     float64 `json:"p50"`
	P95     float64 `json:"p95"`
	P99     float64 `json:"p99"`
	Most    float64 `json:"most"`
	CPU     float64 `json:"cpu_ms"` // of this process, each
}

func (a answers) String() string {
	return fmt.Sprintf("%-20s %d clients: %6d answers of %4d rows, p50 %7.2f, p95 %7.2f, p99 %7.2f, most %8.2f ms, %5.2f ms of processor each", a.Kind, a.Clients, a.N, a.Rows, a.P50, a.P95, a.P99, a.Most, a.CPU)
}

func (r result) save(out string) error {
	if out == "" {
		return nil
	}
	if err := os.MkdirAll(out, 0o755); err != nil { //nolint:gosec // results are for everybody
		return err
	}
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, fmt.Sprintf("%s-%d.json", r.Kind, r.Cases)), append(b, '\n'), 0o644) //nolint:gosec // results are for everybody
}

// plot draws the results of a folder as growth.svg; without a folder it does nothing.
func plot(out string) error {
	if out == "" {
		return nil
	}
	files, err := filepath.Glob(filepath.Join(out, "*-*.json"))
	if err != nil {
		return err
	}
	var all []result
	for _, f := range files {
		b, err := os.ReadFile(f) //nolint:gosec // named by the caller
		if err != nil {
			return err
		}
		var r result
		if err := json.Unmarshal(b, &r); err != nil {
			return fmt.Errorf("%s: %w", f, err)
		}
		all = append(all, r)
	}
	if len(all) == 0 {
		return nil
	}
	slices.SortFunc(all, func(a, b result) int { return cmp.Compare(a.Cases, b.Cases) })
	return os.WriteFile(filepath.Join(out, "growth.svg"), []byte(rig.Draw(panels(all))), 0o644) //nolint:gosec // results are for everybody
}

var colours = []string{"#0b5394", "#9a5b00", "#38761d", "#741b47"}

func panels(all []result) []rig.Panel {
	over := func(name string, colour int, value func(result) float64) rig.Line {
		l := rig.Line{Name: name, Colour: colours[colour]}
		for _, r := range all {
			l.Points = append(l.Points, [2]float64{float64(r.Cases), value(r)})
		}
		return l
	}
	asked := func(clients int, kinds ...string) (out []rig.Line) {
		for i, kind := range kinds {
			out = append(out, over(kind, i, func(r result) float64 {
				for _, a := range r.Answers {
					if a.Kind == kind && a.Clients == clients {
						return a.P95
					}
				}
				return 0
			}))
		}
		return out
	}
	return []rig.Panel{
		{Title: "lists, p95, one client", Unit: "ms", Aim: 50, Lines: asked(1, "inbox", "done", "all of the hall", "region")},
		{Title: "counts and search, p95, one client", Unit: "ms", Aim: 50, Lines: asked(1, "counts", "counts of the hall", "by number", "doing")},
		{Title: "a case on disk (full to 1 million, then slim)", Unit: "KB", Lines: []rig.Line{over("rows and indexes", 0, func(r result) float64 { return r.PerCase })}},
		{Title: "an acceptance", Unit: "ms of processor", Lines: []rig.Line{over("program", 0, func(r result) float64 { return r.ActCPU })}},
	}
}
