package cases

import (
	"context"

	"tongban/internal/base/db"
)

const selectConsult = `SELECT id, case_id, step, post, in_flow, wait, silence, actor, question, at_ms, due_ms, silent_ms, answered_ms, outcome, answer, answered_by, on_behalf, withdrawn_ms, closed_ms
	FROM cases_consult `

func (s *Service) scanConsult(r *db.Rows) (Consult, error) {
	var c Consult
	var question, answer []byte
	var at, due, silent, answered, withdrawn, closed int64
	err := r.Scan(&c.ID, &c.CaseID, &c.Step, &c.Post, &c.InFlow, &c.Wait, &c.Silence, &c.By, &question, &at, &due, &silent, &answered, &c.Outcome, &answer, &c.AnsweredBy, &c.For,
		&withdrawn, &closed)
	if err != nil {
		return c, err
	}
	c.At, c.Due, c.Silent, c.Answered, c.Withdrawn, c.Closed = db.Instant(at), db.Instant(due), db.Instant(silent), db.Instant(answered), db.Instant(withdrawn), db.Instant(closed)
	if c.Question, err = s.Vault.OpenText(aad("consult", "question", c.ID), question); err != nil {
		return c, err
	}
	c.Answer, err = s.Vault.OpenText(aad("consult", "answer", c.ID), answer)
	return c, err
}

// consults gives what was asked about a case, oldest first.
func (s *Service) consults(ctx context.Context, q db.Q, caseID string) ([]Consult, error) {
	return db.All(ctx, q, s.scanConsult, selectConsult+"WHERE case_id = $1 ORDER BY at_ms, id", caseID)
}

func (s *Service) putConsultTx(ctx context.Context, tx *db.Tx, c Consult) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO cases_consult (id, case_id, step, post, in_flow, wait, silence, actor, question, at_ms, due_ms, silent_ms, answered_ms, outcome, answer, answered_by, on_behalf,
		withdrawn_ms, closed_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`, c.ID, c.CaseID, c.Step, c.Post, c.InFlow, c.Wait, c.Silence, c.By,
		s.Vault.SealText(aad("consult", "question", c.ID), c.Question), db.Millis(c.At), db.Millis(c.Due), db.Millis(c.Silent), db.Millis(c.Answered), c.Outcome, s.Vault.SealText(aad("consult", "answer", c.ID), c.Answer), c.AnsweredBy,
		c.For, db.Millis(c.Withdrawn), db.Millis(c.Closed))
	return err
}

// setConsultTx writes what became of a question. One that is closed stays as it is.
func (s *Service) setConsultTx(ctx context.Context, tx *db.Tx, c Consult) error {
	return tx.Exec1(ctx, notFound(), `UPDATE cases_consult SET due_ms = $1, silent_ms = $2, answered_ms = $3, outcome = $4, answer = $5, answered_by = $6, on_behalf = $7, withdrawn_ms = $8, closed_ms = $9
		WHERE id = $10 AND closed_ms = 0`, db.Millis(c.Due), db.Millis(c.Silent), db.Millis(c.Answered), c.Outcome, s.Vault.SealText(aad("consult", "answer", c.ID), c.Answer), c.AnsweredBy, c.For, db.Millis(c.Withdrawn),
		db.Millis(c.Closed), c.ID)
}

// isAsked reports whether one of the posts has still to answer about a case.
func (s *Service) isAsked(ctx context.Context, caseID string, posts []string) (bool, error) {
	cond, args := in("post", posts)
	var c conditions
	c.add("case_id = ? AND closed_ms = 0", caseID)
	c.add(cond, args...)
	var n int
	err := s.DB.R().QueryRowContext(ctx, "SELECT COUNT(*) FROM cases_consult"+c.where(), c.args...).Scan(&n)
	return n > 0, db.Classify(err)
}

// burden is what somebody has in hand: open tasks, and when the last one was given to them.
type burden struct {
	staff string
	open  int
	last  int64
}

func burdens(ctx context.Context, q db.Q, staff []string) (map[string]burden, error) {
	cond, args := in("staff", staff)
	var c conditions
	c.add(cond, args...)
	rows, err := db.All(ctx, q, func(r *db.Rows) (burden, error) {
		var b burden
		return b, r.Scan(&b.staff, &b.open, &b.last)
	}, "SELECT staff, SUM(CASE WHEN closed_ms = 0 THEN 1 ELSE 0 END), MAX(at_ms) FROM cases_task"+c.where()+" GROUP BY staff", c.args...)
	out := map[string]burden{}
	for _, b := range rows {
		out[b.staff] = b
	}
	return out, err
}

// didMore reports whether an actor did anything on a case but answer a question asked of another agency and handle that question.
func didMore(ctx context.Context, q db.Q, caseID, actor string) (bool, error) {
	es, err := db.All(ctx, q, scanEvent, `SELECT seq, kind, at_ms, recorded_ms, actor, data, version, request, on_behalf FROM cases_event WHERE actor = $1 AND case_id = $2 ORDER BY seq`, actor, caseID)
	if err != nil {
		return false, err
	}
	asked := map[int64]bool{}
	for _, e := range es {
		asked[e.version] = asked[e.version] || aboutConsult(e)
	}
	for _, answering := range asked {
		if !answering {
			return true, nil
		}
	}
	return false, nil
}
