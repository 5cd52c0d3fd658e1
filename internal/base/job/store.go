package job

import (
	"context"
	"embed"
	"encoding/json"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/ident"
)

//go:embed migrations/*.sql
var files embed.FS

// Schema is the room's tables.
var Schema = db.Room{Name: "job", Files: files}

// Spec is one piece of work to do. With a Key the job is unique for its kind: enqueuing it again does nothing.
type Spec struct {
	Kind  string
	Key   string
	Args  any       // marshalled to JSON; ids only
	Due   time.Time // zero = now
	Tries int       // 0 = 12
}

// Job is a claimed piece of work.
type Job struct {
	ID, Kind string
	Args     json.RawMessage
	Attempt  int // 1 for the first
	Tries    int
}

const defaultTries = 12

func (s Spec) id() string {
	if s.Key == "" {
		return ident.New()
	}
	return s.Kind + ":" + s.Key
}

// EnqueueTx writes a job in the caller's transaction.
func EnqueueTx(ctx context.Context, tx *db.Tx, now time.Time, s Spec) error {
	args, err := json.Marshal(s.Args)
	if err != nil {
		return err
	}
	if s.Due.IsZero() {
		s.Due = now
	}
	if s.Tries == 0 {
		s.Tries = defaultTries
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO job_job (id, kind, args, state, due_ms, attempt, tries, lease_ms, last_error, created_ms)
		VALUES ($1, $2, $3, 'ready', $4, 0, $5, 0, '', $6) ON CONFLICT (id) DO NOTHING`, s.id(), s.Kind, string(args), s.Due.UnixMilli(), s.Tries, now.UnixMilli())
	return err
}

// MoveTx sets a keyed timer to a new time, making it if it does not exist; a timer that already ran is armed again.
func MoveTx(ctx context.Context, tx *db.Tx, now time.Time, s Spec) error {
	if err := EnqueueTx(ctx, tx, now, s); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE job_job SET state = 'ready', due_ms = $1, attempt = 0, lease_ms = 0 WHERE id = $2 AND state <> 'run'`, s.Due.UnixMilli(), s.id())
	return err
}

const lease = time.Minute

func claim(ctx context.Context, d *db.DB, now time.Time, n int) ([]Job, error) {
	var out []Job
	err := d.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		out, err = db.All(ctx, tx, scanJob, `UPDATE job_job SET state = 'run', attempt = attempt + 1, lease_ms = $1
			WHERE id IN (SELECT id FROM job_job WHERE (state = 'ready' AND due_ms <= $2) OR (state = 'run' AND lease_ms < $2) ORDER BY due_ms LIMIT $3`+d.SkipLocked()+`)
			RETURNING id, kind, args, attempt, tries`, now.Add(lease).UnixMilli(), now.UnixMilli(), n)
		return err
	})
	return out, err
}

func scanJob(r *db.Rows) (Job, error) {
	var j Job
	var args string
	err := r.Scan(&j.ID, &j.Kind, &args, &j.Attempt, &j.Tries)
	j.Args = json.RawMessage(args)
	return j, err
}

func waiting(ctx context.Context, d *db.DB, now time.Time) (bool, error) {
	var n int
	err := d.R().QueryRowContext(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM job_job WHERE (state = 'ready' AND due_ms <= $1) OR (state = 'run' AND lease_ms < $1) LIMIT 1) x`, now.UnixMilli()).Scan(&n)
	return n > 0, db.Classify(err)
}

// finish records the outcome, but only while the lease is still this attempt's.
func finish(ctx context.Context, d *db.DB, j Job, state, lastError string, due time.Time) error {
	return d.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE job_job SET state = $1, last_error = $2, due_ms = $3, lease_ms = 0 WHERE id = $4 AND state = 'run' AND attempt = $5`,
			state, lastError, due.UnixMilli(), j.ID, j.Attempt)
		return err
	})
}

// Count gives the number of jobs in a state, for metrics and tests.
func Count(ctx context.Context, d *db.DB, state string) (int, error) {
	var n int
	err := d.R().QueryRowContext(ctx, `SELECT COUNT(*) FROM job_job WHERE state = $1`, state).Scan(&n)
	return n, db.Classify(err)
}

// Sweep deletes jobs that were done before a time.
func Sweep(ctx context.Context, d *db.DB, before time.Time) error {
	return d.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM job_job WHERE state = 'done' AND created_ms < $1`, before.UnixMilli())
		return err
	})
}

// Reclaim makes jobs ready that a process which is gone was running, instead of waiting for their lease. Only where this process is the one that
// runs jobs: on SQLite, at the start. On PostgreSQL another node may hold them, and the lease decides.
func Reclaim(ctx context.Context, d *db.DB) error {
	if d.Dialect() != db.SQLite {
		return nil
	}
	return d.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE job_job SET state = 'ready', lease_ms = 0 WHERE state = 'run'`)
		return err
	})
}
