package design

import "strings"

// Line is one line of a text: Sign is "+", "-" or " ".
type Line struct{ Sign, Text string }

const maxLines = 1500 // of each text; a longer one is shown as replaced

// lines compares two texts by their longest common subsequence of lines.
func lines(was, is string) []Line {
	a, b := split(was), split(is)
	if len(a) > maxLines || len(b) > maxLines {
		return append(signed("-", a), signed("+", b)...)
	}
	common := make([][]int, len(a)+1)
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var out []Line
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			out = append(out, Line{" ", a[i]})
			i, j = i+1, j+1
		case common[i+1][j] >= common[i][j+1]:
			out = append(out, Line{"-", a[i]})
			i++
		default:
			out = append(out, Line{"+", b[j]})
			j++
		}
	}
	return append(append(out, signed("-", a[i:])...), signed("+", b[j:])...)
}

func split(s string) []string {
	if s = strings.TrimSuffix(s, "\n"); s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}

func signed(sign string, ss []string) []Line {
	out := make([]Line, 0, len(ss))
	for _, s := range ss {
		out = append(out, Line{sign, s})
	}
	return out
}

// TextDiff compares two texts line by line.
func TextDiff(was, is []byte) []Line { return lines(string(was), string(is)) }
