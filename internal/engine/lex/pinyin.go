package lex

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/mozillazg/go-pinyin"
)

//go:embed data/pinyin.tsv
var pinyinOwn string

//go:embed data/pinyin-words.tsv
var pinyinWords string

//go:embed data/surnames.tsv
var pinyinSurnames string

// readings is what the usual readings of characters get wrong.
type readings struct {
	words    map[string][]string
	longest  map[rune]int // characters of the longest word that ends with a character
	surnames map[string][]string
	usual    sync.Map // rune → string, the usual reading of a character
}

var pinyins = sync.OnceValue(func() *readings {
	r := &readings{words: map[string][]string{}, longest: map[rune]int{}, surnames: map[string][]string{}}
	eachReading(pinyinWords, func(word string, syllables []string) { r.add(word, syllables) })
	eachReading(pinyinOwn, func(word string, syllables []string) { r.add(word, syllables) })
	eachReading(pinyinSurnames, func(word string, syllables []string) { r.surnames[word] = syllables })
	return r
})

func eachReading(table string, add func(word string, syllables []string)) {
	for line := range strings.Lines(table) {
		word, syllables, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if ok && !strings.HasPrefix(line, "#") {
			add(word, strings.Fields(syllables))
		}
	}
}

func (r *readings) add(word string, syllables []string) {
	last, _ := utf8.DecodeLastRuneInString(word)
	r.words[word] = syllables
	r.longest[last] = max(r.longest[last], utf8.RuneCountInString(word))
}

// syllable is one character's reading, or a run of letters and digits as it stands.
type syllable struct {
	text string
	han  bool
}

// Pinyin returns the syllables of a text, one for each Chinese character and one for each run of Latin letters or digits, without tones
// (ü is v), and their first letters put together (whole runs of letters and digits). Words of several characters decide how a character is read;
// they are looked for from the end of the text, so that 机动车行驶证 has 行驶 and not 车行.
func (l *Lexicon) Pinyin(text string) (full []string, initials string) {
	return spell(pinyins().read(Fold(text)))
}

// PinyinName is Pinyin of a person's name: the surname is read as surnames are (单 shan, 解 xie, 尉迟 yu chi).
func (l *Lexicon) PinyinName(name string) (full []string, initials string) {
	r, name := pinyins(), Fold(strings.TrimSpace(name))
	for n := 2; n >= 1; n-- {
		end := endOf(name, n)
		surname, ok := r.surnames[name[:end]]
		if !ok || end == len(name) {
			continue
		}
		var all []syllable
		for _, s := range surname {
			all = append(all, syllable{s, true})
		}
		return spell(append(all, r.read(name[end:])...))
	}
	return spell(r.read(name))
}

// endOf is where the first n characters of a text end.
func endOf(s string, n int) int {
	end := 0
	for ; n > 0 && end < len(s); n-- {
		_, size := utf8.DecodeRuneInString(s[end:])
		end += size
	}
	return end
}

func spell(syllables []syllable) (full []string, initials string) {
	var b strings.Builder
	full = make([]string, len(syllables))
	for i, s := range syllables {
		full[i] = s.text
		if s.han {
			b.WriteByte(s.text[0])
		} else {
			b.WriteString(s.text)
		}
	}
	return full, b.String()
}

// read reads a folded text. Characters without a reading are left out.
func (r *readings) read(s string) []syllable {
	c := cut(s)
	defer c.free()
	read := make([]syllable, 0, c.length)
	for end := c.length; end > 0; {
		n, word := r.wordBefore(c, end)
		for i := n - 1; i >= 0; i-- {
			read = append(read, syllable{word[i], true})
		}
		if n > 0 {
			end -= n
			continue
		}
		end--
		switch c.kinds[end] {
		case kindLatin:
			read = append(read, syllable{c.text(end, end+1), false})
		case kindHan:
			if p := r.one(c.rune(end)); p != "" {
				read = append(read, syllable{p, true})
			}
		}
	}
	slices.Reverse(read)
	return read
}

// wordBefore finds the longest word of the table that ends before a character.
func (r *readings) wordBefore(c *cutText, end int) (length int, word []string) {
	if c.kinds[end-1] != kindHan {
		return 0, nil
	}
	for n := min(r.longest[c.rune(end-1)], end); n > 0; n-- {
		if word := r.words[c.text(end-n, end)]; len(word) == n {
			return n, word
		}
	}
	return 0, nil
}

// one is the usual reading of a character, "" if it has none.
func (r *readings) one(char rune) string {
	if p, ok := r.usual.Load(char); ok {
		s, _ := p.(string)
		return s
	}
	s := ""
	if p := pinyin.SinglePinyin(char, pinyin.NewArgs()); len(p) > 0 {
		s = p[0]
	}
	r.usual.Store(char, s)
	return s
}
