package mandate

import (
	"strings"
	"testing"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
)

// TestTheQuestionOfEveryRequestReadsAnIndex: a session that acts for another asks it each time.
func TestTheQuestionOfEveryRequestReadsAnIndex(t *testing.T) {
	d := dbtest.SQLite(t, Schema)
	plan, err := db.All(t.Context(), d.R(), func(r *db.Rows) (string, error) {
		var id, parent, unused int
		var detail string
		err := r.Scan(&id, &parent, &unused, &detail)
		return detail, err
	}, "EXPLAIN QUERY PLAN "+standingSQL, "h", "firm", "f")
	if err != nil || len(plan) != 1 || !strings.Contains(plan[0], "SEARCH mandate_mandate USING INDEX mandate_mandate_holder (holder_id=? AND for_kind=? AND for_id=? AND state=?)") {
		t.Errorf("%q, %v", plan, err)
	}
}
