package credit

// The events other rooms may listen to; ids only.
type (
	// EnteredEvent tells that somebody was entered by a decision.
	EnteredEvent struct {
		ID     string `json:"id"`
		Agency string `json:"agency"`
		Ground string `json:"ground"`
		CaseID string `json:"case_id,omitempty"`
	}
	// RepairAskedEvent tells that somebody asked for repair.
	RepairAskedEvent struct {
		ID    string `json:"id"`
		Entry string `json:"entry"`
	}
	// RepairedEvent tells that an entry was repaired and bars nobody any more.
	RepairedEvent struct {
		Entry string `json:"entry"`
	}
	// RepairRefusedEvent tells that repair was refused.
	RepairRefusedEvent struct {
		Entry string `json:"entry"`
	}
	// ExpiredEvent tells that an entry's day has passed.
	ExpiredEvent struct {
		Entry string `json:"entry"`
	}
)

// Topic is the event's name.
func (EnteredEvent) Topic() string { return "credit.entered" }

// Topic is the event's name.
func (RepairAskedEvent) Topic() string { return "credit.repair_asked" }

// Topic is the event's name.
func (RepairedEvent) Topic() string { return "credit.repaired" }

// Topic is the event's name.
func (RepairRefusedEvent) Topic() string { return "credit.repair_refused" }

// Topic is the event's name.
func (ExpiredEvent) Topic() string { return "credit.expired" }
