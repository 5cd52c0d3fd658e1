package lex

import (
	"sync"
	"unicode/utf8"

	"github.com/go-ego/gse"
)

// cutText is a folded text, cut into characters for the trie. Runs of letters and digits are one character.
type cutText struct {
	s      string
	raw    []byte     // s again, as the trie wants it
	chars  []gse.Text // parts of raw
	at     []int      // byte offset of each character, and the end
	kinds  []byte
	found  []*gse.Token
	length int
}

// Kinds of characters.
const (
	kindOther = iota // punctuation, blanks
	kindHan
	kindLatin
)

var cutTexts = sync.Pool{New: func() any { return &cutText{found: make([]*gse.Token, maxWord)} }}

// cut splits a folded text. The result goes back by free.
func cut(s string) *cutText {
	c, _ := cutTexts.Get().(*cutText)
	c.s, c.chars, c.at, c.kinds = s, c.chars[:0], c.at[:0], c.kinds[:0]
	c.raw = append(c.raw[:0], s...)
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		kind := byte(kindOther)
		switch {
		case isHan(r):
			kind = kindHan
		case isWord(r):
			kind = kindLatin
			for i+n < len(s) {
				r, m := utf8.DecodeRuneInString(s[i+n:])
				if !isWord(r) {
					break
				}
				n += m
			}
		}
		c.at = append(c.at, i)
		c.chars = append(c.chars, gse.Text(c.raw[i:i+n]))
		c.kinds = append(c.kinds, kind)
		i += n
	}
	c.at = append(c.at, len(s))
	c.length = len(c.chars)
	return c
}

func (c *cutText) free() {
	c.s = ""
	clear(c.chars)
	cutTexts.Put(c)
}

// text is the text of the characters from..to.
func (c *cutText) text(from, to int) string { return c.s[c.at[from]:c.at[to]] }

// lookup finds all words of the dictionary that begin at i, shortest first. The result is valid until the next call.
func (c *cutText) lookup(d *dictionary, i int) []*gse.Token {
	return c.found[:d.words.LookupTokens(c.chars[i:min(i+d.longest, c.length)], c.found)]
}

// rune is the character at i, which must be Chinese.
func (c *cutText) rune(i int) rune {
	r, _ := utf8.DecodeRune(c.chars[i])
	return r
}
