package search

import (
	"strings"
)

// Query asks for a page of items in a person's words.
type Query struct {
	Text     string
	Region   string // code of the person's region: near agencies come first; empty if not known
	Audience string // person or firm, who asks: what serves them comes first; empty if not known
	Filter   Filter
	Limit    int    // 20 when 0, at most 100
	After    string // Next of the page before
}

// Filter narrows a search. Empty fields ask for everything.
type Filter struct {
	Region     string // code; includes everything below it
	Agency     string // key, or the code of an agency known only from a list
	Type       string // code of 事项类型
	Audience   string // person, firm, or a code of 服务对象
	Online     string // full, guide or external
	Theme      string // person:040 or firm:010
	State      string // code of list state; empty: everything but 3 取消
	Unreviewed bool   // only items that nobody of the item office has looked at
}

// Hit is one found head with the item of the nearest agency that offers it.
type Hit struct {
	Key    string // of the item
	Head   int64
	Name   string
	Others int // items of other agencies under the same name
	Score  float64
	Why    []Why
}

// The fields a hit was found by.
const (
	FieldName     = "name"
	FieldEveryday = "everyday" // people call it so: the item says it
	FieldSynonym  = "synonym"  // an everyday word of the dictionary stands for a term of the name
	FieldShort    = "short"    // its short name or main item
	FieldBody     = "body"     // summary, materials, results
	FieldAgency   = "agency"
	FieldCode     = "code"
	FieldPinyin   = "pinyin"
)

// Why says what a hit was found by: Word is what was found, Via what the person had said if that was something else.
type Why struct {
	Field, Word, Via string
}

// Result is a page of hits.
type Result struct {
	Hits      []Hit
	Next      string // for the page after; empty at the end
	Count     string // how many there are in all, "1,000+" beyond a thousand; "0" with Nearest
	Loose     bool   // nothing matched all of the words: these match some of them
	Corrected string // the question as it was understood when a word was mistyped; empty otherwise
	Nearest   bool   // nothing matched: these, at most five, share something with the words
	Words     string // the words looked for, for Log; without numbers
	Intent    string // of lex, "" if none was recognised
}

// Suggestion is one line of the type-ahead.
type Suggestion struct {
	Text string // the name
	Key  string // an item that bears it, near the person if there is one
	Head int64
}

const (
	defaultLimit, maxLimit = 20, 100
	countCap               = 1000
	maxText                = 200 // runes of a question that are read; the rest cannot make the answer better
)

// Stem cuts a region code to the digits that say something, so that 580100 stands for everything that begins with 5801 (GB/T 2260).
func Stem(code string) string {
	code = strings.TrimSpace(code)
	for _, n := range []int{2, 4, 6, 9} {
		if len(code) > n && strings.Trim(code[n:], "0") == "" {
			return code[:n]
		}
	}
	return code
}

// theme splits person:040 and gives its column and bit; bit 0 for a theme that does not exist.
func (f Filter) theme() (column string, bit int64) {
	list, code, _ := strings.Cut(f.Theme, ":")
	if list != "person" && list != "firm" {
		return "themes_person", 0
	}
	return "themes_" + list, ThemeMask(list, []string{code})
}

// audience gives the bits of which an item must have one; 0 for a word that is no audience.
func audienceBits(word string) int64 {
	switch word {
	case "person":
		return 1 << 1
	case "firm":
		return everybody &^ (1 << 1)
	}
	if len(word) != 1 || word < "1" || word > "9" {
		return 0
	}
	return AudienceMask([]string{word})
}
