package counter

import (
	"context"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/cnid"
)

// Shift is one clerk at one window from opening to handing over.
type Shift struct {
	ID     string      `json:"id"`
	Staff  string      `json:"staff"`
	Desk   string      `json:"desk"`
	From   time.Time   `json:"from"`
	To     time.Time   `json:"to,omitzero"`
	Note   string      `json:"note,omitempty"` // to the next shift
	Counts ShiftCounts `json:"counts"`
	Taken  time.Time   `json:"taken,omitzero"` // when a colleague read the note and took over
	By     string      `json:"taken_by,omitempty"`
	agency string
}

// ShiftCounts are the figures of a shift. Times are whole seconds and medians.
type ShiftCounts struct {
	Visitors  int `json:"visitors"`
	Enquiries int `json:"enquiries"`
	Served    int `json:"served"` // of the visitors, until the end
	ByReader  int `json:"by_reader"`
	ByWedge   int `json:"by_wedge"`
	ByHand    int `json:"by_hand"`
	Waiting   int `json:"waiting_seconds"`
	Serving   int `json:"serving_seconds"`

	Submitted int `json:"submitted"` // applications taken at the window
	Received  int `json:"received"`
	Accepted  int `json:"accepted"`
	Corrected int `json:"corrected"` // correction notices
	Refused   int `json:"refused"`
	Decided   int `json:"decided"`
	Delivered int `json:"delivered"`
}

// ShiftSummary is a shift or a day of one clerk: the figures, and what is left.
type ShiftSummary struct {
	Staff      string      `json:"staff"`
	Desk       string      `json:"desk,omitempty"`
	From       time.Time   `json:"from"`
	To         time.Time   `json:"to"`
	Counts     ShiftCounts `json:"counts"`
	Open       []Visitor   `json:"open"`        // served by the clerk and not ended, or still waiting at the agency's windows
	Drafts     []CaseLeft  `json:"drafts"`      // begun and not sent
	Fetch      []CaseLeft  `json:"uncollected"` // results that lie at the windows of the clerk's posts
	MoreFetch  bool        `json:"more_uncollected"`
	PagesAwait int         `json:"pages_waiting"` // sent by phones, not confirmed
}

// CaseLeft is a case something is left to do for.
type CaseLeft struct {
	CaseID    string    `json:"id"`
	CaseNo    string    `json:"case_no,omitempty"`
	ItemName  string    `json:"item_name"`
	Applicant string    `json:"applicant"` // masked
	Since     time.Time `json:"since"`
}

// Shift gives the clerk's open shift; errs.NotFound counter.no_shift when there is none.
func (s *Service) Shift(ctx context.Context, a authz.Actor) (Shift, error) {
	if err := s.clerk(a); err != nil {
		return Shift{}, err
	}
	return s.openShift(ctx, a.StaffID)
}

const mostDesk, mostShiftNote = 20, 1000

// BeginShift begins a shift at a window; with one open, it moves it to another window.
func (s *Service) BeginShift(ctx context.Context, a authz.Actor, desk string) error {
	if err := s.clerk(a); err != nil {
		return err
	}
	desk = strings.TrimSpace(desk)
	if desk == "" || len([]rune(desk)) > mostDesk {
		return errs.Fields("base.invalid", []errs.Field{{Path: "desk", Key: "counter.desk_missing", Params: errs.P{"max": mostDesk}}})
	}
	now := s.now()
	err := s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := moveShiftTx(ctx, tx, a.StaffID, desk, Shift{ID: ident.New(), Staff: a.StaffID, agency: a.AgencyID, Desk: desk, From: now}); err != nil {
			return err
		}
		return s.record(ctx, tx, a, audit.Entry{Act: "counter.shift_begin", Object: "staff:" + a.StaffID})
	})
	if db.Unique(err) { // two clicks
		return nil
	}
	return err
}

// deskOf is the number of the window the clerk sits at now; empty when they did not say.
func (s *Service) deskOf(ctx context.Context, a authz.Actor) (string, error) {
	sh, err := s.openShift(ctx, a.StaffID)
	if errs.KindOf(err) == errs.NotFound {
		return "", nil
	}
	return sh.Desk, err
}

// EndShift ends the clerk's shift and keeps its figures as they are, with a note to the next one.
func (s *Service) EndShift(ctx context.Context, a authz.Actor, note string) error {
	sh, err := s.Shift(ctx, a)
	if err != nil {
		return err
	}
	if note = strings.TrimSpace(note); len([]rune(note)) > mostShiftNote {
		return errs.Fields("base.invalid", []errs.Field{{Path: "note", Key: "counter.note_long", Params: errs.P{"max": mostShiftNote}}})
	}
	sh.To = s.now()
	if sh.Counts, err = s.counts(ctx, a.StaffID, sh.From, sh.To.Add(time.Millisecond)); err != nil {
		return err
	}
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.endShiftTx(ctx, tx, sh, note); err != nil {
			return err
		}
		return s.record(ctx, tx, a, audit.Entry{Act: "counter.shift_end", Object: "staff:" + a.StaffID})
	})
}

// notesFor is how long a note waits to be read.
const notesFor = 7 * 24 * time.Hour

// Notes gives the notes of ended shifts at the agency's windows that nobody has taken over; the look is on record.
func (s *Service) Notes(ctx context.Context, a authz.Actor) ([]Shift, error) {
	if err := s.clerk(a); err != nil {
		return nil, err
	}
	ns, err := s.notes(ctx, a.AgencyID, s.now().Add(-notesFor).UnixMilli())
	if err != nil {
		return nil, err
	}
	var es []audit.Entry
	for _, n := range ns {
		e := audit.Entry{Actor: a.Name(), Object: "shift:" + n.ID, What: "counter.read_note", Via: a.Via, Agency: a.AgencyID}
		es = append(es, e.From(s.d.Vault, a.Origin))
	}
	return ns, s.d.Audit.Read(ctx, es...)
}

// TakeOver notes that somebody read a note and goes on from there. A second one changes nothing.
func (s *Service) TakeOver(ctx context.Context, a authz.Actor, id string) error {
	if err := s.clerk(a); err != nil {
		return err
	}
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := takeShiftTx(ctx, tx, id, a.AgencyID, a.StaffID, s.now().UnixMilli()); err != nil {
			return err
		}
		return s.record(ctx, tx, a, audit.Entry{Act: "counter.shift_taken", Object: "shift:" + id})
	})
}

// Summary gives the clerk's open shift, or, without one or for another day (YYYY-MM-DD), the whole of that day.
func (s *Service) Summary(ctx context.Context, a authz.Actor, day string) (ShiftSummary, error) {
	if err := s.clerk(a); err != nil {
		return ShiftSummary{}, err
	}
	out := ShiftSummary{Staff: a.StaffID}
	sh, err := s.openShift(ctx, a.StaffID)
	switch {
	case err != nil && errs.KindOf(err) != errs.NotFound:
		return out, err
	case err == nil && day == "":
		out.From, out.To, out.Desk = sh.From, s.now(), sh.Desk
	default:
		if day == "" {
			day = s.today()
		}
		from, perr := time.ParseInLocation(time.DateOnly, day, clock.Shanghai)
		if perr != nil {
			return out, errs.New(errs.BadRequest, "base.bad_request")
		}
		out.From, out.To = from, from.AddDate(0, 0, 1)
	}
	if out.Counts, err = s.counts(ctx, a.StaffID, out.From, out.To.Add(time.Millisecond)); err != nil {
		return out, err
	}
	return out, s.left(ctx, a, &out)
}

// counts are the figures of a clerk between two times.
func (s *Service) counts(ctx context.Context, staff string, from, to time.Time) (ShiftCounts, error) {
	var c ShiftCounts
	vs, err := s.servedBetween(ctx, staff, from.UnixMilli(), to.UnixMilli())
	if err != nil {
		return c, err
	}
	var waited, served []time.Duration
	for _, v := range vs {
		c.Visitors++
		waited = append(waited, v.Called.Sub(v.Arrived))
		if !v.Ended.IsZero() {
			c.Served++
			served = append(served, v.Ended.Sub(v.Called))
		}
		switch v.Source {
		case ByReader:
			c.ByReader++
		case ByWedge:
			c.ByWedge++
		case ByHand:
			c.ByHand++
		default:
			c.Enquiries++
		}
	}
	c.Waiting, c.Serving = median(waited), median(served)
	did, err := s.d.Cases.DoneBy(ctx, staff, from, to)
	c.Submitted, c.Received, c.Accepted, c.Corrected = did[cases.EventSubmitted], did[cases.EventReceived], did[cases.EventAccepted], did[cases.EventCorrection]
	c.Refused, c.Decided, c.Delivered = did[cases.EventRefused], did[cases.EventDecided], did[cases.EventDelivered]
	return c, err
}

// median gives whole seconds; of an even number the mean of the middle two.
func median(ds []time.Duration) int {
	if len(ds) == 0 {
		return 0
	}
	slices.Sort(ds)
	m := len(ds) / 2
	d := ds[m]
	if len(ds)%2 == 0 {
		d = (ds[m-1] + ds[m]) / 2
	}
	return int(d.Round(time.Second) / time.Second)
}

// mostLeft bounds what a summary lists; the lists themselves hold everything.
const mostLeft = 20

// left adds what is left to do: now, whatever day the figures are of.
func (s *Service) left(ctx context.Context, a authz.Actor, out *ShiftSummary) error {
	vs, err := s.Today(ctx, a, "")
	if err != nil {
		return err
	}
	for _, v := range vs {
		if v.Ended.IsZero() && (v.ServedBy == a.StaffID || v.ServedBy == "") {
			out.Open = append(out.Open, v)
		}
	}
	ds, err := s.d.Cases.Drafts(ctx, a)
	if err != nil {
		return err
	}
	for _, d := range ds[:min(len(ds), mostLeft)] {
		out.Drafts = append(out.Drafts, leftOf(d, d.Updated))
	}
	for _, st := range []cases.State{cases.Certified, cases.Decided} {
		p, err := s.d.Cases.Inbox(ctx, a, cases.Filter{Tab: cases.TabAll, State: st, Limit: mostLeft})
		if err != nil {
			return err
		}
		out.MoreFetch = out.MoreFetch || p.Next != ""
		for _, c := range p.Cases {
			out.Fetch = append(out.Fetch, leftOf(c, c.Decided))
		}
	}
	slices.SortStableFunc(out.Fetch, func(x, y CaseLeft) int { return x.Since.Compare(y.Since) })
	out.PagesAwait, err = s.pagesWaiting(ctx, a.StaffID)
	return err
}

func leftOf(c cases.Case, since time.Time) CaseLeft {
	return CaseLeft{CaseID: c.ID, CaseNo: c.CaseNo, ItemName: c.ItemName, Applicant: mask(c), Since: since}
}

// Shifts lists the clerk's own ended shifts, newest first.
func (s *Service) Shifts(ctx context.Context, a authz.Actor) ([]Shift, error) {
	if err := s.clerk(a); err != nil {
		return nil, err
	}
	return s.shiftsOf(ctx, a.StaffID)
}

// mask hides a person's name in a list; a firm's is public.
func mask(c cases.Case) string {
	if c.ApplicantKind == cases.ByFirm {
		return c.Applicant
	}
	return cnid.MaskName(c.Applicant)
}
