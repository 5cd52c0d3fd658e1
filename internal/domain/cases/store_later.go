package cases

import (
	"context"
	"strings"
	"time"

	"tongban/internal/base/db"
)

const (
	choiceLater   = "later:"
	choicePromise = "promise"
)

// choices gives what was chosen for the next submission.
func (s *Service) choices(ctx context.Context, q db.Q, id string) (Choices, error) {
	var c Choices
	all, err := db.All(ctx, q, scanText, `SELECT what FROM cases_choice WHERE case_id = $1 ORDER BY what`, id)
	for _, what := range all {
		if key, ok := strings.CutPrefix(what, choiceLater); ok {
			c.Later = append(c.Later, key)
		} else {
			c.Promise = c.Promise || what == choicePromise
		}
	}
	return c, err
}

func putChoicesTx(ctx context.Context, tx *db.Tx, id, by string, at time.Time, c Choices) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM cases_choice WHERE case_id = $1`, id); err != nil {
		return err
	}
	var all []string
	for _, key := range c.Later {
		all = append(all, choiceLater+key)
	}
	if c.Promise {
		all = append(all, choicePromise)
	}
	for _, what := range all {
		if _, err := tx.ExecContext(ctx, `INSERT INTO cases_choice (case_id, what, actor, at_ms) VALUES ($1, $2, $3, $4)`, id, what, by, db.Millis(at)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) laterRules(ctx context.Context) ([]LaterRule, error) {
	return db.All(ctx, s.DB.R(), func(r *db.Rows) (LaterRule, error) {
		var x LaterRule
		return x, r.Scan(&x.Region, &x.N, &x.Unit, &x.Clock)
	}, `SELECT region, n, unit, clock FROM cases_later_rule ORDER BY region`)
}

func putLaterRuleTx(ctx context.Context, tx *db.Tx, r LaterRule) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO cases_later_rule (region, n, unit, clock) VALUES ($1, $2, $3, $4)
		ON CONFLICT (region) DO UPDATE SET n = $2, unit = $3, clock = $4`, r.Region, r.N, string(r.Unit), r.Clock)
	return err
}

// holdLaterTx holds a case at a date: whoever supplies at the same moment goes first or afterwards, never beside it. False: the date holds no more.
func holdLaterTx(ctx context.Context, tx *db.Tx, id string, due int64) (bool, error) {
	r, err := tx.ExecContext(ctx, `UPDATE cases_case SET later_ms = later_ms WHERE id = $1 AND later_ms = $2`, id, due)
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n == 1, err
}

// moveTaskTx gives an open task another date.
func moveTaskTx(ctx context.Context, tx *db.Tx, id string, due time.Time) error {
	return tx.Exec1(ctx, notFound(), `UPDATE cases_task SET due_ms = $1 WHERE id = $2 AND closed_ms = 0`, db.Millis(due), id)
}
