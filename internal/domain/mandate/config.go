package mandate

import "time"

// Config is the limits of the room; zero fields take the defaults, which stand beside them with their reason.
type Config struct {
	MaxYears      int // 3: long enough not to be a burden, short enough to be thought over again; the same for every kind but guardians
	AheadDays     int // 90: a term that begins later can be given later
	AnswerDays    int // 30: an unanswered request must not lie about as a power somebody may pick up years later
	ConfirmDays   int // 30: what a new legal representative needs to look through the agents of a firm
	RemindDays    int // 7: enough to give a new mandate before the old one ends
	HelpsAtMost   int // 10: a person helps relatives and neighbours; who helps more is a business and works as a firm's agent
	LookupsPerDay int // 20: names and numbers a person may have checked in a day; without a limit the form would test stolen lists
}

func (c Config) withDefaults() Config {
	for _, f := range []struct {
		field *int
		value int
	}{{&c.MaxYears, 3}, {&c.AheadDays, 90}, {&c.AnswerDays, 30}, {&c.ConfirmDays, 30}, {&c.RemindDays, 7}, {&c.HelpsAtMost, 10}, {&c.LookupsPerDay, 20}} {
		if *f.field == 0 {
			*f.field = f.value
		}
	}
	return c
}

const (
	// draftLife is how long a mandate that was begun and not given is kept: it holds somebody's name and number.
	draftLife = 24 * time.Hour
	// checkEvery is how often the registries are asked whether agents and guardians still rest on what they rested on.
	checkEvery = 24 * time.Hour
	// needLevel is the identity level to give and accept: name and number confirmed.
	needLevel = 2
)
