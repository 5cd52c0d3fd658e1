package catalog

import (
	"context"
	"encoding/json"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

// ImportInfo is one import in the list of them.
type ImportInfo struct {
	ID             string
	At             time.Time
	Actor          string // as the audit record names it
	Rows, Rejected int
}

func saveReport(ctx context.Context, tx *db.Tx, now time.Time, actor string, r Report) error {
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO catalog_import (id, at_ms, actor, total, rejected, report) VALUES ($1, $2, $3, $4, $5, $6)`,
		r.ID, now.UnixMilli(), actor, r.Rows, r.Count.Rejected, string(b))
	return err
}

// Imports lists the newest imports, newest first.
func (s *Service) Imports(ctx context.Context, limit int) ([]ImportInfo, error) {
	return db.All(ctx, s.db.R(), func(r *db.Rows) (ImportInfo, error) {
		var i ImportInfo
		var ms int64
		err := r.Scan(&i.ID, &ms, &i.Actor, &i.Rows, &i.Rejected)
		i.At = time.UnixMilli(ms)
		return i, err
	}, `SELECT id, at_ms, actor, total, rejected FROM catalog_import ORDER BY id DESC LIMIT $1`, limit)
}

// ImportReport gives the report of one import; errs.NotFound if there is none.
func (s *Service) ImportReport(ctx context.Context, id string) (Report, error) {
	missing := errs.New(errs.NotFound, "base.not_found")
	return db.One(ctx, s.db.R(), missing, func(r *db.Rows) (Report, error) {
		var doc string
		if err := r.Scan(&doc); err != nil {
			return Report{}, err
		}
		var rep Report
		return rep, json.Unmarshal([]byte(doc), &rep)
	}, `SELECT report FROM catalog_import WHERE id = $1`, id)
}
