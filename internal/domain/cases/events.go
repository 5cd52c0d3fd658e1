package cases

import "time"

// Fact is the common part of every event: ids only.
type Fact struct {
	CaseID  string    `json:"case_id"`
	CaseNo  string    `json:"case_no"`
	ItemKey string    `json:"item"`
	Agency  string    `json:"agency"`
	Region  string    `json:"region"`
	By      string    `json:"by"` // person:<id>, staff:<id> or system
	At      time.Time `json:"at"`
	State   State     `json:"state"`
	Due     time.Time `json:"due,omitzero"` // that binds now
}

// The events other rooms may listen to.
type (
	// PrecheckAskedEvent tells that somebody asked for a draft to be looked over before applying; it has no number yet.
	PrecheckAskedEvent struct{ Fact }
	// PrecheckAnsweredEvent tells that an officer advised.
	PrecheckAnsweredEvent struct {
		Fact
		Ready   bool `json:"ready"`
		Defects int  `json:"defects"`
	}
	// PrecheckTakenBackEvent tells that the applicant did not wait for the advice.
	PrecheckTakenBackEvent struct{ Fact }
	// CorrectedOnTheSpotEvent tells that answers were put right with the applicant at hand; How is present or call.
	CorrectedOnTheSpotEvent struct {
		Fact
		How    string `json:"how"`
		Fields int    `json:"fields"`
	}
	// SubmittedEvent tells that an application came in.
	SubmittedEvent struct{ Fact }
	// ReceivedEvent tells that an officer took the materials in (收件).
	ReceivedEvent struct{ Fact }
	// AcceptedEvent tells that an application was accepted; Due is the deadline of the decision.
	AcceptedEvent struct{ Fact }
	// DeemedAcceptedEvent tells that nobody answered in time, so the application counts as accepted from the day of receipt.
	DeemedAcceptedEvent struct {
		Fact
		From time.Time `json:"from"`
	}
	// CorrectionRequestedEvent tells that a correction notice went out.
	CorrectionRequestedEvent struct {
		Fact
		Round   int `json:"round"`
		Defects int `json:"defects"`
	}
	// CorrectionTwiceEvent tells that somebody tried to ask for something new a second time; it was refused.
	CorrectionTwiceEvent struct{ Fact }
	// ResubmittedEvent tells that the applicant answered a correction notice.
	ResubmittedEvent struct {
		Fact
		Round int `json:"round"`
	}
	// RefusedAcceptanceEvent tells that acceptance was refused.
	RefusedAcceptanceEvent struct {
		Fact
		Ground string `json:"ground"`
	}
	// StepDoneEvent tells that a step of the flow was done or sent back.
	StepDoneEvent struct {
		Fact
		Step    string        `json:"step"`
		Kind    string        `json:"kind"`
		Outcome string        `json:"outcome"`
		Entered time.Time     `json:"entered"`
		Took    time.Duration `json:"took"` // since the step was entered
		Due     time.Time     `json:"step_due,omitzero"`
	}
	// DecidedEvent tells that a decision was made. Took is the time since the decision step was entered.
	DecidedEvent struct {
		Fact
		Outcome   Outcome       `json:"outcome"`
		Took      time.Duration `json:"took"`
		OnTheSpot bool          `json:"on_the_spot"`
		Automatic bool          `json:"automatic"`
	}
	// CertifiedEvent tells that the licence was made.
	CertifiedEvent struct {
		Fact
		LicenceID string `json:"licence_id"`
	}
	// DeliveredEvent tells that the result reached the applicant.
	// Taker is the person who took it, where that was not the applicant.
	DeliveredEvent struct {
		Fact
		How   string `json:"how"`
		Taker string `json:"taker,omitempty"`
	}
	// ConcludedEvent tells that the case is over.
	ConcludedEvent struct{ Fact }
	// SuspendedEvent tells that the clock stands still for a special procedure, announced to last until Until.
	SuspendedEvent struct {
		Fact
		Ground string    `json:"ground"`
		Until  time.Time `json:"until,omitzero"`
	}
	// ResumedEvent tells that the clock runs on.
	ResumedEvent struct{ Fact }
	// ExtendedEvent tells that the legal period was prolonged.
	ExtendedEvent struct{ Fact }
	// EndedEvent tells that a case ended without a decision; Act is terminate, lapse, transfer or void.
	EndedEvent struct {
		Fact
		Act    string `json:"act"`
		Ground string `json:"ground"`
	}
	// WithdrawnEvent tells that the applicant took the application back.
	WithdrawnEvent struct{ Fact }
	// ArchivedEvent tells that the case went into the archive.
	ArchivedEvent struct{ Fact }
	// ActedEvent tells that somebody did an act in the name of another under a mandate. ForKind is person or firm. Of consecutive saves of one
	// draft by one person only the first is told, and of looking at one case the first of a day.
	ActedEvent struct {
		CaseID    string    `json:"case_id"`
		ItemKey   string    `json:"item"`
		Act       string    `json:"act"`   // text key cases.act_<act>
		Scope     string    `json:"scope"` // what of the mandate was used: authz.ActApply, ActSign, ActView or ActCollect
		ByPerson  string    `json:"by_person"`
		ForKind   string    `json:"for_kind"`
		ForID     string    `json:"for_id"`
		MandateID string    `json:"mandate_id"`
		At        time.Time `json:"at"`
	}
	// DueNearEvent tells that a deadline is near; Which is receipt, promised, legal, step or special.
	DueNearEvent struct {
		Fact
		Which string `json:"which"`
	}
	// DuePassedEvent tells that a deadline has passed; Which as above.
	DuePassedEvent struct {
		Fact
		Which string `json:"which"`
	}
)

// Topic is the event's name.
func (PrecheckAskedEvent) Topic() string { return "cases.pre_review_asked" }

// Topic is the event's name.
func (PrecheckAnsweredEvent) Topic() string { return "cases.pre_review_answered" }

// Topic is the event's name.
func (PrecheckTakenBackEvent) Topic() string { return "cases.pre_review_taken_back" }

// Topic is the event's name.
func (CorrectedOnTheSpotEvent) Topic() string { return "cases.corrected_on_the_spot" }

// Topic is the event's name.
func (SubmittedEvent) Topic() string { return "cases.submitted" }

// Topic is the event's name.
func (ReceivedEvent) Topic() string { return "cases.received" }

// Topic is the event's name.
func (AcceptedEvent) Topic() string { return "cases.accepted" }

// Topic is the event's name.
func (DeemedAcceptedEvent) Topic() string { return "cases.deemed_accepted" }

// Topic is the event's name.
func (CorrectionRequestedEvent) Topic() string { return "cases.correction_requested" }

// Topic is the event's name.
func (CorrectionTwiceEvent) Topic() string { return "cases.correction_twice" }

// Topic is the event's name.
func (ResubmittedEvent) Topic() string { return "cases.resubmitted" }

// Topic is the event's name.
func (RefusedAcceptanceEvent) Topic() string { return "cases.refused_acceptance" }

// Topic is the event's name.
func (StepDoneEvent) Topic() string { return "cases.step_done" }

// Topic is the event's name.
func (DecidedEvent) Topic() string { return "cases.decided" }

// Topic is the event's name.
func (CertifiedEvent) Topic() string { return "cases.certified" }

// Topic is the event's name.
func (DeliveredEvent) Topic() string { return "cases.delivered" }

// Topic is the event's name.
func (ConcludedEvent) Topic() string { return "cases.concluded" }

// Topic is the event's name.
func (WithdrawnEvent) Topic() string { return "cases.withdrawn" }

// Topic is the event's name.
func (SuspendedEvent) Topic() string { return "cases.suspended" }

// Topic is the event's name.
func (ResumedEvent) Topic() string { return "cases.resumed" }

// Topic is the event's name.
func (ExtendedEvent) Topic() string { return "cases.extended" }

// Topic is the event's name.
func (EndedEvent) Topic() string { return "cases.ended" }

// Topic is the event's name.
func (ArchivedEvent) Topic() string { return "cases.archived" }

// Topic is the event's name.
func (ActedEvent) Topic() string { return "cases.acted" }

// Topic is the event's name.
func (DueNearEvent) Topic() string { return "cases.due_near" }

// Topic is the event's name.
func (DuePassedEvent) Topic() string { return "cases.due_passed" }
