package identity

// Verified tells that the registry confirmed a person's name and number.
type Verified struct{ PersonID string }

// Topic names the event.
func (Verified) Topic() string { return "identity.verified" }

// Merged tells that an account's shell turned out to be a person already known: what belonged to From belongs to Into.
type Merged struct{ From, Into string }

// Topic names the event.
func (Merged) Topic() string { return "identity.merged" }

// SessionEnded tells that a session ended, for whatever reason: signed out, ended from elsewhere, too many, too old, or its holder died.
type SessionEnded struct{ SessionID, PersonID, StaffID string }

// Topic names the event.
func (SessionEnded) Topic() string { return "identity.session_ended" }

// Died tells that the registry says a person has died. Their sessions, tokens and factors have ended.
type Died struct{ PersonID string }

// Topic names the event.
func (Died) Topic() string { return "identity.died" }
