package search

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"tongban/internal/engine/lex"
)

// maxTerms is how many terms of a question count; a longer one is a story, and its heaviest terms tell what it is about.
const maxTerms = 12

const maxPairs = 40

// way is one way in which a term can be met: all tokens in the names of a head.
type way struct {
	tokens []string
	weight float64
	word   string // what is looked for
	via    string // what the person said, if that was something else
}

// wanted is a term of a question.
type wanted struct {
	text   string
	weight float64
	ways   []way
	heads  []int32 // slots of heads that meet it otherwise: their agency bears that name
}

// question is a text as it was understood.
type question struct {
	text     string // folded
	core     string // the words of the matter, folded, without what people wrap a question in
	must     []wanted
	should   []wanted
	pairs    []string // of neighbouring characters: what they have in common with a name counts a little, whatever the words are
	intent   string
	audience string
}

// guessed reports whether the question does not say a term: the words of a beginning are likely in every question that names no other step. Beside
// words that were found they tell the first issue of a licence from its renewal; alone they are near nothing.
func (w wanted) guessed() bool { return w.text == lex.IntentNew }

func understand(l *lex.Lexicon, text string) question {
	q := l.Query(text)
	out := question{text: fold(text), intent: q.Intent, audience: q.Audience}
	var core []string
	for _, t := range q.Must {
		core = append(core, fold(t.Text))
		if w := want(l, t); len(w.ways) > 0 {
			out.must = append(out.must, w)
		}
	}
	out.core = strings.Join(core, "")
	for _, t := range q.Should {
		if w := want(l, t); len(w.ways) > 0 {
			out.should = append(out.should, w)
		}
	}
	if len(out.must) == 0 { // nothing but generic words: then they are what is asked for
		out.must, out.should = slices.DeleteFunc(out.should, wanted.guessed), nil
		out.core = strings.ReplaceAll(out.text, " ", "")
	}
	if len(out.must) > maxTerms {
		slices.SortStableFunc(out.must, func(a, b wanted) int { return cmp.Compare(b.weight, a.weight) })
		out.must = out.must[:maxTerms]
	}
	out.pairs = pairsOf(out.text)
	return out
}

// pairsOf gives the pairs of neighbouring Chinese characters of a text, each once.
func pairsOf(text string) []string {
	var out []string
	last := rune(0)
	for _, r := range text {
		if !unicode.Is(unicode.Han, r) {
			last = 0
			continue
		}
		if last != 0 && len(out) < maxPairs {
			if p := string([]rune{last, r}); !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
		last = r
	}
	return out
}

// charsOf gives the Chinese characters of a text, each once.
func charsOf(text string) []rune { return appendChars(nil, text) }

func appendChars(out []rune, text string) []rune {
	for _, r := range text {
		if unicode.Is(unicode.Han, r) && !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

func want(l *lex.Lexicon, t lex.Term) wanted {
	w := wanted{text: t.Text, weight: t.Weight}
	if w.weight <= 0 {
		w.weight = 1
	}
	said := t.Tokens
	if len(said) == 0 {
		said = l.Tokens(t.Text) // an everyday phrase may stand word for word among the names of an item
	}
	if tokens := plains(said); len(tokens) > 0 {
		w.ways = append(w.ways, way{tokens: tokens, weight: 1, word: t.Text, via: t.Via})
	}
	for _, a := range t.Alts {
		if tokens := plains(a.Tokens); len(tokens) > 0 {
			w.ways = append(w.ways, way{tokens: tokens, weight: a.Weight, word: a.Text, via: cmp.Or(a.Via, t.Text)})
		}
	}
	return w
}

func plains(tokens []string) []string {
	var out []string
	for _, t := range tokens {
		if t = plain(strings.ToLower(t)); t != "" && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

// words are what was looked for, for the log.
func (q question) words() []string {
	var out []string
	for _, w := range q.must {
		if len(w.ways) > 0 {
			out = append(out, fold(w.text))
		}
	}
	return out
}

// clauses asks the text index for all terms.
func clauses(must []wanted) []clause {
	out := make([]clause, 0, len(must))
	for _, w := range must {
		if len(w.ways) == 0 {
			continue // an agency; its heads are known
		}
		var c clause
		for _, way := range w.ways {
			c = append(c, way.tokens)
		}
		out = append(out, c)
	}
	return out
}
