package item

import "tongban/internal/engine/cond"

// ApplicantScope is what every condition of an item may read of the applicant.
func ApplicantScope() cond.Scope {
	return cond.Scope{
		ApplicantKind: {Type: cond.Choice, Options: []string{"person", "firm"}},
		ApplicantAge:  {Type: cond.Number},
	}
}

// Scope gives the fields conditions of the item may read: the applicant, the scenario and, when there is a form, its fields.
func (it Item) Scope(fields cond.Scope) cond.Scope {
	s := ApplicantScope()
	for _, q := range it.Scenario {
		s[ScenarioPrefix+q.Key] = q.Scope()
	}
	for name, t := range fields {
		s[FormPrefix+name] = t
	}
	return s
}

// Scope is what conditions may ask of the question's answer.
func (q Question) Scope() cond.FieldType {
	t := cond.FieldType{Type: cond.Choice}
	for _, o := range q.Options {
		t.Options = append(t.Options, o.Value)
	}
	return t
}
