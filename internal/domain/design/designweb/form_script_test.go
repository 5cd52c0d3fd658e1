package designweb

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/evanw/esbuild/pkg/api"
)

const designSrc = "../../../../web/src/design"

// TestFormScripts runs what the designer does to a form, and how it merges two versions, in node.
func TestFormScripts(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("SKIPPED LOUDLY: node is not installed, the designer's merging was not tested")
	}
	src, err := filepath.Abs(designSrc)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "form.mjs")
	r := api.Build(api.BuildOptions{
		Stdin:  &api.StdinOptions{Contents: `export * from "./form/merge"; export * from "./merge"; export * as m from "./form/model";`, ResolveDir: src, Loader: api.LoaderTS},
		Bundle: true, Write: true, Outfile: out, Format: api.FormatESModule, Target: api.ES2022,
	})
	if len(r.Errors) > 0 {
		t.Fatal(r.Errors)
	}
	if b, err := exec.CommandContext(t.Context(), node, filepath.Join(src, "form", "form.test.mjs"), out).CombinedOutput(); err != nil {
		t.Errorf("%v\n%.3000s", err, b)
	}
}
