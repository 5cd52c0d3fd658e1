package supervision

import (
	"time"

	"tongban/internal/domain/catalog"
	"tongban/internal/engine/clock"
)

// Measure is what is counted of a case: its trips and materials, and what the version of the item it was filed on plans, promises and charges.
// Said are words of officers in papers of the case; they are read for sums of money and not kept.
type Measure struct {
	PlannedTrips     *int // nil: the item says nothing
	Trips            int
	Reused, Uploaded int // files from the library or a register, and files the applicant had to bring
	Limits           catalog.Limits
	MakesLicence     bool // a grant makes a licence
	Fee              catalog.Fee
	FreeAbove        bool // the base directory says that the item is free
	Said             []Saying
}

// Saying is what a correction notice or a decision says.
type Saying struct {
	Where string // correction or decision
	Text  string
	At    time.Time
}

// promised is the period promised for the decision, with the extension if there was one; zero when nothing is promised.
func (m Measure) promised(extended bool) clock.Period {
	p := m.Limits.Promised.Period()
	if e := m.Limits.Extension; extended && p.N > 0 && e != nil && e.Unit == m.Limits.Promised.Unit {
		p.N += e.N
	}
	return p
}
