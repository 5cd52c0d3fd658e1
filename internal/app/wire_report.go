package app

import (
	"context"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/report"
	"tongban/internal/domain/report/reportweb"
	"tongban/internal/domain/supervision/supervisionweb"
)

// newReport makes the room of statistics and exports from the rooms below it.
func (a *App) newReport() {
	o := a.opts
	a.Report = report.New(report.Deps{
		DB: a.DB, Vault: a.Vault, Blobs: a.Blobs, Audit: a.Audit, Now: o.Now, Log: o.Log, Cases: a.Cases, Planned: a.plannedTrips, RegionOf: a.regionOfAgency, Name: a.nameOf,
		Staff: a.staffNow,
	})
}

func (a *App) mountReport() {
	c := reportweb.Config{Reports: a.Report, Now: a.opts.Now, Tabs: supervisionweb.Tabs, RegionName: a.regionNamed}
	a.Site.Add(reportweb.Routes(c)...)
	reportweb.AddAPI(a.API, c)
}

// plannedTrips are those the version of the item a case was filed on plans; nil: it says nothing.
func (a *App) plannedTrips(ctx context.Context, c cases.Case) (*int, error) {
	it, err := a.Catalog.ItemVersion(ctx, c.ItemKey, c.ItemVersion)
	return it.Visits, err
}

func (a *App) regionOfAgency(ctx context.Context, agency string) string {
	g, err := a.Org.Agency(ctx, agency)
	if err != nil {
		return ""
	}
	return g.Region
}

func (a *App) nameOf(ctx context.Context, kind, key string) string {
	if kind == string(report.ByItem) {
		return a.itemName(ctx, key)
	}
	return a.agencyName(ctx, key)
}

func (a *App) regionNamed(ctx context.Context, code string) string {
	for _, r := range a.Org.Regions(ctx) {
		if r.Code == code {
			return r.Name
		}
	}
	return code
}

// staffNow is somebody of the staff with the rights they have at this moment; an account that is gone or disabled is a visitor.
func (a *App) staffNow(ctx context.Context, id string) (authz.Actor, error) {
	st, err := a.Org.Staff(ctx, id)
	switch {
	case errs.KindOf(err) == errs.NotFound, err == nil && st.Disabled:
		return authz.Actor{}, nil
	case err != nil:
		return authz.Actor{}, err
	}
	return authz.Actor{StaffID: st.ID, Roles: st.Roles, AgencyID: st.Agency, Posts: st.Posts, Region: a.regionOfAgency(ctx, st.Agency)}, nil
}

// toldOfExports puts the number of exports that are ready and not yet looked at beside their place in the navigation.
func (a *App) toldOfExports(ctx context.Context, staff string) int {
	n, err := a.Report.Told(ctx, staff)
	if err != nil {
		a.opts.Log.Warn("shell", "what", "exports", "err", err)
	}
	return n
}
