package pdf

import (
	"strings"
	"unicode"
)

// Punctuation that may not begin or end a line (GB/T 15834-2011, 5.1; the usual 禁则).
const (
	notFirst = "，。、；：？！）】》〉」』”’…—·～％%‰℃°,.;:?!)]}》〕〗々"
	notLast  = "（【《〈「『“‘([{〔〖￥$№#"
)

// atoms cuts a text into pieces that must stay on one line: a Chinese character with the punctuation that clings to it, a whole Latin word
// or number, or one space.
func atoms(text string) []string {
	var out []string
	glue := false
	prev := rune(0)
	for _, r := range text {
		if unicode.IsSpace(r) {
			r = ' '
		}
		joins := glue || (prev != 0 && prev != ' ' && strings.ContainsRune(notFirst, r)) || (inWord(prev) && inWord(r))
		if joins && len(out) > 0 {
			out[len(out)-1] += string(r)
		} else {
			out = append(out, string(r))
		}
		glue = strings.ContainsRune(notLast, r)
		prev = r
	}
	return out
}

// inWord tells the characters of Latin words, numbers and codes from Chinese ones.
func inWord(r rune) bool {
	return r > ' ' && r < 0x2000 && r != '·'
}

// breakLines sets a text into lines of at most width points, the first one shorter by indent. A piece wider than a whole line is cut
// anywhere: a 200-character name without a space must still be readable in full.
func breakLines(text string, width, indent float64, measure func(string) float64) []string {
	var lines []string
	for _, para := range strings.Split(text, "\n") {
		lines = append(lines, breakPara(para, width, indent, measure)...)
		indent = 0
	}
	return lines
}

func breakPara(para string, width, indent float64, measure func(string) float64) []string {
	var lines []string
	line, left := "", width-indent
	end := func() {
		lines = append(lines, strings.TrimRight(line, " "))
		line, left = "", width
	}
	for _, a := range atoms(para) {
		w := measure(a)
		if a == " " && line == "" && len(lines) > 0 {
			continue
		}
		if w > left && line != "" && a != " " {
			end()
		}
		if w <= left || a == " " {
			line, left = line+a, left-w
			continue
		}
		for _, r := range a {
			if w := measure(string(r)); w > left && line != "" {
				end()
				line, left = string(r), left-w
			} else {
				line, left = line+string(r), left-w
			}
		}
	}
	if line != "" || len(lines) == 0 {
		end()
	}
	return lines
}
