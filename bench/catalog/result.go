package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"tongban/bench/rig"
)

// result is what one size on one engine gave.
type result struct {
	At       string   `json:"at"`
	Engine   string   `json:"engine"`
	Version  string   `json:"version"`
	Items    int      `json:"items"`
	Heads    int      `json:"distinct_names"`
	Offices  int      `json:"offices"`
	Seed     uint64   `json:"seed"`
	Load     float64  `json:"load_average"`
	Settings []string `json:"settings,omitempty"`

	Lists   []loaded   `json:"lists,omitempty"` // those imported for this database so far
	Rate    float64    `json:"import_items_per_second"`
	Import  rig.Memory `json:"import_memory"`
	Tidy    float64    `json:"vacuum_seconds,omitempty"`
	Tables  []relSize  `json:"tables"`
	Size    int64      `json:"database_mb"`
	Indexes int64      `json:"index_mb"`
	Ready   float64    `json:"ready_seconds"`
	Idle    rig.Memory `json:"memory_ready"`
	Asked   rig.Memory `json:"memory_after_questions"`
	Answers []answers  `json:"answers"`
	Publish []float64  `json:"publish_to_searchable_ms"` // from the commit to another node's answer
}

// loaded is one list.
type loaded struct {
	From    int     `json:"from"`
	Items   int     `json:"items"`
	Timed   int     `json:"timed_items"` // fewer when a run before had begun the list
	Seconds float64 `json:"seconds"`
	CPU     float64 `json:"cpu_seconds"`        // of this process
	Server  float64 `json:"server_cpu_seconds"` // of an own PostgreSQL
}

func (l loaded) rate() float64 { return float64(l.Timed) / max(l.Seconds, 0.001) }

type relSize struct {
	Name    string `json:"name"`
	Rows    int64  `json:"rows"`
	MB      int64  `json:"table_mb"`
	IndexMB int64  `json:"index_mb"`
}

// answers is how long one kind of question took, in ms.
type answers struct {
	Kind    string  `json:"kind"`
	Clients int     `json:"clients"`
	N       int     `json:"n"`
	P50     float64 `json:"p50"`
	P90     float64 `json:"p90"`
	P99     float64 `json:"p99"`
	Most    float64 `json:"most"`
	CPU     float64 `json:"cpu_ms"` // of this process, each
	Worst   string  `json:"worst,omitempty"`
	Empty   int     `json:"empty"` // answers without a hit
}

func (a answers) String() string {
	return fmt.Sprintf("%-8s %d clients: %6d answers, p50 %7.2f, p90 %7.2f, p99 %7.2f, most %8.2f ms, %6.2f ms of processor each, %d empty; longest: %s", a.Kind, a.Clients, a.N, a.P50, a.P90, a.P99, a.Most, a.CPU, a.Empty, a.Worst)
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
	return os.WriteFile(filepath.Join(out, fmt.Sprintf("%s-%d.json", r.Engine, r.Items)), append(b, '\n'), 0o644) //nolint:gosec // results are for everybody
}

// results reads what was saved, by engine and size.
func results(out string) ([]result, error) {
	files, err := filepath.Glob(filepath.Join(out, "*-*.json"))
	if err != nil {
		return nil, err
	}
	var all []result
	for _, f := range files {
		b, err := os.ReadFile(f) //nolint:gosec // named by the caller
		if err != nil {
			return nil, err
		}
		var r result
		if err := json.Unmarshal(b, &r); err != nil {
			return nil, fmt.Errorf("%s: %w", f, err)
		}
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b result) int {
		if a.Engine != b.Engine {
			return map[bool]int{true: -1, false: 1}[a.Engine > b.Engine] // sqlite before postgres
		}
		return a.Items - b.Items
	})
	return all, nil
}

// part is the share p of times in order, in ms.
func part(ts []time.Duration, p float64) float64 {
	if len(ts) == 0 {
		return 0
	}
	return float64(ts[min(len(ts)-1, int(p*float64(len(ts))))].Microseconds()) / 1000
}

func (r result) answer(kind string, clients int) (answers, bool) {
	for _, a := range r.Answers {
		if a.Kind == kind && a.Clients == clients {
			return a, true
		}
	}
	return answers{}, false
}
