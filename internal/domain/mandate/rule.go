package mandate

import (
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/engine/clock"
)

// Facts is what is known of the people and the firm besides the mandate itself; the zero value means that nothing speaks against it.
type Facts struct {
	ForDied, HolderDied bool
	FirmGone            bool
	WardBirth           string // YYYY-MM-DD
}

// Now tells whether a mandate stands at a moment: Covers, or why not.
//
// 民法典 173: agency ends with its term, by revocation or release, with the death of either side, with the end of the firm; 民法典 17, 23: a guardian
// represents until the ward is eighteen.
func Now(m Mandate, f Facts, at time.Time) Why {
	switch {
	case m.State == Ended:
		return m.Why
	case f.ForDied || f.HolderDied:
		return Died
	case f.FirmGone:
		return FirmEnded
	case m.Kind == Guardian && f.WardBirth != "" && !at.Before(Adulthood(f.WardBirth)):
		return OfAge
	case !at.Before(m.Term.End()):
		if m.Kind == Guardian && m.Ground == ByRegistry {
			return OfAge // its term was set to the day before the birthday
		}
		return Expired
	case m.State == Asked && !at.Before(m.AnswerBy):
		return Unanswered
	case m.State != Active:
		return NotAccepted
	case !m.ConfirmBy.IsZero() && !at.Before(m.ConfirmBy):
		return Unconfirmed
	case at.Before(m.Term.Start()):
		return NotYet
	}
	return Covers
}

// May is Now for an act on an item; an empty item asks for the act alone.
func May(m Mandate, f Facts, act, item string, at time.Time) Why {
	if why := Now(m, f, at); why != Covers {
		return why
	}
	if !m.Scope.Covers(act, item) {
		return OutOfScope
	}
	return Covers
}

// over reports whether a mandate can never cover again.
func (w Why) over() bool { return w != Covers && w != NotAccepted && w != NotYet && w != OutOfScope }

// Start is the first moment of a term; the end of time if the date cannot be read, so that such a mandate never begins.
func (t Term) Start() time.Time {
	at, err := time.ParseInLocation(time.DateOnly, t.From, clock.Shanghai)
	if err != nil {
		return time.Unix(1<<40, 0)
	}
	return at
}

// End is the first moment after a term; the beginning of time if the date cannot be read.
func (t Term) End() time.Time {
	at, err := time.ParseInLocation(time.DateOnly, t.Until, clock.Shanghai)
	if err != nil {
		return time.Time{}
	}
	return at.AddDate(0, 0, 1)
}

// overlaps reports whether two terms share a day; dates of one form sort as text.
func (t Term) overlaps(u Term) bool { return t.From <= u.Until && u.From <= t.Until }

// adult is the age of full capacity (民法典 17).
const adult = 18

// Adulthood is the first moment of the eighteenth birthday (民法典 17; for those born on 29 February the last day of that month, 民法典 202). A date that
// cannot be read gives the beginning of time.
func Adulthood(birth string) time.Time {
	b, err := time.ParseInLocation(time.DateOnly, birth, clock.Shanghai)
	if err != nil {
		return time.Time{}
	}
	last := time.Date(b.Year()+adult, b.Month()+1, 0, 0, 0, 0, 0, clock.Shanghai)
	if b.Day() >= last.Day() {
		return last
	}
	return time.Date(b.Year()+adult, b.Month(), b.Day(), 0, 0, 0, 0, clock.Shanghai)
}

// minority is the term of a guardian: from a day to the day before the eighteenth birthday.
func minority(today, birth string) Term {
	return Term{From: today, Until: Adulthood(birth).AddDate(0, 0, -1).Format(time.DateOnly)}
}

// everything is the scope of a guardian: a minor's legal representative is not limited to some affairs (民法典 23).
var everything = authz.Scope{Items: []string{"*"}, Acts: []string{"*"}}
