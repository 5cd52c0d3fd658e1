package cases

import (
	"context"
	"time"

	"tongban/internal/base/db"
)

const selectTask = "SELECT id, case_id, step, step_name, kind, post, staff, at_ms, due_ms, closed_ms, outcome FROM cases_task "

func scanTask(r *db.Rows) (Task, error) {
	var t Task
	var at, due, closed int64
	err := r.Scan(&t.ID, &t.CaseID, &t.Step, &t.StepName, &t.Kind, &t.Post, &t.TakenBy, &at, &due, &closed, &t.Outcome)
	t.At, t.Due, t.Closed = db.Instant(at), db.Instant(due), db.Instant(closed)
	return t, err
}

func openTasks(ctx context.Context, q db.Q, caseID string) ([]Task, error) {
	return db.All(ctx, q, scanTask, selectTask+"WHERE case_id = $1 AND closed_ms = 0 ORDER BY at_ms, id", caseID)
}

func allTasks(ctx context.Context, q db.Q, caseID string) ([]Task, error) {
	return db.All(ctx, q, scanTask, selectTask+"WHERE case_id = $1 ORDER BY closed_ms <> 0, at_ms, id", caseID)
}

func putTaskTx(ctx context.Context, tx *db.Tx, t Task) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO cases_task (id, case_id, step, step_name, kind, post, staff, at_ms, due_ms, closed_ms, outcome)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, t.ID, t.CaseID, t.Step, t.StepName, t.Kind, t.Post, t.TakenBy, db.Millis(t.At), db.Millis(t.Due), db.Millis(t.Closed), t.Outcome)
	return err
}

func closeTaskTx(ctx context.Context, tx *db.Tx, id string, at time.Time, outcome string) error {
	return tx.Exec1(ctx, notFound(), `UPDATE cases_task SET closed_ms = $1, outcome = $2 WHERE id = $3 AND closed_ms = 0`, db.Millis(at), outcome, id)
}

func takeTaskTx(ctx context.Context, tx *db.Tx, id, staff string) error {
	return tx.Exec1(ctx, notFound(), `UPDATE cases_task SET staff = $1 WHERE id = $2 AND closed_ms = 0`, staff, id)
}

// partOnly leaves out the tasks of those who are only asked for an opinion.
const partOnly = "kind NOT IN ('consult', 'ask')"

// hadPart reports whether one of the posts ever had a part of a case; to have been asked for an opinion is none.
func (s *Service) hadPart(ctx context.Context, caseID string, posts []string) (bool, error) {
	cond, args := in("post", posts)
	var c conditions
	c.add("case_id = ? AND "+partOnly, caseID)
	c.add(cond, args...)
	var n int
	err := s.DB.R().QueryRowContext(ctx, "SELECT COUNT(*) FROM (SELECT 1 FROM cases_task"+c.where()+" LIMIT 1) x", c.args...).Scan(&n)
	return n > 0, db.Classify(err)
}
