package cases

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/org"
	"tongban/internal/engine/cnid"
	"tongban/internal/engine/flow"
	"tongban/internal/engine/form"
)

// Case gives a case or draft as the actor may see it: whole to the applicant, masked to staff, without answers to a supervisor. Every reading by
// staff is on record before anything is shown. errs.NotFound when it is none of theirs.
func (s *Service) Case(ctx context.Context, a authz.Actor, id string) (Detail, error) {
	w, err := s.load(ctx, a, id)
	if err != nil {
		return Detail{}, err
	}
	if err := w.readable(ctx); err != nil {
		return Detail{}, err
	}
	d, err := w.detail(ctx)
	if err != nil {
		return Detail{}, err
	}
	if err := w.readForOther(ctx, "cases.read_case"); err != nil {
		return Detail{}, err
	}
	if a.StaffID != "" {
		if err := s.Audit.Read(ctx, s.readEntry(a, w.c.Case, "cases.read_case")); err != nil {
			return Detail{}, err
		}
	}
	return d, nil
}

func (w *work) detail(ctx context.Context) (Detail, error) {
	s, c := w.s, w.c
	own := w.view == asOwner || c.State == Correction && writes(w.actor, w.view, c) // the clerk sees all of it only while filling in
	d := Detail{Case: w.shown(), Own: own, Item: w.item, Flow: w.flow, Flowing: c.flowing, Events: w.events, Away: c.away, Form: w.form}
	d.Clock = ClockOf(w.events, w.item.Limits, w.cal)
	d.Progress = w.progress(own)
	d.May, d.Owed, d.Promised = w.mayDo(), w.owed(), w.chosen.Promise
	if w.view == asSupervisor {
		var err error
		d.History, err = findHistory(ctx, s.DB.R(), c.ID)
		return d, err
	}
	snaps, err := s.asHeld(ctx, c.ID)
	if err != nil {
		return d, err
	}
	files, err := s.findFiles(ctx, s.DB.R(), c.ID)
	if err != nil {
		return d, err
	}
	shown := c.content
	if !own && len(snaps) > 0 {
		shown = snaps[len(snaps)-1].Content // what is being corrected is not handed in yet
	}
	d.Scenario, d.Contact, d.Review = shown.Scenario, shown.Contact, w.review(ctx, shown.Form)
	d.Slots, d.Photos = w.slots(shown, files, own)
	d.Number = cnid.MaskID(c.summary.Number)
	if c.ApplicantKind == ByFirm {
		d.Number = c.summary.Number
	}
	w.differences(ctx, &d, snaps, files)
	if own {
		d.Form, d.Answers, d.QueryCode = fillable(w.form, c.content.Form), c.content.Form, c.queryCode
		d.Applicant = applicant(c, true)
		if c.State == Draft || c.State == Correction {
			if d.Offer, err = w.offer(ctx); err != nil {
				return d, err
			}
		}
	} else {
		w.hide(&d)
		d.mask()
	}
	if err := w.acting(ctx, &d, files, own); err != nil {
		return d, err
	}
	if err := w.statements(ctx, &d, own); err != nil {
		return d, err
	}
	if w.view == asConsulted {
		d.least()
		return d, nil
	}
	vs, err := visits(ctx, s.DB.R(), c.ID)
	d.Visits = len(vs)
	return d, err
}

// acting adds who acts for the applicant, on what, what they did, and what was signed.
func (w *work) acting(ctx context.Context, d *Detail, files []File, own bool) (err error) {
	d.Behalf = w.shownBehalf()
	if d.HandOut, err = w.shownHandOut(ctx); err != nil {
		return err
	}
	for _, f := range files {
		switch {
		case f.Removed:
		case f.Material == BasisKey:
			d.BasisFiles = append(d.BasisFiles, f)
		case f.Material == TakenKey:
			d.TakenFiles = append(d.TakenFiles, f)
		}
	}
	if d.Signatures, err = w.s.signatures(ctx, w.c.ID); err != nil {
		return err
	}
	if own && w.actor.PersonID != "" {
		d.Acted, err = w.actedFor(ctx)
		return err
	}
	for i := range d.Signatures {
		d.Signatures[i].Text = ""
	}
	return nil
}

// statements adds what officers said. Opinions, inspections and the history are the agency's own papers.
func (w *work) statements(ctx context.Context, d *Detail, own bool) (err error) {
	s, id := w.s, w.c.ID
	if d.Corrections, err = s.corrections(ctx, id); err != nil {
		return err
	}
	changed, err := w.changedSince(ctx)
	if err != nil {
		return err
	}
	for i, n := range d.Corrections {
		for j, x := range n.Defects {
			d.Corrections[i].Defects[j].Label = w.label(x)
			d.Corrections[i].Defects[j].Cured = n.Round < w.c.Round && changed[x.Kind+x.Key]
		}
	}
	x, err := s.sayings(ctx, id)
	if err != nil {
		return err
	}
	d.Checks = x.checks
	if d.After, err = w.shownAfter(ctx, x.after); err != nil {
		return err
	}
	d.Prechecks, d.Spots = w.shownPrechecks(x.prechecks), w.shownSpots(ctx, x.spots, own)
	d.Opinions, d.Decision, d.Refusal, d.Suspensions, d.Extension, d.Ending = x.opinions, x.decision, x.refusal, x.suspensions, x.extension, x.ending
	if w.view == asOwner {
		d.Opinions, d.Photos = nil, nil
		return nil
	}
	if err := w.expertFiles(ctx, d); err != nil {
		return err
	}
	d.Migrations = x.migrations
	d.Panels, d.Consults, d.Placed = x.panels, w.shownConsults(), placements(w.events)
	if d.Inspections, err = s.inspections(ctx, id); err != nil {
		return err
	}
	if d.Tasks, err = w.shownTasks(ctx); err != nil {
		return err
	}
	if _, no := next(w.c.State, ActFollow); no == nil && slices.ContainsFunc(d.Tasks, func(t Task) bool { return beside(t.Kind) && t.Kind != TaskAsk && t.Mine }) {
		d.May = append(d.May, ActFollow)
	}
	d.History, err = findHistory(ctx, s.DB.R(), id)
	return err
}

func (w *work) changedSince(ctx context.Context) (map[string]bool, error) {
	if w.c.Round < 2 {
		return nil, nil
	}
	return w.changedPlaces(ctx)
}

// slots puts the files to the materials these answers call for, and to any other that got one.
func (w *work) slots(c content, files []File, own bool) (out []Slot, photos []File) {
	wanted := w.item.MaterialsFor(w.answerOf(c))
	has := func(list []catalog.Material, key string) bool {
		return slices.ContainsFunc(list, func(m catalog.Material) bool { return m.Key == key })
	}
	for _, m := range w.item.Materials {
		sl := Slot{Material: m, Required: has(wanted, m.Key) && m.Required == catalog.RequiredYes}
		for _, f := range files {
			if f.Material != m.Key || f.Removed && (own || w.c.State != Correction || f.Round >= w.c.Round) || !own && !w.given(f) {
				continue
			}
			if f.Proof != nil {
				p := w.shownProof(*f.Proof)
				f.Proof = &p
			}
			sl.Files = append(sl.Files, f)
		}
		if has(wanted, m.Key) || len(sl.Files) > 0 {
			out = append(out, sl)
		}
	}
	for _, f := range files {
		if f.Source == SourceOfficer && f.Material != ExpertKey {
			photos = append(photos, f)
		}
	}
	return out, photos
}

// shownProof masks the number of a document, and to staff its holder too unless that is the firm itself.
func (w *work) shownProof(p Proof) Proof {
	p.Number = cnid.MaskID(p.Number)
	if w.actor.StaffID != "" && (w.c.ApplicantKind != ByFirm || p.Holder != w.c.summary.Name) {
		p.Holder = cnid.MaskName(p.Holder)
	}
	return p
}

// differences shows the last submission against the one before.
func (w *work) differences(ctx context.Context, d *Detail, snaps []snapshot, files []File) {
	if len(snaps) < 2 {
		return
	}
	old, last := snaps[len(snaps)-2], snaps[len(snaps)-1]
	d.Changes = w.diff(ctx, old.Content.Form, last.Content.Form)
	for _, f := range files {
		was, is := slices.Contains(old.Files, f.ID), slices.Contains(last.Files, f.ID)
		if was != is {
			m, _ := w.item.Material(f.Material)
			d.FileChanges = append(d.FileChanges, FileChange{Material: f.Material, Label: m.Name, Name: f.Name, Added: is})
		}
	}
}

// mask hides personal values from staff; Reveal shows one of them with a reason.
func (d *Detail) mask() {
	d.Contact = Contact{Name: cnid.MaskName(d.Contact.Name), Phone: cnid.MaskPhone(d.Contact.Phone)}
	for i := range d.Review {
		for j := range d.Review[i].Rows {
			r := &d.Review[i].Rows[j]
			r.Value = maskBy(r.Level, r.Value)
			for k := range r.Lines {
				for l := range r.Lines[k] {
					r.Lines[k][l].Value = maskBy(r.Lines[k][l].Level, r.Lines[k][l].Value)
				}
			}
		}
	}
	for i := range d.Changes {
		d.Changes[i].Old, d.Changes[i].New = maskBy(d.Changes[i].Level, d.Changes[i].Old), maskBy(d.Changes[i].Level, d.Changes[i].New)
	}
}

func maskBy(level, v string) string {
	switch level {
	case "name":
		return cnid.MaskName(v)
	case "id":
		return cnid.MaskID(v)
	case "phone":
		return cnid.MaskPhone(v)
	case "address":
		return cnid.MaskAddress(v)
	}
	return v
}

// may lists the acts the reader can do now: allowed by the state and by their posts. The act itself checks everything again.
func (w *work) mayDo() []Act {
	var out []Act
	for _, act := range ActsIn(w.c.State) {
		if w.offers(act) {
			out = append(out, act)
		}
	}
	return out
}

func (w *work) offers(act Act) bool {
	if w.barred(act) != nil {
		return false
	}
	right := func(r string) bool { return w.view != asSupervisor && w.may(r) }
	switch act {
	case ActSave, ActSubmit, ActResubmit:
		return writes(w.actor, w.view, w.c) && w.covers(authz.ActApply)
	case ActAskPrecheck:
		return w.prechecked() && writes(w.actor, w.view, w.c) && w.actor.PersonID != "" && w.covers(authz.ActApply)
	case ActAnswerPrecheck:
		return right(flow.Accept)
	case ActTakeBackPrecheck:
		return w.view == asOwner && w.actor.PersonID != "" && w.covers(authz.ActApply)
	case ActSpot:
		return right(flow.Accept) || right(flow.Receive)
	case ActAnnounce, ActRevoke:
		return right(org.Revoke) && w.granted() == nil
	case ActRectify:
		return right(flow.Decide) && !w.c.Decided.IsZero()
	case ActWithdraw:
		return w.view == asOwner && w.actor.PersonID != "" && w.covers(authz.ActApply)
	case ActMarkChecked:
		return right(flow.Receive) || right(flow.Accept)
	case ActReceive:
		return right(flow.Receive)
	case ActAccept, ActRefuse, ActCorrect:
		return right(flow.Accept) && (act != ActAccept || !w.item.Limits.OnTheSpot || w.withheld() != nil)
	case ActOnTheSpot:
		return (w.item.Limits.OnTheSpot || w.promisedAtOnce()) && w.withheld() == nil && right(flow.Accept) && right(flow.Decide)
	case ActTakeUp:
		return w.free()
	case ActRelease:
		return slices.ContainsFunc(w.freed(), func(t flow.Task) bool { return len(t.With) > 0 })
	case ActAssign:
		return w.free()
	case ActInspect:
		return w.free(flow.Inspect)
	case ActOpinion:
		return w.free(flow.Review, flow.Countersign, flow.Decide)
	case ActDecide:
		return w.free(flow.Decide)
	case ActSuspend, ActResume:
		return w.view != asSupervisor && w.view != asConsulted && w.mayHalt()
	case ActConsult:
		return w.free(askKinds...)
	case ActAnswer, ActRecall:
		return w.mayOn(act)
	case ActExperts, ActExpertise:
		return w.free(flow.Expert)
	case ActDelegate:
		return slices.ContainsFunc(w.freed(), func(t flow.Task) bool { return t.Step.Kind != flow.Countersign })
	case ActMigrate:
		return w.mayMigrate() == nil
	case ActExtend:
		return right(w.extender()) && w.extensible() == nil
	case ActTerminate:
		return right(flow.Decide)
	case ActLapse:
		return right(flow.Accept) && w.lapsed()
	case ActTransfer, ActVoid:
		return right(flow.Accept) || right(flow.Decide)
	case ActSupply:
		o := w.owing()
		return !o.from.IsZero() && len(o.missing) > 0 && (writes(w.actor, w.view, w.c) && w.covers(authz.ActApply) || right(flow.Receive) || right(flow.Accept))
	case ActDeliver:
		return right(flow.Deliver) || w.view == asOwner && w.actor.PersonID != "" && w.covers(authz.ActCollect)
	}
	return false
}

// free reports whether work of these kinds waits for the reader, who is not kept away from it by having handled another step.
func (w *work) free(kinds ...string) bool { return len(w.freed(kinds...)) > 0 }

func (w *work) freed(kinds ...string) []flow.Task {
	if w.view == asSupervisor {
		return nil
	}
	return slices.DeleteFunc(w.mine(kinds...), func(t flow.Task) bool {
		err := flow.MayAct(w.flow, w.c.flowing, t.Step.Key, []string{w.actor.StaffID})
		return err != nil && !errs.Is(err, "flow.too_few_officers")
	})
}

// Reveal gives one masked value whole. The reason and what was seen go on record before it is shown. field: applicant.name, applicant.number,
// contact.name, contact.phone, agent.name, agent.number, taker.name,
// taker.number, form.<key>, form.<table>.<line from 0>.<column>, and old.<key> or new.<key> of a Change. Errors: cases.reveal_reason, errs.NotFound for an unknown field.
func (s *Service) Reveal(ctx context.Context, a authz.Actor, id, field, reason string) (string, error) {
	w, err := s.load(ctx, a, id)
	if err != nil {
		return "", err
	}
	if w.view != asStaff && w.view != asOwner {
		return "", noRight(flow.Review)
	}
	if err := w.readable(ctx); err != nil {
		return "", err
	}
	if reason = strings.TrimSpace(reason); reason == "" || len([]rune(reason)) > 200 {
		return "", errs.New(errs.Invalid, "cases.reveal_reason")
	}
	v, err := w.reveal(ctx, field)
	if err != nil {
		return "", err
	}
	// The reason may name people: it is kept sealed with the case, and the audit record says that it is there.
	_, part, _ := strings.Cut(field, ".")
	if h, _, _ := strings.Cut(field, "."); h == "form" || h == "old" || h == "new" {
		part = "form"
	}
	e := s.readEntry(a, w.c.Case, "cases.reveal_"+part)
	e.Reason = "cases.reveal"
	if err := s.keepReason(ctx, w, field, reason); err != nil {
		return "", err
	}
	return v, s.Audit.Read(ctx, e)
}

func (w *work) reveal(ctx context.Context, field string) (string, error) {
	switch field {
	case "applicant.name":
		return w.c.summary.Name, nil
	case "applicant.number":
		return w.c.summary.Number, nil
	case "contact.phone":
		return w.c.content.Contact.Phone, nil
	case "contact.name":
		return w.c.content.Contact.Name, nil
	case "agent.name":
		return w.c.summary.Actor, nil
	case "agent.number":
		if w.c.behalf == nil {
			return "", notFound()
		}
		return w.c.behalf.Number, nil
	case "taker.name", "taker.number":
		h, err := w.s.handOut(ctx, w.c.ID)
		switch {
		case err != nil:
			return "", err
		case h == nil:
			return "", notFound()
		case field == "taker.name":
			return h.Name, nil
		}
		return h.Number, nil
	}
	snaps, err := w.s.asHeld(ctx, w.c.ID)
	if err == nil && len(snaps) == 0 && w.c.State == Prechecking { // what is looked over was not sent yet
		snaps = []snapshot{{Content: w.c.content}}
	}
	if err != nil || len(snaps) == 0 {
		return "", orErr(err, notFound())
	}
	last := snaps[len(snaps)-1].Content.Form
	kind, key, _ := strings.Cut(field, ".")
	switch {
	case w.view != asOwner && w.hidden(key):
	case kind == "form":
		return w.revealAnswer(ctx, last, key)
	case (kind == "old" || kind == "new") && len(snaps) > 1:
		for _, c := range w.diff(ctx, snaps[len(snaps)-2].Content.Form, last) {
			if c.Key == key && kind == "old" {
				return c.Old, nil
			} else if c.Key == key {
				return c.New, nil
			}
		}
	}
	return "", notFound()
}

// revealAnswer gives an answer whole, or one cell of a table.
func (w *work) revealAnswer(ctx context.Context, a form.Answers, key string) (string, error) {
	for _, sec := range w.review(ctx, a) {
		for _, r := range sec.Rows {
			if r.Key == key {
				return r.Value + tableWords(r), nil
			}
			for i, line := range r.Lines {
				for _, c := range line {
					if key == r.Key+"."+strconv.Itoa(i)+"."+c.Key {
						return c.Value, nil
					}
				}
			}
		}
	}
	return "", notFound()
}

// Head gives a case without asking who reads it; for other rooms, never for a page. The applicant is masked.
func (s *Service) Head(ctx context.Context, id string) (Case, error) {
	r, err := s.find(ctx, s.DB.R(), id)
	if err != nil {
		return Case{}, err
	}
	c := r.Case
	c.Applicant = applicant(r, false)
	c.read(s.Now(), s.Offices.Calendar(ctx))
	return c, nil
}

// Subject gives the blind index of the applicant's number, for records other rooms keep about a case.
func (c Case) Subject() string { return c.subject }
