package design

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/packfile"
	"tongban/internal/domain/catalog/item"
)

// Title is what people call a definition: its title or name, or its key.
func Title(f File) string {
	var v struct {
		Title string `json:"title"`
		Name  string `json:"name"`
	}
	if f.Kind == SampleFile || f.Kind == OtherFile || !packfile.Loose(packfile.File{Path: f.Path, Data: f.Content}, &v) {
		return f.Key
	}
	return cmp.Or(v.Title, v.Name, f.Key)
}

// Place says where a pointer into a file leads: 油烟怎样处理 › 条件. It is empty for the file as a whole.
func (w *Words) Place(f File, pointer string) string {
	if pointer == "" || pointer == "/" {
		return ""
	}
	var doc any
	if !packfile.Loose(packfile.File{Path: f.Path, Data: f.Content}, &doc) {
		doc = nil
	}
	steps := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	if f.Kind == ItemFile {
		if said, ok := w.itemPlace(pointer, doc); ok {
			return said
		}
	}
	var out []string
	for i, s := range steps {
		s = strings.NewReplacer("~1", "/", "~0", "~").Replace(s)
		switch v := doc.(type) {
		case []any:
			n, err := strconv.Atoi(s)
			if err != nil || n < 0 || n >= len(v) {
				return strings.Join(out, " › ")
			}
			doc = v[n]
			if _, entry := doc.(map[string]any); entry {
				out = append(out, w.titleOf(f.Kind, doc, n))
			}
		default:
			m, _ := v.(map[string]any)
			doc = m[s]
			out = w.passing(out, f.Kind, steps, i, s, doc)
			if s == "when" {
				return strings.Join(out, " › ") // inside a condition there is nothing that has a name
			}
		}
	}
	return strings.Join(out, " › ")
}

// passing adds the name of an attribute, unless it only holds entries that have names themselves.
func (w *Words) passing(out []string, k Kind, steps []string, i int, key string, v any) []string {
	if _, list := v.([]any); list && i+1 < len(steps) && quiet[key] {
		return out
	}
	return append(out, w.attribute(k, key))
}

// itemPlace names the element or the row and column of a table that a pointer into an item means.
func (w *Words) itemPlace(pointer string, doc any) (string, bool) {
	if e, ok := elementAt(pointer); ok {
		return e.Label(w.l), true
	}
	for _, c := range item.Children {
		rest, ok := strings.CutPrefix(pointer, c.Pointer)
		if !ok || c.Pointer == "" || rest != "" && rest[0] != '/' {
			continue
		}
		parts := strings.Split(strings.TrimPrefix(rest, "/"), "/")
		out := c.Label(w.l)
		n, err := strconv.Atoi(parts[0])
		if err != nil {
			return out, true
		}
		out += " › " + w.titleOf(ItemFile, reached(doc, c.Pointer+"/"+parts[0]), n)
		if len(parts) > 1 {
			if col := c.Column(parts[1]); col >= 0 {
				out += " › " + c.Columns[col].Label(w.l)
			} else {
				out += " › " + w.attribute(ItemFile, parts[1])
			}
		}
		return out, true
	}
	best := item.Element{}
	for _, e := range item.Elements {
		if p := e.At(); best.Key == "" && strings.HasPrefix(p, pointer+"/") || strings.HasPrefix(pointer, p+"/") && (best.Key == "" || len(p) > len(best.At())) {
			best = e
		}
	}
	return best.Label(w.l), best.Key != ""
}

// elementAt gives the element that stands at a pointer itself. What is a table as well is one to its readers.
func elementAt(pointer string) (item.Element, bool) {
	if slices.ContainsFunc(item.Children, func(c item.Child) bool { return c.Pointer == pointer }) {
		return item.Element{}, false
	}
	i := slices.IndexFunc(item.Elements, func(e item.Element) bool { return e.At() == pointer })
	if i < 0 {
		return item.Element{}, false
	}
	return item.Elements[i], true
}

// reached follows a pointer; nil where it leads nowhere.
func reached(doc any, pointer string) any {
	for s := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		switch v := doc.(type) {
		case map[string]any:
			doc = v[s]
		case []any:
			n, err := strconv.Atoi(s)
			if err != nil || n < 0 || n >= len(v) {
				return nil
			}
			doc = v[n]
		default:
			return nil
		}
	}
	return doc
}

// Text says what a finding is. That an element has an unknown value which is none at all means that it is missing.
func (w *Words) Text(p packfile.Problem) string {
	if v, ok := p.Params["value"]; ok && v == "" && strings.HasPrefix(p.Key, "rule.") {
		if e, ok := elementAt(p.Pointer); ok {
			return i18n.In(w.l, "rule.required", errs.P{"name": e.Label(i18n.Chinese), "en": e.Label(i18n.English)})
		}
	}
	return i18n.In(w.l, p.Key, w.Params(p))
}

// none is how the checks of rule tables and trials write a list with nothing in it.
const none = "∅"

// result says what a test wanted, or got.
func (w *Words) result(key, text string) string {
	switch {
	case text == none && key == "item.trial_materials":
		return w.t("design.no_material")
	case text == none:
		return w.t("design.no_rule")
	case key == "item.trial_materials":
		keys := strings.Split(text, "、")
		for i, k := range keys {
			keys[i] = cmp.Or(w.materials[k], k)
		}
		return strings.Join(keys, "、")
	}
	return text
}

// Params puts names in the place of keys in what a finding says: the question a condition reads, a step, a post.
func (w *Words) Params(p packfile.Problem) errs.P {
	out := errs.P{}
	for k, v := range p.Params {
		out[k] = v
		text, ok := v.(string)
		if !ok {
			continue
		}
		switch k {
		case "field", "name", "question":
			out[k] = w.Asked(text)
		case "from":
			out[k] = w.source(text)
		case "want", "got":
			out[k] = w.result(p.Key, text)
		case "material":
			out[k] = cmp.Or(w.materials[text], text)
		case "step":
			out[k] = cmp.Or(w.steps[text], text)
		case "post":
			out[k] = w.named("post", text)
		case "op":
			if key := "designer.op_" + text; i18n.Has(key) {
				out[k] = w.t(key)
			}
		case "value":
			if q, ok := w.question(str(p.Params["field"])); ok {
				out[k] = q.answer(w, text)
			}
		case "type":
			out[k] = w.named(string(LicenceFile), text)
		case "item":
			out[k] = w.named("item", text)
		}
	}
	return out
}

func str(v any) string {
	s, _ := v.(string)
	return s
}
