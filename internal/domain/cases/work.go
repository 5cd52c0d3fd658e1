package cases

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/org"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/flow"
	"tongban/internal/engine/form"
)

// work is one act under way: everything it needs was asked before, its rules change c and note effects, and commit writes all of it in one
// transaction or nothing.
type work struct {
	s     *Service
	actor authz.Actor
	by    string // as events write it
	now   time.Time
	act   Act
	view  view
	// mandated: the actor comes to the case through a mandate
	mandated bool
	seat     seat
	// standsFor is staff:<id> of the colleague in whose post the actor acts (代), or empty
	standsFor string
	item      catalog.Item
	form      form.Definition
	flow      flow.Definition
	agency    org.Agency
	cal       clock.Calendar
	chosen    Choices // what is promised with the application
	licence   onLicence
	asks      []Consult // of other agencies, oldest first

	was       record
	c         record
	events    []Event // all so far
	fresh     []Event // of this act
	request   string
	before    []func(ctx context.Context, tx *db.Tx) error // what the row needs: its number, its licence
	effects   []func(ctx context.Context, tx *db.Tx) error // in order, after the row was written
	announced []string                                     // what steps of this act tell the applicant
	facts     []func() event.Event                         // built at the end, when the clock and the number are known
}

// load asks everything about a case for an actor; errs.NotFound when it is none of theirs.
func (s *Service) load(ctx context.Context, a authz.Actor, id string) (*work, error) {
	r, err := s.find(ctx, s.DB.R(), id)
	if err != nil {
		return nil, err
	}
	st, err := s.seat(ctx, a)
	if err != nil {
		return nil, err
	}
	v, err := s.stands(ctx, a, st, r)
	if err != nil {
		return nil, err
	}
	if v == asNobody && a.StaffID != authz.System.StaffID {
		return nil, notFound()
	}
	w := &work{s: s, actor: a, by: nameOf(a), now: s.Now().UTC().Truncate(time.Millisecond), view: v, mandated: mandated(a, r), seat: st, was: r, c: r}
	return w, w.ask(ctx)
}

// ask fetches the versions the case was filed on, its agency, its events and the calendar.
func (w *work) ask(ctx context.Context) (err error) {
	s, r := w.s, w.was
	if w.item, err = s.Items.ItemVersion(ctx, r.ItemKey, r.ItemVersion); err != nil {
		return err
	}
	if w.was.Nature == "" { // a row from before natures were kept
		w.was.Nature = w.item.Nature()
		w.c.Nature = w.was.Nature
	}
	if w.form, err = s.formOf(ctx, w.item, r.FormVersion); err != nil {
		return err
	}
	if w.flow, err = s.flowOf(ctx, w.item, r.FlowVersion); err != nil {
		return err
	}
	// An item that asks for separation has it whatever its flow says; what one post does on the spot cannot be separated.
	w.flow.Separate = (w.flow.Separate || w.item.Separate) && !w.item.Limits.OnTheSpot
	if r.HandledBy != "" || r.Channel == Afterwards { // what others did
		w.flow = outline(w.flow)
	}
	if w.agency, err = s.Offices.Agency(ctx, r.Agency); err != nil {
		return err
	}
	w.cal = s.Offices.Calendar(ctx)
	if w.events, err = findEvents(ctx, s.DB.R(), r.ID); err != nil {
		return err
	}
	w.item.Limits = limitsNow(w.events, w.item.Limits)
	if r.State != Draft {
		if w.asks, err = s.consults(ctx, s.DB.R(), r.ID); err != nil {
			return err
		}
	}
	if err := w.askTarget(ctx); err != nil {
		return err
	}
	return w.askChoices(ctx)
}

// errReplay ends an act that had been done before by the same actor with the same input.
var errReplay = errors.New("cases: done before")

// begin checks that the act may be done now: not a repeat, not at an old version, allowed by the state.
func (w *work) begin(act Act, version int64, input any) error {
	w.act = act
	if err := w.barred(act); err != nil {
		return err
	}
	if version == 0 && act != ActDeliver && act != ActArchive { // without it a page could act on what it has not shown
		return errs.New(errs.BadRequest, "cases.version_missing")
	}
	b, err := json.Marshal(input)
	if err != nil {
		return err
	}
	w.request = w.s.Vault.Blind("cases.request", string(act)+"\x00"+w.by+"\x00"+string(b))
	if version != 0 && version != w.was.Version {
		for _, e := range w.events {
			if e.version == version+1 && e.request == w.request {
				return errReplay
			}
		}
		if _, err := next(w.was.State, act); err != nil {
			return w.notNow(err)
		}
		return moved(w.was.Version)
	}
	_, err = next(w.was.State, act)
	return w.notNow(err)
}

// to moves the state by the table.
func (w *work) to(act Act) error {
	st, err := next(w.c.State, act)
	if err == nil {
		w.c.State = st
	}
	return w.notNow(err)
}

// note adds a legal event that takes effect at a time; data holds ids, numbers and dates only.
func (w *work) note(kind string, at time.Time, by string, data any) {
	b := []byte("{}")
	if data != nil {
		b, _ = json.Marshal(data) // our own structs of plain fields
	}
	e := Event{Seq: len(w.events) + 1, Kind: kind, At: at, Recorded: w.now, By: by, Data: b, request: w.request, version: w.was.Version + 1}
	if by == nameOf(w.actor) {
		e.OnBehalf = w.standsFor
	}
	w.events = append(w.events, e)
	w.fresh = append(w.fresh, e)
}

func (w *work) effect(f func(ctx context.Context, tx *db.Tx) error) { w.effects = append(w.effects, f) }

// tell publishes an event; it is built at the end and speaks for whoever acts now.
func (w *work) tell(f func() event.Event) {
	by := w.by
	w.facts = append(w.facts, func() event.Event {
		defer func(old string) { w.by = old }(w.by)
		w.by = by
		return f()
	})
}

// asSystem runs rules in the name of the program.
func (w *work) asSystem(f func() error) error {
	defer func(old string) { w.by = old }(w.by)
	w.by = system
	return f()
}

// fact is the common part of an event of this act.
func (w *work) fact() Fact {
	return Fact{
		CaseID: w.c.ID, CaseNo: w.c.CaseNo, ItemKey: w.c.ItemKey, Agency: w.c.Agency, Region: w.c.Region, By: w.by, At: w.now, State: w.c.State,
		Due: w.c.Clock.Due(),
	}
}

// finish computes the clock and the head of the row.
func (w *work) finish() {
	w.c.Version = w.was.Version + 1
	w.c.Updated = w.now
	w.c.Clock = ClockOf(w.events, w.item.Limits, w.cal)
}

// commit writes the act. Whoever was faster makes it a conflict; a repeat of one's own act is none.
func (w *work) commit(ctx context.Context) error {
	if err := w.settle(ctx); err != nil {
		return err
	}
	w.finish()
	err := w.s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return w.write(ctx, tx) })
	if !errs.Is(err, "cases.moved") {
		return err
	}
	evs, ferr := findEvents(ctx, w.s.DB.R(), w.c.ID)
	if ferr != nil {
		return ferr
	}
	for _, e := range evs {
		if e.version == w.c.Version && e.request == w.request {
			return errReplay
		}
	}
	return err
}

func (w *work) write(ctx context.Context, tx *db.Tx) error {
	s := w.s
	for _, f := range w.before {
		if err := f(ctx, tx); err != nil {
			return err
		}
	}
	if err := s.casTx(ctx, tx, w.c, w.was.Version, moved(w.was.Version)); err != nil {
		return err
	}
	for _, e := range w.fresh {
		if err := putEventTx(ctx, tx, w.c.ID, e); err != nil {
			return err
		}
	}
	h := HistoryEntry{Version: w.c.Version, At: w.now, By: w.by, OnBehalf: w.standsFor, Act: string(w.act), From: w.was.State, To: w.c.State}
	if err := putHistoryTx(ctx, tx, w.c.ID, h); err != nil {
		return err
	}
	if err := w.tasksTx(ctx, tx); err != nil {
		return err
	}
	for _, f := range w.effects {
		if err := f(ctx, tx); err != nil {
			return err
		}
	}
	if err := s.actedTx(ctx, tx, w, string(w.act)); err != nil {
		return err
	}
	for _, f := range w.facts {
		if err := event.Publish(ctx, tx, w.now, f()); err != nil {
			return err
		}
	}
	if err := audit.Tx(ctx, tx, w.now, w.actEntry(w.act)); err != nil {
		return err
	}
	return timersTx(ctx, tx, w.now, w.c.Case, w.was.Clock)
}

// The kinds of the room's jobs.
const (
	jobReceiptLimit = "cases.receipt_limit"
	jobDueWarning   = "cases.due_warning"
	jobDuePassed    = "cases.due_passed"
	jobArchive      = "cases.archive"
	jobSweepDrafts  = "cases.sweep_drafts"
	jobRecompute    = "cases.recompute"
)

type timerArgs struct {
	Case  string `json:"case"`
	Which string `json:"which"`
	Due   int64  `json:"due"`
}

// timersTx sets a timer for each deadline that is new. The deadline is part of the key: a timer of an old deadline rings for nothing, and no
// running one has to be moved.
func timersTx(ctx context.Context, tx *db.Tx, now time.Time, c Case, old Clock) error {
	if due := c.Clock.LaterDue; !due.IsZero() && !due.Equal(old.LaterDue) {
		if err := remindersTx(ctx, tx, now, c.ID, due); err != nil {
			return err
		}
	}
	legal := "legal"
	if c.Clock.Phase == PhaseReceipt {
		legal = "receipt"
	}
	for _, d := range []struct {
		which    string
		due, was time.Time
	}{{legal, c.Clock.LegalDue, old.LegalDue}, {"promised", c.Clock.PromisedDue, old.PromisedDue}, {"step", c.Clock.StepDue, old.StepDue}, {"special", c.Clock.SpecialDue, old.SpecialDue}} {
		if d.due.IsZero() || d.due.Equal(d.was) && c.Clock.Phase == old.Phase {
			continue
		}
		if err := timerTx(ctx, tx, now, c.ID, d.which, d.due); err != nil {
			return err
		}
	}
	return nil
}

// warnBefore is how long before a deadline the post is warned.
const warnBefore = 24 * time.Hour

func timerTx(ctx context.Context, tx *db.Tx, now time.Time, id, which string, due time.Time) error {
	args := timerArgs{Case: id, Which: which, Due: due.UnixMilli()}
	key := id + ":" + which + ":" + due.UTC().Format("20060102T150405")
	if warn := due.Add(-warnBefore); warn.After(now) {
		if err := job.EnqueueTx(ctx, tx, now, job.Spec{Kind: jobDueWarning, Key: key, Args: args, Due: warn}); err != nil {
			return err
		}
	}
	if which == "receipt" {
		if err := job.EnqueueTx(ctx, tx, now, job.Spec{Kind: jobReceiptLimit, Key: key, Args: args, Due: due.Add(time.Second), Tries: 50}); err != nil {
			return err
		}
	}
	return job.EnqueueTx(ctx, tx, now, job.Spec{Kind: jobDuePassed, Key: key, Args: args, Due: due.Add(time.Second)})
}

// head answers an act with the case as its actor sees it.
func (s *Service) head(ctx context.Context, w *work, err error) (Case, error) {
	if errors.Is(err, errReplay) {
		r, ferr := s.find(ctx, s.DB.R(), w.c.ID)
		if ferr != nil {
			return Case{}, ferr
		}
		w.c, err = r, nil
	}
	if err != nil {
		return Case{}, err
	}
	return w.shown(), nil
}

// shown is the head with the applicant masked for everyone else.
func (w *work) shown() Case {
	c := w.c.Case
	c.Applicant, c.Agent = applicant(w.c, w.view == asOwner), agent(w.c, w.view == asOwner)
	c.read(w.now, w.cal)
	return c
}
