package catalog

import (
	"strings"
	"unicode"
)

// maxQuery is how many runes of a query are read; the rest cannot make the answer better.
const maxQuery = 200

// fold makes texts comparable: full-width forms become ASCII, letters small, everything that is neither letter nor digit a blank. Traditional
// characters stay as they are.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			r -= '！' - '!'
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return ' '
		}
		return unicode.ToLower(r)
	}, strings.ToValidUTF8(s, " "))
}

// runs splits folded text into runs of Chinese characters and runs of other letters and digits.
func runs(folded string) (chinese, words []string) {
	for _, part := range strings.Fields(folded) {
		start, han := 0, false
		for i, r := range part {
			if is := unicode.Is(unicode.Han, r); i == 0 {
				han = is
			} else if is != han {
				chinese, words = sortRun(part[start:i], han, chinese, words)
				start, han = i, is
			}
		}
		chinese, words = sortRun(part[start:], han, chinese, words)
	}
	return chinese, words
}

func sortRun(s string, han bool, chinese, words []string) ([]string, []string) {
	if han {
		return append(chinese, s), words
	}
	return chinese, append(words, s)
}

// tokens gives what a text is found by: single characters and pairs of neighbours for Chinese, whole words for the rest. Pairs make words of two
// characters findable without a dictionary.
func tokens(text string) []string {
	chinese, words := runs(fold(text))
	out := words
	for _, run := range chinese {
		rs := []rune(run)
		for i := range rs {
			out = append(out, string(rs[i]))
			if i > 0 {
				out = append(out, string(rs[i-1:i+1]))
			}
		}
	}
	return out
}

// terms gives what a query asks for: pairs, and single characters only where one stands alone.
func terms(folded string) []string {
	chinese, words := runs(folded)
	var out []string
	seen := map[string]bool{}
	add := func(s string) {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	for _, w := range words {
		add(w)
	}
	for _, run := range chinese {
		rs := []rune(run)
		if len(rs) == 1 {
			add(run)
		}
		for i := 1; i < len(rs); i++ {
			add(string(rs[i-1 : i+1]))
		}
	}
	return out
}

// chatter are the words people wrap a question in; they say nothing about the item. Longer ones stand first.
var chatter = []string{
	"需要什么材料", "需要哪些材料", "怎么办理", "如何办理", "在哪里办", "去哪里办", "要多少钱", "需要什么", "要什么材料", "在哪办", "去哪办", "怎么办", "怎样办", "如何办",
	"要多久", "是什么", "要什么", "怎么", "怎样", "如何", "办理", "请问", "你好", "您好", "我想", "我要", "想要", "需要", "什么", "哪里", "哪儿", "多久", "多少钱", "材料", "流程", "手续", "可以",
	"帮我", "一下", "一个", "吗", "呢", "吧", "啊", "呀", "的", "了", "咋",
}

// withoutChatter takes those words out of a folded query; it gives "" when nothing else is left.
func withoutChatter(folded string) string {
	for _, w := range chatter {
		folded = strings.ReplaceAll(folded, w, " ")
	}
	return strings.Join(strings.Fields(folded), " ")
}

// queryText folds a query and cuts it to what is read.
func queryText(q string) string {
	rs := []rune(q)
	return strings.Join(strings.Fields(fold(string(rs[:min(len(rs), maxQuery)]))), " ")
}
