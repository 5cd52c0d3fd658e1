package govstack

import (
	"context"
	"errors"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/job"
	"tongban/internal/engine/clock"
)

// sweepKind is the daily job that drops documents nobody used.
const sweepKind = "govstack.sweep"

// Workers are the room's jobs.
func (s *Service) Workers() map[string]job.Worker {
	return map[string]job.Worker{sweepKind: func(ctx context.Context, _ job.Job) error {
		return errors.Join(s.arm(ctx, s.Now().Add(24*time.Hour)), s.Sweep(ctx))
	}}
}

// Schedule sets the daily job up; package app calls it at the start. Doing it again changes nothing.
func (s *Service) Schedule(ctx context.Context) error { return s.arm(ctx, s.Now()) }

func (s *Service) arm(ctx context.Context, due time.Time) error {
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return job.EnqueueTx(ctx, tx, s.Now(), job.Spec{Kind: sweepKind, Key: due.In(clock.Shanghai).Format(time.DateOnly), Args: struct{}{}, Due: due})
	})
}
