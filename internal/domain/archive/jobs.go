package archive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/engine/clock"
)

// The kinds of the room's jobs.
const (
	MakeKind    = "archive.make"
	recheckKind = "archive.recheck"
	exportKind  = "archive.export"
	expireKind  = "archive.expire"
)

const (
	recheckAfter = 30 * 24 * time.Hour
	recheckBatch = 50
	recheckBytes = 512 << 20 // of packages read by one run
	patience     = time.Hour // how long a package may wait before it is tried anew each day
	waitBatch    = 200
)

type makeArgs struct {
	Case string `json:"case"`
}

type recheckArgs struct {
	Run int `json:"run"`
}

// Workers are the room's jobs; all of them may run any number of times.
func (s *Service) Workers() map[string]job.Worker {
	return map[string]job.Worker{
		MakeKind: func(ctx context.Context, j job.Job) error {
			var a makeArgs
			if err := json.Unmarshal(j.Args, &a); err != nil {
				return job.Permanent(err)
			}
			err := s.Make(ctx, a.Case)
			if errs.Is(err, "archive.not_over") || errs.KindOf(err) == errs.NotFound {
				return job.Permanent(err)
			}
			return err
		},
		recheckKind: s.recheckJob,
		exportKind:  s.exportJob,
		expireKind:  s.expireJob,
	}
}

// Schedule sets the daily examination up; package app calls it at the start. Doing it again changes nothing.
func (s *Service) Schedule(ctx context.Context) error {
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return daily(ctx, tx, s.Now(), s.Now(), 0) })
}

func daily(ctx context.Context, tx *db.Tx, now, due time.Time, run int) error {
	key := due.In(clock.Shanghai).Format(time.DateOnly) + ":" + strconv.Itoa(run)
	return job.EnqueueTx(ctx, tx, now, job.Spec{Kind: recheckKind, Key: key, Args: recheckArgs{run}, Due: due})
}

// recheckJob tries anew what still waits and examines what was not examined for a month; what is left over, the next run takes at once. The next
// day's run is set first, so that a failure does not end the series.
func (s *Service) recheckJob(ctx context.Context, j job.Job) error {
	var a recheckArgs
	if err := json.Unmarshal(j.Args, &a); err != nil {
		return job.Permanent(err)
	}
	now := s.Now()
	err := s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return daily(ctx, tx, now, now.Add(24*time.Hour), 0) })
	if a.Run == 0 {
		err = errors.Join(err, s.rearm(ctx))
	}
	more, failed := s.RecheckDue(ctx)
	if more {
		err = errors.Join(err, s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return daily(ctx, tx, now, now, a.Run+1) }))
	}
	return errors.Join(err, failed)
}

// rearm wakes the jobs of packages that wait longer than they should.
func (s *Service) rearm(ctx context.Context) error {
	now := s.Now()
	ps, err := stillWaiting(ctx, s.DB.R(), now.Add(-patience), waitBatch)
	if err != nil {
		return err
	}
	for _, p := range ps {
		err := s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
			return job.MoveTx(ctx, tx, now, job.Spec{Kind: MakeKind, Key: p.CaseID, Args: makeArgs{p.CaseID}, Due: now})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// RecheckDue examines packages that were not for a month, as many as one run may; more says that some are left. One that cannot be read does not
// hold up the others.
func (s *Service) RecheckDue(ctx context.Context) (more bool, err error) {
	ps, err := dueForCheck(ctx, s.DB.R(), s.Now().Add(-recheckAfter), recheckBatch)
	if err != nil {
		return false, err
	}
	var failed []error
	var read int64
	for i, p := range ps {
		if read += p.Size; i > 0 && read > recheckBytes {
			return true, errors.Join(failed...)
		}
		if _, err := s.check(ctx, p, system); err != nil {
			failed = append(failed, fmt.Errorf("examine package %s: %w", p.ID, err))
		}
	}
	return len(ps) == recheckBatch && len(failed) == 0, errors.Join(failed...)
}

// check examines a package as it is stored and writes down what was found. A package that cannot be read at all is a finding too.
func (s *Service) check(ctx context.Context, p Package, by string) (CheckRun, error) {
	seen, err := s.examine(ctx, p.BlobID)
	if ctx.Err() != nil {
		return CheckRun{}, ctx.Err()
	}
	now := s.Now()
	run := CheckRun{PackageID: p.ID, At: now, Actor: by}
	switch {
	case err != nil:
		s.Log.Warn("archive package cannot be read", "package", p.ID, "err", err)
		lost := []Finding{grave("archive.store_unreadable")}
		for _, name := range []string{Authentic, Complete, Usable, Secure} {
			run.Checks = append(run.Checks, judged(name, lost))
		}
	default:
		run.Checks = Judge(seen)
		if !same(seen.Digest, p.Digest) || seen.Size != p.Size {
			run.Checks[0] = judged(Authentic, append(run.Checks[0].Findings, grave("archive.not_the_stored")))
		}
	}
	run.Sound = run.Checks.OK()
	return run, s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := putCheck(ctx, tx, run); err != nil {
			return err
		}
		e := audit.Entry{Actor: by, Act: "archive.check", Object: "archive:" + p.ID, Subject: p.Subject, What: "archive.package", Agency: p.Agency}
		if err := audit.Tx(ctx, tx, now, e); err != nil || run.Sound || !p.Sound {
			return err
		}
		return event.Publish(ctx, tx, now, UnsoundEvent{p.ID, p.CaseID, p.Agency, p.Region})
	})
}
