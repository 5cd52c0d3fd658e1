package cases

import (
	"context"
	"strconv"
	"strings"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

func clockTx(ctx context.Context, tx *db.Tx, c Case, miss error) error {
	return tx.Exec1(ctx, miss, `UPDATE cases_case SET phase = $1, due_ms = $2, promised_ms = $3, step_due_ms = $4, paused = $5, left_n = $6, provisional = $7, sort_ms = $8,
		special_ms = $9, later_ms = $10 WHERE id = $11 AND version = $12`, c.Clock.Phase, db.Millis(c.Clock.LegalDue), db.Millis(c.Clock.PromisedDue), db.Millis(c.Clock.StepDue), c.Clock.Paused, c.Clock.Left,
		c.Clock.Provisional, sortKey(c.Clock), db.Millis(c.Clock.SpecialDue), db.Millis(c.Clock.LaterDue), c.ID, c.Version)
}

// overSince gives ids of cases that ended before a time and are not archived.
func (s *Service) overSince(ctx context.Context, before int64, limit int) ([]string, error) {
	return db.All(ctx, s.DB.R(), scanText, `SELECT id FROM cases_case WHERE state IN ('concluded', 'refused', 'withdrawn', 'terminated', 'lapsed', 'transferred', 'voided') AND updated_ms < $1
		AND later_ms = 0 AND NOT EXISTS (SELECT 1 FROM cases_task t WHERE t.case_id = cases_case.id AND t.closed_ms = 0) ORDER BY updated_ms LIMIT $2`, before, limit)
}

// openAfter gives ids of cases whose clock may run, in order.
func (s *Service) openAfter(ctx context.Context, after string, limit int) ([]string, error) {
	return db.All(ctx, s.DB.R(), scanText, `SELECT id FROM cases_case WHERE id > $1 AND (state NOT IN ('draft', 'concluded', 'archived', 'refused', 'withdrawn', 'terminated', 'lapsed', 'transferred', 'voided') OR later_ms > 0)
		ORDER BY id LIMIT $2`, after, limit)
}

// conditions collects a WHERE clause with numbered places.
type conditions struct {
	parts []string
	args  []any
	edge  string // id of the row a page by age comes behind
}

// add appends a condition in which every ? is one of args.
func (c *conditions) add(cond string, args ...any) {
	c.parts = append(c.parts, c.bind(cond, args...))
}

// bind numbers the places of a text and keeps their values.
func (c *conditions) bind(text string, args ...any) string {
	for _, a := range args {
		c.args = append(c.args, a)
		text = strings.Replace(text, "?", "$"+strconv.Itoa(len(c.args)), 1)
	}
	return text
}

// in makes "column IN (?, …)" of a list; an empty list is true for no row.
func in(column string, list []string) (string, []any) {
	if len(list) == 0 {
		return "1 = 0", nil
	}
	return column + " IN (" + strings.TrimSuffix(strings.Repeat("?,", len(list)), ",") + ")", db.Args(list)
}

func (c conditions) where() string {
	if len(c.parts) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(c.parts, " AND ")
}

const maxPage = 100

func pageSize(n int) int {
	if n <= 0 {
		return 20
	}
	return min(n, maxPage)
}

// newest gives one page, newest first.
func (s *Service) newest(ctx context.Context, c conditions, after string, limit int) ([]record, string, error) {
	keys, err := db.ParseCursor(after, 1)
	if err != nil {
		return nil, "", err
	}
	if keys != nil {
		c.add("id < ?", keys[0])
	}
	limit = pageSize(limit)
	c.args = append(c.args, limit+1)
	rs, err := db.All(ctx, s.DB.R(), s.scanRecord, selectCase+c.where()+" ORDER BY id DESC LIMIT $"+strconv.Itoa(len(c.args)), c.args...)
	if err != nil || len(rs) <= limit {
		return rs, "", err
	}
	return rs[:limit], db.Cursor(rs[limit-1].ID), nil
}

func (s *Service) findByQuery(ctx context.Context, blind string) (record, error) {
	return db.One(ctx, s.DB.R(), errs.New(errs.NotFound, "cases.lookup_none"), s.scanRecord, selectCase+"WHERE query_blind = $1", blind)
}
