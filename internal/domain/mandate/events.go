package mandate

// Started tells that a mandate was accepted or recorded.
type Started struct{ MandateID, ForKind, ForID, HolderID string }

// Topic names the event.
func (Started) Topic() string { return "mandate.started" }

// EndedEvent tells that a mandate is over, and why.
type EndedEvent struct {
	MandateID, ForKind, ForID, HolderID string
	Why                                 Why
}

// Topic names the event.
func (EndedEvent) Topic() string { return "mandate.ended" }
