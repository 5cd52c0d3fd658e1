package cases

import (
	"context"
	"errors"
	"slices"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
	"tongban/internal/domain/catalog"
	"tongban/internal/engine/flow"
)

// Submit sends the application in and gives its number, query code and clock; again, it gives the same receipt. What is not ready is errs.Invalid
// cases.not_ready with all findings as in Ready. At the window the materials count as taken in, and the visit is counted.
func (s *Service) Submit(ctx context.Context, a authz.Actor, id string, version int64) (Receipt, error) {
	w, err := s.load(ctx, a, id)
	if err != nil {
		return Receipt{}, err
	}
	if !writes(a, w.view, w.was) {
		return Receipt{}, errs.New(errs.Forbidden, "cases.not_yours_to_fill")
	}
	if err := w.fills(ctx); err != nil {
		return Receipt{}, err
	}
	if w.was.CaseNo != "" {
		return w.receipt(), nil
	}
	if version != w.was.Version {
		return Receipt{}, draftMoved(w.was.Version)
	}
	if err := s.Items.TakesApplications(ctx, w.was.ItemKey); err != nil {
		return Receipt{}, err
	}
	err = w.submit(ctx, version)
	if err == nil {
		err = w.commit(ctx)
	}
	if errs.Is(err, "cases.moved") || errors.Is(err, errReplay) {
		return s.submittedMeanwhile(ctx, a, id)
	}
	if err != nil {
		return Receipt{}, err
	}
	return w.receipt(), nil
}

// submittedMeanwhile answers a double click whose first half won, and tells a real conflict.
func (s *Service) submittedMeanwhile(ctx context.Context, a authz.Actor, id string) (Receipt, error) {
	w, err := s.load(ctx, a, id)
	if err != nil {
		return Receipt{}, err
	}
	if w.was.CaseNo == "" {
		return Receipt{}, draftMoved(w.was.Version)
	}
	return w.receipt(), nil
}

func (w *work) submit(ctx context.Context, version int64) error {
	if err := w.begin(ActSubmit, version, nil); err != nil {
		return err
	}
	w.sends()
	files, err := w.prepare(ctx)
	if err != nil {
		return err
	}
	if err := w.sign(ctx, files); err != nil {
		return err
	}
	state, fx, err := flow.Start(w.flow, w.answer())
	if err != nil {
		return err
	}
	w.c.Submitted, w.c.queryCode = w.now, ident.QueryCode()
	w.before = append(w.before, w.numberTx)
	if err := w.to(ActSubmit); err != nil {
		return err
	}
	w.note(EventSubmitted, w.now, w.by, nil)
	w.moveFlow(state, fx)
	w.snapshot(files)
	if err := w.noteChoices(ctx, files); err != nil {
		return err
	}
	w.renewalTimer()
	w.paper("receipt", map[string]string{"materials": w.fileWords(files)})
	w.inform("case.submitted", nil)
	w.tell(func() event.Event { return SubmittedEvent{w.fact()} })
	if w.c.Channel == Window {
		if err := w.takeInAtWindow(ctx); err != nil {
			return err
		}
	}
	return w.atOnce(files)
}

// prepare brings who applies and the read-only answers up to date, checks everything, and keeps the answers as they count: without hidden ones.
func (w *work) prepare(ctx context.Context) ([]File, error) {
	if err := w.s.identify(ctx, &w.c); err != nil {
		return nil, err
	}
	if err := w.renew(ctx); err != nil {
		return nil, err
	}
	files, err := w.s.findFiles(ctx, w.s.DB.R(), w.c.ID)
	if err != nil {
		return nil, err
	}
	if files, err = w.takeKnown(ctx, files); err != nil {
		return nil, err
	}
	r, err := w.ready(ctx, files)
	if err != nil {
		return nil, err
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	w.c.content.Form = w.form.Clean(w.c.content.Form)
	w.c.phoneBlind = w.s.phoneBlind(first(w.c.content.Contact.Phone, w.c.summary.Phone))
	return stillThere(files), nil
}

func stillThere(files []File) []File {
	return slices.DeleteFunc(slices.Clone(files), func(f File) bool { return f.Removed })
}

// numberTx allocates the case number in the transaction: a number whose submission fails is given to the next one.
func (w *work) numberTx(ctx context.Context, tx *db.Tx) error {
	day := strings.ReplaceAll(today(w.now), "-", "")
	code := first(w.item.VariantCode, w.item.Code)
	n, err := serialTx(ctx, tx, code, day)
	if err != nil {
		return err
	}
	w.c.CaseNo = caseNumber(code, day, n)
	w.c.queryBlind = w.s.queryBlind(w.c.CaseNo, w.c.queryCode)
	return nil
}

func (s *Service) queryBlind(caseNo, code string) string {
	return s.Vault.Blind("cases.query", ident.NormalCode(caseNo)+"\x00"+ident.NormalCode(code))
}

// snapshot keeps what was submitted in this round, so that every later difference can be shown.
func (w *work) snapshot(files []File) {
	w.c.Round++
	snap := snapshot{Round: w.c.Round, Content: w.c.content, At: w.now, By: w.by}
	for _, f := range files {
		snap.Files = append(snap.Files, f.ID)
	}
	w.effect(func(ctx context.Context, tx *db.Tx) error { return w.s.putSnapshotTx(ctx, tx, w.c.ID, snap) })
	for _, f := range files {
		if id, ok := licenceRef(f); ok && f.Round == w.c.Round-1 { // its holder sees what it was used for
			w.effect(func(ctx context.Context, tx *db.Tx) error {
				return w.s.Licences.UseTx(ctx, tx, w.now, id, w.c.ID, w.by)
			})
		}
	}
}

func licenceRef(f File) (string, bool) {
	if f.Proof == nil {
		return "", false
	}
	return strings.CutPrefix(f.Proof.Ref, "licence:")
}

// fileWords lists what was handed in, for the receipt.
func (w *work) fileWords(files []File) string {
	var out []string
	for _, m := range w.item.Materials {
		if slices.ContainsFunc(files, func(f File) bool { return f.Material == m.Key }) {
			out = append(out, m.Name)
		}
	}
	return strings.Join(out, "、")
}

// takeInAtWindow counts the visit and takes the materials in, as they lie on the counter.
func (w *work) takeInAtWindow(ctx context.Context) error {
	if err := w.visit(ctx, "submit", "submit"); err != nil {
		return err
	}
	if w.officer(flow.Receive) != nil || w.c.HandledBy != "" {
		return nil
	}
	return w.takeIn(w.actor.StaffID)
}

// atOnce does what the law or the item does at the moment of submission: real estate counts as accepted (不动产登记暂行条例 第十七条), and an item
// done on the spot is decided by the program when every rule holds and nothing needs a person's eye.
func (w *work) atOnce(files []File) error {
	if w.item.Limits.AcceptanceRule == catalog.AcceptRealEstate {
		return w.asSystem(func() error { return w.accept(system) })
	}
	if w.grantsOnPromise() {
		return w.asSystem(w.grantOnPromise)
	}
	if !w.automatic(files) {
		return nil
	}
	return w.asSystem(func() error { return w.onTheSpot(system, Decision{Outcome: Grant}, true) })
}

// automatic reports whether the program may decide: all rules hold, every fact came from a register, and there is no upload to look at.
func (w *work) automatic(files []File) bool {
	return w.item.Limits.OnTheSpot && w.withheld() == nil && w.c.HandledBy == "" && !w.s.Manual && w.c.Channel == Online && !w.c.away && len(w.item.CheckRules) > 0 &&
		len(w.item.Failed(w.answer())) == 0 && !slices.ContainsFunc(files, func(f File) bool { return f.Source == SourceUpload || f.Source == SourcePhone })
}

func (w *work) receipt() Receipt {
	c := w.c
	return Receipt{
		CaseID: c.ID, CaseNo: c.CaseNo, QueryCode: c.queryCode, ItemName: c.ItemName, Agency: c.AgencyName, State: c.State, Outcome: c.Outcome, Nature: c.Nature,
		Submitted: c.Submitted, Clock: c.Clock, Version: c.Version,
	}
}

// Receipt gives the receipt again, to the applicant and the clerk who entered the application.
func (s *Service) Receipt(ctx context.Context, a authz.Actor, id string) (Receipt, error) {
	w, err := s.load(ctx, a, id)
	if err != nil {
		return Receipt{}, err
	}
	if w.was.CaseNo == "" || !writes(a, w.view, w.was) {
		return Receipt{}, notFound()
	}
	if a.PersonID != "" {
		if err := w.takes(ctx, authz.ActView, authz.ActApply); err != nil {
			return Receipt{}, err
		}
	}
	if err := w.readForOther(ctx, "cases.read_receipt"); err != nil {
		return Receipt{}, err
	}
	if a.StaffID != "" {
		if err := s.Audit.Read(ctx, s.readEntry(a, w.c.Case, "cases.read_receipt")); err != nil {
			return Receipt{}, err
		}
	}
	return w.receipt(), nil
}
