package lex

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Weights of what a question does not say outright.
const (
	weightGeneral  = 0.9  // a word that is not of the field
	weightVague    = 0.55 // a character that is no word
	weightGeneric  = 0.3  // 登记, 许可证
	weightIntent   = 0.6
	weightPeople   = 0.5
	weightTogether = 0.3 // two words side by side, as said
	weightCompound = 0.5 // a long word of the dictionary as a whole
	weightShort    = 0.7 // 许可 for 许可证
	weightDefault  = 0.15
	weightCombined = 0.8 // words that mean something together
	weightFirm     = 0.3 // 公司
	weightBare     = 0.3 // 换个名字 beside a matter
)

// Query understands a question.
func (l *Lexicon) Query(text string) Query {
	q := Query{Text: strings.TrimSpace(Fold(text))}
	c := cut(q.Text)
	defer c.free()
	b := builder{l: l, c: c, q: &q, last: -1}
	for _, p := range l.path(c) {
		b.add(p)
	}
	b.finish()
	return q
}

// builder puts a query together from the parts of the best path.
type builder struct {
	l     *Lexicon
	c     *cutText
	q     *Query
	loose int  // first of the characters just before that are no words; end is looseTo
	open  bool // whether there are such characters
	last  int  // where the last literal word of Must ended, -1 for none
	said  string
	bare  []string // terms of Must that name a step and no matter
}

func (b *builder) add(p part) {
	if b.isLoose(p) {
		if !b.open {
			b.loose, b.open = p.from, true
		}
		return
	}
	b.flush(p.from)
	switch {
	case b.c.kinds[p.from] == kindOther && p.phrase == nil:
		b.last = -1
	case p.phrase != nil:
		b.phrase(p)
	case p.class == classFunction && p.to-p.from < 3:
		b.chatter(p.from, p.to)
	default:
		b.word(p)
	}
}

// isLoose tells whether a part is a character that is no word of two or more and no phrase.
func (b *builder) isLoose(p part) bool {
	return p.phrase == nil && p.to-p.from == 1 && b.c.kinds[p.from] == kindHan && p.class != classFunction
}

// flush makes a term of the loose characters before to: 焰火 of 焰 and 火.
func (b *builder) flush(to int) {
	if !b.open {
		return
	}
	b.open = false
	from := b.loose
	if to-from > 1 {
		b.must(Term{Text: b.c.text(from, to), Tokens: pairs(b.c, from, to), Weight: weightGeneral}, from, to)
		return
	}
	if b.l.dict.singles[b.c.rune(from)] {
		b.must(Term{Text: b.c.text(from, to), Tokens: []string{b.c.text(from, to)}, Weight: weightVague}, from, to)
		return
	}
	b.chatter(from, to)
}

func pairs(c *cutText, from, to int) []string {
	var tokens []string
	for i := from; i+1 < to; i++ {
		tokens = appendNew(tokens, c.text(i, i+2))
	}
	return tokens
}

func (b *builder) chatter(from, to int) {
	b.q.Chatter = append(b.q.Chatter, b.c.text(from, to))
	b.last = -1
}

// word adds a word of the dictionary, or a run of letters and digits.
func (b *builder) word(p part) {
	text := b.c.text(p.from, p.to)
	t := Term{Text: text, Tokens: []string{text}, Weight: 1}
	if p.class == classGeneral {
		t.Weight = weightGeneral
	}
	switch n := p.to - p.from; {
	case n >= 4:
		t.Tokens = b.l.dict.pieces(text)
		b.should(Term{Text: text, Tokens: []string{text}, Weight: weightCompound})
	case n == 3:
		t.Alts = shorter(text)
	}
	b.must(t, p.from, p.to)
}

// endings are characters that a word of three may lose: 许可证 is found in 许可.
const endings = "证照书费金局所站处店厂员户权卡款表"

func shorter(word string) []Alt {
	r, n := utf8.DecodeLastRuneInString(word)
	if !strings.ContainsRune(endings, r) {
		return nil
	}
	short := word[:len(word)-n]
	return []Alt{{Text: short, Tokens: []string{short}, Weight: weightShort}}
}

// phrase adds what a phrase means.
func (b *builder) phrase(p part) {
	f, text := p.phrase, b.c.text(p.from, p.to)
	b.q.Ages = append(b.q.Ages, f.ages...)
	if f.audience != "" {
		b.q.Audience = f.audience
	}
	if f.intent != "" {
		b.intent(f)
	}
	switch {
	case len(f.alts) > 0 && len(f.ages) > 0:
		b.should(Term{Text: text, Tokens: b.l.dict.pieces(text), Weight: weightPeople, Alts: f.alts})
	case len(f.alts) > 0:
		if f.bare {
			b.bare = append(b.bare, text)
		}
		b.must(Term{Text: text, Tokens: b.l.dict.pieces(text), Weight: 1, Alts: f.alts}, p.from, p.to)
	case f.generic:
		b.should(Term{Text: text, Tokens: b.l.dict.pieces(text), Weight: weightGeneric})
		b.together(p.from, p.to)
	case f.audience == "firm":
		b.should(Term{Text: text, Tokens: b.l.dict.pieces(text), Weight: weightFirm})
		b.together(p.from, p.to)
	case f.intent == "" || f.chatter || len(f.ages) > 0:
		b.chatter(p.from, p.to)
	default:
		b.last = -1
	}
}

// asks are intents that ask about an item instead of choosing one; the others come first.
var asks = []string{IntentFee, IntentTime, IntentPlace, IntentWho, IntentPapers}

func (b *builder) intent(f *phrase) {
	if b.q.Intent == "" || slices.Contains(asks, b.q.Intent) || slices.Contains(otherSteps, f.intent) {
		b.q.Intent = f.intent
	}
	if len(f.implied) == 0 {
		return
	}
	alts := slices.Clone(f.implied)
	for i := range alts {
		alts[i].Via = f.said
	}
	b.should(Term{Text: f.said, Tokens: b.l.dict.pieces(f.said), Weight: weightIntent, Alts: alts, Via: f.said})
}

func (b *builder) must(t Term, from, to int) {
	for _, have := range b.q.Must {
		if have.Text == t.Text {
			return
		}
	}
	b.q.Must = append(b.q.Must, t)
	b.together(from, to)
}

// together adds the word that ends where this one begins, and this one, as one: 食品 经营 said side by side.
func (b *builder) together(from, to int) {
	if b.last == from && from > 0 && b.c.kinds[from] == kindHan && b.c.kinds[from-1] == kindHan {
		b.should(Term{Text: b.said + b.c.text(from, to), Tokens: []string{b.c.text(from-1, from+1)}, Weight: weightTogether})
	}
	b.last, b.said = to, b.c.text(from, to)
}

func (b *builder) should(t Term) {
	for i, have := range b.q.Should {
		if have.Text == t.Text {
			b.q.Should[i].Weight = max(have.Weight, t.Weight)
			return
		}
	}
	b.q.Should = append(b.q.Should, t)
}

// finish adds what follows from the whole.
func (b *builder) finish() {
	b.flush(b.c.length)
	b.combine()
	b.stepAside()
	q := b.q
	b.turns()
	if len(q.Must) == 0 {
		q.Must, q.Should = promote(q.Should)
	}
	slices.Sort(q.Ages)
	q.Ages = slices.Compact(q.Ages)
	q.Against = b.l.against(q)
	if q.Intent == "" || slices.Contains(asks, q.Intent) || q.Intent == IntentNew {
		q.Should = append(q.Should, b.l.begin)
	}
}

// stepAside makes terms that name no matter only likely where the question names one: 换个名字 is of a civil register by itself, of the clinic in
// 诊所换个名字.
func (b *builder) stepAside() {
	q := b.q
	if len(b.bare) == 0 || len(b.bare) >= len(q.Must) {
		return
	}
	q.Must = slices.DeleteFunc(q.Must, func(t Term) bool {
		if !slices.Contains(b.bare, t.Text) {
			return false
		}
		t.Weight = weightBare
		b.should(t)
		return true
	})
}

// promote makes the heaviest of the likely words what the question is about, if nothing else is.
func promote(should []Term) (must, rest []Term) {
	heaviest := 0.0
	for _, t := range should {
		heaviest = max(heaviest, t.Weight)
	}
	for _, t := range should {
		if t.Weight == heaviest && len(must) < 4 {
			must = append(must, t)
		} else {
			rest = append(rest, t)
		}
	}
	return must, rest
}

// against lists words of steps that the question neither says nor implies: an item 注销 is not what a person looks for who wants a new licence.
func (l *Lexicon) against(q *Query) []string {
	var words []string
	for _, w := range l.steps {
		if !strings.Contains(q.Text, w) && !implied(q.Should, w) && !implied(q.Must, w) {
			words = append(words, w)
		}
	}
	return words
}

func implied(terms []Term, word string) bool {
	for _, t := range terms {
		for _, a := range t.Alts {
			if strings.Contains(a.Text, word) || strings.Contains(word, a.Text) {
				return true
			}
		}
	}
	return false
}
