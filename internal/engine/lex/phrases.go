package lex

import (
	"embed"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

//go:embed data/everyday data/intents.tsv data/people.tsv data/chatter.txt data/generic.txt data/combinations.tsv data/patterns.tsv
var phraseFiles embed.FS

// phrase is something that people say and that means more than its words.
type phrase struct {
	said     string
	alts     []Alt    // terms of the field that it stands for
	intent   string   // what is wanted; "" for none
	implied  []Alt    // words that the intent makes likely
	ages     []string // groups of people it names
	audience string
	chatter  bool // left out
	generic  bool // matters little: 登记, 业务
	variant  bool // a form of another phrase, with a filler
	bare     bool // names a step and what it is done to, but no matter: 换个名字, 地址变了
}

// phrases finds the phrases of a text.
type phrases struct {
	by       map[string]*phrase
	longest  map[rune]int     // characters of the longest phrase that begins with a character
	steps    []string         // words of the intents, for Query.Against
	begin    Term             // words of IntentNew
	implied  map[string][]Alt // words of each intent
	patterns []pattern
	pairs    []combination
	words    pairWords // of pairs
}

// Weights of the terms of a phrase by their order.
const (
	firstAlt    = 0.95
	nextAlt     = 0.1 // less for each further one
	leastAlt    = 0.5
	extraWeight = 0.9
)

// everyday reads the embedded phrases once.
var everyday = sync.OnceValues(func() (*phrases, error) {
	d, err := embedded()
	if err != nil {
		return nil, err
	}
	p := newPhrases()
	for _, f := range []struct {
		name string
		read func(*dictionary, []string) error
	}{
		{"data/intents.tsv", p.readIntent},
		{"data/patterns.tsv", p.readPattern},
		{"data/people.tsv", p.readPeople},
		{"data/chatter.txt", p.readChatter},
		{"data/generic.txt", p.readGeneric},
		{"data/combinations.tsv", p.readCombination},
	} {
		if err := readLines(f.name, d, f.read); err != nil {
			return nil, err
		}
	}
	files, err := phraseFiles.ReadDir("data/everyday")
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if err := readLines("data/everyday/"+f.Name(), d, p.readEveryday); err != nil {
			return nil, err
		}
	}
	for _, f := range p.by {
		p.innerIntent(f)
	}
	return p, nil
})

// innerIntent gives a phrase the intent that is said in it: 执照丢了 is about a loss.
func (p *phrases) innerIntent(f *phrase) {
	if len(f.alts) == 0 {
		return
	}
	if f.intent != "" {
		f.bare = len(f.implied) > 0
		return
	}
	longest := 0
	for i := range f.said {
		for j := len(f.said); j-i > longest; j-- {
			if in := p.by[f.said[i:j]]; in != nil && in.intent != "" && len(in.implied) > 0 && runes(in.said) > 1 {
				f.intent, f.implied, longest = in.intent, in.implied, j-i
				f.bare = bare(f.said[:i] + f.said[j:])
				break
			}
		}
	}
}

// attributes are what any matter has: a name, an address, somebody in charge. Who changes one of them has said nothing of the matter itself.
var attributes = regexp.MustCompile(`^(名字|名称|名|姓名|姓|地址|住址|地点|地方|场地|场所|位置|门牌|电话|手机号|号码|手机|老板|负责人|法人|法人代表|法定代表人|股东|经理|信息|资料|证|证件|本本|本子|时间|日期|有效期|期限|人|我|我的|一个|个|下|了|的|上|要|给|一|新|又|都|就|全|东西|原件)*$`)

// bare tells whether what is left of a phrase beside its step names no matter.
func bare(rest string) bool { return attributes.MatchString(rest) }

func newPhrases() *phrases {
	return &phrases{by: map[string]*phrase{}, implied: map[string][]Alt{}, longest: map[rune]int{}}
}

// readLines reads the lines of a file that are neither empty nor notes, cut at tabs.
func readLines(name string, d *dictionary, read func(*dictionary, []string) error) error {
	b, err := phraseFiles.ReadFile(name)
	if err != nil {
		return err
	}
	n := 0
	for line := range strings.Lines(string(b)) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := read(d, strings.Split(line, "\t")); err != nil {
			return fmt.Errorf("%s:%d: %w", name, n, err)
		}
	}
	return nil
}

var errColumns = errors.New("wrong number of columns")

// readEveryday: what is said (several, blank between), terms (several; a+b are both wanted).
func (p *phrases) readEveryday(d *dictionary, cols []string) error {
	if len(cols) != 2 {
		return errColumns
	}
	terms := strings.Fields(cols[1])
	for said := range strings.FieldsSeq(cols[0]) {
		for n, form := range forms(said) {
			f := p.get(form)
			f.variant = f.variant || n > 0
			for i, t := range terms {
				f.addAlt(d, t, max(firstAlt-nextAlt*float64(i), leastAlt))
			}
		}
	}
	return nil
}

// readIntent: the intent, what is said, the words implied.
func (p *phrases) readIntent(d *dictionary, cols []string) error {
	if len(cols) < 2 || len(cols) > 3 {
		return errColumns
	}
	var implied []Alt
	if len(cols) == 3 {
		for w := range strings.FieldsSeq(cols[2]) {
			implied = append(implied, Alt{Text: w, Tokens: d.pieces(w), Weight: 1})
		}
	}
	p.addSteps(cols[0], implied)
	for said := range strings.FieldsSeq(cols[1]) {
		f := p.get(said)
		if f.intent == "" {
			f.intent, f.implied = cols[0], implied
		}
	}
	return nil
}

// otherSteps are the intents that make an item another one than that for beginning.
var otherSteps = []string{IntentRenew, IntentReplace, IntentChange, IntentCancel, IntentInspect, IntentLook, IntentMove, IntentReport}

func (p *phrases) addSteps(intent string, implied []Alt) {
	if intent == IntentNew && p.begin.Text == "" {
		p.begin = Term{Text: intent, Weight: weightDefault, Alts: implied}
	}
	if p.implied[intent] == nil {
		p.implied[intent] = implied
	}
	if !slices.Contains(otherSteps, intent) {
		return
	}
	for _, a := range implied {
		if !slices.Contains(p.steps, a.Text) {
			p.steps = append(p.steps, a.Text)
		}
	}
}

// readPeople: the group, what is said, the words for it.
func (p *phrases) readPeople(d *dictionary, cols []string) error {
	if len(cols) < 2 || len(cols) > 3 {
		return errColumns
	}
	for said := range strings.FieldsSeq(cols[1]) {
		f := p.get(said)
		switch cols[0] {
		case "person", "firm":
			f.audience = cols[0]
		default:
			f.ages = append(f.ages, cols[0])
		}
		if len(cols) == 3 {
			for i, t := range strings.Fields(cols[2]) {
				f.addAlt(d, t, max(firstAlt-nextAlt*float64(i), leastAlt))
			}
		}
	}
	return nil
}

func (p *phrases) readChatter(_ *dictionary, cols []string) error {
	for w := range strings.FieldsSeq(cols[0]) {
		p.get(w).chatter = true
	}
	return nil
}

func (p *phrases) readGeneric(_ *dictionary, cols []string) error {
	for w := range strings.FieldsSeq(cols[0]) {
		p.get(w).generic = true
	}
	return nil
}

var errEmpty = errors.New("a synonym without words")

// addExtra adds the words of an office. They come on top of what the embedded phrase of the same words means.
func (p *phrases) addExtra(d *dictionary, base *phrases, s Synonym) error {
	said := strings.TrimSpace(Fold(s.Said))
	if said == "" || len(s.Terms) == 0 || utf8.RuneCountInString(said) > maxWord {
		return fmt.Errorf("%w: %q", errEmpty, s.Said)
	}
	weight := s.Weight
	if weight <= 0 || weight > 1 {
		weight = extraWeight
	}
	f := p.get(said)
	for _, t := range s.Terms {
		if strings.TrimSpace(t) != "" {
			f.addAlt(d, strings.TrimSpace(t), weight)
		}
	}
	if b := base.by[said]; b != nil && f.intent == "" {
		f.intent, f.implied, f.ages, f.audience = b.intent, b.implied, b.ages, b.audience
		f.alts = append(f.alts, b.alts...)
	}
	return nil
}

// get returns the phrase of a folded text, made if need be.
func (p *phrases) get(said string) *phrase {
	said = Fold(said)
	f := p.by[said]
	if f == nil {
		f = &phrase{said: said}
		p.by[said] = f
		first, _ := utf8.DecodeRuneInString(said)
		p.longest[first] = max(p.longest[first], utf8.RuneCountInString(said))
	}
	return f
}

func (f *phrase) addAlt(d *dictionary, term string, weight float64) {
	var tokens []string
	for part := range strings.SplitSeq(Fold(term), "+") {
		tokens = append(tokens, d.pieces(part)...)
	}
	text := strings.ReplaceAll(term, "+", "")
	for _, a := range f.alts {
		if a.Text == text {
			return
		}
	}
	f.alts = append(f.alts, Alt{Text: text, Tokens: tokens, Weight: weight, Via: f.said})
}

// at returns the phrases that begin at a character of a text, and their lengths in characters, through yield.
func (p *phrases) at(c *cutText, i int, yield func(f *phrase, length int)) {
	first, _ := utf8.DecodeRune(c.chars[i])
	limit := p.longest[first]
	for n := 1; n <= limit && i+n <= c.length; n++ {
		if f := p.by[c.text(i, i+n)]; f != nil {
			yield(f, n)
		}
	}
}

// openers are verbs after which people put 个, 一家 …: 开个饭店 is 开饭店.
const openers = "开办买卖租换搬养建盖拆挖砍设领交补改注考上当做请找收"

var fillers = []string{"个", "一个", "家", "一家", "了", "了个", "间", "点", "过", "一下"}

// forms gives a phrase and its forms with a filler after the verb.
func forms(said string) []string {
	first, n := utf8.DecodeRuneInString(said)
	all := []string{said}
	if !strings.ContainsRune(openers, first) || utf8.RuneCountInString(said) < 3 {
		return all
	}
	for _, f := range fillers {
		all = append(all, said[:n]+f+said[n:])
	}
	return all
}
