package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
	"tongban/internal/engine/flow"
)

// RequestCorrection tells everything to correct at once (行政许可法 第三十二条). A second notice may only repeat what was listed before, or speak of
// what the applicant changed since: anything else is errs.Conflict cases.correction_twice and goes to supervision.
func (s *Service) RequestCorrection(ctx context.Context, a authz.Actor, id string, version int64, ds []Defect) (Case, error) {
	for i := range ds {
		ds[i] = Defect{Kind: ds[i].Kind, Key: ds[i].Key, Text: strings.TrimSpace(ds[i].Text)}
	}
	var twice *work
	c, err := s.do(ctx, a, id, ActCorrect, version, ds, func(w *work) error {
		if err := w.officer(flow.Accept); err != nil {
			return err
		}
		if err := w.places(ds); err != nil {
			return err
		}
		fresh, err := w.unheard(ctx, ds)
		if err != nil {
			return err
		}
		if len(fresh) > 0 {
			twice = w
			return errs.New(errs.Conflict, "cases.correction_twice", errs.P{"defects": strings.Join(fresh, "、")})
		}
		return w.correct(ds)
	})
	if twice != nil && errs.Is(err, "cases.correction_twice") {
		if terr := twice.reportTwice(ctx); terr != nil {
			return c, terr
		}
	}
	return c, err
}

func (w *work) correct(ds []Defect) error {
	if err := w.to(ActCorrect); err != nil {
		return err
	}
	n := CorrectionNotice{ID: ident.New(), Round: w.c.Round, At: w.now, By: w.by, Defects: ds}
	w.note(EventCorrection, w.now, w.by, map[string]any{"correction": n.ID, "round": n.Round, "defects": len(ds)})
	w.effect(func(ctx context.Context, tx *db.Tx) error { return w.s.putCorrectionTx(ctx, tx, w.c.ID, n) })
	var lines []string
	for i, d := range ds {
		lines = append(lines, fmt.Sprintf("%d. %s：%s", i+1, w.label(d), d.Text))
	}
	w.paper("correction", map[string]string{"defects": strings.Join(lines, "\n")})
	w.inform("case.correction", nil)
	w.tell(func() event.Event { return CorrectionRequestedEvent{w.fact(), n.Round, len(ds)} })
	return nil
}

// places checks that every defect names a field or material of this application and says what is wrong.
func (w *work) places(ds []Defect) error {
	if len(ds) == 0 {
		return errs.New(errs.Invalid, "cases.no_defects")
	}
	var fs []Finding
	seen := map[string]bool{}
	for i, d := range ds {
		at := fmt.Sprintf("defects.%d", i)
		switch {
		case w.label(d) == "":
			fs = append(fs, Finding{Path: at, Key: "cases.defect_place"})
		case seen[d.Kind+d.Key]:
			fs = append(fs, Finding{Path: at, Key: "cases.defect_repeated", Params: errs.P{"label": w.label(d)}})
		case d.Text == "":
			fs = append(fs, Finding{Path: at, Key: "cases.defect_text", Params: errs.P{"label": w.label(d)}})
		case len([]rune(d.Text)) > maxWords:
			fs = append(fs, Finding{Path: at, Key: "cases.too_long", Params: errs.P{"max": maxWords}})
		}
		seen[d.Kind+d.Key] = true
	}
	return errs.Fields("cases.incomplete", fs)
}

// label names a defect's place as people know it; empty when there is no such place.
func (w *work) label(d Defect) string {
	switch d.Kind {
	case OnMaterial:
		m, _ := w.item.Material(d.Key)
		return m.Name
	case OnField:
		for _, sec := range w.form.Sections {
			for _, f := range sec.Fields {
				if f.Key == d.Key {
					return f.Label
				}
			}
		}
	}
	return ""
}

// unheard names the defects that should have been told the first time: never listed, and in something that has not changed since.
func (w *work) unheard(ctx context.Context, ds []Defect) ([]string, error) {
	before, err := w.s.corrections(ctx, w.c.ID)
	if err != nil || len(before) == 0 {
		return nil, err
	}
	listed := map[string]bool{}
	for _, n := range before {
		for _, d := range n.Defects {
			listed[d.Kind+d.Key] = true
		}
	}
	changed, err := w.changedPlaces(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, d := range ds {
		if !listed[d.Kind+d.Key] && !changed[d.Kind+d.Key] {
			out = append(out, w.label(d))
		}
	}
	return out, nil
}

// changedPlaces gives the places that differ between the last two submissions.
func (w *work) changedPlaces(ctx context.Context) (map[string]bool, error) {
	snaps, err := w.s.asHeld(ctx, w.c.ID)
	out := map[string]bool{}
	if err != nil || len(snaps) < 2 {
		return out, err
	}
	old, last := snaps[len(snaps)-2], snaps[len(snaps)-1]
	for _, c := range w.form.Diff(old.Content.Form, last.Content.Form) {
		out[OnField+c.Key] = true
		if table, _, ok := strings.Cut(c.Key, "."); ok { // a row of a table, or a key with dots; both forms count
			out[OnField+table] = true
		}
		for _, sec := range w.form.Sections {
			for _, f := range sec.Fields {
				if strings.HasPrefix(c.Key, f.Key+".") {
					out[OnField+f.Key] = true
				}
			}
		}
	}
	fs, err := w.s.findFiles(ctx, w.s.DB.R(), w.c.ID)
	for _, f := range fs {
		if slices.Contains(old.Files, f.ID) != slices.Contains(last.Files, f.ID) {
			out[OnMaterial+f.Material] = true
		}
	}
	return out, err
}

// reportTwice puts the refused second notice on record and tells supervision; the case itself does not change.
func (w *work) reportTwice(ctx context.Context) error {
	return w.s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		e := w.actEntry("correction_twice_refused")
		if err := audit.Tx(ctx, tx, w.now, e); err != nil {
			return err
		}
		f := Fact{CaseID: w.was.ID, CaseNo: w.was.CaseNo, ItemKey: w.was.ItemKey, Agency: w.was.Agency, Region: w.was.Region, By: w.by, At: w.now, State: w.was.State}
		return event.Publish(ctx, tx, w.now, CorrectionTwiceEvent{f})
	})
}

// Resubmit answers a correction notice: everything is checked as at the first submission, and the five days begin again.
func (s *Service) Resubmit(ctx context.Context, a authz.Actor, id string, version int64) (Case, error) {
	return s.do(ctx, a, id, ActResubmit, version, nil, func(w *work) error {
		if !writes(a, w.view, w.was) {
			return errs.New(errs.Forbidden, "cases.not_yours_to_fill")
		}
		if err := w.fills(ctx); err != nil {
			return err
		}
		return w.resubmit(ctx)
	})
}

// resubmit sends what is written, checked like a first submission.
func (w *work) resubmit(ctx context.Context) error {
	w.sends()
	files, err := w.prepare(ctx)
	if err != nil {
		return err
	}
	if err := w.sign(ctx, files); err != nil {
		return err
	}
	if err := w.to(ActResubmit); err != nil {
		return err
	}
	w.note(EventResubmitted, w.now, w.by, map[string]int{"round": w.c.Round + 1})
	w.snapshot(files)
	if err := w.noteChoices(ctx, files); err != nil {
		return err
	}
	w.inform("case.resubmitted", nil)
	w.tell(func() event.Event { return ResubmittedEvent{w.fact(), w.c.Round} })
	return nil
}

// Withdraw takes the application back, until it is decided.
func (s *Service) Withdraw(ctx context.Context, a authz.Actor, id string, version int64) (Case, error) {
	return s.do(ctx, a, id, ActWithdraw, version, nil, func(w *work) error {
		if w.view != asOwner {
			return errs.New(errs.Forbidden, "cases.only_applicant")
		}
		if err := w.takes(ctx, authz.ActApply); err != nil {
			return err
		}
		if err := w.to(ActWithdraw); err != nil {
			return err
		}
		w.note(EventWithdrawn, w.now, w.by, nil)
		w.inform("case.withdrawn", nil)
		w.tell(func() event.Event { return WithdrawnEvent{w.fact()} })
		return nil
	})
}
