package flow

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"tongban/internal/engine/clock"
	"tongban/internal/engine/cond"
)

// The kinds of a step, in legal order; Review and Inspect share a place.
const (
	Receive     = "receive"
	Accept      = "accept"
	Review      = "review"
	Inspect     = "inspect" // on the spot, by at least two officers (行政许可法 第三十四条)
	Decide      = "decide"
	Certificate = "certificate"
	Deliver     = "deliver"
)

// The kinds that hold other steps or several posts.
const (
	Branch      = "branch"      // one of several ways, chosen by conditions; the last way is for everybody else
	Parallel    = "parallel"    // several ways at once; goes on when all are done
	Countersign = "countersign" // several posts give their opinion on the same
)

// The kinds that ask others for an opinion. Both examine and neither decides.
const (
	Consult = "consult" // a post of another agency is asked, with a deadline of its own (征求意见)
	Expert  = "expert"  // experts are named for the case and give their opinions, from which the post draws a written conclusion (专家评审)
)

// What it means that an agency that was asked says nothing until the deadline. Silence can stand for an opinion, never for a decision.
const (
	SilenceWaits = ""      // the step waits for the answer, however late
	SilenceAgree = "agree" // counts as no objection
	SilenceNone  = "none"  // counts as no opinion: the case goes on without one
)

// The outcomes of a consult that nobody spoke.
const (
	SilentAgree = "silent_agree"
	SilentNone  = "silent_none"
)

// Rights that no step of a flow is about: to prolong a period, as head of the agency, or of the government for what is handled jointly (行政许可法
// 第四十二条).
const (
	Extend      = "extend"
	ExtendJoint = "extend_joint"
)

// The outcomes the engine itself knows; any other text is recorded and means "go on".
const (
	Refuse   = "refuse"   // of accept or decide
	Returned = "returned" // recorded when a step sends back
	Against  = "fail"     // of a post in a countersign
)

// minInspectors is how many officers verify on the spot at least (行政许可法 第三十四条第三款).
const minInspectors = 2

// Problem is a fault in a definition.
type Problem = cond.Problem

// Definition is one flow. Published versions never change.
type Definition struct {
	Key       string `json:"key"`
	Name      string `json:"name"`
	Steps     []Step `json:"steps"`
	CheckPost string `json:"check_post,omitempty"` // key of the post that checks promises after the decision; empty: that of the inspection, else of the review
	Separate  bool   `json:"separate,omitempty"`   // review and decision by different people; without a review, acceptance and decision
}

// Step is one station of the flow.
type Step struct {
	Key       string        `json:"key"`
	Name      string        `json:"name"`
	Kind      string        `json:"kind"`
	Post      string        `json:"post"` // key of the post that handles it
	Limit     *clock.Period `json:"limit,omitempty"`
	When      cond.Expr     `json:"when,omitzero"`
	Officers  int           `json:"officers,omitempty"` // how many act together; 1 when 0
	Checklist []CheckItem   `json:"checklist,omitempty"`
	NotBy     []string      `json:"not_by,omitempty"` // whoever handled these steps may not act here, nor the other way round
	Acts      []string      `json:"acts,omitempty"`   // papers the step makes
	OnTheSpot bool          `json:"on_the_spot,omitempty"`
	Ways      []Way         `json:"ways,omitempty"`     // of a branch
	Parallel  [][]Step      `json:"parallel,omitempty"` // of a parallel step
	Posts     []string      `json:"posts,omitempty"`    // of a countersign
	Need      int           `json:"need,omitempty"`     // of a countersign: how many posts must agree; all when 0. Of experts: how many opinions at least
	Hide      []string      `json:"hide,omitempty"`     // form fields whoever handles the step does not see
	Notices   []Notice      `json:"notices,omitempty"`
	Question  string        `json:"question,omitempty"` // of a consult: what is asked; the step's name when empty
	Silence   string        `json:"silence,omitempty"`  // of a consult
	Assign    *Assign       `json:"assign,omitempty"`   // who gets it; nil: the post named, whoever of it takes it up
}

// Way is one arm of a branch. The one without a condition is for everybody the others do not fit; it stands last.
type Way struct {
	Name  string    `json:"name"`
	When  cond.Expr `json:"when,omitzero"`
	Steps []Step    `json:"steps,omitempty"`
}

// When a notice is sent.
const (
	OnEnter = "enter"
	OnLeave = "leave"
)

// Notice tells the applicant something when the step begins or is done, beside what every act tells anyway.
type Notice struct {
	On   string `json:"on"`
	Text string `json:"text"`
}

// CheckItem is one line of an inspection's checklist.
type CheckItem struct {
	Key      string `json:"key"`
	Text     string `json:"text"`
	Basis    string `json:"basis,omitempty"`    // article of law
	Critical bool   `json:"critical,omitempty"` // failing it fails the inspection
}

// Parse reads a definition from JSON and refuses unknown keys. It does not Check it.
func Parse(b []byte) (Definition, error) {
	var d Definition
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		return Definition{}, fmt.Errorf("flow definition: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return Definition{}, fmt.Errorf("flow definition: something follows the definition")
	}
	return d, nil
}

// Step finds a step by key, also inside others.
func (d Definition) Step(key string) (Step, bool) {
	for at := range d.walk() {
		if at.step.Key == key {
			return at.step, true
		}
	}
	return Step{}, false
}

// index is a step's place on the trunk, -1 for one that is not there.
func (d Definition) index(key string) int {
	return slices.IndexFunc(d.Steps, func(s Step) bool { return s.Key == key })
}

// position is where a step stands in a line: on the trunk (lane -1), or in a lane of the parallel step there.
type position struct{ trunk, lane, step int }

func (d Definition) locate(key string) position {
	for i, s := range d.Steps {
		if s.Key == key {
			return position{i, -1, 0}
		}
		for j, way := range s.Parallel {
			if k := slices.IndexFunc(way, func(x Step) bool { return x.Key == key }); k >= 0 {
				return position{i, j, k}
			}
		}
	}
	return position{-1, -1, -1}
}

// rank gives a kind's place in legal order, -1 when it has none.
func rank(kind string) int {
	switch kind {
	case Receive:
		return 0
	case Accept:
		return 1
	case Review, Inspect, Countersign, Consult, Expert:
		return 2
	case Decide:
		return 3
	case Certificate:
		return 4
	case Deliver:
		return 5
	}
	return -1
}

// officers is how many people the step needs at least.
func (s Step) officers() int {
	if s.Kind == Inspect {
		return max(s.Officers, minInspectors)
	}
	return max(s.Officers, 1)
}
