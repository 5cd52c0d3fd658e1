package privacy

import (
	"context"
	"encoding/json"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/domain/identity"
)

// ComplainedEvent tells that somebody doubts a look at their data.
type ComplainedEvent struct {
	ComplaintID string
	Due         time.Time
}

// Topic names the event.
func (ComplainedEvent) Topic() string { return "privacy.complained" }

// AnsweredEvent tells that a complaint was answered.
type AnsweredEvent struct{ ComplaintID, Finding string }

// Topic names the event.
func (AnsweredEvent) Topic() string { return "privacy.answered" }

// OverdueEvent tells that a complaint was not answered in time.
type OverdueEvent struct{ ComplaintID string }

// Topic names the event.
func (OverdueEvent) Topic() string { return "privacy.overdue" }

// ErasedEvent tells that a person ended their account.
type ErasedEvent struct{ PersonID string }

// Topic names the event.
func (ErasedEvent) Topic() string { return "privacy.erased" }

// DueKind is the kind of the timers of complaints.
const DueKind = "privacy.due"

type dueArgs struct {
	ID string `json:"id"`
}

// Workers are the room's workers by kind, for package app to register.
func (s *Service) Workers() map[string]job.Worker { return map[string]job.Worker{DueKind: s.due} }

// due tells of a complaint that is still open after its last day.
func (s *Service) due(ctx context.Context, j job.Job) error {
	var a dueArgs
	if err := json.Unmarshal(j.Args, &a); err != nil {
		return job.Permanent(err)
	}
	c, err := s.complaint(ctx, s.d.DB.R(), a.ID)
	if err != nil || !c.Overdue(s.d.Now()) {
		return err
	}
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return event.Publish(ctx, tx, s.d.Now(), OverdueEvent{ComplaintID: c.ID})
	})
}

// Listeners are what the room listens to, for package app to register.
func (s *Service) Listeners() []event.Listener {
	return []event.Listener{{Name: "privacy.merged", Topic: identity.Merged{}.Topic(), Handle: func(ctx context.Context, tx *db.Tx, st event.Stored) error {
		m, err := event.Decode[identity.Merged](st)
		if err != nil {
			return err
		}
		return moveComplaints(ctx, tx, m.From, m.Into)
	}}}
}
