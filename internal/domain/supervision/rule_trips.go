package supervision

import (
	"strconv"
	"time"
)

// moreTrips (流程): the guide of an item says how often one must come to the hall, and the case was had for no more (行政许可法 6: what is handled is
// made easy for people). More trips than the published ones are yellow: the department says what the extra ones were for. It is judged when the
// case is decided and when it is over; the trips are those a window wrote down.
var moreTrips = Rule{
	Key: "more_trips", Kind: Process, Basis: "《中华人民共和国行政许可法》第六条", From: inForce,
	Check: func(f Facts, e Env) []Finding {
		t := f.Trips
		if t == nil || t.Actual < t.Planned+max(1, e.Limit.TripsOver) {
			return nil
		}
		return []Finding{{Level: Yellow, Note: "more_trips", Occurrence: "trips", At: t.At, Facts: map[string]string{
			"planned": strconv.Itoa(t.Planned), "actual": strconv.Itoa(t.Actual),
		}}}
	},
}

// Trips are those the item's version plans and those of the case, as counted at a time. An item that plans none says nothing and is not judged.
type Trips struct {
	Planned int       `json:"planned"`
	Actual  int       `json:"actual"`
	At      time.Time `json:"at"`
}

// tripsOf is nil when the item says nothing about trips.
func tripsOf(m Measure, at time.Time) *Trips {
	if m.PlannedTrips == nil {
		return nil
	}
	return &Trips{Planned: *m.PlannedTrips, Actual: m.Trips, At: at}
}
