package lex

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/go-ego/gse"
)

//go:embed data/general.tsv.gz data/words data/singles.txt
var dictionaryFiles embed.FS

// Classes of words, second byte of a token's mark; the first is its length in characters.
const (
	classGeneral  = 'g' // of the language at large
	classFunction = 'f' // carries no matter of its own: 我, 怎么, 已经
	classField    = 'w' // of the field of government service
)

const (
	maxWord       = 24   // characters
	fieldFreq     = 9000 // of field words against the corpus of the general words; about that of 经营
	unknownCost   = 24.0 // of a character that is no word, in bits
	fieldFreqPair = 4000 // of field words of two characters
	minFieldRunes = 2    // shorter ones are singles
	latinCost     = 6.0  // of a run of letters and digits
	totalGuess    = 60e6 // occurrences in the corpus of the general words
)

// dictionary is the words of the index. It is the same for every Lexicon.
type dictionary struct {
	words   *gse.Dictionary
	longest int
	singles map[rune]bool // characters that are indexed alone: 犬, 房, 墓
	sums    []byte        // of what the index depends on
	version string
}

// made notes that the index depends on some data.
func (d *dictionary) made(data []byte) {
	sum := sha256.Sum256(data)
	d.sums = append(d.sums, sum[:]...)
}

// tokensVersion counts the changes of Tokens itself.
const tokensVersion = "tokens 1"

// embedded reads the dictionary once.
var embedded = sync.OnceValues(readDictionary)

func readDictionary() (*dictionary, error) {
	d := &dictionary{words: gse.NewDict(), singles: map[rune]bool{}}
	if err := d.readField(); err != nil {
		return nil, err
	}
	if err := d.readGeneral(); err != nil {
		return nil, err
	}
	b, err := dictionaryFiles.ReadFile("data/singles.txt")
	if err != nil {
		return nil, err
	}
	for _, r := range string(b) {
		if isHan(r) {
			d.singles[r] = true
		}
	}
	d.made(b)
	d.made([]byte(simplifiedText))
	d.made([]byte(tokensVersion))
	sum := sha256.Sum256(d.sums)
	d.version = hex.EncodeToString(sum[:6])
	return d, nil
}

// readField adds the words of data/words/*.txt, blank between words. They come before the general words because the first of two equal words stays.
func (d *dictionary) readField() error {
	files, err := dictionaryFiles.ReadDir("data/words")
	if err != nil {
		return err
	}
	for _, f := range files {
		b, err := dictionaryFiles.ReadFile("data/words/" + f.Name())
		if err != nil {
			return err
		}
		d.made(b)
		for line := range strings.Lines(string(b)) {
			if strings.HasPrefix(line, "#") {
				continue
			}
			for w := range strings.FieldsSeq(line) {
				if err := d.add(w, 0, classField); err != nil {
					return fmt.Errorf("%s: %w", f.Name(), err)
				}
			}
		}
	}
	return nil
}

func (d *dictionary) readGeneral() error {
	packed, err := dictionaryFiles.ReadFile("data/general.tsv.gz")
	if err != nil {
		return err
	}
	d.made(packed)
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		word, rest, ok := strings.Cut(lines.Text(), "\t")
		if !ok {
			continue // the heading
		}
		count, class, _ := strings.Cut(rest, "\t")
		n, err := strconv.Atoi(count)
		if err != nil {
			return fmt.Errorf("general.tsv: %s: %w", word, err)
		}
		c := byte(classGeneral)
		if class == "f" {
			c = classFunction
		}
		if err := d.add(word, float64(n), c); err != nil {
			return err
		}
	}
	return lines.Err()
}

func (d *dictionary) add(word string, freq float64, class byte) error {
	n := utf8.RuneCountInString(word)
	if n > maxWord {
		return fmt.Errorf("word too long: %s", word)
	}
	for _, r := range word {
		if !isHan(r) {
			return fmt.Errorf("not a Chinese word: %s", word)
		}
	}
	if class == classField {
		freq = fieldFreq
		if n == minFieldRunes {
			freq = fieldFreqPair
		}
	}
	d.longest = max(d.longest, n)
	// A segmenter without a dictionary only cuts the word into characters: neither gse's embedded words nor its model of unknown words is used.
	var cutter gse.Segmenter
	return d.words.AddToken(cutter.ToToken(word, freq, marks[class][n]))
}

// marks are the marks of tokens, shared by all of them.
var marks = func() map[byte][]string {
	all := map[byte][]string{}
	for _, class := range []byte{classGeneral, classFunction, classField} {
		for n := range byte(maxWord + 1) {
			all[class] = append(all[class], string([]byte{n, class}))
		}
	}
	return all
}()

// cost is what a word adds to the length of a path, in bits.
func cost(freq float64) float64 { return math.Log2(totalGuess) - math.Log2(max(freq, 1)) }
