package talk

import (
	"time"

	"tongban/internal/domain/cases"
)

// The events other rooms may listen to; ids only. Fact.By is who did it.
type (
	// MessageEvent tells that somebody wrote; Side is applicant or officer.
	MessageEvent struct {
		cases.Fact
		Message string `json:"message"`
		Side    string `json:"side"`
	}
	// UrgedEvent tells that a case was urged; AnswerDue is when an answer is owed.
	UrgedEvent struct {
		cases.Fact
		Urge      string    `json:"urge"`
		Side      string    `json:"side"` // applicant or supervisor
		AnswerDue time.Time `json:"answer_due"`
	}
	// UrgeAnsweredEvent tells that an urge was answered.
	UrgeAnsweredEvent struct {
		cases.Fact
		Urge string        `json:"urge"`
		Took time.Duration `json:"took"` // since the urge
	}
	// UrgeUnansweredEvent tells that an urge was not answered in time; it is told once.
	UrgeUnansweredEvent struct {
		cases.Fact
		Urge      string    `json:"urge"`
		Side      string    `json:"side"`
		AnswerDue time.Time `json:"answer_due"`
		Posts     []string  `json:"posts"` // that have the work
	}
	// CopiedEvent tells that somebody was given the case to read.
	CopiedEvent struct {
		cases.Fact
		Copy     string    `json:"copy"`
		ToAgency string    `json:"to_agency"`
		Until    time.Time `json:"until"`
	}
	// CopyEndedEvent tells that a copy was taken back before its term.
	CopyEndedEvent struct {
		cases.Fact
		Copy string `json:"copy"`
	}
	// EscalatedEvent tells that somebody was told of a deadline; Tell says who: holder, head, supervisor.
	EscalatedEvent struct {
		cases.Fact
		Rule    string    `json:"rule"`
		Which   string    `json:"which"`
		Tell    []string  `json:"tell"`
		Overdue time.Time `json:"deadline"`
	}
)

// Topic is the event's name.
func (MessageEvent) Topic() string { return "talk.message" }

// Topic is the event's name.
func (UrgedEvent) Topic() string { return "talk.urged" }

// Topic is the event's name.
func (UrgeAnsweredEvent) Topic() string { return "talk.urge_answered" }

// Topic is the event's name.
func (UrgeUnansweredEvent) Topic() string { return "talk.urge_unanswered" }

// Topic is the event's name.
func (CopiedEvent) Topic() string { return "talk.copied" }

// Topic is the event's name.
func (CopyEndedEvent) Topic() string { return "talk.copy_ended" }

// Topic is the event's name.
func (EscalatedEvent) Topic() string { return "talk.escalated" }
