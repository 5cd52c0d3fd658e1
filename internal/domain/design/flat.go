package design

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"tongban/internal/base/i18n"
	"tongban/internal/engine/cond"
)

// flat holds a document as leaves, in order. Entries of lists are known by their key, so that one that is moved or renamed is not another one.
type flat struct {
	w       *Words
	kind    Kind
	order   []string // ids
	leaves  map[string]leaf
	entries map[string]string // label of each entry of a list, by id
}

// leaf is one value. Its id is the way to it, joined by zero bytes.
type leaf struct{ label, value string }

// way is where the walk stands: what identifies the place, and what people read.
type way struct{ ids, labels []string }

func (y way) down(id, label string) way {
	return way{append(slices.Clone(y.ids), id), append(slices.Clone(y.labels), label)}
}

// in is down for an attribute whose name need not be read.
func (y way) in(id string) way { return way{append(slices.Clone(y.ids), id), y.labels} }

func (y way) id() string { return strings.Join(y.ids, "\x00") }

func (y way) label() string { return strings.Join(y.labels, " › ") }

func newFlat(w *Words, k Kind, doc any) flat {
	f := flat{w: w, kind: k, leaves: map[string]leaf{}, entries: map[string]string{}}
	f.walk(doc, way{}, "")
	return f
}

func (f *flat) put(y way, value string) {
	id := y.id()
	if _, taken := f.leaves[id]; !taken {
		f.order = append(f.order, id)
	}
	f.leaves[id] = leaf{label: y.label(), value: value}
}

// entry goes down into an entry of a list.
func (f *flat) entry(y way, x any, n int) way {
	m, _ := x.(map[string]any)
	id := fmt.Sprint(n)
	for _, k := range []string{"key", "name", "label", "value"} {
		if s, ok := m[k].(string); ok && s != "" {
			id = s
			break
		}
	}
	at := y.down(id, f.w.titleOf(f.kind, x, n))
	if _, twice := f.entries[at.id()]; twice {
		at = y.down(id+" "+fmt.Sprint(n), f.w.titleOf(f.kind, x, n))
	}
	f.entries[at.id()] = at.label()
	return at
}

// quiet are attributes that only hold entries with names of their own.
var quiet = map[string]bool{"sections": true, "fields": true, "steps": true, "blocks": true, "rows": true}

// hidden are attributes that tell a reader nothing: keys that never change, and what only the browser heeds.
var hidden = map[string]bool{"key": true, "autocomplete": true, "term": true}

// walk takes a value apart; key is the attribute it stands under.
func (f *flat) walk(v any, y way, key string) {
	switch v := v.(type) {
	case map[string]any:
		f.fields(v, y, key)
	case []any:
		if texts, ok := f.w.scalars(f.kind, key, v); ok {
			f.put(y, strings.Join(texts, "、"))
			return
		}
		if key == "options" {
			f.options(v, y)
			return
		}
		for i, x := range v {
			if cells, ok := x.([]any); ok { // a line of a table on paper
				line, _ := f.w.scalars(f.kind, key, cells)
				f.put(y.down(fmt.Sprint(i), fmt.Sprint(i+1)), strings.Join(line, "："))
				continue
			}
			f.walk(x, f.entry(y, x, i), key)
		}
	case nil:
	default:
		f.put(y, f.w.value(f.kind, key, v))
	}
}

// options says the answers of a choice in one line; their codes in another.
func (f *flat) options(list []any, y way) {
	var labels, codes []string
	for _, x := range list {
		m, _ := x.(map[string]any)
		label := str(m["label"])
		if hint := str(m["hint"]); hint != "" {
			label += "（" + hint + "）"
		}
		labels, codes = append(labels, label), append(codes, fmt.Sprint(m["value"]))
	}
	f.put(y, strings.Join(labels, "、"))
	f.put(way{append(slices.Clone(y.ids), "codes"), append(slices.Clone(y.labels[:len(y.labels)-1]), f.w.t("design.attr_option_codes"))}, strings.Join(codes, "、"))
}

func (f *flat) fields(v map[string]any, y way, key string) {
	if e, ok := condition(v); ok && len(y.ids) > 0 {
		f.put(y, f.w.Condition(e))
		return
	}
	if said, ok := f.w.group(key, v); ok {
		f.put(y, said)
		return
	}
	keys := make([]string, 0, len(v))
	for k := range v {
		if !hidden[k] && (key != "blocks" || !slices.Contains(placing, k)) {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(weight(a), weight(b)), strings.Compare(a, b)) })
	for _, k := range keys {
		_, list := v[k].([]any)
		switch {
		case quiet[k] && list:
			f.walk(v[k], y.in(k), k)
		case key == "given": // answers of a test, by question
			q, _ := f.w.question(k)
			f.put(y.down(k, f.w.Asked(k)), q.answer(f.w, v[k]))
		default:
			f.walk(v[k], y.down(k, f.w.attribute(f.kind, k)), k)
		}
	}
	if place := f.w.place(v); key == "blocks" && place != "" {
		f.put(y.down("place", f.w.t("design.attr_place")), place)
	}
}

// weight puts what a thing is called and what kind it is first, and what it holds last.
func weight(attribute string) int {
	switch {
	case attribute == "label" || attribute == "title" || attribute == "name":
		return 0
	case attribute == "kind":
		return 1
	case quiet[attribute] || attribute == "ways" || attribute == "parallel":
		return 3
	}
	return 2
}

// condition reads a map that is a condition.
func condition(v map[string]any) (cond.Expr, bool) {
	b, err := json.Marshal(v)
	if err != nil {
		return cond.Expr{}, false
	}
	e, err := cond.Parse(b)
	return e, err == nil && !e.IsZero()
}

func (w *Words) scalars(k Kind, key string, vs []any) ([]string, bool) {
	out := make([]string, 0, len(vs))
	for _, v := range vs {
		switch v.(type) {
		case map[string]any, []any:
			return nil, false
		}
		out = append(out, w.value(k, key, v))
	}
	return out, true
}

// attribute names a key of a definition, as the designers do; one without a text stands for itself.
func (w *Words) attribute(k Kind, key string) string {
	for _, name := range []string{"design.attr_" + string(k) + "_" + key, "design.attr_" + key} {
		if i18n.Has(name) {
			return w.t(name)
		}
	}
	return key
}

// titleOf is what people call an entry of a list.
func (w *Words) titleOf(k Kind, v any, i int) string {
	m, _ := v.(map[string]any)
	for _, key := range []string{"label", "title", "name", "ask"} {
		if s, ok := m[key].(string); ok && s != "" {
			return s
		}
	}
	n := fmt.Sprint(i + 1)
	if s, ok := m["kind"].(string); ok && s != "" {
		return n + " " + w.value(k, "kind", s)
	}
	if s, ok := m["text"].(string); ok && s != "" {
		if r := []rune(s); len(r) > 20 {
			return string(r[:20]) + "…"
		}
		return s
	}
	return n
}

// rows gives what changed. An entry that is new or gone is one row with all it says; what it leaves empty it does not say.
func (f flat) rows(is flat) []Row {
	var out []Row
	at := map[string]int{} // the row of an entry that is new or gone
	whole := func(own, other flat, id string) (entry string, ok bool) {
		for i := range len(id) + 1 {
			if i < len(id) && id[i] != 0 {
				continue
			}
			if _, mine := own.entries[id[:i]]; mine {
				if _, theirs := other.entries[id[:i]]; !theirs {
					return id[:i], true
				}
			}
		}
		return "", false
	}
	add := func(own, other flat, id string, put func(r *Row, text string)) {
		x := own.leaves[id]
		entry, ok := whole(own, other, id)
		if !ok {
			r := Row{Label: x.label}
			put(&r, x.value)
			out = append(out, r)
			return
		}
		n, begun := at[entry]
		if !begun {
			n = len(out)
			at[entry] = n
			out = append(out, Row{Label: own.entries[entry]})
		}
		if rest, ok := strings.CutPrefix(x.label, own.entries[entry]+" › "); ok {
			put(&out[n], rest+"："+x.value)
		} else {
			put(&out[n], x.value)
		}
	}
	for _, id := range f.order {
		x := f.leaves[id]
		now, ok := is.leaves[id]
		switch {
		case !ok && x.value == "":
		case !ok:
			add(f, is, id, func(r *Row, text string) { r.Old = joined(r.Old, text) })
		case now.value != x.value:
			out = append(out, Row{Label: now.label, Old: x.value, New: now.value})
		}
	}
	clear(at)
	for _, id := range is.order {
		if _, ok := f.leaves[id]; !ok && is.leaves[id].value != "" {
			add(is, f, id, func(r *Row, text string) { r.New = joined(r.New, text) })
		}
	}
	return out
}

func joined(s, more string) string {
	if s == "" {
		return more
	}
	return s + "；" + more
}
