package cond

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/evanw/esbuild/pkg/api"
)

const webSrc = "../../../web/src"

// TestBrowserAgrees runs web/src/cond.ts over the shared vectors and over random trees evaluated here.
func TestBrowserAgrees(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		if os.Getenv("TONGBAN_FULL") != "" {
			t.Fatal("node is not installed (Debian package nodejs)")
		}
		t.Skip("SKIPPED LOUDLY: node is not installed, the browser's condition evaluator was not tested")
	}
	src, err := os.ReadFile(filepath.Join(webSrc, "cond.ts"))
	if err != nil {
		t.Fatal(err)
	}
	r := api.Transform(string(src), api.TransformOptions{Loader: api.LoaderTS, Format: api.FormatESModule, Target: api.ES2020})
	if len(r.Errors) > 0 {
		t.Fatalf("cond.ts: %v", r.Errors)
	}
	dir := t.TempDir()
	compiled, generated := filepath.Join(dir, "cond.mjs"), filepath.Join(dir, "random.json")
	if err := os.WriteFile(compiled, r.Code, 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(map[string]any{"cases": randomVectors(t, 3000)})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(generated, b, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, vectors := range []string{"testdata/vectors.json", generated} {
		out, err := exec.CommandContext(t.Context(), node, filepath.Join(webSrc, "cond.test.mjs"), compiled, vectors).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%.2000s", vectors, err, out)
		}
	}
}

func randomVectors(t *testing.T, n int) []vector {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	pool := []any{"", " ", "x", "true", "7", "007", "7.0", "-7", "-0", "2026-02-28", "2026-02-30", "0001-01-01", 7, 7.5, 0.1, -7, 1e20, true, false, "٣", "９", "甲"}
	held := append([]any{nil, []any{}, []any{"x", 7}, []any{true}, map[string]any{}, 1e-7, 1e22}, pool...)
	out := make([]vector, n)
	for i := range out {
		e := randomExpr(r, pool, 3)
		b, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, &e); err != nil {
			t.Fatalf("%s: %v", b, err)
		}
		raw, err := json.Marshal(map[string]any{"a": held[r.IntN(len(held))], "b": held[r.IntN(len(held))]})
		if err != nil {
			t.Fatal(err)
		}
		v := vector{Expr: b}
		if err := json.Unmarshal(raw, &v.Answers); err != nil {
			t.Fatal(err)
		}
		v.Want = e.Eval(getter(v.Answers))
		fs := append([]string{}, e.Fields()...)
		v.Fields = &fs
		out[i] = v
	}
	return out
}

func randomExpr(r *rand.Rand, pool []any, depth int) Expr {
	if depth > 0 && r.IntN(3) == 0 {
		kids := []Expr{randomExpr(r, pool, depth-1), randomExpr(r, pool, depth-1)}
		switch r.IntN(3) {
		case 0:
			return Expr{All: kids}
		case 1:
			return Expr{Any: kids}
		}
		return Expr{Not: &kids[0]}
	}
	ops := []string{Eq, Ne, Gt, Ge, Lt, Le, In, NotIn, Contains, Before, After, Empty, NotEmpty}
	e := Expr{Field: []string{"a", "b"}[r.IntN(2)], Op: ops[r.IntN(len(ops))]}
	pick := func() any {
		for {
			if v := pool[r.IntN(len(pool))]; v != 1e20 { // a literal of more than 15 digits does not parse
				return v
			}
		}
	}
	switch e.Op {
	case Empty, NotEmpty:
	case In, NotIn:
		e.Value = []any{pick(), pick()}
	default:
		e.Value = pick()
	}
	return e
}
