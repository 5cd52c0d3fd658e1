package clock

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// handCase is a line of testdata/cases.jsonl: a question as Explain takes it, the answer counted by hand, and how it was counted.
type handCase struct {
	ID, Reason, Due string
	Left            *int
	Days            int
	Unit            Unit
	Provisional     bool
}

// given is any answer of Explain.
type given struct {
	ID, Due, Error string
	Left           *int
	Counted        int
	Paused         bool
	Provisional    bool
	Skipped        []Skip
}

func TestHandCountedCases(t *testing.T) {
	data, err := os.ReadFile("testdata/cases.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := Explain(bytes.NewReader(data), &out, Embedded()); err != nil {
		t.Fatal(err)
	}
	questions := strings.Split(strings.TrimSpace(string(data)), "\n")
	answers := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(questions) < 60 || len(answers) != len(questions) {
		t.Fatalf("%d questions, %d answers", len(questions), len(answers))
	}
	for i := range questions {
		var c handCase
		var a given
		if err := json.Unmarshal([]byte(questions[i]), &c); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(answers[i]), &a); err != nil {
			t.Fatal(err)
		}
		t.Run(c.ID, func(t *testing.T) { checkCase(t, c, a) })
	}
}

func checkCase(t *testing.T, c handCase, a given) {
	t.Helper()
	if c.Reason == "" || (c.Due == "") == (c.Left == nil) {
		t.Fatal("the case needs a reason, and either due or left")
	}
	if a.ID != c.ID || a.Error != "" {
		t.Fatalf("answer %+v", a)
	}
	if c.Left != nil {
		if !a.Paused || a.Left == nil || *a.Left != *c.Left || a.Due != "" {
			t.Errorf("got %+v, want paused with %d left: %s", a, *c.Left, c.Reason)
		}
		return
	}
	if a.Paused || a.Due != c.Due || a.Counted != c.Days || a.Provisional != c.Provisional {
		t.Errorf("due %s counted %d provisional %v, want %s %d %v: %s", a.Due, a.Counted, a.Provisional, c.Due, c.Days, c.Provisional, c.Reason)
	}
	if a.Skipped == nil {
		t.Error("skipped must be a list, even when empty")
	}
}
