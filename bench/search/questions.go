package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/domain/catalog/search"
)

// judged is a question with the items that answer it.
type judged struct {
	ID     string   `json:"id"`
	Q      string   `json:"q"`
	Accept []string `json:"accept"`
}

// halves are the files of judged questions, those that may be looked at marked open. dev2 was written after the search had been made with dev; it need not
// be there.
var halves = []struct {
	name           string
	open, optional bool
}{{"dev", true, false}, {"dev2", true, true}, {"held", false, false}}

// readQuestions reads a file of questions; none at all if it is not there and need not be.
func readQuestions(root, name string, optional bool) ([]judged, error) {
	f, err := os.Open(filepath.Join(root, "e2e/questions", name+".jsonl")) //nolint:gosec // a file of the repository
	if optional && errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []judged
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		var q judged
		if err := json.Unmarshal(in.Bytes(), &q); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, q)
	}
	return out, in.Err()
}

// score is how well a half was answered.
type score struct {
	n, first, third, plain int
	reciprocal             float64
}

func (s score) hit1() float64 { return float64(s.first) / float64(max(s.n, 1)) }
func (s score) hit3() float64 { return float64(s.third) / float64(max(s.n, 1)) }
func (s score) mrr() float64  { return s.reciprocal / float64(max(s.n, 1)) }

// judge asks all questions; missed gets those that are not answered among the first three.
func judge(ctx context.Context, s *search.Service, all []judged, missed func(judged, search.Result)) (score, error) {
	var out score
	for _, q := range all {
		r, err := s.Find(ctx, search.Query{Text: q.Q, Limit: 10})
		if err != nil {
			return out, fmt.Errorf("%s: %w", q.ID, err)
		}
		out.n++
		if len(r.Hits) == 0 || r.Loose || r.Nearest {
			out.plain++
		}
		at := slices.IndexFunc(r.Hits, func(h search.Hit) bool { return slices.Contains(q.Accept, h.Key) })
		if at == 0 {
			out.first++
		}
		if at >= 0 && at < 3 {
			out.third++
		} else if missed != nil {
			missed(q, r)
		}
		if at >= 0 {
			out.reciprocal += 1 / float64(at+1)
		}
	}
	return out, nil
}

// fill loads the catalog the questions were written for.
func fill(ctx context.Context, d *db.DB, root string) (*search.Service, error) {
	s, err := search.New(search.Deps{DB: d, Now: time.Now}) //nolint:forbidigo // a command's own clock
	if err != nil {
		return nil, err
	}
	list, err := district(root)
	if err != nil {
		return nil, err
	}
	packs, err := demo(root)
	if err != nil {
		return nil, err
	}
	if err := put(ctx, d, s, append(list, packs...)); err != nil {
		return nil, err
	}
	return s, s.Ready(ctx)
}

func questions(ctx context.Context, d *db.DB, root string, show bool, out io.Writer) error {
	s, err := fill(ctx, d, root)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "%-6s %5s %7s %7s %7s\n", "half", "n", "hit@1", "hit@3", "MRR")
	for _, half := range halves {
		all, err := readQuestions(root, half.name, half.optional)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			continue
		}
		var missed func(judged, search.Result)
		if show && half.open {
			missed = func(q judged, r search.Result) { explain(out, s, q, r) }
		}
		sc, err := judge(ctx, s, all, missed)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(out, "%-6s %5d %7.3f %7.3f %7.3f\n", half.name, sc.n, sc.hit1(), sc.hit3(), sc.mrr())
	}
	none, err := readQuestions(root, "none", false)
	if err != nil {
		return err
	}
	sc, err := judge(ctx, s, none, nil)
	_, _ = fmt.Fprintf(out, "%-6s %5d answered without certainty: %.3f\n", "none", sc.n, float64(sc.plain)/float64(max(sc.n, 1)))
	return err
}

// explain prints a question of an open half that was missed.
func explain(out io.Writer, s *search.Service, q judged, r search.Result) {
	e, _ := s.Explain(context.Background(), search.Query{Text: q.Q, Limit: 50})
	_, _ = fmt.Fprintf(out, "%s %s\n   loose %v corrected %q nearest %v intent %s\n", q.ID, q.Q, r.Loose, r.Corrected, r.Nearest, r.Intent)
	for i, list := range [][]search.ExplainedTerm{e.Must, e.Should} {
		for _, t := range list {
			_, _ = fmt.Fprintf(out, "   %s %s %.2f (%d):", []string{"must", "may"}[i], t.Text, t.Weight, t.Heads)
			for _, w := range t.Ways {
				_, _ = fmt.Fprintf(out, " %s/%.2f(%d)", w.Word, w.Weight, w.Heads)
			}
			_, _ = fmt.Fprintln(out)
		}
	}
	for i, h := range r.Hits[:min(3, len(r.Hits))] {
		_, _ = fmt.Fprintf(out, "   %d %.2f %s\n", i+1, h.Score, h.Name)
	}
	for _, key := range q.Accept {
		at := slices.IndexFunc(e.Result.Hits, func(h search.Hit) bool { return h.Key == key })
		if h, err := s.Find(context.Background(), search.Query{Text: key}); err == nil && len(h.Hits) > 0 {
			score := 0.0
			if at >= 0 {
				score = e.Result.Hits[at].Score
			}
			_, _ = fmt.Fprintf(out, "   = %d %.2f %s\n", at+1, score, h.Hits[0].Name)
		}
	}
}
