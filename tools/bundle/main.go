// Command bundle builds the styles and scripts of web/ into internal/base/ui/assets, where the binary embeds them.
// Run it as: go run -C tools ./bundle [-check]. With -check it writes nothing and fails when the committed files are not what the sources give.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/evanw/esbuild/pkg/api"
)

// engines are the oldest browsers that get the scripts; older ones get the pages without them, which work as well.
var engines = []api.Engine{
	{Name: api.EngineChrome, Version: "88"}, {Name: api.EngineSafari, Version: "16"}, {Name: api.EngineFirefox, Version: "98"}, {Name: api.EngineEdge, Version: "88"},
}

func main() {
	check := flag.Bool("check", false, "write nothing; fail when the committed assets differ")
	root := flag.String("root", "..", "root of the repository")
	flag.Parse()
	if err := run(*root, *check); err != nil {
		fmt.Fprintln(os.Stderr, "bundle:", err)
		os.Exit(1)
	}
}

func run(root string, check bool) error {
	built, err := build(filepath.Join(root, "web"))
	if err != nil {
		return err
	}
	var stale []error
	for name, want := range built {
		path := filepath.Join(root, "internal", "base", "ui", "assets", name)
		if !check {
			if err := os.WriteFile(path, want, 0o644); err != nil { //nolint:gosec // public asset
				return err
			}
			continue
		}
		have, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(have, want) {
			stale = append(stale, fmt.Errorf("%s is not what web/ gives: run go run -C tools ./bundle", path))
		}
	}
	return errors.Join(stale...)
}

// build gives the files by name. htmx is copied as it was published, so that its hash can be compared with the package's.
func build(web string) (map[string][]byte, error) {
	htmx, err := os.ReadFile(filepath.Join(web, "vendor", "htmx.min.js"))
	if err != nil {
		return nil, err
	}
	out := map[string][]byte{"htmx.js": htmx}
	for name, entry := range map[string]string{"app.js": "src/main.ts", "app.css": "styles/app.css", "design.js": "src/design/main.tsx", "design.css": "styles/design.css", "desk.js": "src/desk.ts", "desk.css": "styles/desk.css"} {
		if out[name], err = bundle(filepath.Join(web, entry)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func bundle(entry string) ([]byte, error) {
	entry, err := filepath.Abs(entry)
	if err != nil {
		return nil, err
	}
	r := api.Build(api.BuildOptions{
		EntryPoints: []string{entry}, Bundle: true, Write: false, Outdir: filepath.Dir(entry), Format: api.FormatIIFE, Charset: api.CharsetUTF8,
		MinifyWhitespace: true, MinifySyntax: true, MinifyIdentifiers: true, Engines: engines, LegalComments: api.LegalCommentsNone,
		JSX: api.JSXAutomatic, JSXImportSource: "preact",
	})
	if len(r.Errors) > 0 {
		return nil, errors.New(fmt.Sprint(api.FormatMessages(r.Errors, api.FormatMessagesOptions{Kind: api.ErrorMessage})))
	}
	if len(r.Warnings) > 0 {
		return nil, errors.New(fmt.Sprint(api.FormatMessages(r.Warnings, api.FormatMessagesOptions{Kind: api.WarningMessage})))
	}
	return r.OutputFiles[0].Contents, nil
}
