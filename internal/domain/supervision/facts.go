package supervision

import (
	"slices"
	"time"

	"tongban/internal/domain/cases"
)

// Facts is what the rules judge a case by: ids, keys and dates, nothing of a person. It is kept between looks, because a case itself only
// shows its present clock.
type Facts struct {
	Submitted   time.Time    `json:"submitted,omitzero"`
	Accepted    time.Time    `json:"accepted,omitzero"`
	Decision    *Decision    `json:"decision,omitempty"`
	Runs        []Run        `json:"runs,omitempty"`  // of the clock, the present one last
	Steps       []Step       `json:"steps,omitempty"` // of the flow, the present one last
	Corrections []Correction `json:"corrections,omitempty"`
	Barred      []time.Time  `json:"barred,omitempty"` // attempts to ask for something new a second time, which were refused

	Suspensions []Suspension      `json:"suspensions,omitempty"`
	Resumed     []time.Time       `json:"resumed,omitempty"`
	Extended    bool              `json:"extended,omitempty"`
	Closing     *Closing          `json:"closing,omitempty"`
	EndedBy     string            `json:"ended_by,omitempty"` // terminate, lapse, transfer or void
	EndGround   string            `json:"end_ground,omitempty"`
	Charges     *Charges          `json:"charges,omitempty"`
	Renewed     time.Time         `json:"renewed,omitzero"` // from when a licence counts as renewed, because nobody decided
	Urges       []Unanswering     `json:"urges,omitempty"`  // that nobody answered in time
	Trips       *Trips            `json:"trips,omitempty"`
	Measured    string            `json:"measured,omitempty"` // how the case stood when its numbers were taken
	Names       map[string]string `json:"names,omitempty"`    // of the steps seen, by key
}

// Decision is when and how a case was decided.
type Decision struct {
	At        time.Time `json:"at"`
	OnTheSpot bool      `json:"on_the_spot,omitempty"`
	Automatic bool      `json:"automatic,omitempty"` // by rules, without an officer
}

// Run is one phase of the clock: acceptance, decision, certificate, delivery.
type Run struct {
	Phase    string    `json:"phase"`
	From     time.Time `json:"from,omitzero"`
	Promised time.Time `json:"promised,omitzero"`
	Legal    time.Time `json:"legal,omitzero"`
	Paused   bool      `json:"paused,omitempty"`
	Until    time.Time `json:"until,omitzero"` // zero while it runs
}

// Step is one step of the flow a case is or was in.
type Step struct {
	Key  string    `json:"key"`
	Name string    `json:"name"`
	Due  time.Time `json:"due,omitzero"`
	Left time.Time `json:"left,omitzero"` // zero while the case is in it
}

// Correction is one correction notice.
type Correction struct {
	Round int       `json:"round"`
	At    time.Time `json:"at"`
}

// phaseStart says when a phase's period began.
func phaseStart(c cases.Case) time.Time {
	switch c.Clock.Phase {
	case cases.PhaseReceipt:
		return c.Submitted
	case cases.PhaseDecision:
		return c.Accepted
	}
	return c.Decided
}

// see takes in how a case stands at a time: a phase or step that is not the present one any more has ended then.
func (f *Facts) see(c cases.Case, at time.Time) {
	f.Submitted, f.Accepted = c.Submitted, c.Accepted
	if n := len(f.Runs); n > 0 && f.Runs[n-1].Until.IsZero() && f.Runs[n-1].Phase != c.Clock.Phase {
		f.Runs[n-1].Until = f.Runs[n-1].ending(c, at)
	}
	if agencyMoves(c) {
		f.run(Run{Phase: c.Clock.Phase, From: phaseStart(c), Promised: c.Clock.PromisedDue, Legal: c.Clock.LegalDue, Paused: c.Clock.Paused})
	}
	for i := range f.Steps {
		if f.Steps[i].Left.IsZero() && f.Steps[i].Key != c.Step {
			f.Steps[i].Left = at
		}
	}
	if c.Step != "" && c.StepName != "" {
		if f.Names == nil {
			f.Names = map[string]string{}
		}
		f.Names[c.Step] = c.StepName
	}
	if c.Step != "" && !c.Clock.StepDue.IsZero() {
		f.step(Step{Key: c.Step, Name: c.StepName, Due: c.Clock.StepDue})
	}
}

// ending is when a run that was seen to be over ended: a decision ends with its own time, however late it is looked at. Acceptance may be dated
// back (deemed acceptance), so it ends when that was written down.
func (r Run) ending(c cases.Case, seen time.Time) time.Time {
	if r.Phase == cases.PhaseDecision && !c.Decided.IsZero() && c.Decided.Before(seen) {
		return c.Decided
	}
	return seen
}

// agencyMoves reports whether a period of the agency runs or is paused: not after the end, nor while the applicant corrects or fetches the result.
func agencyMoves(c cases.Case) bool {
	switch c.Clock.Phase {
	case "", cases.PhaseNone, cases.PhaseEnded, cases.PhaseCorrection, cases.PhaseDelivery:
		return false
	}
	return c.State.Open()
}

// run puts the present run in the place of the last one of its phase that still runs, or behind.
func (f *Facts) run(r Run) {
	if n := len(f.Runs); n > 0 && f.Runs[n-1].Until.IsZero() {
		f.Runs[n-1] = r
		return
	}
	f.Runs = append(f.Runs, r)
}

func (f *Facts) step(s Step) {
	if i := f.openStep(s.Key); i >= 0 {
		f.Steps[i].Due, f.Steps[i].Name = s.Due, s.Name
		return
	}
	f.Steps = append(f.Steps, s)
}

func (f *Facts) openStep(key string) int {
	return slices.IndexFunc(f.Steps, func(s Step) bool { return s.Key == key && s.Left.IsZero() })
}

// stepDone ends a step at the time its event says.
func (f *Facts) stepDone(key string, due, at time.Time) {
	if i := f.openStep(key); i >= 0 {
		f.Steps[i].Left = at
		return
	}
	if !due.IsZero() && !slices.ContainsFunc(f.Steps, func(s Step) bool { return s.Key == key && s.Due.Equal(due) }) {
		f.Steps = append(f.Steps, Step{Key: key, Name: key, Due: due, Left: at})
	}
}

func (f *Facts) corrected(c Correction) {
	if !slices.ContainsFunc(f.Corrections, func(o Correction) bool { return o.Round == c.Round }) {
		f.Corrections = append(f.Corrections, c)
	}
}

func (f *Facts) barred(at time.Time) {
	if !slices.ContainsFunc(f.Barred, at.Equal) {
		f.Barred = append(f.Barred, at)
	}
}
