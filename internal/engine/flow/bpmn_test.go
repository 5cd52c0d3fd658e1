package flow

import (
	"encoding/xml"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// designed holds everything the designer can draw.
func designed() Definition {
	return Definition{Key: "all", Name: "各种<环节>", Steps: []Step{
		{Key: "accept", Name: "受理", Kind: Accept, Post: "p"},
		fork(large("大店", opinion("ra", 1), opinion("rb", 1)), Way{Name: "其余"}),
		both(opinion("fire", 2), opinion("health", 3)),
		asking().Steps[1], asking().Steps[2].Parallel[1][0],
		{Key: "sign", Name: "会签", Kind: Countersign, Posts: []string{"a", "b", "c"}, Need: 2},
		{Key: "decide", Name: "决定", Kind: Decide, Post: "p"},
	}}
}

// TestBPMNHoldsTogether: well-formed, every id once, every edge between nodes that name it, one default at each choice.
func TestBPMNHoldsTogether(t *testing.T) {
	for _, d := range []Definition{food(t), designed()} {
		var b strings.Builder
		if err := d.WriteBPMN(&b); err != nil {
			t.Fatal(err)
		}
		ids, refs, defaults := map[string]int{}, map[string]string{}, 0
		dec := xml.NewDecoder(strings.NewReader(b.String()))
		for {
			tok, err := dec.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			el, ok := tok.(xml.StartElement)
			for _, a := range el.Attr {
				switch a.Name.Local {
				case "id":
					ids[a.Value]++
				case "sourceRef", "targetRef", "bpmnElement", "default":
					refs[a.Value] = el.Name.Local
				}
				if a.Name.Local == "default" {
					defaults++
				}
			}
			_ = ok
		}
		for id, n := range ids {
			if n > 1 {
				t.Errorf("%s: id %s stands %d times", d.Key, id, n)
			}
		}
		for ref, in := range refs {
			if ids[ref] == 0 {
				t.Errorf("%s: a %s names %s, which is nowhere", d.Key, in, ref)
			}
		}
		if defaults != 1 {
			t.Errorf("%s: %d choices have a default, want 1", d.Key, defaults)
		}
	}
}

// TestBPMNReadsElsewhere lets bpmn-moddle, the reader of bpmn-js, read the export.
func TestBPMNReadsElsewhere(t *testing.T) {
	moddle := filepath.Join("..", "..", "..", "e2e", "node_modules", "bpmn-moddle")
	if _, err := os.Stat(moddle); err != nil {
		if os.Getenv("TONGBAN_FULL") != "" {
			t.Fatal("bpmn-moddle is not installed: npm --prefix e2e ci")
		}
		t.Skip("bpmn-moddle is not installed (npm --prefix e2e ci)")
	}
	dir := t.TempDir()
	for _, d := range []Definition{food(t), designed()} {
		f, err := os.Create(filepath.Join(dir, d.Key+".bpmn"))
		if err != nil {
			t.Fatal(err)
		}
		if err := d.WriteBPMN(f); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command("node", "testdata/readbpmn.mjs", moddle, dir).CombinedOutput() //nolint:gosec // our own script
	if err != nil || !strings.Contains(string(out), "read 2") {
		t.Errorf("bpmn-moddle: %v\n%s", err, out)
	}
}
