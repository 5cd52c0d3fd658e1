package counter

import (
	"context"
	"slices"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/domain/cases"
)

// Matters is what a visitor has open, as far as the clerk's posts reach.
type Matters struct {
	Correct []cases.Case // wait for the visitor
	Owed    []cases.Case // accepted with materials that are to follow
	Fetch   []cases.Case // results the clerk may hand out
	Running []cases.Case
	Drafts  []cases.Case // begun by this clerk
}

// Any reports whether there is anything.
func (m Matters) Any() bool {
	return len(m.Correct)+len(m.Owed)+len(m.Fetch)+len(m.Running)+len(m.Drafts) > 0
}

// Matters finds what a visitor has open. Each case found is on record as read.
func (s *Service) Matters(ctx context.Context, a authz.Actor, id string) (Matters, error) {
	v, err := s.visitor(ctx, a, id)
	if err != nil {
		return Matters{}, err
	}
	var m Matters
	seen := map[string]bool{}
	for _, n := range v.numbers() {
		p, err := s.d.Cases.Inbox(ctx, a, cases.Filter{Tab: cases.TabAll, Query: n, Limit: 100})
		if err != nil {
			return m, err
		}
		for _, c := range p.Cases {
			if !seen[c.ID] {
				seen[c.ID] = true
				if err := s.sort(ctx, a, c, &m); err != nil {
					return m, err
				}
			}
		}
	}
	ds, err := s.d.Cases.Drafts(ctx, a)
	for _, d := range ds {
		if v.personID != "" && d.PersonID == v.personID && !seen[d.ID] {
			m.Drafts = append(m.Drafts, d)
		}
	}
	return m, err
}

func (s *Service) sort(ctx context.Context, a authz.Actor, c cases.Case, m *Matters) error {
	switch {
	case c.State == cases.Correction:
		m.Correct = append(m.Correct, c)
	case c.State == cases.Decided || c.State == cases.Certified:
		d, err := s.d.Cases.Case(ctx, a, c.ID)
		if err != nil {
			return err
		}
		if slices.Contains(d.May, cases.ActDeliver) {
			m.Fetch = append(m.Fetch, c)
			return nil
		}
		m.Running = append(m.Running, c)
	case c.State.Open() && !c.Clock.LaterDue.IsZero():
		m.Owed = append(m.Owed, c)
	case c.State.Open():
		m.Running = append(m.Running, c)
	}
	return nil
}

// Done says what became of one of several things.
type Done struct {
	Key    string // item key, or case id
	CaseID string
	Name   string
	Err    error // nil: it went through
}

// refused reports an error that is about this one thing and leaves the others alone.
func refused(err error) bool {
	e := errs.As(err)
	return e != nil && slices.Contains([]errs.Kind{errs.Invalid, errs.Conflict, errs.Forbidden, errs.NotFound}, e.Kind)
}

// mostItems is how many things one visitor may begin in one go.
const mostItems = 10

// Begin begins an application for each item, in the visitor's name; each becomes its own case. What an item refuses is told for that item; the others
// go on. Doing it again gives the same drafts.
func (s *Service) Begin(ctx context.Context, a authz.Actor, id string, items []string) ([]Done, error) {
	v, err := s.visitor(ctx, a, id)
	if err != nil {
		return nil, err
	}
	switch {
	case v.Kind == Enquiry:
		return nil, errs.New(errs.Conflict, "counter.enquiry_only")
	case len(items) == 0:
		return nil, errs.Fields("base.invalid", []errs.Field{{Path: "item", Key: "counter.items_missing"}})
	case len(items) > mostItems:
		return nil, errs.Fields("base.invalid", []errs.Field{{Path: "item", Key: "counter.items_many", Params: errs.P{"max": mostItems}}})
	}
	if err := s.serve(ctx, a, v); err != nil {
		return nil, err
	}
	var out []Done
	for _, key := range items {
		it, err := s.d.Items.Item(ctx, key)
		if err != nil {
			return out, err
		}
		d, err := s.d.Cases.CreateDraftFor(ctx, a, key, "visit:"+v.ID+":"+key, v.who.Applicant(v.Kind))
		if err == nil {
			err = s.link(ctx, a, v, d.ID, ToApply)
		}
		if err != nil && !refused(err) {
			return out, err
		}
		out = append(out, Done{Key: key, CaseID: d.ID, Name: it.Name, Err: err})
	}
	return out, nil
}

func (s *Service) link(ctx context.Context, a authz.Actor, v Visitor, caseID, purpose string) error {
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := putLineTx(ctx, tx, v.ID, Line{CaseID: caseID, Purpose: purpose, At: s.now()}); err != nil {
			return err
		}
		return s.record(ctx, tx, a, audit.Entry{Act: "counter.link", Object: "visitor:" + v.ID, Subject: v.subject, What: "counter.purpose_" + purpose})
	})
}

// LineView is one case of a visit as it stands now.
type LineView struct {
	Line
	Case    cases.Case
	Missing int  // of a draft: findings before it can be sent
	Trips   int  // so far
	Planned *int // as the item promises
}

// Lines gives the cases of a visit. A draft that was thrown away is no longer one.
func (s *Service) Lines(ctx context.Context, a authz.Actor, id string) ([]LineView, error) {
	v, err := s.visitor(ctx, a, id)
	if err != nil {
		return nil, err
	}
	ls, err := s.lines(ctx, v.ID)
	if err != nil {
		return nil, err
	}
	var out []LineView
	for _, l := range ls {
		d, err := s.d.Cases.Case(ctx, a, l.CaseID)
		if errs.KindOf(err) == errs.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		x := LineView{Line: l, Case: d.Case, Trips: d.Visits, Planned: d.Item.Visits}
		if d.State == cases.Draft {
			r, err := s.d.Cases.Ready(ctx, a, d.ID)
			if err != nil {
				return nil, err
			}
			x.Missing = len(r.Findings) + len(r.Stops)
		}
		out = append(out, x)
	}
	return out, nil
}

// Carry takes over into one application of a visit what the others already say.
func (s *Service) Carry(ctx context.Context, a authz.Actor, id, caseID string) (cases.Carried, error) {
	v, err := s.visitor(ctx, a, id)
	if err != nil {
		return cases.Carried{}, err
	}
	ls, err := s.lines(ctx, v.ID)
	if err != nil {
		return cases.Carried{}, err
	}
	if !slices.ContainsFunc(ls, func(l Line) bool { return l.CaseID == caseID && l.Purpose == ToApply }) {
		return cases.Carried{}, notFound()
	}
	var from []string
	for _, l := range ls {
		if l.Purpose != ToApply || l.CaseID == caseID {
			continue
		}
		if _, err := s.d.Cases.Case(ctx, a, l.CaseID); err == nil { // not thrown away
			from = append(from, l.CaseID)
		}
	}
	return s.d.Cases.CarryOver(ctx, a, caseID, from)
}

// Come notes that somebody came for a case of theirs: to correct it or to ask. It counts as one trip however often it is noted.
func (s *Service) Come(ctx context.Context, a authz.Actor, id, caseID, purpose string) error {
	v, err := s.visitor(ctx, a, id)
	if err != nil {
		return err
	}
	if purpose != ToCorrect && purpose != ToAsk {
		return errs.New(errs.BadRequest, "base.bad_request")
	}
	if err := s.serve(ctx, a, v); err != nil {
		return err
	}
	if err := s.d.Cases.RecordPresence(ctx, a, caseID, v.ID, purpose); err != nil {
		return err
	}
	return s.link(ctx, a, v, caseID, purpose)
}

// Send sends every application of a visit that lacks nothing; each becomes its own case with its own receipt. What still lacks something stays a draft.
func (s *Service) Send(ctx context.Context, a authz.Actor, id string) ([]Done, error) {
	v, err := s.visitor(ctx, a, id)
	if err != nil {
		return nil, err
	}
	if err := s.serve(ctx, a, v); err != nil {
		return nil, err
	}
	ls, err := s.Lines(ctx, a, id)
	if err != nil {
		return nil, err
	}
	var out []Done
	for _, l := range ls {
		if l.Case.State != cases.Draft {
			continue
		}
		x := Done{Key: l.CaseID, CaseID: l.CaseID, Name: l.Case.ItemName}
		if l.Missing > 0 {
			x.Err = errs.New(errs.Invalid, "counter.still_missing", errs.P{"n": l.Missing})
		} else if _, err := s.d.Cases.Submit(ctx, a, l.CaseID, l.Case.Version); err != nil {
			if !refused(err) {
				return out, err
			}
			x.Err = err
		}
		out = append(out, x)
	}
	return out, nil
}

// HandOut hands several results out to a visitor at once; what cannot be handed out is told for that one. checked says that the document was looked at
// and is the person's own.
func (s *Service) HandOut(ctx context.Context, a authz.Actor, id string, caseIDs []string, checked bool) ([]Done, error) {
	v, err := s.visitor(ctx, a, id)
	if err != nil {
		return nil, err
	}
	var fs []errs.Field
	if len(caseIDs) == 0 {
		fs = append(fs, errs.Field{Path: "case", Key: "counter.cases_missing"})
	}
	if !checked {
		fs = append(fs, errs.Field{Path: "checked", Key: "counter.checked_missing"})
	}
	switch {
	case v.Kind == Enquiry:
		return nil, errs.New(errs.Conflict, "counter.enquiry_only")
	case len(fs) > 0:
		return nil, errs.Fields("base.invalid", fs)
	case len(caseIDs) > 100:
		return nil, errs.New(errs.BadRequest, "base.bad_request")
	}
	if err := s.serve(ctx, a, v); err != nil {
		return nil, err
	}
	var out []Done
	for _, cid := range caseIDs {
		d, err := s.d.Cases.Case(ctx, a, cid)
		if err == nil {
			_, err = s.d.Cases.Deliver(ctx, a, cid, d.Version, s.delivery(v, d))
		}
		if err == nil {
			err = s.link(ctx, a, v, cid, ToFetch)
		}
		if err != nil && !refused(err) {
			return out, err
		}
		out = append(out, Done{Key: cid, CaseID: cid, Name: d.ItemName, Err: err})
	}
	return out, nil
}

// delivery says who takes a result: the applicant in person, or the visitor for somebody else on the basis that was written down when they came.
func (s *Service) delivery(v Visitor, d cases.Detail) cases.Delivery {
	own := d.ApplicantKind == cases.ByPerson && d.PersonID == v.personID
	in := cases.Delivery{How: cases.DeliverWindow, To: v.who.Name}
	if !own {
		in.Behalf = v.who.behalf()
	}
	return in
}

// Drop takes a draft out of a visit and throws it away.
func (s *Service) Drop(ctx context.Context, a authz.Actor, id, caseID string) error {
	v, err := s.visitor(ctx, a, id)
	if err != nil {
		return err
	}
	if err := s.d.Cases.DiscardDraft(ctx, a, caseID); err != nil {
		return err
	}
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := dropLineTx(ctx, tx, v.ID, caseID); err != nil {
			return err
		}
		return s.record(ctx, tx, a, audit.Entry{Act: "counter.drop", Object: "visitor:" + v.ID, Subject: v.subject})
	})
}
