package docs

import (
	"bytes"
	"context"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var shell = regexp.MustCompile("(?ms)^```sh\n(.*?)^```")

// TestGovStackGuideWorks runs every line of the guide against a demo.
func TestGovStackGuideWorks(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "tongban")
	if out, err := exec.Command("go", "build", "-o", bin, "../cmd/tongban").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	ctx, stop := context.WithTimeout(t.Context(), 90*time.Second)
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
	script := "set -eo pipefail\nbase=" + string(at.Find(said)) + "\n"
	blocks := shell.FindAllStringSubmatch(read(t, "govstack.md"), -1)
	for _, b := range blocks {
		script += b[1]
	}
	sh := exec.CommandContext(ctx, "bash", "-c", script)
	sh.Dir = t.TempDir()
	var got, wrong bytes.Buffer
	sh.Stdout, sh.Stderr = &got, &wrong
	if err := sh.Run(); err != nil || len(blocks) < 6 {
		t.Fatalf("%d blocks: %v\n%s\n%s", len(blocks), err, wrong.String(), got.String())
	}
	for _, want := range []string{`"id":"elder-card"`, `"eFormId":"elder-card"`, `"x-materials"`, `"code":"PENDING"`, `"url":"http`, `"oneOf":["accept","correction","refuse"]`, `"state":"certified"`, `"approved":1`, "cases.not_now", "as it should be"} {
		if !strings.Contains(got.String(), want) {
			t.Errorf("the guide's lines do not give %s\n%s", want, got.String())
		}
	}
}
