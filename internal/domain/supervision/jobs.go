package supervision

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/job"
)

// sweepKind is the job that looks again at cases whose dates have passed.
const sweepKind = "supervision.sweep"

// every is how often it runs.
const every = 10 * time.Minute

// Workers are the room's jobs.
func (s *Service) Workers() map[string]job.Worker {
	return map[string]job.Worker{sweepKind: s.sweepJob}
}

// Arm starts the sweeping; package app calls it at every start. One job per span of ten minutes is enough for any number of nodes.
func (s *Service) Arm(ctx context.Context) error { return s.arm(ctx, s.Now().Truncate(every)) }

func (s *Service) arm(ctx context.Context, slot time.Time) error {
	return s.DB.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		return job.EnqueueTx(ctx, tx, s.Now(), job.Spec{Kind: sweepKind, Key: strconv.FormatInt(slot.Unix(), 10), Due: slot, Tries: 3})
	})
}

// sweepJob arms the next sweep before it begins, so that a sweep that fails does not end the chain.
func (s *Service) sweepJob(ctx context.Context, _ job.Job) error {
	if err := s.arm(ctx, s.Now().Truncate(every).Add(every)); err != nil {
		return err
	}
	_, looked := s.Sweep(ctx)
	_, chased := s.chase(ctx)
	return errors.Join(looked, chased)
}

// Sweep looks at every case that is due for it and gives their number. One that fails does not hold up the others.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	n, after := 0, dueWatch{}
	var failed []error
	for {
		batch, err := dueWatches(ctx, s.DB.R(), s.Now(), after, sweepBatch)
		if err != nil || len(batch) == 0 {
			return n, errors.Join(append(failed, err)...)
		}
		for _, w := range batch {
			after = w
			err := s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return s.look(ctx, tx, w.caseID, s.Now(), func(*Facts) {}) })
			if err != nil {
				failed = append(failed, fmt.Errorf("look at %s: %w", w.caseID, err))
			}
			n++
		}
	}
}

const sweepBatch = 200
