package cases

import (
	"encoding/json"
	"time"

	"tongban/internal/domain/catalog"
	"tongban/internal/engine/clock"
)

// The phases of the legal clock.
const (
	PhaseNone        = "none"
	PhaseReceipt     = "receipt"     // the agency must answer the receipt (行政许可法 第三十二条)
	PhaseCorrection  = "correction"  // the applicant has it: no clock of the agency runs
	PhaseDecision    = "decision"    // 行政许可法 第四十二条, or the item's own law
	PhaseCertificate = "certificate" // 行政许可法 第四十四条
	PhaseDelivery    = "delivery"    // waits for the applicant
	PhaseEnded       = "ended"
)

// The kinds of legal events.
const (
	EventSubmitted   = "submitted"
	EventReceived    = "received"
	EventAccepted    = "accepted"
	EventDeemed      = "deemed_accepted"
	EventRefused     = "refused_acceptance"
	EventCorrection  = "correction_requested"
	EventResubmitted = "resubmitted"
	EventTakenUp     = "taken_up"
	EventReleased    = "released" // put down
	EventAssigned    = "assigned" // given to a colleague
	EventEntered     = "step_entered"
	EventStepDone    = "step_done"
	EventSigned      = "signed" // a post spoke in a countersign
	EventInspected   = "inspected"
	EventSuspended   = "suspended" // 行政许可法 第四十五条
	EventResumed     = "resumed"
	EventExtended    = "extended"
	EventDecided     = "decided"
	EventCertified   = "certified"
	EventDelivered   = "delivered"
	EventConcluded   = "concluded"
	EventWithdrawn   = "withdrawn"
	EventTerminated  = "terminated"
	EventLapsed      = "lapsed"
	EventTransferred = "transferred"
	EventVoided      = "voided"
	EventArchived    = "archived"
	EventChecked     = "original_checked"
	EventSpot        = "corrected_on_the_spot" // 行政许可法 第三十二条第一款第三项; moves no clock
	// Of a pre-review, before any clock runs.
	EventPrecheckAsked     = "pre_review_asked"
	EventPrecheckAnswered  = "pre_review_answered"
	EventPrecheckTakenBack = "pre_review_taken_back"
)

// The periods that hold when an item does not set its own.
var (
	receiptPeriod     = clock.Period{N: 5, Unit: clock.Workday}  // 行政许可法 第三十二条
	certificatePeriod = clock.Period{N: 10, Unit: clock.Workday} // 行政许可法 第四十四条
)

// ReceiptPeriod is how long the agency has to answer a receipt; the zero Period when no rule sets one.
func ReceiptPeriod(l catalog.Limits) clock.Period {
	switch {
	case l.Correction != nil && l.Correction.N > 0:
		return l.Correction.Period()
	case l.AcceptanceRule == catalog.AcceptLicensing || l.AcceptanceRule == "":
		return receiptPeriod
	}
	return clock.Period{}
}

// deems reports whether silence counts as acceptance: only where the law of licences holds.
func deems(l catalog.Limits) bool { return l.AcceptanceRule == catalog.AcceptLicensing }

// ends are the events after which no clock runs.
var ends = map[string]bool{
	EventRefused: true, EventDelivered: true, EventConcluded: true, EventWithdrawn: true, EventArchived: true, EventTerminated: true, EventLapsed: true,
	EventTransferred: true, EventVoided: true,
}

// suspendedData says for what the clock stands still and how long that was announced to take.
type suspendedData struct {
	Ground string     `json:"ground"`
	N      int        `json:"n,omitempty"`
	Unit   clock.Unit `json:"unit,omitempty"`
}

// extendedData says by how much the legal period grew.
type extendedData struct {
	N    int        `json:"n,omitempty"`
	Unit clock.Unit `json:"unit,omitempty"`
}

type stepData struct {
	Step    string     `json:"step"`
	Post    string     `json:"post,omitempty"` // of a countersign
	Kind    string     `json:"kind"`
	N       int        `json:"n,omitempty"`
	Unit    clock.Unit `json:"unit,omitempty"`
	Outcome string     `json:"outcome,omitempty"`
	To      string     `json:"to,omitempty"`
}

type decidedData struct {
	Outcome   Outcome `json:"outcome"`
	Licence   bool    `json:"licence,omitempty"`
	OnTheSpot bool    `json:"on_the_spot,omitempty"`
	Automatic bool    `json:"automatic,omitempty"`
}

// replayed is what the events say before the calendar is asked.
type replayed struct {
	phase  string
	from   time.Time // what set the phase off
	stops  []clock.Stop
	extend int                // how many times the period was prolonged
	pause  time.Time          // since when the clock stands still
	length clock.Period       // announced for the pause
	steps  map[string]stepRun // that are open, by key
	later  owing              // materials that follow the acceptance
	// promised: the conditions were promised instead of proved; mend is until when an untrue promise may be put right.
	promised bool
	mend     time.Time
	told     takingData // what the holder was told of last that is to be taken back
	taken    string     // in which kind the grant was taken back last
}

// stepRun is a step's own limit, running since it was entered.
type stepRun struct {
	at    time.Time
	limit clock.Period
}

func stepOf(e Event) stepData {
	var d stepData
	_ = json.Unmarshal(e.Data, &d) // written by us; without a limit no step deadline runs
	return d
}

func replay(events []Event) replayed {
	r := replayed{phase: PhaseNone, steps: map[string]stepRun{}}
	for _, e := range events {
		switch e.Kind {
		case EventSubmitted, EventResubmitted:
			r.phase, r.from = PhaseReceipt, e.At
		case EventCorrection:
			r.phase = PhaseCorrection
		case EventAccepted, EventDeemed:
			r.phase, r.from, r.stops = PhaseDecision, e.At, nil
			r.oweFrom(e)
		case EventSuspended:
			var d suspendedData
			_ = json.Unmarshal(e.Data, &d)
			r.stops = append(r.stops, clock.Stop{From: e.At})
			r.pause, r.length = e.At, clock.Period{N: d.N, Unit: d.Unit}
		case EventResumed:
			if n := len(r.stops); n > 0 {
				r.stops[n-1].To = e.At
			}
			r.pause, r.length = time.Time{}, clock.Period{}
		case EventExtended:
			r.extend++
		case EventLater:
			r.owe(e)
		case EventSupplied:
			r.supplied(e)
		case EventPromised:
			r.promise(e)
		case EventPromiseChecked:
			r.checked(e)
		case EventTakingTold, EventTaken:
			r.taking(e)
		case EventEntered:
			d := stepOf(e)
			r.steps[d.Step] = stepRun{e.At, clock.Period{N: d.N, Unit: d.Unit}}
		case EventStepDone:
			delete(r.steps, stepOf(e).Step)
		case EventDecided:
			var d decidedData
			_ = json.Unmarshal(e.Data, &d)
			r.phase, r.from, r.stops = PhaseDelivery, e.At, nil
			clear(r.steps)
			if d.Licence {
				r.phase = PhaseCertificate
			}
			if d.Outcome == Refuse {
				r.later.missing = nil
			}
		case EventCertified:
			r.phase = PhaseDelivery
		}
		if ends[e.Kind] {
			r.phase = PhaseEnded
			r.endsLater(e)
		}
	}
	return r
}

// ClockOf is the legal clock: a pure function of the events, the item's limits and the calendar. Receipt counts from the submission or the
// resubmission, the decision from acceptance (deemed acceptance carries the date of receipt), the certificate from the decision.
func ClockOf(events []Event, l catalog.Limits, cal clock.Calendar) Clock {
	r := replay(events)
	c := Clock{Phase: r.phase, LaterDue: r.laterDue(cal)}
	switch r.phase {
	case PhaseReceipt:
		c.LegalDue = c.run(r.from, ReceiptPeriod(l), nil, cal, true)
	case PhaseDecision:
		c.LegalDue = c.run(r.from, legalPeriod(l, r.extend > 0), r.stops, cal, true)
		c.PromisedDue = c.run(r.from, promisedPeriod(l, r.extend > 0), r.stops, cal, false)
		c.SpecialDue = c.run(r.pause, r.length, nil, cal, false)
	case PhaseCertificate:
		p := certificatePeriod
		if l.Certificate != nil && l.Certificate.N > 0 {
			p = l.Certificate.Period()
		}
		c.LegalDue = c.run(r.from, p, nil, cal, true)
	}
	if r.phase == PhaseReceipt || r.phase == PhaseDecision {
		for _, run := range r.steps { // of several at once, what binds first
			if due := c.run(run.at, run.limit, r.stops, cal, false); !due.IsZero() && (c.StepDue.IsZero() || due.Before(c.StepDue)) {
				c.StepDue = due
			}
		}
	}
	return c
}

// legalPeriod is the item's legal period, with its extension once the head of the agency has approved it (行政许可法 第四十二条).
func legalPeriod(l catalog.Limits, extend bool) clock.Period {
	p := l.Legal.Period()
	if extend && l.Extension != nil && l.Extension.Unit == p.Unit {
		p.N += l.Extension.N
	}
	return p
}

// promisedPeriod is what the agency promised. What prolongs the legal period prolongs the promise by as much: a promise that fell due in between would
// be broken by what the law allows.
func promisedPeriod(l catalog.Limits, extend bool) clock.Period {
	p := l.Promised.Period()
	if extend && p.N > 0 && l.Extension != nil && l.Extension.Unit == p.Unit {
		p.N += l.Extension.N
	}
	return p
}

// run computes one deadline; binding marks the legal one, whose pause and skipped days the clock shows. A period that is not set, or that the
// engine refuses, gives none: items are checked when they are published, and a case is never held up by it.
func (c *Clock) run(from time.Time, p clock.Period, stops []clock.Stop, cal clock.Calendar, binding bool) time.Time {
	if p.N == 0 || from.IsZero() {
		return time.Time{}
	}
	r, err := clock.Deadline(from, p, stops, cal)
	if err != nil {
		return time.Time{}
	}
	c.Provisional = c.Provisional || r.Provisional
	if binding {
		c.Paused, c.Left, c.Skipped = r.Paused, r.Left, r.Skipped
	}
	if r.Due.IsZero() {
		return time.Time{}
	}
	return r.Due.UTC()
}

// sortKey orders lists: what binds first comes first, and what has passed before everything.
func sortKey(c Clock) int64 {
	out := far
	for _, t := range []time.Time{c.StepDue, c.PromisedDue, c.LegalDue} {
		if !t.IsZero() {
			out = min(out, t.UnixMilli())
		}
	}
	return out
}

// passed reports whether a deadline, the last second of a day, is over.
func passed(now, due time.Time) bool { return !due.IsZero() && !now.Before(due.Add(time.Second)) }

// read fills in what depends on the moment of reading.
func (c *Case) read(now time.Time, cal clock.Calendar) {
	due := c.Clock.Due()
	if due.IsZero() {
		return
	}
	c.Overdue = passed(now, due)
	c.DaysLeft = clock.WorkdaysLeft(now, due, cal)
}
