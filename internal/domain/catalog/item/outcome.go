package item

import (
	"slices"
	"strings"
)

// Names a condition of an item may read besides scenario.<key> and form.<field>.
const (
	ApplicantKind  = "applicant.kind" // person or firm
	ApplicantAge   = "applicant.age"  // whole years; missing for firms
	ScenarioPrefix = "scenario."
	FormPrefix     = "form."
)

// Outcome is where the answers to the scenario lead.
type Outcome struct {
	Questions  []Question // those that are asked, in order
	Stops      []Stop     // the way ends here: explain and lead elsewhere
	Warns      []Warn
	Unanswered []string // keys of asked questions without a valid answer
}

// Ready reports whether every question is answered and nothing stops the person.
func (o Outcome) Ready() bool { return len(o.Stops) == 0 && len(o.Unanswered) == 0 }

// Outcome walks the scenario. get gives answers by name (scenario.kind, applicant.age). An answer to a question that is not asked, or that is none
// of its options, counts as missing.
func (it Item) Outcome(get func(name string) any) Outcome {
	seen := it.scenario(get)
	var o Outcome
	for _, q := range it.Scenario {
		if !q.When.Eval(seen) {
			continue
		}
		o.Questions = append(o.Questions, q)
		if seen(ScenarioPrefix+q.Key) == nil {
			o.Unanswered = append(o.Unanswered, q.Key)
			continue
		}
		if q.Stop != nil && q.Stop.When.Eval(seen) {
			o.Stops = append(o.Stops, *q.Stop)
		}
		if q.Warn != nil && q.Warn.When.Eval(seen) {
			o.Warns = append(o.Warns, *q.Warn)
		}
	}
	return o
}

// MaterialsFor gives the materials these answers call for, in order.
func (it Item) MaterialsFor(get func(name string) any) []Material {
	seen := it.scenario(get)
	var out []Material
	for _, m := range it.Materials {
		if m.When.Eval(seen) {
			out = append(out, m)
		}
	}
	return out
}

// Failed gives the check rules that forbid to send the application.
func (it Item) Failed(get func(name string) any) []CheckRule {
	seen := it.scenario(get)
	var out []CheckRule
	for _, r := range it.CheckRules {
		if r.When.Eval(seen) {
			out = append(out, r)
		}
	}
	return out
}

// scenario wraps get so that answers to questions that are not asked, and answers that are none of the options, are missing: an answer given
// before another one was changed must not choose materials.
func (it Item) scenario(get func(string) any) func(string) any {
	valid := map[string]any{}
	seen := func(name string) any {
		if strings.HasPrefix(name, ScenarioPrefix) {
			return valid[name]
		}
		return get(name)
	}
	for _, q := range it.Scenario {
		if !q.When.Eval(seen) {
			continue
		}
		name := ScenarioPrefix + q.Key
		if s, ok := get(name).(string); ok && slices.ContainsFunc(q.Options, func(o Option) bool { return o.Value == s }) {
			valid[name] = s
		}
	}
	return seen
}
