package supervision

import (
	"slices"
	"time"

	"tongban/internal/domain/cases"
)

// unfinished (流程): a case that was accepted ends with a decision that reaches the applicant (行政许可法 38, 44). Concluded without a decision,
// without delivery or without the licence that was granted is red, and so is an end without a decision that names none of the grounds; an
// application that was struck out after it had been accepted is yellow.
var unfinished = Rule{
	Key: "unfinished", Kind: Process, Basis: "《中华人民共和国行政许可法》第三十八条、第四十四条", From: inForce,
	Check: func(f Facts, _ Env) []Finding {
		c := f.Closing
		if c == nil {
			return nil
		}
		var out []Finding
		found := func(l Level, note string) {
			out = append(out, Finding{Level: l, Note: note, Occurrence: note, At: c.At, Facts: map[string]string{"date": dateOf(c.At), "act": c.Act}})
		}
		switch {
		case c.Concluded && !c.Decided:
			found(Red, "no_decision")
		case c.Concluded && !c.Delivered:
			found(Red, "no_delivery")
		case c.Concluded && c.LicenceDue && !c.Licence:
			found(Red, "no_licence")
		case c.Act != "" && !slices.Contains(cases.EndGrounds(cases.Act(c.Act)), c.Ground):
			found(Red, "ended_no_ground")
		case c.Act == string(cases.ActVoid) && !f.Accepted.IsZero():
			found(Yellow, "voided_accepted")
		}
		return out
	},
}

// Closing is how a case came to its end.
type Closing struct {
	At         time.Time `json:"at"`
	Concluded  bool      `json:"concluded,omitempty"` // with a result, not by refusal, withdrawal or one of the ends
	Decided    bool      `json:"decided,omitempty"`
	Delivered  bool      `json:"delivered,omitempty"`
	LicenceDue bool      `json:"licence_due,omitempty"` // granted, and the item's result is a licence
	Licence    bool      `json:"licence,omitempty"`
	Act        string    `json:"act,omitempty"` // terminate, lapse, transfer or void
	Ground     string    `json:"ground,omitempty"`
}

// close takes in that a case is over; the end that is seen first counts.
func (f *Facts) close(c cases.Case, at time.Time, licenceDue bool) {
	if f.Closing != nil || c.State.Open() || c.State == cases.Draft {
		return
	}
	f.Closing = &Closing{
		At: at, Concluded: !c.Concluded.IsZero(), Decided: !c.Decided.IsZero(), Delivered: !c.Delivered.IsZero(), Licence: c.LicenceID != "",
		LicenceDue: licenceDue && (c.Outcome == cases.Grant || c.Outcome == cases.Partly), Act: f.EndedBy, Ground: f.EndGround,
	}
	if f.Closing.Concluded {
		f.Closing.At = c.Concluded
	}
	for i := range f.Suspensions { // nothing stands still any more
		if f.Suspensions[i].To.IsZero() {
			f.Suspensions[i].To = at
		}
	}
}

// ended takes in an end without a decision.
func (f *Facts) ended(e cases.EndedEvent) {
	f.EndedBy, f.EndGround = e.Act, e.Ground
	if f.Closing != nil {
		f.Closing.Act, f.Closing.Ground = e.Act, e.Ground
	}
}
