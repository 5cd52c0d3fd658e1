package credit

import (
	"context"
	"errors"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/engine/clock"
)

// expireKind is the daily job that ends entries whose day has passed.
const expireKind = "credit.expire"

const day = 24 * time.Hour

// Workers are the room's jobs.
func (s *Service) Workers() map[string]job.Worker {
	return map[string]job.Worker{expireKind: func(ctx context.Context, _ job.Job) error {
		return errors.Join(s.arm(ctx, s.d.Now().Add(day)), s.Expire(ctx))
	}}
}

// Schedule sets the daily job up; package app calls it at the start. Doing it again changes nothing.
func (s *Service) Schedule(ctx context.Context) error { return s.arm(ctx, s.d.Now()) }

func (s *Service) arm(ctx context.Context, due time.Time) error {
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return job.EnqueueTx(ctx, tx, s.d.Now(), job.Spec{Kind: expireKind, Key: due.In(clock.Shanghai).Format(time.DateOnly), Args: struct{}{}, Due: due})
	})
}

// Expire ends every entry whose last day has passed. Bar asks the dates itself, so nobody is barred a minute longer when the job is late.
func (s *Service) Expire(ctx context.Context) error {
	for {
		ids, err := s.passed(ctx, s.today(), 200)
		if err != nil || len(ids) == 0 {
			return err
		}
		now := s.d.Now()
		for _, id := range ids {
			err := s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
				if err := endTx(ctx, tx, id, Expired, now); err != nil {
					return err
				}
				if err := audit.Tx(ctx, tx, now, audit.Entry{Actor: "system", Act: "credit.expire", Object: "credit:" + id}); err != nil {
					return err
				}
				return event.Publish(ctx, tx, now, ExpiredEvent{id})
			})
			if err != nil && errs.KindOf(err) != errs.Conflict { // somebody repaired it meanwhile
				return err
			}
		}
	}
}
