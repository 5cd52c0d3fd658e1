package docs

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestGeneratedFromTheProgram builds the program once and holds to it what the documentation takes from it: the API reference, and the example
// of the pack author's guide.
func TestGeneratedFromTheProgram(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "tongban")
	if out, err := exec.Command("go", "build", "-o", bin, "../cmd/tongban").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Run("API reference", func(t *testing.T) {
		gen := exec.Command("go", "run", "./genapi")
		gen.Stdin = bytes.NewReader(openAPI(t, bin))
		gen.Stderr = os.Stderr
		got, err := gen.Output()
		if err != nil {
			t.Fatal(err)
		}
		if want := read(t, "api.md"); string(got) != want {
			t.Errorf("docs/api.md is behind the program at %s; make it anew as its head says", difference(string(got), want))
		}
	})
	t.Run("example pack", func(t *testing.T) {
		dir := t.TempDir()
		if n := unpack(t, "guides/pack-author.md", dir); n < 8 {
			t.Fatalf("only %d files in the guide", n)
		}
		if out, err := exec.Command(bin, "pack", "check", dir).CombinedOutput(); err != nil { //nolint:gosec // our own binary
			t.Errorf("the example of the guide has problems: %v\n%s", err, out)
		}
		wrong := filepath.Join(dir, "flows", "dog.yaml")
		if err := os.WriteFile(wrong, []byte(strings.Replace(read(t, wrong), "police-review", "nobody", 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(bin, "pack", "check", dir).CombinedOutput() //nolint:gosec // our own binary
		if err == nil || !strings.Contains(string(out), "flows/dog.yaml:10 /steps/2/post") {
			t.Errorf("a wrong post is reported otherwise than the guide shows: %v\n%s", err, out)
		}
	})
}

var at = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// openAPI starts a demo with a data folder of its own on a free port and fetches its document.
func openAPI(t *testing.T, bin string) []byte {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 60*time.Second)
	defer stop()
	demo := exec.CommandContext(ctx, bin, "demo", "--addr", "127.0.0.1:0", "--data", filepath.Join(t.TempDir(), "data")) //nolint:gosec // our own binary
	out, err := demo.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := demo.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(); _ = demo.Wait() })
	var said []byte
	buf := make([]byte, 4096)
	for !at.Match(said) { // it prints its address when it is ready
		n, err := out.Read(buf)
		if said = append(said, buf[:n]...); err != nil {
			t.Fatalf("the demo did not start: %v\n%s", err, said)
		}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, string(at.Find(said))+"/api/openapi.json", nil)
	if err != nil {
		t.Fatal(err)
	}
	var res *http.Response
	if res, err = (&http.Client{}).Do(req); err != nil { // the address listens before it is printed
		t.Fatal(err)
	}
	defer res.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(res.Body); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("openapi.json: %d %v", res.StatusCode, err)
	}
	return b.Bytes()
}

var example = regexp.MustCompile("(?ms)^#### `([^`]+)`\n\n```[a-z]*\n(.*?)^```")

// unpack writes the files a guide shows under headings that are their names.
func unpack(t *testing.T, guide, dir string) int {
	t.Helper()
	found := example.FindAllStringSubmatch(read(t, guide), -1)
	for _, m := range found {
		name := filepath.Join(dir, filepath.FromSlash(m[1]))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(m[2]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return len(found)
}

// difference names the first line in which two texts differ.
func difference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return "line " + b[i] + " (now: " + a[i] + ")"
		}
	}
	return "its end"
}
