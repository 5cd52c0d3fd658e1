package design

import (
	"cmp"
	"fmt"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/domain/licence"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/cond"
	"tongban/internal/engine/flow"
	"tongban/internal/engine/form"
	"tongban/internal/engine/table"
)

// Outline is one line of what a new definition holds, and what stands below it.
type Outline struct {
	Text  string
	Facts []string
	In    []Outline
}

// outline fills in what a new form, flow, paper, licence or table holds; false for other files, and for one that cannot be read.
func (w *Words) outline(p *Part, text []byte) bool {
	v, err := Empty(p.Kind)
	if err != nil || p.Kind == ItemFile || !read(text, v) {
		return false
	}
	switch v := v.(type) {
	case *form.Definition:
		for _, s := range v.Sections {
			p.Outline = append(p.Outline, Outline{Text: s.Title, Facts: w.when(s.When), In: w.fields(s.Fields)})
		}
	case *flow.Definition:
		p.Outline = w.flowOutline(v.Steps)
	case *paper.Template:
		p.Outline = []Outline{w.fact("papers", "act", v.Act), w.fact("papers", "number", v.Number)}
		for i, b := range v.Layout.Blocks {
			o := Outline{Text: fmt.Sprint(i+1) + " " + w.value(PaperFile, "kind", b.Kind)}
			if b.Text != "" {
				o.Facts = []string{w.filled(PaperFile, b.Text)}
			}
			for _, r := range b.Rows {
				o.In = append(o.In, Outline{Text: w.filled(PaperFile, strings.Join(r, "："))})
			}
			p.Outline = append(p.Outline, o)
		}
	case *licence.Type:
		p.Outline = w.licenceOutline(v)
	case *table.Definition:
		p.Outline = w.tableOutline(v)
	}
	return len(p.Outline) > 0
}

func (w *Words) fact(k Kind, key string, v any) Outline {
	return Outline{Text: w.attribute(k, key) + "：" + w.value(k, key, v)}
}

func (w *Words) when(e cond.Expr) []string {
	if e.IsZero() {
		return nil
	}
	return []string{i18n.In(w.l, "design.outline_when", errs.P{"text": w.Condition(e)})}
}

func (w *Words) fields(fs []form.Field) []Outline {
	var out []Outline
	for _, f := range fs {
		o := Outline{Text: f.Label, Facts: []string{w.value(FormFile, "kind", f.Kind)}, In: w.fields(f.Columns)}
		if f.Required {
			o.Facts = append(o.Facts, w.t("design.attr_required"))
		}
		if len(f.Options) > 0 {
			labels := make([]string, len(f.Options))
			for i, x := range f.Options {
				labels[i] = x.Label
			}
			o.Facts = append(o.Facts, strings.Join(labels, "、"))
		}
		if f.Unit != "" {
			o.Facts = append(o.Facts, w.t("design.attr_unit")+" "+f.Unit)
		}
		o.Facts = append(o.Facts, w.when(f.When)...)
		out = append(out, o)
	}
	return out
}

func (w *Words) flowOutline(steps []flow.Step) []Outline {
	var out []Outline
	for _, s := range steps {
		o := Outline{Text: s.Name, Facts: []string{w.value(FlowFile, "kind", s.Kind)}}
		for _, key := range append(append([]string{}, s.Posts...), s.Post) {
			if key != "" {
				o.Facts = append(o.Facts, w.named("post", key))
			}
		}
		if s.Limit != nil {
			o.Facts = append(o.Facts, w.period(*s.Limit))
		}
		if s.Kind == flow.Consult {
			o.Facts = append(o.Facts, w.t("designer_flow.flow_silence_"+cmp.Or(s.Silence, "wait")))
		}
		if s.Kind == flow.Expert {
			o.Facts = append(o.Facts, i18n.In(w.l, "designer_flow.flow_experts_fact", errs.P{"n": s.Need}))
		}
		if s.Assign != nil {
			o.Facts = append(o.Facts, w.t("designer_flow.flow_assign_"+s.Assign.By))
		}
		o.Facts = append(o.Facts, w.when(s.When)...)
		for i, x := range s.Ways {
			way := Outline{Text: x.Name, Facts: w.when(x.When), In: w.flowOutline(x.Steps)}
			if x.When.IsZero() && i == len(s.Ways)-1 {
				way.Facts = []string{w.t("designer_flow.flow_otherwise")}
			}
			o.In = append(o.In, way)
		}
		for i, x := range s.Parallel {
			o.In = append(o.In, Outline{Text: i18n.In(w.l, "designer_flow.flow_lane", errs.P{"n": i + 1}), In: w.flowOutline(x)})
		}
		out = append(out, o)
	}
	return out
}

func (w *Words) period(p clock.Period) string {
	return fmt.Sprint(p.N) + " " + w.value("", "unit", p.Unit)
}

func (w *Words) licenceOutline(t *licence.Type) []Outline {
	span, _ := w.group("validity", map[string]any{"years": t.Validity.Years, "months": t.Validity.Months, "days": t.Validity.Days})
	fields := Outline{Text: w.t("design.outline_fields")}
	for _, f := range t.Fields {
		fields.In = append(fields.In, Outline{Text: f.Label, Facts: []string{i18n.In(w.l, "design.outline_from", errs.P{"text": w.source(f.From)})}})
	}
	return []Outline{
		w.fact(LicenceFile, "definer", t.Definer), w.fact(LicenceFile, "holder", t.Holder), w.fact(LicenceFile, "number", t.Number),
		{Text: w.t("design.attr_validity") + "：" + span},
		w.fact(LicenceFile, "trust", t.Trust), w.fact(LicenceFile, "exclusive", t.Exclusive), fields,
	}
}

func (w *Words) tableOutline(d *table.Definition) []Outline {
	hit := d.Hit
	if hit == "" {
		hit = table.First
	}
	out := []Outline{w.fact(TableFile, "hit", hit)}
	for _, r := range d.Rows {
		o := Outline{Text: r.Name, Facts: w.when(r.When)}
		for _, x := range [][2]string{{"refuse", r.Refuse}, {"warn", r.Warn}, {"basis", r.Basis}} {
			if x[1] != "" {
				o.In = append(o.In, w.fact(TableFile, x[0], x[1]))
			}
		}
		for _, key := range r.Need {
			o.In = append(o.In, w.fact(TableFile, "need", key))
		}
		out = append(out, o)
	}
	if len(d.Tests) > 0 {
		out = append(out, Outline{Text: i18n.In(w.l, "design.outline_tests", errs.P{"n": len(d.Tests)})})
	}
	return out
}
