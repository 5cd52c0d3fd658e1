package pdf

import (
	"slices"
	"strings"
	"testing"
)

func TestBreakLines(t *testing.T) {
	wide := func(s string) float64 { // Chinese 2, others 1
		n := 0.0
		for _, r := range s {
			n++
			if r > 0x2E80 || strings.ContainsRune("“”—…", r) {
				n++
			}
		}
		return n
	}
	for _, c := range []struct {
		name, text    string
		width, indent float64
		want          []string
	}{
		{"plain", "一二三四五六", 8, 0, []string{"一二三四", "五六"}},
		{"indent", "一二三四五六", 8, 4, []string{"一二", "三四五六"}},
		{"no comma first", "一二三四，五六", 8, 0, []string{"一二三", "四，五六"}},
		{"no closing quote first", "一二三。”四", 8, 0, []string{"一二", "三。”四"}},
		{"no opening bracket last", "一二三（四五", 8, 0, []string{"一二三", "（四五"}},
		{"latin word whole", "甲乙 Tongban", 8, 0, []string{"甲乙", "Tongban"}},
		{"number whole", "第2026003号", 8, 0, []string{"第", "2026003", "号"}},
		{"space at the break vanishes", "ab cd ef", 5, 0, []string{"ab cd", "ef"}},
		{"word wider than the line", "abcdefghij", 4, 0, []string{"abcd", "efgh", "ij"}},
		{"name dot", "买买提·艾力", 6, 0, []string{"买买", "提·艾", "力"}},
		{"dash pair", "一二三——四", 8, 0, []string{"一二", "三——四"}},
		{"only punctuation", "。。。。。。", 6, 0, []string{"。。。", "。。。"}},
		{"line ends", "甲\n\n乙", 8, 0, []string{"甲", "", "乙"}},
		{"empty", "", 8, 0, []string{""}},
	} {
		got := breakLines(c.text, c.width, c.indent, wide)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func FuzzBreakLines(f *testing.F) {
	f.Add("第（一）条，“甲”。abc def", 9.0)
	f.Fuzz(func(t *testing.T, s string, width float64) {
		if width < 1 || width > 1e6 {
			return
		}
		got := strings.Join(breakLines(s, width, 0, func(p string) float64 { return float64(len([]rune(p))) }), "")
		strip := func(s string) string { return strings.Join(strings.Fields(strings.ToValidUTF8(s, "\uFFFD")), "") }
		if a, b := strip(got), strip(s); len([]rune(a)) != len([]rune(b)) && len([]rune(s)) == len([]rune(strings.ToValidUTF8(s, ""))) {
			t.Errorf("%q became %q", b, a)
		}
	})
}
