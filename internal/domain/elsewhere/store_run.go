package elsewhere

import (
	"context"

	"tongban/internal/base/db"
	"tongban/internal/base/ident"
)

func putRunTx(ctx context.Context, tx *db.Tx, r Run) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO elsewhere_run (system, day, started_ms, ended_ms, ours, theirs, found, asked, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (system, day) DO UPDATE SET started_ms = $3, ended_ms = $4, ours = $5, theirs = $6, found = $7, asked = $8, reason = $9`,
		r.System, r.Day, db.Millis(r.Started), db.Millis(r.Ended), r.Ours, r.Theirs, r.Found, r.Asked, r.Reason)
	return err
}

// Runs gives the newest comparisons of all systems.
func (s *Service) Runs(ctx context.Context, limit int) ([]Run, error) {
	return db.All(ctx, s.DB.R(), func(r *db.Rows) (Run, error) {
		var x Run
		var started, ended int64
		err := r.Scan(&x.System, &x.Day, &started, &ended, &x.Ours, &x.Theirs, &x.Found, &x.Asked, &x.Reason)
		x.Started, x.Ended = db.Instant(started), db.Instant(ended)
		return x, err
	}, `SELECT system, day, started_ms, ended_ms, ours, theirs, found, asked, reason FROM elsewhere_run ORDER BY day DESC, system LIMIT $1`, limit)
}

// putDifferenceTx notes a difference, or that an open one is still there.
func putDifferenceTx(ctx context.Context, tx *db.Tx, d Difference) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO elsewhere_difference (id, system, case_id, case_no, kind, ours, theirs, found_ms, seen_ms, closed_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, 0)
		ON CONFLICT (system, case_no, kind) WHERE closed_ms = 0 DO UPDATE SET ours = $6, theirs = $7, seen_ms = $8`,
		ident.New(), d.System, d.CaseID, d.CaseNo, d.Kind, d.Ours, d.Theirs, db.Millis(d.Seen))
	return err
}

// closeDifferencesTx closes what a comparison no longer saw.
func closeDifferencesTx(ctx context.Context, tx *db.Tx, system string, now int64) error {
	_, err := tx.ExecContext(ctx, `UPDATE elsewhere_difference SET closed_ms = $1 WHERE system = $2 AND closed_ms = 0 AND seen_ms < $1`, now, system)
	return err
}

// Differences gives what both sides do not agree on, open ones first, then the newest.
func (s *Service) Differences(ctx context.Context, limit int) ([]Difference, error) {
	return db.All(ctx, s.DB.R(), func(r *db.Rows) (Difference, error) {
		var d Difference
		var found, seen, closed int64
		err := r.Scan(&d.ID, &d.System, &d.CaseID, &d.CaseNo, &d.Kind, &d.Ours, &d.Theirs, &found, &seen, &closed)
		d.Found, d.Seen, d.Closed = db.Instant(found), db.Instant(seen), db.Instant(closed)
		return d, err
	}, `SELECT id, system, case_id, case_no, kind, ours, theirs, found_ms, seen_ms, closed_ms FROM elsewhere_difference ORDER BY closed_ms <> 0, found_ms DESC, id LIMIT $1`, limit)
}

// outInState and inInState are for operators: the oldest first.
func (s *Service) outInState(ctx context.Context, state string, limit int) ([]Out, error) {
	return db.All(ctx, s.DB.R(), scanOut, selectOut+`WHERE state = $1 ORDER BY created_ms, id LIMIT $2`, state, limit)
}

func (s *Service) inInState(ctx context.Context, state string, limit int) ([]In, error) {
	return db.All(ctx, s.DB.R(), s.scanIn, selectIn+`WHERE state = $1 ORDER BY received_ms, id LIMIT $2`, state, limit)
}
