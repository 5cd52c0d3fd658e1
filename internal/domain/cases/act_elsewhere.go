package cases

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/org"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/flow"
)

// Systems says which systems of other authorities are connected. One that is not cannot be handed a case: then the agency works on it here.
type Systems interface {
	// Connected gives the key of the system an item names, by key or name.
	Connected(ctx context.Context, name string) (key string, ok bool, err error)
}

// Foreign is an act of the system that a case is handled in. At is when it was done there.
type Foreign struct {
	System    string // key; must be the case's HandledBy
	MessageID string // the same message is applied once
	CaseID    string
	Kind      string // of ForeignKinds
	At        time.Time
	ByName    string // who did it there, for the paper
	Data      json.RawMessage
}

// Said is what the data of a foreign act may hold; each kind reads its own part.
type Said struct {
	Reason         string     `json:"reason,omitempty"`
	Basis          string     `json:"basis,omitempty"`
	Conditions     string     `json:"conditions,omitempty"`
	Ground         string     `json:"ground,omitempty"` // of a refusal to accept or a special procedure
	RightAuthority string     `json:"right_authority,omitempty"`
	Defects        []Defect   `json:"defects,omitempty"`
	Outcome        Outcome    `json:"outcome,omitempty"`
	N              int        `json:"n,omitempty"` // announced length of a special procedure
	Unit           clock.Unit `json:"unit,omitempty"`
	Result         string     `json:"result,omitempty"` // of a special procedure
	To             string     `json:"to,omitempty"`     // who took the result
}

// foreignKinds are the acts another system may do, and what they are here.
var foreignKinds = map[string]Act{
	"received": ActReceive, "accepted": ActAccept, "correction": ActCorrect, "refused": ActRefuse, "suspended": ActSuspend, "resumed": ActResume,
	"extended": ActExtend, "decided": ActDecide, "delivered": ActDeliver,
}

// Clocks of item.Integration.
const clockTheirs = "system"

const (
	foreignSkew  = 10 * time.Minute // how far the other system's clock may be off
	foreignTries = 5
	// silence is how long after the time to answer has run out the other system's answer may still be on its way, where its clock counts: reconciliation is
	// daily, so what was lost has been found by then. Only after it the law takes silence for acceptance.
	silence = 72 * time.Hour
)

// Elsewhere does an act that the system a case is handled in has done: by the same rules, with the same papers and messages as an officer's, only
// that no post is asked. The legal time is theirs where the item says that their clock counts, otherwise the time it reached us. Repeating a message
// changes nothing. Errors: cases.not_found for a case that system does not handle, cases.foreign_kind, cases.foreign_data, cases.foreign_time, and
// those of the act; cases.not_now when the state does not allow it.
func (s *Service) Elsewhere(ctx context.Context, f Foreign) (Case, error) {
	act, ok := foreignKinds[f.Kind]
	if !ok {
		return Case{}, errs.New(errs.Invalid, "cases.foreign_kind", errs.P{"kind": short(f.Kind, 40)})
	}
	var said Said
	if len(f.Data) > 0 {
		if err := json.Unmarshal(f.Data, &said); err != nil {
			return Case{}, errs.New(errs.Invalid, "cases.foreign_data")
		}
	}
	if err := s.deemIfDue(ctx, f.CaseID, act); err != nil {
		return Case{}, err
	}
	for range foreignTries {
		w, err := s.foreign(ctx, act, f, said)
		if errs.Is(err, "cases.moved") { // an act of the applicant was faster: look again
			continue
		}
		return s.head(ctx, w, err)
	}
	return Case{}, errs.New(errs.Unavailable, "cases.moved", errs.P{"version": 0})
}

// errNothing ends an act that is already so.
var errNothing = errors.New("cases: already so")

func (s *Service) foreign(ctx context.Context, act Act, f Foreign, said Said) (*work, error) {
	w, err := s.load(ctx, authz.System, f.CaseID)
	if err != nil {
		return &work{s: s}, err
	}
	if w.was.HandledBy == "" || w.was.HandledBy != f.System {
		return w, notFound()
	}
	w.by, w.seat.staff = foreignActor(f.System), org.Staff{Name: f.ByName}
	if act == ActDecide && w.item.Limits.OnTheSpot && (w.was.State == Submitted || w.was.State == Received) {
		act = ActOnTheSpot
	}
	err = w.begin(act, w.was.Version, []string{f.System, f.MessageID})
	if slices.ContainsFunc(w.events, func(e Event) bool { return e.request == w.request }) {
		return w, errReplay
	}
	if w.alreadySo(act) {
		return w, errReplay // without a trace: nothing happened
	}
	if err != nil {
		return w, err
	}
	at, err := w.whose(f.At)
	if err != nil {
		return w, err
	}
	if late, err := w.answeredLate(ctx, act, at); late || err != nil {
		return w, cmp.Or(err, error(moved(w.was.Version)))
	}
	if err := w.at(at, func() error { return w.foreignAct(ctx, act, said) }); err != nil {
		return w, w.told(ctx, err)
	}
	return w, w.commit(ctx)
}

// answeredLate takes silence for acceptance when the answer itself says that it came after the time for it had run out; the answer is then looked at
// again, against a case that counts as accepted.
func (w *work) answeredLate(ctx context.Context, act Act, at time.Time) (bool, error) {
	c := ClockOf(w.events, w.item.Limits, w.cal)
	answers := act == ActAccept || act == ActRefuse || act == ActCorrect || act == ActOnTheSpot
	if !answers || !deems(w.item.Limits) || c.Phase != PhaseReceipt || !passed(at, c.LegalDue) {
		return false, nil
	}
	return true, w.s.deemed(ctx, w.was.ID, true)
}

func foreignActor(system string) string { return "system:" + system }

// alreadySo reports acts that the law or the applicant was faster with: a result the holder has opened is delivered, and what counts as accepted by
// law from its submission needs no acceptance.
func (w *work) alreadySo(act Act) bool {
	switch act {
	case ActDeliver:
		return !w.was.Delivered.IsZero()
	case ActAccept:
		return w.item.Limits.AcceptanceRule == catalog.AcceptRealEstate && !w.was.Accepted.IsZero()
	}
	return false
}

// whose is the legal time of a foreign act. Clocks that are a little off are put right: nothing happens before the submission or in the future.
func (w *work) whose(theirs time.Time) (time.Time, error) {
	if w.item.Integration.Clock != clockTheirs {
		return w.now, nil
	}
	theirs = theirs.UTC().Truncate(time.Millisecond)
	last := replay(w.events).from
	switch {
	case theirs.IsZero() || theirs.After(w.now.Add(foreignSkew)) || theirs.Before(last.Add(-foreignSkew)):
		return w.now, errs.New(errs.Invalid, "cases.foreign_time", errs.P{"at": theirs.In(clock.Shanghai).Format("2006-01-02 15:04")})
	case theirs.After(w.now):
		return w.now, nil
	case theirs.Before(last):
		return last, nil
	}
	return theirs, nil
}

// at runs rules as of another time: they note that time, and that it was written down now.
func (w *work) at(t time.Time, rules func() error) error {
	now, old := w.now, len(w.fresh)
	w.now = t
	err := rules()
	w.now = now
	fresh := w.fresh[old:]
	for i := range fresh {
		fresh[i].Recorded = now
		w.events[len(w.events)-len(fresh)+i].Recorded = now
	}
	return err
}

// told reports a second correction notice to supervision, as when an officer tries.
func (w *work) told(ctx context.Context, err error) error {
	if errs.Is(err, "cases.correction_twice") {
		return errors.Join(err, w.reportTwice(ctx))
	}
	return err
}

func (w *work) foreignAct(ctx context.Context, act Act, d Said) error {
	switch act {
	case ActReceive:
		w.inform("case.received", nil)
		return w.takeIn(w.by)
	case ActAccept:
		return w.accept(w.by)
	case ActCorrect:
		return w.foreignCorrection(ctx, d.Defects)
	case ActRefuse:
		r := Refusal{Ground: d.Ground, Reason: d.Reason, RightAuthority: d.RightAuthority}
		if err := w.refusable(r); err != nil {
			return err
		}
		return w.refuse(w.by, r)
	case ActSuspend:
		in := Suspension{Ground: d.Ground, N: d.N, Unit: d.Unit, Reason: d.Reason}
		if err := in.check(); err != nil {
			return err
		}
		return w.suspend(in)
	case ActResume:
		return w.resume(first(d.Result, d.Reason))
	case ActExtend:
		return w.extend(Extension{Reason: d.Reason})
	case ActDecide, ActOnTheSpot:
		return w.foreignDecision(ctx, act, tidy(Decision{Outcome: d.Outcome, Reason: d.Reason, Basis: d.Basis, Conditions: d.Conditions}))
	case ActDeliver:
		return w.deliver(w.by, DeliverElsewhere, receivedBy{words: first(d.To, cn("cases.taker_elsewhere"))})
	}
	return errNothing
}

func (w *work) foreignCorrection(ctx context.Context, ds []Defect) error {
	if err := w.places(ds); err != nil {
		return err
	}
	fresh, err := w.unheard(ctx, ds)
	if err != nil {
		return err
	}
	if len(fresh) > 0 {
		return errs.New(errs.Conflict, "cases.correction_twice", errs.P{"defects": fresh[0]})
	}
	return w.correct(ds)
}

func (w *work) foreignDecision(ctx context.Context, act Act, d Decision) error {
	if err := w.decidable(ctx, d); err != nil {
		return err
	}
	if act == ActOnTheSpot {
		return w.onTheSpot(w.by, d, false)
	}
	if err := w.to(ActDecide); err != nil {
		return err
	}
	return w.decide(w.by, d, false, false)
}

// handledBy is the system a new case of an item is handled in; empty where it is worked on here.
func (s *Service) handledBy(ctx context.Context, it catalog.Item) (string, error) {
	if it.Integration.Mode != "pushed" {
		return "", nil
	}
	return s.systemOf(ctx, it)
}

// outline is what is left of a flow when another system handles the case: the steps the law counts, without posts. How it reviews is its own business.
func outline(d flow.Definition) flow.Definition {
	out := flow.Definition{Key: d.Key, Name: d.Name}
	for _, kind := range []string{flow.Receive, flow.Accept, flow.Decide, flow.Certificate, flow.Deliver} {
		for _, st := range d.Walk() {
			if st.Kind == kind {
				out.Steps = append(out.Steps, flow.Step{Key: st.Key, Name: st.Name, Kind: st.Kind, Post: st.Post})
				break
			}
		}
	}
	return out
}

// barred says that another system handles the case: what staff may still do for the applicant at a window, fill in and send, is no act on it.
func (w *work) barred(act Act) error {
	switch {
	case w.was.HandledBy == "" || w.actor.StaffID == "" || w.actor.StaffID == authz.System.StaffID:
		return nil
	case act == ActSave || act == ActSubmit || act == ActResubmit || w.was.State == Draft:
		return nil
	}
	return errs.New(errs.Conflict, "cases.handled_elsewhere", errs.P{"system": w.was.HandledBy})
}

// theirsMayCome reports whether silence does not count as acceptance yet, since the other system's answer may be late on the line.
func (w *work) theirsMayCome(due time.Time) bool {
	return w.was.HandledBy != "" && w.item.Integration.Clock == clockTheirs && !passed(w.now, due.Add(silence))
}

// later rings the timer of silence again.
func (s *Service) later(ctx context.Context, w *work, due time.Time) error {
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return silenceTx(ctx, tx, w.now, w.was.ID, due) })
}
