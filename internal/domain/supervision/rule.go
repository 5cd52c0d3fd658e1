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

// Rule is one thing supervision looks for.
type Rule struct {
	Key   string    // stable; its name is the text supervision.rule_<key>
	Kind  Kind      // which of the five
	Basis string    // law and article
	From  time.Time // cases submitted earlier are not judged by it
	Check func(f Facts, e Env) []Finding
}

// Env is what a rule may know beyond the case: it asks nobody itself.
type Env struct {
	Now   time.Time
	Cal   clock.Calendar
	Limit Limits
}

// Limits are what a deployment may set.
type Limits struct {
	Hurried   time.Duration // a decision this soon after acceptance is no decision; 60 s when 0
	NightFrom int           // hour of Asia/Shanghai from which nobody decides; 22 and 6 when both are 0
	NightTo   int
	Near      float64 // share of the promised time after which a case is near its date; 0.9 when 0
}

func (l Limits) filled() Limits {
	if l.Hurried == 0 {
		l.Hurried = time.Minute
	}
	if l.NightFrom == 0 && l.NightTo == 0 {
		l.NightFrom, l.NightTo = 22, 6
	}
	if l.Near == 0 {
		l.Near = 0.9
	}
	return l
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
}

// Rules are all rules alive, one file each.
var Rules = []Rule{
	overdue,
	hurried,
	correctedTwice,
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

// Judge applies every rule that is in force for the case.
func Judge(f Facts, e Env) []Finding {
	e.Limit = e.Limit.filled()
	var out []Finding
	for _, r := range Rules {
		if f.Submitted.Before(r.From) {
			continue
		}
		for _, found := range r.Check(f, e) {
			found.Rule = r.Key
			out = append(out, found)
		}
	}
	return out
}

// inForce is the day the first rules took effect.
var inForce = time.Date(2026, 1, 1, 0, 0, 0, 0, clock.Shanghai)
