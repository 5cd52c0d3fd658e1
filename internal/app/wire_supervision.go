package app

import (
	"context"

	"tongban/internal/base/db"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/supervision"
)

// measured counts a case for supervision: what its version of the item plans, promises and charges, its trips to the hall, and the files that came
// from the library instead of from the applicant. Only numbers are read of the case.
func (a *App) measured(ctx context.Context, c cases.Case) (supervision.Measure, error) {
	it, err := a.Catalog.ItemVersion(ctx, c.ItemKey, c.ItemVersion)
	if err != nil {
		return supervision.Measure{}, err
	}
	m := supervision.Measure{PlannedTrips: it.Visits, Limits: it.Limits, Fee: it.Fee, MakesLicence: it.Result.Kind == "licence" && it.Result.LicenceType != ""}
	err = a.DB.R().QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM cases_visit WHERE case_id = $1),
		(SELECT COUNT(*) FROM cases_material WHERE case_id = $1 AND removed_round = -1 AND source = $2),
		(SELECT COUNT(*) FROM cases_material WHERE case_id = $1 AND removed_round = -1 AND source = $3 AND material NOT IN ($4, $5))`,
		c.ID, cases.SourceLicence, cases.SourceUpload, cases.BasisKey, cases.TakenKey).Scan(&m.Trips, &m.Reused, &m.Uploaded)
	return m, db.Classify(err)
}
