package cases

import (
	"context"

	"tongban/internal/base/db"
)

func (s *Service) countDone(ctx context.Context, actor string, from, to int64) (map[string]int, error) {
	type kind struct {
		name string
		n    int
	}
	ks, err := db.All(ctx, s.DB.R(), func(r *db.Rows) (k kind, err error) { return k, r.Scan(&k.name, &k.n) },
		`SELECT kind, COUNT(DISTINCT case_id) FROM cases_event WHERE actor = $1 AND recorded_ms >= $2 AND recorded_ms < $3 GROUP BY kind`, actor, from, to)
	out := map[string]int{}
	for _, k := range ks {
		out[k.name] = k.n
	}
	return out, err
}
