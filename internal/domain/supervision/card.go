package supervision

import (
	"slices"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ident"
	"tongban/internal/engine/clock"
)

// The states of a card. An alarm (预警) shows a yellow or red card; the agency owes an explanation by a date in working days; the supervisor may
// urge (督办) with a term, the agency may appeal (申诉), and a wrong card is cancelled (核销) by two supervisors. Nothing is deleted.
const (
	Open       = "open" // an explanation is owed
	Explained  = "explained"
	Urged      = "urged"      // an answer is owed
	Appealed   = "appealed"   // the agency says that the card is wrong
	Cancelling = "cancelling" // one supervisor wants to cancel it, a second decides
	Cancelled  = "cancelled"
	Settled    = "settled" // the explanation was accepted; the card stays and counts
)

// States lists the states in the order of the chain.
var States = []string{Open, Explained, Urged, Appealed, Cancelling, Settled, Cancelled}

// CardAct is one step of a card.
type CardAct string

// The steps: of the rules, of the agency, of the supervisor.
const (
	Found       CardAct = "found"
	Unexplained CardAct = "unexplained" // the explanation is overdue: red
	Unanswered  CardAct = "unanswered"  // the answer to an urging is overdue: red

	Explain CardAct = "explain"
	Answer  CardAct = "answer"
	Appeal  CardAct = "appeal"

	Urge    CardAct = "urge"
	Settle  CardAct = "settle"
	Reject  CardAct = "reject"  // the appeal
	Cancel  CardAct = "cancel"  // proposed by one supervisor
	Confirm CardAct = "confirm" // by a second
	Keep    CardAct = "keep"    // the second does not agree
)

// AgencyActs and SupervisorActs say whose steps they are.
var (
	AgencyActs     = []CardAct{Explain, Answer, Appeal}
	SupervisorActs = []CardAct{Urge, Settle, Reject, Cancel, Confirm, Keep}
)

// cardTable says which step a state allows.
var cardTable = map[string][]CardAct{
	Open:       {Explain, Appeal, Urge, Cancel},
	Explained:  {Appeal, Urge, Settle, Cancel},
	Urged:      {Answer, Appeal, Cancel},
	Appealed:   {Reject, Cancel},
	Cancelling: {Confirm, Keep},
	Cancelled:  nil,
	Settled:    nil,
}

// Card is where the chain stands.
type Card struct {
	State      string
	Level      Level // the colour now
	Before     string
	Proposed   string // by whom cancelling was proposed
	Explained  bool
	Urged      bool      // it was urged at least once
	ExplainDue time.Time // 23:59:59 of the last day
	UrgeDue    time.Time // of an urging that is not answered yet; zero otherwise
	Owed       time.Time // when something is overdue next; zero: nothing runs
	Points     int
}

// newCard is the card of a finding.
func newCard(f Finding, now time.Time, l Limits, cal clock.Calendar) (Card, error) {
	c := Card{State: Open, Level: f.Level}
	due, err := workdays(now, l.ExplainDays, cal)
	c.ExplainDue, c.Owed = due, due
	return c.counted(l), err
}

func workdays(now time.Time, n int, cal clock.Calendar) (time.Time, error) {
	r, err := clock.Deadline(now, clock.Period{N: n, Unit: clock.Workday}, nil, cal)
	return r.Due, err
}

// counted sets the points: of the colour, and more when it had to be urged. A cancelled card takes none.
func (c Card) counted(l Limits) Card {
	switch {
	case c.State == Cancelled:
		c.Points = 0
		return c
	case c.Level == Red:
		c.Points = l.PointsRed
	default:
		c.Points = l.PointsYellow
	}
	if c.Urged {
		c.Points += l.PointsUrged
	}
	return c
}

// May lists the steps the state allows.
func (c Card) May() []CardAct { return cardTable[c.State] }

// step is the card after a step by somebody; term is the working days of an urging.
func (c Card) step(a CardAct, who string, term int, now time.Time, l Limits, cal clock.Calendar) (Card, error) {
	if !slices.Contains(c.May(), a) {
		return c, errs.New(errs.Conflict, "supervision.not_now", errs.P{"state": i18n.Key("supervision.state_" + c.State)})
	}
	var err error
	switch a {
	case Explain:
		c.State, c.Explained, c.Owed = Explained, true, time.Time{}
	case Answer:
		c.State, c.Explained, c.UrgeDue, c.Owed = Explained, true, time.Time{}, time.Time{}
	case Appeal:
		c.State, c.Owed = Appealed, time.Time{}
	case Urge:
		c.State, c.Urged = Urged, true
		c.UrgeDue, err = workdays(now, term, cal)
		c.Owed = c.UrgeDue
	case Settle:
		c.State = Settled
	case Reject:
		c, err = c.resume(now, l, cal)
	case Cancel:
		c.Before, c.State, c.Proposed, c.Owed = c.State, Cancelling, who, time.Time{}
	case Confirm, Keep:
		if who == c.Proposed {
			return c, errs.New(errs.Forbidden, "supervision.second_person")
		}
		c.Proposed = ""
		switch {
		case a == Confirm:
			c.State, c.Owed = Cancelled, time.Time{}
		case c.Before == Appealed:
			c.State = Appealed
		default:
			c, err = c.resume(now, l, cal)
		}
	}
	return c.counted(l), err
}

// resume takes up the duty that stood still during an appeal or a proposal: it starts again from today, because the time was not the agency's.
func (c Card) resume(now time.Time, l Limits, cal clock.Calendar) (Card, error) {
	due, err := workdays(now, l.ExplainDays, cal)
	switch {
	case !c.UrgeDue.IsZero():
		c.State, c.UrgeDue, c.Owed = Urged, due, due
	case !c.Explained:
		c.State, c.ExplainDue, c.Owed = Open, due, due
	default:
		c.State = Explained
	}
	return c, err
}

// overdue is the card when what is owed has not come in time: red, once for each date; the duty stays.
func (c Card) overdue(now time.Time, l Limits) (Card, CardAct, bool) {
	if c.Owed.IsZero() || !now.After(c.Owed) {
		return c, "", false
	}
	a := Unexplained
	if c.State == Urged {
		a = Unanswered
	}
	c.Level, c.Owed = Red, time.Time{}
	return c.counted(l), a, true
}

func newID() string { return ident.New() }
