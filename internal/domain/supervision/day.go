package supervision

import (
	"time"

	"tongban/internal/engine/clock"
)

// Day is what one officer did outside office hours on one day, or the ratings an agency got on one day.
type Day struct {
	Date    string // YYYY-MM-DD in Asia/Shanghai
	Agency  string
	Staff   string // staff:<id>; empty for ratings
	Deeds   []Deed
	Ratings []Rated
}

// Deed is one act of an officer on a case.
type Deed struct {
	CaseID, CaseNo string
	What           string // topic of the event
	At             time.Time
}

// Rated is one rating as supervision knows it: no case and no person, for the rater is protected (国办发〔2019〕51号).
type Rated struct {
	RatingID, Item string
	Grade          int
	At             time.Time
}

func (d Day) start() time.Time {
	t, _ := time.ParseInLocation(time.DateOnly, d.Date, clock.Shanghai) // written by dateOf; a zero day is before every rule
	return t
}

func dateOf(t time.Time) string { return t.In(clock.Shanghai).Format(time.DateOnly) }

// open reports whether the offices are open at a time.
func (l Limits) open(t time.Time, cal clock.Calendar) bool {
	t = t.In(clock.Shanghai)
	if m := t.Hour()*60 + t.Minute(); m < l.OfficeFrom || m >= l.OfficeTo {
		return false
	}
	return l.RestDays == 1 || cal.Day(t.Format(time.DateOnly)).Working
}
