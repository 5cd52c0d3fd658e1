package supervision_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/supervision"
	"tongban/internal/engine/clock"
)

// fillYear counts n stays through the tallies themselves, of 50 items of 20 agencies, and puts a fifth as many cases that wait.
func fillYear(tb testing.TB, d *db.DB, n int) {
	tb.Helper()
	r := rand.New(rand.NewPCG(3, 5))
	start := time.Date(2026, 1, 1, 9, 0, 0, 0, clock.Shanghai)
	for from := 0; from < n; from += 5000 {
		if err := d.Tx(context.Background(), func(ctx context.Context, tx *db.Tx) error {
			for i := from; i < min(n, from+5000); i++ {
				item := r.IntN(50)
				took := time.Duration(r.ExpFloat64() * float64(36*time.Hour))
				f := cases.Fact{
					CaseID: fmt.Sprintf("k%06d", i/5), CaseNo: fmt.Sprintf("NO-%06d", i/5), ItemKey: fmt.Sprintf("item%02d", item), Agency: fmt.Sprintf("agency%02d", item%20), Region: "990102",
					At: start.Add(time.Duration(r.IntN(350*24)) * time.Hour),
				}
				e := cases.StepDoneEvent{Fact: f, Step: fmt.Sprintf("step%d", i%5), Took: took, Entered: f.At.Add(-took), Due: f.At.Add(time.Duration(r.IntN(200)-20) * time.Hour)}
				if err := supervision.CountStay(ctx, tx, e, "环节"); err != nil {
					return err
				}
				if i%5 > 0 {
					continue
				}
				status := "ended"
				if i%25 == 0 {
					status = "running"
				}
				if _, err := tx.ExecContext(ctx, `INSERT INTO supervision_watch (case_id, case_no, region, agency, agency_name, item, item_name, status, due_ms, next_ms, facts, step, step_name, step_due_ms)
					VALUES ($1, $2, $3, $4, $4, $5, $5, $6, 0, 0, $7, 'step1', '环节', $8)`, f.CaseID, f.CaseNo, f.Region, f.Agency, f.ItemKey, status, pad, f.At.UnixMilli()); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			tb.Fatal(err)
		}
	}
}

// pad is as long as the facts of a case usually are.
var pad = `{"names":{"x":"` + fmt.Sprintf("%0600d", 0) + `"}}`
