package report

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/engine/clock"
)

// The kinds of the room's jobs.
const (
	makeKind    = "report.make"
	monthKind   = "report.month"
	catchUpKind = "report.catch_up"
	exportKind  = "report.export"
	expireKind  = "report.expire"
)

// Workers are the room's jobs; all of them may run any number of times.
func (s *Service) Workers() map[string]job.Worker {
	return map[string]job.Worker{makeKind: s.makeJob, monthKind: s.monthJob, catchUpKind: s.catchUpJob, exportKind: s.exportJob, expireKind: s.expireJob}
}

// Schedule sets up the reports of each month, and once the noting of what happened before this room was there. Package app calls it at the start.
func (s *Service) Schedule(ctx context.Context) error {
	now := s.Now()
	return s.DB.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := nextMonth(ctx, tx, now); err != nil {
			return err
		}
		return job.EnqueueTx(ctx, tx, now, job.Spec{Kind: catchUpKind, Key: "0", Args: catchUpArgs{}})
	})
}

type monthArgs struct {
	Month string `json:"month"`
}

// nextMonth arms the job that reports on the present month when it is over, at three in the morning of the second.
func nextMonth(ctx context.Context, tx *db.Tx, now time.Time) error {
	y, m, _ := now.In(clock.Shanghai).Date()
	due := time.Date(y, m+1, 2, 3, 0, 0, 0, clock.Shanghai)
	month := monthOf(now)
	return job.EnqueueTx(ctx, tx, now, job.Spec{Kind: monthKind, Key: month, Args: monthArgs{month}, Due: due})
}

// monthJob reports on a month for every county that had something in it, and for the cities and provinces above. The next month is armed first, so
// that a failure does not end the series.
func (s *Service) monthJob(ctx context.Context, j job.Job) error {
	var a monthArgs
	if err := json.Unmarshal(j.Args, &a); err != nil {
		return job.Permanent(err)
	}
	if err := s.DB.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error { return nextMonth(ctx, tx, s.Now()) }); err != nil {
		return err
	}
	found, err := regionsOf(ctx, s.DB.R(), a.Month)
	if err != nil {
		return err
	}
	for _, region := range above(found) {
		if _, err := s.run(ctx, authz.System, a.Month, region); err != nil {
			return err
		}
	}
	return nil
}

// above gives counties, cities and provinces of region codes (GB/T 2260), each once.
func above(codes []string) (out []string) {
	for _, c := range codes {
		if len(c) < 6 {
			continue
		}
		out = append(out, c[:6], c[:4]+"00", c[:2]+"0000")
	}
	slices.Sort(out)
	return slices.Compact(out)
}

type catchUpArgs struct {
	From int64 `json:"from"` // ms
}

// catchUpSpan is how much of the past one run of the job reads.
const catchUpSpan = 6 * time.Hour

// catchUpJob notes what happened before this room was there, some hours of it at a time. What it knows already it does not note again.
func (s *Service) catchUpJob(ctx context.Context, j job.Job) error {
	var a catchUpArgs
	if err := json.Unmarshal(j.Args, &a); err != nil {
		return job.Permanent(err)
	}
	tellers := map[string]teller{}
	var topics []string
	for _, t := range s.tellers() {
		tellers[t.topic] = t
		topics = append(topics, t.topic)
	}
	found, next, err := event.Page(ctx, s.DB.R(), topics, time.UnixMilli(a.From), s.Now(), catchUpSpan)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(found, 100) {
		err := s.DB.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
			for _, st := range part {
				if err := tellers[st.Topic].note(ctx, tx, st); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if next.IsZero() {
		return nil
	}
	now := s.Now()
	return s.DB.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		return job.EnqueueTx(ctx, tx, now, job.Spec{Kind: catchUpKind, Key: next.UTC().Format(time.RFC3339Nano), Args: catchUpArgs{next.UnixMilli()}})
	})
}
