package licence

// IssuedEvent: a licence got its identifier and number; its file follows.
type IssuedEvent struct{ LicenceID, CaseID, TypeKey string }

// Topic names the event.
func (IssuedEvent) Topic() string { return "licence.issued" }

// ReadyEvent: the signed file of a licence is there.
type ReadyEvent struct{ LicenceID, CaseID, TypeKey string }

// Topic names the event.
func (ReadyEvent) Topic() string { return "licence.ready" }

// FailedEvent: the file of a licence could not be made; somebody must look.
type FailedEvent struct{ LicenceID, CaseID, TypeKey, Failure string }

// Topic names the event.
func (FailedEvent) Topic() string { return "licence.failed" }

// StateEvent: the state of a licence changed.
type StateEvent struct{ LicenceID, CaseID, From, To string }

// Topic names the event.
func (StateEvent) Topic() string { return "licence.state_changed" }
