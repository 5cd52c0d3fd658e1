package cases

import (
	"context"
	"slices"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/domain/catalog"
	"tongban/internal/engine/clock"
)

// actChoose is the name under which choices stand in the record; the case does not change by them.
const actChoose Act = "choose"

// Choices is what the applicant chooses before sending: which materials follow the acceptance (容缺受理), and whether to promise instead of proving
// (告知承诺). Both are theirs to choose; nothing is chosen for them.
type Choices struct {
	Later   []string `json:"later"`
	Promise bool     `json:"promise"`
}

// Offer is what may be chosen for an application that is written on. Barred is the error that stands against a promise, or nil.
type Offer struct {
	Later   []catalog.Material
	Within  clock.Period // after the acceptance
	Waits   bool         // the decision period stands still meanwhile
	After   bool         // the result is not withheld
	Promise *catalog.Commitment
	AtOnce  bool // granted at once
	Barred  error
	Chosen  Choices
}

// Choose stores what the applicant, or at the window the clerk for them, chose; the next submission counts with it and is signed with it. Errors:
// errs.Invalid cases.incomplete with material.<key> cases.not_deferrable, errs.Conflict cases.no_promise and cases.may_not_promise, errs.Unavailable
// cases.promise_unavailable.
func (s *Service) Choose(ctx context.Context, a authz.Actor, id string, in Choices) error {
	w, err := s.writable(ctx, a, id, ActSave)
	if err != nil {
		return err
	}
	slices.Sort(in.Later)
	in.Later = slices.Compact(in.Later)
	var fs []Finding
	for _, key := range in.Later {
		if m, ok := w.item.Material(key); !ok || !m.Deferrable() {
			fs = append(fs, Finding{Path: "material." + key, Key: "cases.not_deferrable", Params: errs.P{"material": first(m.Name, key)}})
		}
	}
	if err := errs.Fields("cases.incomplete", fs); err != nil {
		return err
	}
	if in.Promise {
		if !w.item.Commitment.Voluntary() {
			return errs.New(errs.Conflict, "cases.no_promise", errs.P{"item": w.c.ItemName})
		}
		if err := w.mayPromise(ctx); err != nil {
			return err
		}
	}
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.touchFilesTx(ctx, tx, id, SourceUpload, db.Millis(w.now)); err != nil { // a submission that was checked without this fails
			return err
		}
		if err := putChoicesTx(ctx, tx, id, w.by, w.now, in); err != nil {
			return err
		}
		return w.auditTx(ctx, tx, actChoose)
	})
}

// askChoices reads what counts now: while it is written on, what was chosen; afterwards, what was sent.
func (w *work) askChoices(ctx context.Context) (err error) {
	if w.was.State == Draft || w.was.State == Correction {
		w.chosen, err = w.s.choices(ctx, w.s.DB.R(), w.was.ID)
		return err
	}
	r := replay(w.events)
	w.chosen = Choices{Later: r.later.Materials, Promise: r.promised}
	return nil
}

// offer says what the applicant may choose; nil when nothing.
func (w *work) offer(ctx context.Context) (*Offer, error) {
	o := Offer{Chosen: w.chosen}
	for _, m := range w.item.MaterialsFor(w.answer()) {
		if m.Deferrable() {
			o.Later = append(o.Later, m)
		}
	}
	if w.item.Commitment.Voluntary() {
		o.Promise, o.AtOnce, o.Barred = w.item.Commitment, w.item.Commitment.AtOnce, w.mayPromise(ctx)
		if e := errs.As(o.Barred); o.Barred != nil && e == nil {
			return nil, o.Barred
		}
	}
	if len(o.Later) == 0 && o.Promise == nil {
		return nil, nil
	}
	rule, err := w.s.laterRule(ctx, w.item, w.c.Region)
	o.Within, o.Waits, o.After = rule.period(), rule.Clock == catalog.LaterWaits, w.item.Later.AfterResult
	return &o, err
}

// follows gives the materials that are promised for after the acceptance: chosen, asked for by these answers, and not handed in.
func (w *work) follows(files []File) []string {
	var out []string
	for _, m := range w.item.MaterialsFor(w.answer()) {
		if m.Deferrable() && slices.Contains(w.chosen.Later, m.Key) && !slices.ContainsFunc(files, func(f File) bool { return f.Material == m.Key && !f.Removed }) {
			out = append(out, m.Key)
		}
	}
	return out
}

// noteChoices writes down with a submission what is promised by it.
func (w *work) noteChoices(ctx context.Context, files []File) error {
	r, later := replay(w.events), w.follows(files)
	if len(later) > 0 || len(r.later.missing) > 0 {
		rule, err := w.s.laterRule(ctx, w.item, w.c.Region)
		if err != nil {
			return err
		}
		w.note(EventLater, w.now, w.by, laterData{
			Materials: append([]string{}, later...), N: rule.N, Unit: rule.Unit, Waits: rule.Clock == catalog.LaterWaits, AfterResult: w.item.Later.AfterResult, Credit: w.item.Later.Credit,
		})
	}
	if w.chosen.Promise != r.promised {
		w.note(EventPromised, w.now, w.by, promisedData{Chosen: w.chosen.Promise})
	}
	return nil
}

// signLater adds to the words that are signed which materials follow, and within what (容缺受理承诺).
func (w *work) signLater(ctx context.Context, files []File, line func(key, value string)) error {
	later := w.follows(files)
	if len(later) == 0 {
		return nil
	}
	rule, err := w.s.laterRule(ctx, w.item, w.c.Region)
	if err != nil {
		return err
	}
	line("later", i18n.In(i18n.Chinese, "cases.sign_later_text", errs.P{"materials": w.materialNames(later), "limit": periodCN(rule.period())}))
	consequence := "cases.sign_later_withheld"
	if w.item.Later.AfterResult {
		consequence = "cases.sign_later_after"
	}
	line("consequence", cn(consequence))
	if w.item.Later.Credit {
		line("consequence", cn("cases.sign_later_credit"))
	}
	return nil
}
