package supervision

import (
	"context"
	"embed"
	"encoding/json"
	"time"

	"tongban/internal/base/db"
)

//go:embed migrations/*.sql
var files embed.FS

// Schema is the room's tables.
var Schema = db.Room{Name: "supervision", Files: files}

// watched gives what is kept of a case; an empty watch when it is new.
func watched(ctx context.Context, tx *db.Tx, caseID string) (watch, error) {
	ws, err := db.All(ctx, tx, func(r *db.Rows) (watch, error) {
		w := watch{CaseID: caseID}
		var facts string
		if err := r.Scan(&facts); err != nil {
			return w, err
		}
		return w, json.Unmarshal([]byte(facts), &w.Facts)
	}, `SELECT CAST(facts AS TEXT) FROM supervision_watch WHERE case_id = $1`, caseID)
	if err != nil || len(ws) == 0 {
		return watch{CaseID: caseID}, err
	}
	return ws[0], nil
}

func keep(ctx context.Context, tx *db.Tx, w watch) error {
	facts, err := json.Marshal(w.Facts)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO supervision_watch (case_id, case_no, region, agency, agency_name, item, item_name, status, due_ms, next_ms, facts, step, step_name, step_due_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		ON CONFLICT (case_id) DO UPDATE SET case_no = excluded.case_no, region = excluded.region, agency = excluded.agency, agency_name = excluded.agency_name,
			item = excluded.item, item_name = excluded.item_name, status = excluded.status, due_ms = excluded.due_ms, next_ms = excluded.next_ms, facts = excluded.facts,
			step = excluded.step, step_name = excluded.step_name, step_due_ms = excluded.step_due_ms`,
		w.CaseID, w.CaseNo, w.Region, w.Agency, w.AgencyName, w.Item, w.ItemName, w.Status, db.Millis(w.Due), db.Millis(w.Next), string(facts), w.Step, w.StepName, db.Millis(w.StepDue))
	return err
}

// forget stops looking at a case that is not there any more.
func forget(ctx context.Context, tx *db.Tx, caseID string) error {
	_, err := tx.ExecContext(ctx, `UPDATE supervision_watch SET status = 'ended', next_ms = 0 WHERE case_id = $1`, caseID)
	return err
}

// lookAgain makes every running or paused case due for a look: the calendar changed, and dates with it.
func lookAgain(ctx context.Context, tx *db.Tx, now time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE supervision_watch SET next_ms = $1 WHERE status <> 'ended'`, now.UnixMilli())
	return err
}

type dueWatch struct {
	next   int64
	caseID string
}

func dueWatches(ctx context.Context, q db.Q, now time.Time, after dueWatch, n int) ([]dueWatch, error) {
	return db.All(ctx, q, func(r *db.Rows) (dueWatch, error) {
		var w dueWatch
		return w, r.Scan(&w.next, &w.caseID)
	}, `SELECT next_ms, case_id FROM supervision_watch WHERE next_ms > 0 AND next_ms <= $1 AND (next_ms, case_id) > ($2, $3)
		ORDER BY next_ms, case_id LIMIT $4`, now.UnixMilli(), after.next, after.caseID, n)
}

func countFigures(ctx context.Context, q db.Q, under string, now time.Time) (Figures, error) {
	var f Figures
	err := q.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(SUM(CASE WHEN status = 'running' AND due_ms > 0 AND due_ms < $1 THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN status = 'paused' THEN 1 ELSE 0 END), 0) FROM supervision_watch WHERE status <> 'ended' AND region LIKE $2`,
		now.UnixMilli(), under).Scan(&f.Open, &f.Overdue, &f.Paused)
	if err != nil {
		return f, db.Classify(err)
	}
	err = q.QueryRowContext(ctx, `SELECT COUNT(*) FROM supervision_alarm WHERE state = 'open' AND region LIKE $1`, under).Scan(&f.Alarms)
	return f, db.Classify(err)
}

func scanName(r *db.Rows) (Name, error) {
	var n Name
	return n, r.Scan(&n.Key, &n.Name)
}

func watchedAgencies(ctx context.Context, q db.Q, under string) ([]Name, error) {
	return db.All(ctx, q, scanName, `SELECT agency, MAX(agency_name) FROM supervision_watch WHERE region LIKE $1 GROUP BY agency ORDER BY agency`, under)
}

func watchedItems(ctx context.Context, q db.Q, under string) ([]Name, error) {
	return db.All(ctx, q, scanName, `SELECT item, MAX(item_name) FROM supervision_watch WHERE region LIKE $1 GROUP BY item ORDER BY item`, under)
}
