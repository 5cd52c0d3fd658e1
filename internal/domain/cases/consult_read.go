package cases

import (
	"context"
	"slices"

	"tongban/internal/engine/flow"
)

// mayOn reports whether one of the questions is the reader's to answer, or to take back.
func (w *work) mayOn(act Act) bool {
	return slices.ContainsFunc(w.shownConsults(), func(c Consult) bool { return act == ActAnswer && c.Mine || act == ActRecall && c.Recall })
}

// mayHalt reports whether the reader may stop the clock or let it run on.
func (w *work) mayHalt() bool {
	if len(w.mine(handlingKinds...)) > 0 {
		return true
	}
	return w.view == asStaff && len(w.tasks(flow.Consult)) > 0 && (w.may(flow.Review) || w.may(flow.Decide))
}

// expertFiles puts the papers of expert reviews to the case.
func (w *work) expertFiles(ctx context.Context, d *Detail) error {
	files, err := w.s.findFiles(ctx, w.s.DB.R(), w.c.ID)
	d.ExpertFiles = slices.DeleteFunc(files, func(f File) bool { return f.Material != ExpertKey || f.Removed })
	return err
}

// least leaves a consulted agency what it needs for its opinion: the application, masked, the materials and its own question.
func (d *Detail) least() {
	d.Consulted = true
	d.Contact, d.Number = Contact{}, ""
	d.Corrections, d.Suspensions, d.Extension, d.Ending, d.Owed, d.Checks = nil, nil, nil, nil, nil, nil
	d.Opinions, d.Panels, d.ExpertFiles, d.Inspections, d.Photos, d.Decision, d.Refusal = nil, nil, nil, nil, nil, nil, nil
	d.Changes, d.FileChanges, d.History, d.Events, d.Placed = nil, nil, nil, nil, nil
	d.Behalf, d.BasisFiles, d.Signatures, d.Acted, d.HandOut, d.TakenFiles = nil, nil, nil, nil, nil, nil
	d.Prechecks, d.Spots, d.Migrations = nil, nil, nil
}
