package desk

import (
	"context"
	"errors"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/job"
	"tongban/internal/engine/clock"
)

// sweepKind is the daily job that clears the desks.
const sweepKind = "desk.sweep"

const (
	day = 24 * time.Hour
	// unsentAge is how long unsent text and runs are kept: longer than any leave, shorter than memory.
	unsentAge = 90 * day
	// lookAge is how long it is known what was seen of a case.
	lookAge = 400 * day
)

// Workers are the room's jobs.
func (s *Service) Workers() map[string]job.Worker {
	return map[string]job.Worker{sweepKind: func(ctx context.Context, _ job.Job) error {
		return errors.Join(s.arm(ctx, s.d.Now().Add(day)), s.Sweep(ctx))
	}}
}

// Schedule sets the daily job up; package app calls it at the start. Doing it again changes nothing.
func (s *Service) Schedule(ctx context.Context) error { return s.arm(ctx, s.d.Now()) }

func (s *Service) arm(ctx context.Context, due time.Time) error {
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return job.EnqueueTx(ctx, tx, s.d.Now(), job.Spec{Kind: sweepKind, Key: due.In(clock.Shanghai).Format(time.DateOnly), Args: struct{}{}, Due: due})
	})
}

// Sweep drops unsent text, runs and looks that are older than anybody needs. Filters, notes and phrases stay until their author drops them.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.now()
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return sweepTx(ctx, tx, now.Add(-unsentAge).UnixMilli(), now.Add(-lookAge).UnixMilli())
	})
}
