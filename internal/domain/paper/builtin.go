package paper

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"sync"

	"tongban/internal/base/packfile"
)

// builtinYAML are the papers that serve until a pack brings its own: no legal act fails for want of a form.
//
//go:embed builtin.yaml
var builtinYAML []byte

type builtinFile struct {
	Papers []Template `json:"papers"`
}

// builtin gives the built-in templates by key.
var builtin = sync.OnceValue(func() map[string]Template {
	var f builtinFile
	if _, ps := packfile.Decode(packfile.File{Path: "builtin.yaml", Data: builtinYAML}, &f); len(ps) > 0 {
		panic(fmt.Sprintf("paper: built-in papers: %+v", ps)) // a fault of the build; a test reads the same file
	}
	out := map[string]Template{}
	for _, t := range append(f.Papers, plainTemplates()...) {
		out[t.Key] = t
	}
	return out
})

// builtinFor gives the built-in templates of an act, by key.
func builtinFor(act string) []Template {
	var out []Template
	for _, key := range slices.Sorted(maps.Keys(builtin())) {
		if t := builtin()[key]; t.Act == act {
			out = append(out, t)
		}
	}
	return out
}
