package catalog

import (
	"strings"
	"testing"

	"tongban/internal/base/audit"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
)

// The keys of an agency or a region are read along its index, not through everything.
func TestASelectionIsReadAlongItsIndex(t *testing.T) {
	d := dbtest.SQLite(t, job.Schema, event.Schema, audit.Schema, Schema)
	for want, f := range map[string]Selection{"catalog_item_office": {Agency: "a", Region: "580102"}, "catalog_item_near": {Region: "580000"}} {
		q, args := f.keysSQL("")
		plan, err := db.All(t.Context(), d.R(), func(r *db.Rows) (string, error) {
			var id, parent, none int
			var detail string
			return detail, r.Scan(&id, &parent, &none, &detail)
		}, `EXPLAIN QUERY PLAN `+q, args...)
		if all := strings.Join(plan, "; "); err != nil || !strings.Contains(all, "SEARCH i USING INDEX "+want) {
			t.Errorf("%+v: %s %v", f, all, err)
		}
	}
}
