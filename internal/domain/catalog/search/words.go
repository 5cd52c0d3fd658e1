package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tongban/internal/domain/catalog/item"
	"tongban/internal/engine/lex"
)

// field is where a word of a head stands, best first. Its letter is the weight in PostgreSQL's tsvector.
type field uint8

const (
	inName field = iota
	inEveryday
	inShort
	inBody
)

// fields are the names of the fields as results give them, and how much a word found there counts.
var fields = [...]struct {
	name   string
	weight float64
}{{FieldName, 1}, {FieldEveryday, 0.92}, {FieldShort, 0.6}, {FieldBody, 0.25}}

// maxToken is the longest token that is kept, in bytes; longer runs are no words.
const maxToken = 96

// headWords are the tokens of a head by field, each only in the best field it stands in.
type headWords [3][]string

// wordsOf gives the tokens of an item's names.
func wordsOf(l *lex.Lexicon, it *item.Item) headWords {
	var out headWords
	seen := map[string]bool{}
	for f, texts := range [3][]string{{it.Name}, append([]string{it.SearchTitle}, it.Everyday...), {it.Short, it.MainItem}} {
		for _, text := range texts {
			out[f] = appendTokens(out[f], seen, l, text)
		}
	}
	return out
}

// bodyTexts are what else items say: summary, who, questions, materials, results, answers. What several of them say stands there once.
func bodyTexts(items []*item.Item) []string {
	var out []string
	seen := map[string]bool{"": true}
	add := func(texts ...string) {
		for _, t := range texts {
			if !seen[t] {
				seen[t] = true
				out = append(out, t)
			}
		}
	}
	for _, it := range items {
		add(it.Summary, it.Result.Name)
		add(it.Who...)
		for _, m := range it.Materials {
			add(m.Name)
		}
		for _, q := range it.Scenario {
			add(q.Ask)
			for _, o := range q.Options {
				add(o.Label)
			}
		}
		for _, a := range it.FAQ {
			add(a.Q)
		}
	}
	return out
}

func appendTokens(out []string, seen map[string]bool, l *lex.Lexicon, text string) []string {
	if text == "" {
		return out
	}
	for _, t := range l.Tokens(text) {
		if t = plain(t); t != "" && !seen[t] {
			seen[t] = true
			out = append(out, t)
		}
	}
	return out
}

// plain keeps letters and digits: what neither engine's own parser would take apart.
func plain(token string) string {
	keep := func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}
	if t := strings.Map(keep, token); len(t) <= maxToken {
		return t
	}
	return ""
}

// join and split pack the tokens of a head into one column: a line a field.
func (w headWords) join() string {
	return strings.Join(w[0], " ") + "\n" + strings.Join(w[1], " ") + "\n" + strings.Join(w[2], " ")
}

func splitWords(s string) headWords {
	var w headWords
	for i := range w {
		var line string
		line, s, _ = strings.Cut(s, "\n")
		w[i] = strings.Fields(line)
	}
	return w
}

// aliases are the names of an item beside its name.
func aliases(it *item.Item) []string {
	var out []string
	for _, a := range append([]string{it.SearchTitle, it.Short}, it.Everyday...) {
		if a = strings.TrimSpace(a); a != "" && a != it.Name && !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}

// fold brings a text to the form in which names are compared: lex's, without signs.
func fold(s string) string {
	if n := maxText * utf8.UTFMax; len(s) > n {
		s = s[:n]
	}
	rs := []rune(strings.ToValidUTF8(s, " "))
	s = lex.Fold(string(rs[:min(len(rs), maxText)]))
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ")
}
