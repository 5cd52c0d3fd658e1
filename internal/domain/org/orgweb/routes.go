package orgweb

import (
	"context"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/org"
)

// Config is what the pages need.
type Config struct {
	Org *org.Service
	Now func() time.Time
	// Items lists the items a post may handle, for the form of posts; nil: their keys are typed.
	Items func(ctx context.Context) []ui.Option
}

// Pages are the administrators' pages.
type Pages struct {
	org   *org.Service
	now   func() time.Time
	items func(ctx context.Context) []ui.Option
}

// New makes the pages.
func New(c Config) *Pages { return &Pages{org: c.Org, now: c.Now, items: c.Items} }

// Routes is the route table of the room.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		web.To("GET /admin/agencies", authz.OrgAdmin, p.agencies),
		web.To("GET /admin/agencies/new", authz.OrgAdmin, p.newAgency),
		web.To("POST /admin/agencies", authz.OrgAdmin, p.saveAgency),
		web.To("GET /admin/agencies/{key}", authz.OrgAdmin, p.agency),
		web.To("POST /admin/agencies/{key}", authz.OrgAdmin, p.saveAgency),
		web.To("GET /admin/agencies/{agency}/windows/new", authz.OrgAdmin, p.newWindow),
		web.To("POST /admin/agencies/{agency}/windows", authz.OrgAdmin, p.saveWindow),
		web.To("GET /admin/windows/{key}", authz.OrgAdmin, p.window),
		web.To("POST /admin/windows/{key}", authz.OrgAdmin, p.saveWindow),
		web.To("GET /admin/agencies/{agency}/posts/new", authz.OrgAdmin, p.newPost),
		web.To("POST /admin/agencies/{agency}/posts", authz.OrgAdmin, p.savePost),
		web.To("GET /admin/posts/{key}", authz.OrgAdmin, p.post),
		web.To("POST /admin/posts/{key}", authz.OrgAdmin, p.savePost),
		web.To("GET /admin/regions", authz.OrgAdmin, p.regions),
		web.To("GET /admin/regions/new", authz.OrgAdmin, p.newRegion),
		web.To("POST /admin/regions", authz.OrgAdmin, p.saveRegion),
		web.To("GET /admin/regions/{key}", authz.OrgAdmin, p.region),
		web.To("POST /admin/regions/{key}", authz.OrgAdmin, p.saveRegion),
		web.To("GET /admin/calendar", authz.OrgAdmin, p.calendar),
		web.To("POST /admin/calendar/days", authz.OrgAdmin, p.setDay),
		web.To("POST /admin/calendar/days/{date}/drop", authz.OrgAdmin, p.dropDay),
		web.To("GET /admin/calendar/load", authz.OrgAdmin, p.loadForm),
		web.To("POST /admin/calendar/load", authz.OrgAdmin, p.loadYear),
		web.To("GET /admin/staff", authz.StaffAdmin, p.staffList),
		web.To("GET /admin/staff/new", authz.StaffAdmin, p.newStaff),
		web.To("POST /admin/staff", authz.PowerReview, p.addStaff),
		web.To("GET /admin/staff/{id}", authz.StaffAdmin, p.staff),
		web.To("GET /admin/staff/{id}/{act}", authz.PowerReview, p.changeStaff),
		web.To("POST /admin/staff/{id}/{act}", authz.PowerReview, p.saveChange),
		web.To("GET /admin/proposals", authz.PowerReview, p.proposals),
		web.To("GET /admin/proposals/{id}", authz.PowerReview, p.proposal),
		web.To("POST /admin/proposals/{id}/review", authz.PowerReview, p.review),
		web.To("POST /admin/proposals/{id}/drop", authz.PowerReview, p.drop),
		web.To("GET /admin/imports/new", authz.PowerReview, p.importForm),
		web.To("POST /admin/imports", authz.PowerReview, p.upload, web.Upload(uploadLimit), web.PerMinute(20)),
		web.To("GET /admin/imports/{id}", authz.PowerReview, p.imported),
		web.To("POST /admin/imports/{id}/propose", authz.PowerReview, p.proposeImport),
		web.To("GET /admin/table/{file}", authz.StaffAdmin, p.table),
	}
}

// Nav lists the pages an actor may open, for the desk's navigation; path is the page shown now.
func Nav(ctx context.Context, a authz.Actor, path string) []ui.NavItem {
	var out []ui.NavItem
	add := func(perm authz.Permission, href, key string) {
		if a.May(perm) {
			out = append(out, ui.NavItem{Href: href, Label: i18n.T(ctx, key), Group: i18n.T(ctx, "org.nav_group"), Current: path == href})
		}
	}
	add(authz.OrgAdmin, "/admin/agencies", "org.agencies_title")
	add(authz.OrgAdmin, "/admin/regions", "org.regions_title")
	add(authz.OrgAdmin, "/admin/calendar", "org.calendar_title")
	add(authz.StaffAdmin, "/admin/staff", "org.staff_title")
	add(authz.PowerReview, "/admin/proposals", "org.proposals_title")
	return out
}
