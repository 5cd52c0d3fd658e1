package cases

// The events of promises: materials that follow the acceptance, and commitments that are checked afterwards.
type (
	// SuppliedEvent tells that promised materials came; Left is how many are still missing.
	SuppliedEvent struct {
		Fact
		Materials []string `json:"materials"`
		Left      int      `json:"left"`
	}
	// LaterOverdueEvent tells that promised materials did not come in time.
	LaterOverdueEvent struct {
		Fact
		Materials []string `json:"materials"`
	}
	// PromiseCheckedEvent tells what the check of a promise found: true, mend, mended or false.
	PromiseCheckedEvent struct {
		Fact
		Result string `json:"result"`
	}
	// PromiseBrokenEvent tells that a promise was untrue or not kept: what was granted on it is to be taken back. Kind is check or later.
	PromiseBrokenEvent struct {
		Fact
		Kind      string `json:"kind"`
		LicenceID string `json:"licence_id,omitempty"`
	}
)

// Topic is the event's name.
func (SuppliedEvent) Topic() string { return "cases.supplied" }

// Topic is the event's name.
func (LaterOverdueEvent) Topic() string { return "cases.later_overdue" }

// Topic is the event's name.
func (PromiseCheckedEvent) Topic() string { return "cases.promise_checked" }

// Topic is the event's name.
func (PromiseBrokenEvent) Topic() string { return "cases.promise_broken" }
