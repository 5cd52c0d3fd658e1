package rule

import (
	"sync"

	"tongban/internal/domain/catalog/item"
)

// reach is which elements and children are judged, sorted by what rules ask of them: reading all elements of an item for every rule is what costs time
// in a list of millions.
type reach struct {
	given    map[string]bool // nil for everything
	quiet    bool            // no advice
	required []*item.Element
	when     []*item.Element // called for by others, without a rule of their own
	lists    []*item.Element // of texts
	codes    []*item.Element // of several codes
	coded    []*item.Element // of a code list
	short    []*item.Element // with a column of limited length
	written  []*item.Element // texts people wrote
	children []*item.Child
}

// Within gives facts under which Check finds only what concerns the elements and children that are given (nil for all), and gives no advice: what can be
// said of the rows of a list.
func (f Facts) Within(given map[string]bool) Facts {
	f.reach = newReach(given, true)
	return f
}

func (f Facts) within() *reach {
	if f.reach == nil {
		return everything()
	}
	return f.reach
}

var everything = sync.OnceValue(func() *reach { return newReach(nil, false) })

func (a *reach) holds(element string) bool { return a.given == nil || a.given[element] }

func newReach(given map[string]bool, quiet bool) *reach {
	a := &reach{given: given, quiet: quiet}
	for i := range item.Elements {
		if e := &item.Elements[i]; a.holds(e.Key) {
			a.add(e)
		}
	}
	for i := range item.Children {
		if c := &item.Children[i]; a.holds(c.Key) {
			a.children = append(a.children, c)
		}
	}
	return a
}

func (a *reach) add(e *item.Element) {
	put := func(to *[]*item.Element, ok bool) {
		if ok {
			*to = append(*to, e)
		}
	}
	put(&a.required, e.Required)
	put(&a.when, !e.Required && !e.When.IsZero() && !ownRule[e.Key])
	put(&a.lists, e.Kind == item.KindTexts)
	put(&a.codes, e.Kind == item.KindCodes)
	put(&a.coded, e.List != "" && !e.Computed)
	put(&a.short, longest[e.Key] > 0)
	put(&a.written, e.List == "" && !e.Computed && e.Kind != item.KindNumber && e.Kind != item.KindLimit && e.Kind != item.KindYesNo)
}

// elementAt finds elements by key without copying them.
var elementAt = sync.OnceValue(func() map[string]*item.Element {
	out := make(map[string]*item.Element, len(item.Elements))
	for i := range item.Elements {
		out[item.Elements[i].Key] = &item.Elements[i]
	}
	return out
})
