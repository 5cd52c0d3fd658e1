package clock

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"testing/iotest"
)

func explain(t *testing.T, in string) []string {
	t.Helper()
	var out bytes.Buffer
	if err := Explain(strings.NewReader(in), &out, Embedded()); err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
}

func TestExplainWritesExactly(t *testing.T) {
	got := explain(t, "\ufeff"+`{"id":"a","from":"2026-02-13T23:59:59+08:00","days":2,"unit":"workday"}`+"\r\n \n"+
		`{"id":7,"from":"2026-03-02T10:00:00+08:00","days":20,"unit":"workday","stops":[{"from":"2026-03-05T09:00:00+08:00","to":null}]}`+"\n"+
		`{"id":{"x":"<b>"},"from":"2026-03-02T10:00+08:00","days":1,"unit":"hour","stops":null}`)
	want := []string{
		`{"id":"a","due":"2026-02-24T23:59:59+08:00","counted":2,"provisional":false,"skipped":[` +
			`{"date":"2026-02-15","why":"春节"},{"date":"2026-02-16","why":"春节"},{"date":"2026-02-17","why":"春节"},` +
			`{"date":"2026-02-18","why":"春节"},{"date":"2026-02-19","why":"春节"},{"date":"2026-02-20","why":"春节"},` +
			`{"date":"2026-02-21","why":"春节"},{"date":"2026-02-22","why":"春节"},{"date":"2026-02-23","why":"春节"}]}`,
		`{"id":7,"paused":true,"left":17}`,
		`{"id":{"x":"<b>"},"due":"2026-03-02T11:00:00+08:00","counted":1,"provisional":false,"skipped":[]}`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestExplainNamesWhatIsWrongAndGoesOn(t *testing.T) {
	const good = `{"id":"ok","from":"2026-03-02T10:00:00+08:00","days":1,"unit":"workday"}`
	for _, c := range []struct{ line, id, key string }{
		{`{"id":"a"`, "null", "clock.line_json"},
		{`[]`, "null", "clock.line_json"},
		{`null`, "null", "clock.line_json"},
		{"{\"id\":\"\xff\"}", "null", "clock.line_json"},
		{strings.Repeat("x", maxLine+1), "null", "clock.line_too_long"},
		{`{"id":"a"}`, `"a"`, "clock.days_number"},
		{`{"id":"a","days":1,"unit":"workday"}`, `"a"`, "clock.from_missing"},
		{`{"id":"a","from":"","days":1,"unit":"workday"}`, `"a"`, "clock.from_missing"},
		{`{"id":"a","from":"2026-02-30T10:00:00+08:00","days":1,"unit":"workday"}`, `"a"`, "clock.instant"},
		{`{"id":"a","from":"2026-03-02T10:00:00","days":1,"unit":"workday"}`, `"a"`, "clock.instant"},
		{`{"id":"a","from":5,"days":1,"unit":"workday"}`, `"a"`, "clock.instant"},
		{`{"id":"a","from":"2026-03-02T10:00:00Z","days":1.5,"unit":"workday"}`, `"a"`, "clock.days_number"},
		{`{"id":"a","from":"2026-03-02T10:00:00Z","days":null,"unit":"workday"}`, `"a"`, "clock.days_number"},
		{`{"id":"a","from":"2026-03-02T10:00:00Z","days":1e30,"unit":"workday"}`, `"a"`, "clock.days_number"},
		{`{"id":"a","from":"2026-03-02T10:00:00Z","days":0,"unit":"workday"}`, `"a"`, "clock.days_range"},
		{`{"id":"a","from":"2026-03-02T10:00:00Z","days":1,"unit":3}`, `"a"`, "clock.unit_unknown"},
		{`{"id":"a","from":"2026-03-02T10:00:00Z","days":1}`, `"a"`, "clock.unit_unknown"},
		{`{"id":"a","from":"2026-03-02T10:00:00Z","days":1,"unit":"hour","stops":{}}`, `"a"`, "clock.stops_list"},
		{`{"id":"a","from":"2026-03-02T10:00:00Z","days":1,"unit":"hour","stops":[{"to":"2026-03-02T10:00:00Z"}]}`, `"a"`, "clock.stop_from"},
		{`{"id":"a","from":"2026-03-02T10:00:00Z","days":1,"unit":"hour","stops":[{"from":"x"}]}`, `"a"`, "clock.instant"},
		{`{"id":"a","from":"2026-03-02T10:00:00Z","days":1,"unit":"hour","stops":[{"from":"2026-03-02T10:00:00Z","to":"2026-03-01T10:00:00Z"}]}`, `"a"`, "clock.stop_order"},
	} {
		got := explain(t, c.line+"\n"+good+"\n")
		if len(got) != 2 || !strings.Contains(got[1], `"due":"2026-03-03T23:59:59+08:00"`) {
			t.Errorf("%.80s: the next line was lost: %q", c.line, got)
			continue
		}
		var a struct {
			ID    json.RawMessage
			Error string
		}
		if err := json.Unmarshal([]byte(got[0]), &a); err != nil {
			t.Fatal(err)
		}
		start, _, _ := strings.Cut(texts[c.key], "{")
		if string(a.ID) != c.id || start == "" || !strings.HasPrefix(a.Error, start) || strings.ContainsAny(a.Error, "{}") {
			t.Errorf("%.80s: got %s, want id %s and %s", c.line, got[0], c.id, c.key)
		}
	}
}

func TestExplainTellsReadAndWriteFailures(t *testing.T) {
	broken := errors.New("gone")
	if err := Explain(iotest.ErrReader(broken), &bytes.Buffer{}, Embedded()); !errors.Is(err, broken) {
		t.Errorf("read: %v", err)
	}
	if err := Explain(strings.NewReader("x\n"), failing{broken}, Embedded()); !errors.Is(err, broken) {
		t.Errorf("write: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// The command's words and the dictionary's are the same, and both languages know every key.
func TestTextsAreThoseOfTheDictionary(t *testing.T) {
	for _, lang := range []string{"zh-CN", "en"} {
		data, err := os.ReadFile("../../base/i18n/texts/clock." + lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var dict map[string]string
		if err := json.Unmarshal(data, &dict); err != nil {
			t.Fatal(err)
		}
		if len(dict) != len(texts) {
			t.Errorf("%s has %d texts, the package %d", lang, len(dict), len(texts))
		}
		for key, text := range texts {
			if dict[key] == "" || lang == "zh-CN" && dict[key] != text {
				t.Errorf("%s %s = %q, want %q", lang, key, dict[key], text)
			}
		}
	}
}

func FuzzExplain(f *testing.F) {
	f.Add([]byte(`{"id":1,"from":"2026-02-10T15:00:00+08:00","days":20,"unit":"workday","stops":[{"from":"2026-02-12T15:00:00Z"}]}` + "\n\nx\n"))
	f.Add([]byte(`{"id":"m","from":"2024-01-31T15:00:00+08:00","days":1,"unit":"month","stops":[{"from":"2024-02-01T00:00:00Z","to":"2024-02-03T00:00:00Z"}]}`))
	f.Add([]byte("\ufeff{}\r\n{\"days\":1e9}"))
	f.Fuzz(func(t *testing.T, in []byte) {
		var out bytes.Buffer
		if err := Explain(bytes.NewReader(in), &out, Embedded()); err != nil {
			t.Fatal(err)
		}
		want := 0
		for line := range bytes.SplitSeq(in, []byte("\n")) {
			if len(bytes.TrimSpace(bytes.TrimPrefix(line, []byte("\ufeff")))) > 0 {
				want++
			}
		}
		if got := bytes.Count(out.Bytes(), []byte("\n")); got != want {
			t.Fatalf("%d answers to %d lines", got, want)
		}
		for line := range bytes.SplitSeq(bytes.TrimSuffix(out.Bytes(), []byte("\n")), []byte("\n")) {
			if len(line) > 0 && !json.Valid(line) {
				t.Fatalf("not JSON: %s", line)
			}
		}
	})
}
