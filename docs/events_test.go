package docs

import (
	"os"
	"os/exec"
	"testing"
)

// TestEventsAreUpToDate makes the catalogue of events anew from the source and compares.
func TestEventsAreUpToDate(t *testing.T) {
	gen := exec.Command("go", "run", "./genevents", "..")
	gen.Stderr = os.Stderr
	got, err := gen.Output()
	if err != nil {
		t.Fatal(err)
	}
	if want := read(t, "events.md"); string(got) != want {
		t.Errorf("docs/events.md is behind the program at %s; make it anew as its head says", difference(string(got), want))
	}
}
