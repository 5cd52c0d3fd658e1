package report

import (
	"maps"
	"slices"
)

// Numbers are those of one line. All of them but the median and the nine tenths add up. Days are working days on which the clock ran.
type Numbers struct {
	Received      int `json:"received"`       // applications that came in
	Accepted      int `json:"accepted"`       // also those that count as accepted
	Deemed        int `json:"deemed"`         // of them because nobody answered in time
	Unaccepted    int `json:"unaccepted"`     // acceptance was refused
	Corrections   int `json:"corrections"`    // notices
	Granted       int `json:"granted"`        // decisions
	Partly        int `json:"partly"`         //
	Refused       int `json:"refused"`        //
	Concluded     int `json:"concluded"`      // with a result
	Withdrawn     int `json:"withdrawn"`      // by the applicant
	Ended         int `json:"ended"`          // without a decision: terminated, lapsed, transferred, voided
	Timed         int `json:"timed"`          // decisions that had a date
	OnTime        int `json:"on_time"`        // of them those made by it
	Measured      int `json:"measured"`       // decisions whose days are known
	Days          int `json:"days"`           // of all of them together
	LegalMeasured int `json:"legal_measured"` // of the measured ones those the law sets a period for
	LegalDays     int `json:"legal_days"`     // the days the law allows them together
	Saved         int `json:"saved"`          // legal days less actual ones, together; may be negative
	Planned       int `json:"planned_trips"`  // of the cases that were concluded
	Trips         int `json:"trips"`
	MoreTrips     int `json:"more_trips"` // cases with more trips than planned
	Reused        int `json:"reused"`     // materials of the cases that were concluded
	Uploaded      int `json:"uploaded"`
	Ratings       int `json:"ratings"`
	Bad           int `json:"bad_ratings"`
	Yellow        int `json:"yellow_cards"`
	Red           int `json:"red_cards"`
	Cancelled     int `json:"cancelled_cards"`

	Spread map[int]int `json:"spread,omitempty"` // how many decisions took so many days
}

// Field is one number by its key, which is also that of its text report.n_<key>.
type Field struct {
	Key string
	of  func(*Numbers) *int
}

// Fields lists the numbers that add up, in the order of the tables. Each of them leads to cases except those about days.
var Fields = []Field{
	{"received", func(n *Numbers) *int { return &n.Received }},
	{"accepted", func(n *Numbers) *int { return &n.Accepted }},
	{"deemed", func(n *Numbers) *int { return &n.Deemed }},
	{"unaccepted", func(n *Numbers) *int { return &n.Unaccepted }},
	{"corrections", func(n *Numbers) *int { return &n.Corrections }},
	{"granted", func(n *Numbers) *int { return &n.Granted }},
	{"partly", func(n *Numbers) *int { return &n.Partly }},
	{"refused", func(n *Numbers) *int { return &n.Refused }},
	{"concluded", func(n *Numbers) *int { return &n.Concluded }},
	{"withdrawn", func(n *Numbers) *int { return &n.Withdrawn }},
	{"ended", func(n *Numbers) *int { return &n.Ended }},
	{"timed", func(n *Numbers) *int { return &n.Timed }},
	{"on_time", func(n *Numbers) *int { return &n.OnTime }},
	{"measured", func(n *Numbers) *int { return &n.Measured }},
	{"days", func(n *Numbers) *int { return &n.Days }},
	{"legal_measured", func(n *Numbers) *int { return &n.LegalMeasured }},
	{"legal_days", func(n *Numbers) *int { return &n.LegalDays }},
	{"saved", func(n *Numbers) *int { return &n.Saved }},
	{"planned_trips", func(n *Numbers) *int { return &n.Planned }},
	{"trips", func(n *Numbers) *int { return &n.Trips }},
	{"more_trips", func(n *Numbers) *int { return &n.MoreTrips }},
	{"reused", func(n *Numbers) *int { return &n.Reused }},
	{"uploaded", func(n *Numbers) *int { return &n.Uploaded }},
	{"ratings", func(n *Numbers) *int { return &n.Ratings }},
	{"bad_ratings", func(n *Numbers) *int { return &n.Bad }},
	{"yellow_cards", func(n *Numbers) *int { return &n.Yellow }},
	{"red_cards", func(n *Numbers) *int { return &n.Red }},
	{"cancelled_cards", func(n *Numbers) *int { return &n.Cancelled }},
}

// Get gives the field's number.
func (f Field) Get(n Numbers) int { return *f.of(&n) }

// Add adds other numbers.
func (n *Numbers) Add(o Numbers) {
	for _, f := range Fields {
		*f.of(n) += *f.of(&o)
	}
	if len(o.Spread) > 0 && n.Spread == nil {
		n.Spread = map[int]int{}
	}
	for d, k := range o.Spread {
		n.Spread[d] += k
	}
}

// At gives the days that a share of the decisions (in hundredths) did not exceed: the nearest rank. 0 of nothing.
func (n Numbers) At(percent int) int {
	rank := (n.Measured*percent + 99) / 100
	for _, d := range slices.Sorted(maps.Keys(n.Spread)) {
		if rank -= n.Spread[d]; rank <= 0 {
			return d
		}
	}
	return 0
}

// OnTimePercent is the share of decisions made by their date in tenths of a per cent; -1 when none had a date.
func (n Numbers) OnTimePercent() int {
	if n.Timed == 0 {
		return -1
	}
	return n.OnTime * 1000 / n.Timed
}

// By is what a report is broken down by.
type By string

// The breakdowns.
const (
	Total     By = "total"
	ByAgency  By = "agency"
	ByItem    By = "item"
	ByChannel By = "channel"
)

// Bys lists them.
var Bys = []By{Total, ByAgency, ByItem, ByChannel}

// Line is one line of a report. An empty key in a breakdown holds what belongs to no agency, item or channel, so that the lines add up.
type Line struct {
	By   By
	Key  string
	Name string
	Numbers
}
