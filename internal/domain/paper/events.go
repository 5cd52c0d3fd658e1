package paper

// IssuedEvent: a paper got its number and date; its file follows.
type IssuedEvent struct{ PaperID, CaseID, Act string }

// Topic names the event.
func (IssuedEvent) Topic() string { return "paper.issued" }

// ReadyEvent: the signed file of a paper is there.
type ReadyEvent struct{ PaperID, CaseID, Act string }

// Topic names the event.
func (ReadyEvent) Topic() string { return "paper.ready" }

// FailedEvent: the file of a paper could not be made; somebody must look.
type FailedEvent struct{ PaperID, CaseID, Act, Failure string }

// Topic names the event.
func (FailedEvent) Topic() string { return "paper.failed" }

// DeliveredEvent: the first proof of one kind that a paper reached somebody.
type DeliveredEvent struct{ PaperID, CaseID, Act, How string }

// Topic names the event.
func (DeliveredEvent) Topic() string { return "paper.delivered" }
