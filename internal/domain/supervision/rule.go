package supervision

import (
	"time"

	"tongban/internal/engine/clock"
)

// Kind is one of the five kinds of supervision.
type Kind string

// The kinds: 时效, 流程, 内容, 裁量（收费）, 廉政风险点.
const (
	Time       Kind = "time"
	Process    Kind = "process"
	Content    Kind = "content"
	Discretion Kind = "discretion"
	Integrity  Kind = "integrity"
)

// Level is the colour of a card.
type Level string

// The levels: a warning, and a breach.
const (
	Yellow Level = "yellow"
	Red    Level = "red"
)

// Rule is one thing supervision looks for: in one case, or in what one officer or agency did on one day.
type Rule struct {
	Key   string    // stable; its name is the text supervision.rule_<key>
	Kind  Kind      // which of the five
	Basis string    // law and article
	From  time.Time // cases submitted and days earlier are not judged by it
	Check func(f Facts, e Env) []Finding
	Day   func(d Day, e Env) []Finding
}

// Env is what a rule may know beyond the facts: it asks nobody itself.
type Env struct {
	Now   time.Time
	Cal   clock.Calendar
	Limit Limits // of the region; the zero value means Defaults
}

// Finding is one thing a rule found. Occurrence is the same each time the same thing is found. Its words are the text
// supervision.note_<note> with the parameters in Facts, which hold no personal data.
type Finding struct {
	Rule       string
	Level      Level
	Occurrence string
	Note       string
	At         time.Time // when it came to be
	Facts      map[string]string
	Evidence   []Evidence // the very cases or ratings, of a rule over a day
}

// Evidence is one thing that led to a finding. Ref is a case id or "rating:<id>".
type Evidence struct {
	Ref, CaseNo, What string
	At                time.Time
}

// Rules are all rules alive, one file each.
var Rules = []Rule{
	overdue,
	urge,
	renewed,
	suspended,
	hurried,
	unfinished,
	correctedTwice,
	moreTrips,
	fee,
	afterHours,
	ratingsInBulk,
}

// RuleOf gives a rule by its key.
func RuleOf(key string) (Rule, bool) {
	for _, r := range Rules {
		if r.Key == key {
			return r, true
		}
	}
	return Rule{}, false
}

// Judge applies every rule over a case that is in force for it.
func Judge(f Facts, e Env) []Finding {
	return judge(e, f.Submitted, func(r Rule, e Env) []Finding {
		if r.Check == nil {
			return nil
		}
		return r.Check(f, e)
	})
}

// JudgeDay applies every rule over a day that is in force for it.
func JudgeDay(d Day, e Env) []Finding {
	return judge(e, d.start(), func(r Rule, e Env) []Finding {
		if r.Day == nil {
			return nil
		}
		return r.Day(d, e)
	})
}

func judge(e Env, of time.Time, check func(Rule, Env) []Finding) (out []Finding) {
	if e.Limit == (Limits{}) {
		e.Limit = Defaults()
	}
	for _, r := range Rules {
		if of.Before(r.From) {
			continue
		}
		for _, found := range check(r, e) {
			found.Rule = r.Key
			out = append(out, found)
		}
	}
	return out
}

// inForce is the day the rules took effect.
var inForce = time.Date(2026, 1, 1, 0, 0, 0, 0, clock.Shanghai)
