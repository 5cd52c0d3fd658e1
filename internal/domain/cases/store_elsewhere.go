package cases

import (
	"context"

	"tongban/internal/base/db"
)

// handledIn gives cases a system handles that are open or changed since a time, in the order of their ids.
func (s *Service) handledIn(ctx context.Context, system string, since int64, after string, limit int) ([]record, error) {
	return db.All(ctx, s.DB.R(), s.scanRecord, selectCase+`WHERE handled_by = $1 AND handled_by <> '' AND id > $2 AND case_no IS NOT NULL AND (`+running+` OR updated_ms >= $3)
		ORDER BY id LIMIT $4`, system, after, since, limit)
}

func (s *Service) idOfNumber(ctx context.Context, caseNo string) (string, error) {
	return db.One(ctx, s.DB.R(), notFound(), scanText, `SELECT id FROM cases_case WHERE case_no = $1`, caseNo)
}
