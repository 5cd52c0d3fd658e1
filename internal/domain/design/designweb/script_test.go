package designweb

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/evanw/esbuild/pkg/api"
)

const designSrc = "../../../../web/src/design"

// hooksOnce stand for preact's where a component is only called once: a test may say what is chosen, and in what context it stands.
const hooksOnce = `
const first = (v) => (typeof v === "function" ? v() : v);
export const useState = (v) => [(first(v) === "" || first(v) === -1) && globalThis.chosen !== undefined ? globalThis.chosen : first(v), () => {}];
export const useMemo = (f) => f(), useEffect = () => {}, useLayoutEffect = () => {}, useRef = (v) => ({ current: v }), useCallback = (f) => f, useId = () => "x";
export const useContext = (c) => globalThis.contexts.get(c);
`

// TestDesignerScripts runs, in node, how a designer saves and what becomes of typed text when it cannot, what the form designer does to a form, how it
// merges two versions, and that a closed change takes nothing.
func TestDesignerScripts(t *testing.T) {
	node, err := exec.LookPath("node")
	if _, missing := os.Stat(filepath.Join(designSrc, "../../node_modules/preact")); err != nil || missing != nil {
		if os.Getenv("TONGBAN_FULL") != "" {
			t.Fatal("node and web/node_modules (npm --prefix web ci) are needed: ", err, missing)
		}
		t.Skip("SKIPPED LOUDLY: without node and web/node_modules (npm --prefix web ci) the designers' saving and merging were not tested; ./check full brings both")
	}
	src, err := filepath.Abs(designSrc)
	if err != nil {
		t.Fatal(err)
	}
	hooks := filepath.Join(t.TempDir(), "hooks.mjs")
	if err := os.WriteFile(hooks, []byte(hooksOnce), 0o600); err != nil {
		t.Fatal(err)
	}
	for test, of := range map[string]string{
		"form/form.test.mjs": `export * from "./form/merge"; export * from "./merge"; export * as m from "./form/model";`,
		"store.test.mjs":     `export * from "./store";`,
		"closed.test.mjs": `export * from "./flow/designer"; export * from "./form/designer"; export * from "./paper/designer";
			export * from "./scenario/designer"; export * from "./table/designer";`,
	} {
		out := filepath.Join(t.TempDir(), "of.mjs")
		r := api.Build(api.BuildOptions{
			Stdin:  &api.StdinOptions{Contents: of, ResolveDir: src, Loader: api.LoaderTSX},
			Bundle: true, Write: true, Outfile: out, Format: api.FormatESModule, Target: api.ES2022, JSX: api.JSXAutomatic, JSXImportSource: "preact", Alias: map[string]string{"preact/hooks": hooks},
		})
		if len(r.Errors) > 0 {
			t.Fatal(r.Errors)
		}
		if b, err := exec.CommandContext(t.Context(), node, filepath.Join(src, test), out).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%.3000s", test, err, b)
		}
	}
}
