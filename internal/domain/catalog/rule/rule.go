package rule

import (
	"cmp"
	"fmt"
	"slices"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/domain/catalog/item"
)

// Level is how serious a finding is.
type Level string

// The levels. What blocks is never published; a warning is shown to those who approve; advice makes the guide better.
const (
	Block  Level = "block"
	Warn   Level = "warn"
	Advice Level = "advice"
)

// Levels are all of them, the most serious first.
var Levels = []Level{Block, Warn, Advice}

// Rule is one check. Its texts are rule.<key> and rule.<key>_remedy.
type Rule struct {
	Key   string
	Basis string // law or standard, with the article
	Level Level
	From  string // YYYY-MM-DD: days before are not judged by it; empty for always
	Check func(f Facts, it *item.Item) []Finding
}

// Finding is one thing that is wrong. Check fills in Rule and Level.
type Finding struct {
	Rule    string
	Element string // key of an element or child
	Row     int    // row of the child, -1 for none
	Level   Level
	Pointer string // JSON pointer of the place in the item's document; where empty, that of the element
	Said    string // text key that says it better than rule.<key>, with the same Params
	Params  errs.P
}

// AgencyFacts is what the rules ask of an agency.
type AgencyFacts struct {
	Code    string // unified social credit code
	Level   string // code of list use_level
	Nature  string // code of list agency_nature
	Region  string
	Review  bool // who reviews its acts is known
	Court   bool // the court is known
	Retired bool
}

// BaseFacts is what the rules ask of a base item of the directory.
type BaseFacts struct {
	Version int
	State   string                              // code of list state
	Basis   []string                            // names of the laws it rests on
	Against func(it *item.Item) []Contradiction // where an item says other than the directory; nil knows of nothing
}

// Contradiction is an element in which an item says other than its base item.
type Contradiction struct {
	Element string // key of an element or child
	Row     int    // of the child, -1 for none
	Key     string // text key
	Params  errs.P
}

// Facts are the look-ups the rules need. A nil function means that nothing is known there, and rules that need it are silent.
type Facts struct {
	Agency  func(key string) (AgencyFacts, bool)
	Base    func(code string) (*BaseFacts, bool)
	Region  func(code string) (known, retired bool)
	Licence func(typeKey string) bool      // whether the type of licence is known here
	Code    func(list, code string) bool   // whether the dictionary of a list has a code
	Ended   func(list, code string) string // the last day it was valid, YYYY-MM-DD, if that is past; nil where none is
	Today   string                         // YYYY-MM-DD; empty judges by every rule
	reach   *reach
	words   *[]word
}

// Check finds everything that is wrong with an item, in the order of All.
func Check(f Facts, it *item.Item) []Finding {
	var out []Finding
	f.reach = f.within()
	written := f.reach.words(it)
	f.words = &written
	for i := range All {
		r := &All[i]
		if r.From != "" && f.Today != "" && f.Today < r.From || r.Level == Advice && f.reach.quiet {
			continue
		}
		for _, x := range r.Check(f, it) {
			if !f.reach.holds(x.Element) {
				continue
			}
			x.Rule = r.Key
			if x.Level == "" {
				x.Level = r.Level
			}
			out = append(out, x)
		}
	}
	return out
}

// ByKey finds a rule.
func ByKey(key string) (Rule, bool) {
	i := slices.IndexFunc(All, func(r Rule) bool { return r.Key == key })
	if i < 0 {
		return Rule{}, false
	}
	return All[i], true
}

// Title is what the rule is about, in a language.
func (r Rule) Title(l i18n.Lang) string { return i18n.In(l, "rule."+r.Key+"_title") }

// Key is the text key of what is wrong.
func (x Finding) Key() string { return cmp.Or(x.Said, "rule."+x.Rule) }

// Text says what is wrong.
func (x Finding) Text(l i18n.Lang) string { return i18n.In(l, x.Key(), x.Params) }

// Remedy says what to do.
func (x Finding) Remedy(l i18n.Lang) string { return i18n.In(l, "rule."+x.Rule+"_remedy", x.Params) }

// Place names the element, and the row if there is one, in a language: 申请材料 第2行.
func (x Finding) Place(l i18n.Lang) string {
	name := x.Element
	if e, ok := item.ByKey(x.Element); ok {
		name = e.Label(l)
	} else if c, ok := item.ChildByKey(x.Element); ok {
		name = c.Label(l)
	} else if key := "rule.place_" + x.Element; i18n.Has(key) {
		name = i18n.In(l, key)
	}
	if x.Row < 0 {
		return name
	}
	return i18n.In(l, "rule.row", errs.P{"name": name, "n": x.Row + 1})
}

// At is the JSON pointer of the place in the item's document.
func (x Finding) At() string {
	if x.Pointer != "" {
		return x.Pointer
	}
	if e, ok := item.ByKey(x.Element); ok {
		return e.At()
	}
	c, ok := item.ChildByKey(x.Element)
	switch {
	case !ok:
		return "/" + x.Element
	case x.Row < 0:
		return c.Pointer
	}
	return fmt.Sprintf("%s/%d", c.Pointer, x.Row)
}

// Blocks reports whether any finding forbids to publish.
func Blocks(fs []Finding) bool {
	return slices.ContainsFunc(fs, func(x Finding) bool { return x.Level == Block })
}

// when gives one finding of an element if something is wrong.
func when(wrong bool, element string) []Finding {
	if !wrong {
		return nil
	}
	return one(element, errs.P{})
}

// one gives one finding of an element. Rules make its parameters only when something is wrong: lists of millions are judged.
func one(element string, p errs.P) []Finding { return []Finding{at(element, -1, p)} }

func at(element string, row int, p ...errs.P) Finding {
	f := Finding{Element: element, Row: row}
	if len(p) > 0 {
		f.Params = p[0]
	} else {
		f.Params = errs.P{}
	}
	return f
}

// put moves findings to another place in the document than their element's.
func put(fs []Finding, pointer string) []Finding {
	for i := range fs {
		fs[i].Pointer = pointer
	}
	return fs
}
