package audit

import (
	"context"
	"log/slog"
	"time"

	"tongban/internal/base/db"
)

// Log writes reads of personal data in groups and keeps the chain going.
type Log struct {
	d    *db.DB
	now  func() time.Time
	log  *slog.Logger
	in   chan request
	stop chan struct{}
}

type request struct {
	es   []Entry
	done chan error
}

// NewLog starts the group writer; Close ends it.
func NewLog(d *db.DB, now func() time.Time, log *slog.Logger) *Log {
	l := &Log{d: d, now: now, log: log, in: make(chan request, 256), stop: make(chan struct{})}
	go l.write()
	return l
}

// Close ends the group writer after it has written what it was given.
func (l *Log) Close() { close(l.in); <-l.stop }

// Read records that personal data was seen; it returns when the record is on the disk, and the data may be shown only then.
func (l *Log) Read(ctx context.Context, es ...Entry) error {
	if len(es) == 0 {
		return nil
	}
	for i := range es {
		es[i].Act = Read
		if es[i].At.IsZero() {
			es[i].At = l.now()
		}
	}
	r := request{es: es, done: make(chan error, 1)}
	select {
	case l.in <- r:
	case <-ctx.Done():
		return db.Classify(ctx.Err())
	}
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		return db.Classify(ctx.Err())
	}
}

const groupMax = 128

// write takes whatever is waiting while the last group was being committed: the slower the disk, the larger the groups.
func (l *Log) write() {
	defer close(l.stop)
	for first := range l.in {
		group := []request{first}
	more:
		for len(group) < groupMax {
			select {
			case r, ok := <-l.in:
				if !ok {
					break more
				}
				group = append(group, r)
			default:
				break more
			}
		}
		err := l.d.TxQueue(context.Background(), func(ctx context.Context, tx *db.Tx) error {
			for _, r := range group {
				for _, e := range r.es {
					if err := Tx(ctx, tx, e.At, e); err != nil {
						return err
					}
				}
			}
			return nil
		})
		for _, r := range group {
			r.done <- err
		}
	}
}

// Sequence numbers new entries every second until ctx ends. Several nodes may run it; the head row lets one win.
func (l *Log) Sequence(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := sequence(ctx, l.d, 500)
		if err != nil && ctx.Err() == nil {
			l.log.Warn("audit numbering", "err", err)
		}
		if n == 500 {
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

// SequenceNow numbers everything that is written; for tests, backup and the auditor's check.
func (l *Log) SequenceNow(ctx context.Context) error {
	for {
		if n, err := sequence(ctx, l.d, 500); err != nil || n < 500 {
			return err
		}
	}
}
