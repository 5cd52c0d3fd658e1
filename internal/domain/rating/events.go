package rating

import "time"

// GivenEvent tells that a contact was rated.
type GivenEvent struct {
	RatingID string `json:"rating_id"`
	Agency   string `json:"agency"`
	Item     string `json:"item"`
	Grade    int    `json:"grade"`
}

// Topic is the event's name.
func (GivenEvent) Topic() string { return "rating.given" }

// BadEvent tells that an agency has a bad rating to verify and answer. It names no case and no person.
type BadEvent struct {
	RatingID  string    `json:"rating_id"`
	Agency    string    `json:"agency"`
	Item      string    `json:"item"`
	VerifyDue time.Time `json:"verify_due"`
	FixDue    time.Time `json:"fix_due"`
}

// Topic is the event's name.
func (BadEvent) Topic() string { return "rating.bad" }
