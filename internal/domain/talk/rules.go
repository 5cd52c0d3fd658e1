package talk

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"sync"

	"go.yaml.in/yaml/v3"

	"tongban/internal/engine/clock"
)

// Whom a rule tells.
const (
	Holder     = "holder"     // who has the work: who took it up, otherwise all who hold its post
	Head       = "head"       // of the post
	Supervisor = "supervisor" // of the nearest region
)

// When a rule speaks.
const (
	Near   = "near"
	Passed = "passed"
)

// Rule says who is told of a deadline, and when: at once, or after a while in counted time.
type Rule struct {
	Name  string        `yaml:"name"`
	Clock string        `yaml:"clock"` // step, receipt, promised, legal or special
	When  string        `yaml:"when"`
	After *clock.Period `yaml:"after"`
	Tell  []string      `yaml:"tell"`
}

// Rules are the room's rules as data.
type Rules struct {
	Source   string `yaml:"source"`
	Messages struct {
		PerHour      int `yaml:"per_hour"`       // of one side on one case
		AfterEndDays int `yaml:"after_end_days"` // natural days
	} `yaml:"messages"`
	Urge struct {
		Every  clock.Period `yaml:"every"`
		Answer clock.Period `yaml:"answer"`
	} `yaml:"urge"`
	Copy struct {
		MostDays    int `yaml:"most_days"`
		MostRunning int `yaml:"most_running"` // to one account or post
	} `yaml:"copy"`
	Reminders []Rule `yaml:"reminders"`
}

//go:embed rules.yaml
var rulesFile []byte

// DefaultRules are those of rules.yaml.
var DefaultRules = sync.OnceValue(func() Rules {
	r, err := ReadRules(rulesFile)
	if err != nil {
		panic(fmt.Sprintf("talk: rules.yaml: %v", err)) // a fault of the build; a test reads the same file
	}
	return r
})

// ReadRules reads a file of rules; unknown words and rules that could never speak are errors.
func ReadRules(text []byte) (Rules, error) {
	var r Rules
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&r); err != nil {
		return r, err
	}
	if r.Messages.PerHour < 1 || r.Messages.AfterEndDays < 0 || r.Copy.MostDays < 1 || r.Copy.MostRunning < 1 {
		return r, fmt.Errorf("a limit is missing")
	}
	for name, p := range map[string]clock.Period{"urge.every": r.Urge.Every, "urge.answer": r.Urge.Answer} {
		if err := p.Check(); err != nil {
			return r, fmt.Errorf("%s: %w", name, err)
		}
	}
	seen := map[string]bool{}
	for _, x := range r.Reminders {
		if err := x.check(); err != nil || seen[x.Name] {
			return r, fmt.Errorf("rule %q: %w", x.Name, orTwice(err))
		}
		seen[x.Name] = true
	}
	return r, nil
}

func orTwice(err error) error {
	if err == nil {
		return fmt.Errorf("stands twice")
	}
	return err
}

func (r Rule) check() error {
	switch {
	case r.Name == "":
		return fmt.Errorf("has no name")
	case !slices.Contains([]string{"step", "receipt", "promised", "legal", "special"}, r.Clock):
		return fmt.Errorf("unknown clock %q", r.Clock)
	case r.When != Near && r.When != Passed:
		return fmt.Errorf("unknown time %q", r.When)
	case len(r.Tell) == 0:
		return fmt.Errorf("tells nobody")
	case r.After != nil && (r.When == Near || r.After.Check() != nil):
		return fmt.Errorf("waits in a way it cannot")
	}
	for _, who := range r.Tell {
		if !slices.Contains([]string{Holder, Head, Supervisor}, who) {
			return fmt.Errorf("tells unknown %q", who)
		}
	}
	return nil
}

func (r Rules) named(name string) (Rule, bool) {
	i := slices.IndexFunc(r.Reminders, func(x Rule) bool { return x.Name == name })
	if i < 0 {
		return Rule{}, false
	}
	return r.Reminders[i], true
}
