package paper

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tongban/internal/base/packfile"
	"tongban/internal/engine/pdf"
)

// TestThePackNamesApplicantAndAgentApart reads the papers of the city: every one has a place for who acts, which leaves nothing behind when the
// applicant acts; the proof of delivery has one for who took the result.
func TestThePackNamesApplicantAndAgentApart(t *testing.T) {
	paths, err := filepath.Glob("../../../packs/qinglan/papers/*.yaml")
	if err != nil || len(paths) < 10 {
		t.Fatalf("%d papers, %v", len(paths), err)
	}
	text := func(l pdf.Layout) string {
		var out []string
		for _, b := range l.Blocks {
			out = append(out, textsOf(b)...)
		}
		return strings.Join(out, "\n")
	}
	for _, path := range paths {
		data, err := os.ReadFile(path) //nolint:gosec // the repository's own files
		if err != nil {
			t.Fatal(err)
		}
		var tm Template
		doc, bad := packfile.Decode(packfile.File{Path: filepath.Base(path), Data: data}, &tm)
		if bad = append(bad, tm.check(doc)...); len(bad) > 0 {
			t.Fatal(bad)
		}
		used := Places(tm.Layout)
		if !used["agent"] || tm.Act == Delivery && !used["taker"] {
			t.Errorf("%s has no place for who acts", tm.Key)
		}
		values := map[string]string{}
		for n := range PlaceNames(tm.Act) {
			values[n] = "填"
		}
		values["applicant"], values["agent"] = "沈玉英", "代理人：林小满，授权委托书"
		with, err := pdf.Fill(tm.Layout, values)
		if err != nil {
			t.Fatal(err)
		}
		if s := text(with); !strings.Contains(s, "沈玉英") || !strings.Contains(s, "代理人：林小满，授权委托书") || strings.Contains(s, "沈玉英（代理人") {
			t.Errorf("%s:\n%s", tm.Key, s)
		}
		values["agent"] = ""
		without, err := pdf.Fill(tm.Layout, values)
		if err != nil {
			t.Fatal(err)
		}
		if s := text(without); strings.Contains(s, "（）") {
			t.Errorf("%s keeps an empty bracket:\n%s", tm.Key, s)
		}
	}
}
