package cases

import (
	"context"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/ident"
)

// Here tells which person is being served at a counter, so that handing in and fetching in one go counts as one trip and not as two. An empty presence
// means that nobody is on record there: then each act counts by itself.
type Here interface {
	Presence(ctx context.Context, staffID, caseID, subject string) (string, error)
}

// visit counts the trip that an act at the window needs. key is what makes it one trip where no presence is on record.
func (w *work) visit(ctx context.Context, purpose, key string) error {
	if w.s.Here != nil {
		id, err := w.s.Here.Presence(ctx, w.actor.StaffID, w.c.ID, w.c.subject)
		if err != nil {
			return err
		}
		if id != "" {
			key = presenceKey(id)
		}
	}
	v := Visit{ID: ident.New(), Staff: w.actor.StaffID, Purpose: purpose, At: w.now}
	w.effect(func(ctx context.Context, tx *db.Tx) error { return putVisitTx(ctx, tx, w.c.ID, key, v) })
	return nil
}

func presenceKey(id string) string { return "here:" + id }

// Trips lists the trips to the hall a case has needed so far, oldest first, for who may see the case.
func (s *Service) Trips(ctx context.Context, a authz.Actor, id string) ([]Visit, error) {
	if _, err := s.load(ctx, a, id); err != nil {
		return nil, err
	}
	return visits(ctx, s.DB.R(), id)
}

// RecordPresence counts the trip of somebody who is being served for a case; the same presence counts once.
func (s *Service) RecordPresence(ctx context.Context, a authz.Actor, id, presence, purpose string) error {
	return s.RecordVisit(ctx, a, id, presenceKey(presence), purpose)
}

// DoneBy counts the cases in which somebody of the staff did something from a time until before another, by kind of event (EventReceived …). Each
// case counts once for a kind.
func (s *Service) DoneBy(ctx context.Context, staffID string, from, to time.Time) (map[string]int, error) {
	return s.countDone(ctx, "staff:"+staffID, db.Millis(from), db.Millis(to))
}
