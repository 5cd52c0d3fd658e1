package identity

// Verified tells that the registry confirmed a person's name and number.
type Verified struct{ PersonID string }

// Topic names the event.
func (Verified) Topic() string { return "identity.verified" }

// Merged tells that an account's shell turned out to be a person already known: what belonged to From belongs to Into.
type Merged struct{ From, Into string }

// Topic names the event.
func (Merged) Topic() string { return "identity.merged" }
