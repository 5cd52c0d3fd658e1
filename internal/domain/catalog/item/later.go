package item

import "tongban/internal/engine/clock"

// What the decision period does while a promised material is missing (容缺受理). No national law says; the region or the item does.
const (
	LaterRuns  = "runs"
	LaterWaits = "waits" // it stands still from the acceptance until everything is there
)

// Later says how 容缺受理 works for the item; what is left out is as the region says.
type Later struct {
	Within      Limit  `json:"within,omitzero"` // how long after the acceptance the materials may follow
	Clock       string `json:"clock,omitempty"`
	AfterResult bool   `json:"after_result,omitempty"` // 后补: the result is not withheld
	Credit      bool   `json:"credit,omitempty"`       // who does not keep the promise is entered in the list of discredited persons
}

// Deferrable reports whether a material may follow after the acceptance: marked so, and no condition the law demands.
func (m Material) Deferrable() bool {
	return m.Required == RequiredLater && !m.LegalDemand && m.Source != FromPlatform
}

// Voluntary reports whether the applicant chooses between promising and proving (国办发〔2020〕42号). A commitment that replaces nothing and is not
// checked is part of every application.
func (c *Commitment) Voluntary() bool {
	return c != nil && (len(c.Instead) > 0 || c.AtOnce || c.Check.N > 0)
}

// checkPeriod is how long after the decision a promise is checked when the item sets no time.
var checkPeriod = clock.Period{N: 2, Unit: clock.Month}

// CheckWithin is how long after the decision the promise is checked.
func (c *Commitment) CheckWithin() clock.Period {
	if p := c.Check.Period(); p.N > 0 {
		return p
	}
	return checkPeriod
}
