package design

import (
	"cmp"
	"fmt"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/domain/catalog/item"
)

// prefixes are where the names of the values of an attribute stand: designer.kind_text. The kind of file comes first where it matters.
var prefixes = map[string]string{
	"forms/kind": "designer.kind_", "flows/kind": "designer_flow.flow_kind_", "papers/kind": "designer_paper.paper_kind_", "licence-types/kind": "designer_paper.paper_kind_",
	"act": "design.paper_", "acts": "design.paper_", "hit": "designer_table.table_hit_", "trust": "designer_paper.licence_trust_", "level": "designer.level_", "on": "designer_flow.flow_on_",
	"align": "designer_paper.paper_align_", "unit": "designer_flow.flow_unit_", "holder": "design.cond_",
}

// nameKinds are attributes that hold the key of something with a name.
var nameKinds = map[string]string{
	"post": "post", "posts": "post", "definer": "agency", "agency": "agency", "windows": "window", "requires": "pack",
	"licence_type": string(LicenceFile), "form": string(FormFile), "flow": string(FlowFile), "template": string(PaperFile), "tables": string(TableFile),
	"instead": "item",
}

// fileCells hold the path of a file in the pack.
var fileCells = map[string]bool{"sample": true, "empty": true, "result_sample": true}

// value says one value of a definition in words; key is the attribute it stands under.
func (w *Words) value(k Kind, key string, v any) string {
	if b, ok := v.(bool); ok {
		return w.yes(b)
	}
	text := fmt.Sprint(v)
	for _, at := range []string{string(k) + "/" + key, key} {
		if p, ok := prefixes[at]; ok && i18n.Has(p+text) {
			return w.t(p + text)
		}
	}
	if kind, ok := nameKinds[key]; ok {
		return w.named(kind, text)
	}
	if fileCells[key] {
		return strings.TrimPrefix(text, string(SampleFile)+"/")
	}
	switch key {
	case "if":
		return cmp.Or(w.placeName(k, text), text)
	case "from":
		return w.source(text)
	case "item_types":
		return item.CodeName(w.l, "item_type", text)
	case "need":
		return cmp.Or(w.materials[text], text)
	case "not_by":
		return cmp.Or(w.steps[text], text)
	case "hide":
		return w.Asked(text)
	case "min_date", "max_date":
		return w.day(text)
	}
	return w.filled(k, text)
}

// source says where a field of a licence comes from.
func (w *Words) source(from string) string {
	if text, ok := strings.CutPrefix(from, "const:"); ok {
		return i18n.In(w.l, "design.from_const", errs.P{"text": text})
	}
	if key := "designer_paper.source_" + from; i18n.Has(key) {
		return w.t(key)
	}
	switch group, _, _ := strings.Cut(from, "."); group {
	case "form", "scenario":
		return w.t("designer_paper.from_"+group) + " › " + w.Asked(from)
	}
	return from
}

// day says a bound of a date: today, or so many days before or after.
func (w *Words) day(v string) string {
	rest, ok := strings.CutPrefix(v, "today")
	switch {
	case !ok || len(rest) == 1:
		return v
	case rest == "":
		return w.t("design.today")
	case rest[0] == '-':
		return i18n.In(w.l, "design.days_before", errs.P{"n": rest[1:]})
	}
	return i18n.In(w.l, "design.days_after", errs.P{"n": rest[1:]})
}

// group says a group of attributes that people read as one: a limit, a place on a page. ok is false for any other.
func (w *Words) group(key string, v map[string]any) (text string, ok bool) {
	n, unit := v["n"], v["unit"]
	if key == "limit" && n != nil && unit != nil {
		return fmt.Sprint(n) + " " + w.value("", "unit", unit), true
	}
	if key == "validity" {
		var parts []string
		for _, k := range []string{"years", "months", "days"} {
			if x := v[k]; x != nil && fmt.Sprint(x) != "0" {
				parts = append(parts, i18n.In(w.l, "design.span_"+k, errs.P{"n": x}))
			}
		}
		if len(parts) == 0 {
			parts = []string{w.t("design.span_none")}
		}
		return strings.Join(parts, " "), true
	}
	return "", false
}

// placing are the attributes of a block that say where it stands and how it is drawn.
var placing = []string{"x", "y", "w", "h", "size", "widths"}

// place takes the placing of a block together: left 20, top 30, …
func (w *Words) place(v map[string]any) string {
	var parts []string
	for _, k := range placing {
		x, ok := v[k]
		if !ok {
			continue
		}
		if list, ok := x.([]any); ok {
			texts, _ := w.scalars("", "", list)
			x = strings.Join(texts, " : ")
		}
		parts = append(parts, w.t("design.attr_"+k)+" "+fmt.Sprint(x))
	}
	return strings.Join(parts, "，")
}
