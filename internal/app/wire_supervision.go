package app

import (
	"context"

	"tongban/internal/domain/cases"
	"tongban/internal/domain/supervision"
)

// measured counts a case for supervision: what its version of the item plans, promises and charges, what it took, and the words of its papers, which
// are read for sums of money.
func (a *App) measured(ctx context.Context, c cases.Case) (supervision.Measure, error) {
	it, err := a.Catalog.ItemVersion(ctx, c.ItemKey, c.ItemVersion)
	if err != nil {
		return supervision.Measure{}, err
	}
	m := supervision.Measure{PlannedTrips: it.Visits, Limits: it.Limits, Fee: it.Fee, MakesLicence: it.Result.Kind == "licence" && it.Result.LicenceType != ""}
	took, err := a.Cases.Measure(ctx, c.ID)
	if err != nil {
		return m, err
	}
	m.Trips, m.Reused, m.Uploaded = took.Trips, took.Reused, took.Uploaded
	base, ok, err := a.Directory.Base(ctx, it.BaseCode)
	if err != nil {
		return m, err
	}
	m.FreeAbove = ok && it.BaseCode != "" && base.Free
	said, err := a.Cases.Said(ctx, c.ID)
	for _, s := range said {
		m.Said = append(m.Said, supervision.Saying(s))
	}
	return m, err
}
