package cases

import "time"

// The events after a decision.
type (
	// RevocationToldEvent tells that the holder was told that what was granted is to be taken back, and may state their view.
	RevocationToldEvent struct {
		Fact
		Kind   string `json:"kind"`
		Ground string `json:"ground"`
	}
	// RevokedEvent tells that what was granted was taken back. Kind is withdrawn (撤回), revoked (撤销), forfeited (吊销) or cancelled (注销).
	RevokedEvent struct {
		Fact
		Kind      string `json:"kind"`
		Ground    string `json:"ground"`
		LicenceID string `json:"licence_id,omitempty"`
	}
	// RectifiedEvent tells that a clerical error was corrected in a paper or the licence; What is paper or licence.
	RectifiedEvent struct {
		Fact
		What      string `json:"what"`
		LicenceID string `json:"licence_id,omitempty"`
	}
	// DeemedRenewedEvent tells that nobody decided before a licence ran out, so that it counts as renewed from then on.
	DeemedRenewedEvent struct {
		Fact
		From      time.Time `json:"from"`
		LicenceID string    `json:"licence_id"`
	}
)

// Topic is the event's name.
func (RevocationToldEvent) Topic() string { return "cases.revocation_told" }

// Topic is the event's name.
func (RevokedEvent) Topic() string { return "cases.revoked" }

// Topic is the event's name.
func (RectifiedEvent) Topic() string { return "cases.rectified" }

// Topic is the event's name.
func (DeemedRenewedEvent) Topic() string { return "cases.deemed_renewed" }
