package main

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/engine/cnid"
)

const root = "../.."

func made(t *testing.T, from, n int, seed uint64) []byte {
	t.Helper()
	c, err := newCountry(root, seed)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := c.walk()
	w.skip(from)
	if got, err := w.list(&b, n); err != nil || got != n {
		t.Fatalf("%d items, %v", got, err)
	}
	return b.Bytes()
}

func TestTheSameSeedMakesTheSameItems(t *testing.T) {
	all := made(t, 0, 6000, 1)
	if !bytes.Equal(all, made(t, 0, 6000, 1)) {
		t.Error("two runs differ")
	}
	if bytes.Equal(all, made(t, 0, 6000, 2)) {
		t.Error("the seed changes nothing")
	}
	_, heading, _ := bytes.Cut(made(t, 4000, 2000, 1), []byte("\n"))
	if !bytes.HasSuffix(all, heading) {
		t.Error("a list that begins later is not the rest of the whole")
	}
}

func TestItemsAreWhatListsHold(t *testing.T) {
	rows, err := csv.NewReader(bytes.NewReader(made(t, 0, 30_000, 1))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	codes, names, offices, deviating := map[string]bool{}, map[string]int{}, map[string]string{}, 0
	ours := map[string]bool{}
	c, _ := newCountry(root, 1)
	for _, m := range c.matters {
		ours[m.name] = true
	}
	for _, r := range rows[1:] {
		if err := cnid.CheckItemCode(r[4]); err != nil || codes[r[4]] {
			t.Fatalf("%s: %v, twice: %v", r[4], err, codes[r[4]])
		}
		codes[r[4]] = true
		names[r[0]]++
		if was, ok := offices[r[7]]; ok && was != r[6] {
			t.Fatalf("%s is %s and %s", r[7], was, r[6])
		}
		offices[r[7]] = r[6]
		if !ours[r[0]] {
			deviating++
		}
		if strings.Contains(r[0], "广安") || strings.TrimSpace(r[0]) == "" {
			t.Errorf("name %q", r[0])
		}
	}
	if n := len(c.matters); n < 3000 || n > 6000 {
		t.Errorf("%d matters", n)
	}
	if share := float64(deviating) / 30_000; share < 0.008 || share > 0.04 {
		t.Errorf("%.3f of the names deviate, want about 0.02", share)
	}
	if len(offices) < 300 || len(names) < 2000 {
		t.Errorf("%d offices, %d names", len(offices), len(names))
	}
}

func TestTheCountryIsLargeEnough(t *testing.T) {
	c, err := newCountry(root, 1)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, p := range c.places {
		if seen[p.name[:6]] || seen[p.code] {
			t.Errorf("%s %s is there twice", p.code, p.name)
		}
		seen[p.name[:6]], seen[p.code] = true, true
	}
	w := c.walk()
	if w.skip(5_200_000); w.given < 5_200_000 {
		t.Errorf("only %d items", w.given)
	}
}

// TestARunMeasures goes through a whole run with 2,000 items, and through a second one that only measures.
func TestARunMeasures(t *testing.T) {
	for _, engine := range []string{string(db.SQLite), string(db.Postgres)} {
		t.Run(engine, func(t *testing.T) {
			out := t.TempDir()
			args := []string{"-n", "1000,2000", "-db", engine, "-root", root, "-keep", t.TempDir(), "-out", out, "-for", "50ms"}
			if engine == string(db.Postgres) {
				args = append(args, "-url", dbtest.PostgresURL(t))
			}
			if err := run(t.Context(), args); err != nil {
				t.Fatal(err)
			}
			all, err := results(out)
			if err != nil || len(all) != 2 {
				t.Fatalf("%d results, %v", len(all), err)
			}
			r := all[1]
			if r.Items != 2000 || len(r.Lists) != 2 || r.Rate <= 0 || r.Heads < 1000 || r.Size == 0 || r.Idle.Resident == 0 || len(r.Publish) != rounds {
				t.Errorf("%+v", r)
			}
			for _, kind := range kindsAsked {
				for _, clients := range clientsAtOnce {
					a, ok := r.answer(kind, clients)
					if !ok || a.N == 0 || a.P99 < a.P50 {
						t.Errorf("%s, %d clients: %+v", kind, clients, a)
					}
					if kind == "exact" && a.Empty > 0 {
						t.Errorf("%d of %d names are not found, such as %s", a.Empty, a.N, a.Worst)
					}
				}
			}
			svg, err := os.ReadFile(filepath.Join(out, "growth.svg"))
			if err != nil || !bytes.Contains(svg, []byte(engine)) {
				t.Errorf("%d bytes of a plot, %v", len(svg), err)
			}
			if err := run(t.Context(), append(args, "-only", "word")); err != nil {
				t.Fatal(err)
			}
			if again, err := results(out); err != nil || len(again[1].Answers) != len(clientsAtOnce) {
				t.Errorf("measured again: %+v, %v", again, err)
			}
		})
	}
}
