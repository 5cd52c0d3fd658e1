package cases

import (
	"context"
	"strings"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/engine/flow"
	"tongban/internal/engine/form"
)

// actInspectionPaper is the act of the record of an inspection among the papers.
const actInspectionPaper = "inspection"

// premisesTerm marks the answer that says where the applicant will work; it is the place of an inspection.
const premisesTerm = "premises.address"

// inspectionPaper asks for the record of an inspection: who, where, every line with its result, what was found wrong, the conclusion. A city
// without a template for it keeps the record in the case only.
func (w *work) inspectionPaper(ctx context.Context, st flow.Step, in Inspection) {
	extra := map[string]string{"officer": w.names(ctx, in.Officers), "result": in.Conclusion, "window": w.premises()}
	var lines, wrong []string
	for _, l := range st.Checklist {
		r, ok := in.Results[l.Key]
		if !ok {
			continue
		}
		word := cn("cases.line_pass")
		if !r.Pass {
			word = cn("cases.line_fail")
		}
		line := l.Text + "：" + word
		if r.Note != "" {
			line += "（" + r.Note + "）"
		}
		lines = append(lines, line)
		if !r.Pass {
			wrong = append(wrong, first(r.Note, l.Text))
		}
	}
	extra["conditions"], extra["defects"] = strings.Join(lines, "\n"), strings.Join(wrong, "\n")
	w.effect(func(ctx context.Context, tx *db.Tx) error {
		_, err := w.s.Papers.IssueTx(ctx, tx, w.now, w.paperRequest(actInspectionPaper, extra))
		if errs.Is(err, "paper.no_template") {
			return nil
		}
		return err
	})
}

// names joins the names of staff as papers list them.
func (w *work) names(ctx context.Context, ids []string) string {
	var out []string
	for _, id := range ids {
		if s, err := w.s.Offices.Staff(ctx, id); err == nil {
			out = append(out, s.Name)
		}
	}
	return strings.Join(out, "、")
}

// premises is the address the application names for the premises, empty for items that have none.
func (w *work) premises() string {
	for _, s := range w.form.Sections {
		for _, f := range s.Fields {
			if f.Kind == form.Address && f.Term == premisesTerm {
				v, _ := w.c.content.Form[f.Key].(string)
				return v
			}
		}
	}
	return ""
}
