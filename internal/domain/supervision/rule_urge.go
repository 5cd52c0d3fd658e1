package supervision

import (
	"slices"
	"time"

	"tongban/internal/domain/talk"
	"tongban/internal/engine/clock"
)

// urge (时效): somebody urged a case, the applicant or a supervisor, and nobody answered by the date that was owed (行政许可法 10: the government sees to
// it that its agencies act). Each urge that stays without an answer is yellow; a late answer does not undo it.
var urge = Rule{
	Key: "urge", Kind: Time, Basis: "《中华人民共和国行政许可法》第十条", From: inForce,
	Check: func(f Facts, _ Env) []Finding {
		var out []Finding
		for _, u := range f.Urges {
			out = append(out, Finding{Level: Yellow, Note: "urge_unanswered", Occurrence: "urge:" + u.ID, At: u.Due, Facts: map[string]string{
				"side": u.Side, "date": u.Due.In(clock.Shanghai).Format(time.DateOnly),
			}})
		}
		return out
	},
}

// Unanswering is one urging that was not answered in time. Side is applicant or supervisor.
type Unanswering struct {
	ID   string    `json:"id"`
	Side string    `json:"side"`
	Due  time.Time `json:"due"`
}

func (f *Facts) unanswered(e talk.UrgeUnansweredEvent) {
	if !slices.ContainsFunc(f.Urges, func(u Unanswering) bool { return u.ID == e.Urge }) {
		f.Urges = append(f.Urges, Unanswering{ID: e.Urge, Side: e.Side, Due: e.AnswerDue})
	}
}
