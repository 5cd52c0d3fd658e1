package item

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"tongban/internal/base/i18n"
	"tongban/internal/engine/cond"
)

// Kind is how an element's value is written: which input the editor offers, how a cell of a list is read and what is checked.
type Kind string

// The kinds. KindLimit has two values, a number and a code of list unit; KindMoney is written in yuan; KindCond is a condition as JSON. The last two
// occur in columns of children only.
const (
	KindText   Kind = "text"
	KindLong   Kind = "long"
	KindCode   Kind = "code"
	KindCodes  Kind = "codes"
	KindYesNo  Kind = "yesno" // "1" or "0"
	KindNumber Kind = "number"
	KindLimit  Kind = "limit"
	KindURL    Kind = "url"
	KindPhone  Kind = "phone"
	KindDate   Kind = "date" // YYYY-MM-DD
	KindTexts  Kind = "texts"
	KindMoney  Kind = "money"
	KindCond   Kind = "cond"
)

// Groups are the parts of the guide and of the editor, in order. Their names are item.group_<group>.
var Groups = []string{"kind", "code", "handling", "place", "legal", "result", "other"}

// Element is one descriptive element of an item. What stands here once makes the editor's input, the checks of what is missing, import, export, the API
// and the guide of elements.
type Element struct {
	Key              string // as in items/*.yaml, or the key of Item.Extra
	Chinese, English string
	Hint, HintEn     string // how to fill it in
	Group            string // one of Groups
	Kind             Kind
	List             string // code list of a Code or Codes
	Public           bool   // everybody may read it; otherwise the item office only
	Own              bool   // the guide says it in a place of its own, not among its detail rows
	Required         bool   // a pack's item must have it
	Computed         bool   // follows from other things: the editor shows it and does not ask; Set serves lists that bring it along
	Mandatory        bool   // not null in the exchange table
	When             cond.Expr
	National         string // field of the exchange table
	NationalUnit     string // field of the unit of a limit
	Source           string // clause of the standard
	Pointer          string // JSON pointer of its place in the document, where that is not /<key>
	at               access
	show             func(l i18n.Lang, it *Item) string // words instead of the values
}

// Get gives the values: codes, words, or number and unit; none when the item does not have it. Nobody changes them.
func (e *Element) Get(it *Item) []string {
	if e.at.get == nil {
		return it.Extra[e.Key]
	}
	return e.at.get(it)
}

// Set gives the item the values, as people and lists write them: names of codes stand for codes, 是 for 1, 20个工作日 for a limit. nil, or only blanks,
// clears. errs.Invalid when a value cannot be one of this element; the item is then left as it was.
func (e *Element) Set(it *Item, values []string) error { return e.SetAlso(it, values, nil) }

// SetAlso is Set that takes local codes, too.
func (e *Element) SetAlso(it *Item, values []string, also Also) error {
	vs, err := e.read(values, also)
	if err != nil {
		return err
	}
	if e.at.set != nil {
		return e.at.set(it, vs)
	}
	if e.at.get != nil {
		return nil // computed from the rest: a list's word for it adds nothing
	}
	setExtra(it, e.Key, vs)
	return nil
}

func setExtra(it *Item, key string, vs []string) {
	if len(vs) == 0 {
		delete(it.Extra, key)
		if len(it.Extra) == 0 {
			it.Extra = nil
		}
		return
	}
	extra := map[string][]string{key: vs} // copied: versions of an item share their maps
	for k, v := range it.Extra {
		if k != key {
			extra[k] = v
		}
	}
	it.Extra = extra
}

// At is the JSON pointer of the element in the item's document.
func (e *Element) At() string {
	switch {
	case e.Pointer != "":
		return e.Pointer
	case e.at.get == nil:
		return "/extra/" + e.Key
	}
	return "/" + e.Key
}

// Many reports whether the element may have several values.
func (e *Element) Many() bool { return e.Kind == KindCodes || e.Kind == KindTexts }

// Detail reports whether the element stands among the detail rows of the guide, or of the item office's page.
func (e *Element) Detail(office bool) bool { return office || e.Public && !e.Own }

// Needed reports whether this item must have the element: always, or because of what else it says.
func (e *Element) Needed(it *Item) bool {
	return e.Required || !e.When.IsZero() && e.When.Eval(Reads(it))
}

// Missing reports whether the item must have the element and does not.
func (e *Element) Missing(it *Item) bool { return len(e.Get(it)) == 0 && e.Needed(it) }

// Reads gives the values of elements to conditions, by key.
func Reads(it *Item) func(key string) any {
	return func(key string) any {
		e, ok := ByKey(key)
		if !ok {
			return nil
		}
		vs := e.Get(it)
		switch {
		case len(vs) == 0:
			return nil
		case e.Kind == KindCodes:
			out := make([]any, len(vs))
			for i, v := range vs {
				out[i] = v
			}
			return out
		}
		return vs[0]
	}
}

// places finds elements by key.
var places = sync.OnceValue(func() map[string]int {
	at := make(map[string]int, len(Elements))
	for i := range Elements {
		at[Elements[i].Key] = i
	}
	return at
})

// ByKey finds an element.
func ByKey(key string) (Element, bool) {
	i, ok := places()[key]
	if !ok {
		return Element{}, false
	}
	return Elements[i], true
}

// Label is the element's name in a language.
func (e *Element) Label(l i18n.Lang) string { return inLang(l, e.Chinese, e.English) }

// Help is the hint in a language; empty when the name says enough.
func (e *Element) Help(l i18n.Lang) string { return inLang(l, e.Hint, e.HintEn) }

func inLang(l i18n.Lang, zh, en string) string {
	if l == i18n.English {
		return en
	}
	return zh
}

// Text is the element's value in words; empty when the item does not have it. Codes are named in the language; texts of items stay Chinese.
func (e *Element) Text(l i18n.Lang, it *Item) string {
	if e.show != nil {
		return e.show(l, it)
	}
	return words(l, e.Kind, e.List, e.Get(it))
}

func words(l i18n.Lang, k Kind, list string, vs []string) string {
	names := slices.Clone(vs)
	switch k {
	case KindCode, KindCodes:
		for i, v := range vs {
			names[i] = CodeName(l, list, v)
		}
	case KindYesNo:
		for i, v := range vs {
			names[i] = CodeName(l, "yesno", v)
		}
	case KindLimit:
		return spanWords(l, vs)
	}
	if l == i18n.English && k != KindTexts && k != KindText && k != KindLong {
		return strings.Join(names, ", ")
	}
	if k == KindTexts {
		return strings.Join(names, "；")
	}
	return strings.Join(names, "、")
}

func spanWords(l i18n.Lang, vs []string) string {
	if len(vs) < 2 {
		return strings.Join(vs, "")
	}
	if n, _ := strconv.Atoi(vs[0]); n == 0 {
		return i18n.In(l, "item.at_once")
	}
	return i18n.In(l, "item.limit_"+vs[1], map[string]any{"n": vs[0]})
}

// Coded reports whether Text is in the reader's language rather than in the item's.
func (e *Element) Coded() bool {
	return e.Kind == KindCode || e.Kind == KindCodes || e.Kind == KindYesNo || e.Kind == KindLimit
}

// CodeName names a code of a list; an unknown code stands for itself.
func CodeName(l i18n.Lang, list, code string) string {
	if code == "" {
		return ""
	}
	for _, room := range []string{"catalog.", "item."} {
		if key := room + list + "_" + code; i18n.Has(key) {
			return i18n.In(l, key)
		}
	}
	return code
}

// AgencyText is the agency's name, or its key when the name is not known.
func (it *Item) AgencyText() string {
	if it.AgencyName != "" {
		return it.AgencyName
	}
	return it.Agency
}
