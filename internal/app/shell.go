package app

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ui"
	"tongban/internal/domain/portal/portalweb"
	"tongban/internal/engine/clock"
)

// prepare puts the shell of the page into the context. A neighbour that does not answer costs a name or a count, never the page.
func (a *App) prepare(ctx context.Context, r *http.Request) context.Context {
	if strings.HasPrefix(r.URL.Path, "/api/v1/") {
		return ctx
	}
	who := authz.From(ctx)
	s := ui.Shell{
		SiteName: a.opts.SiteName, Lang: string(i18n.From(ctx)), Demo: a.opts.Demo != nil, Path: pathOf(r), Hotline: a.opts.Hotline,
		SearchURL: "/items", SignInURL: "/sign-in", UnreadURL: "/my/messages",
		NowMS: a.opts.Now().UnixMilli(), Nav: navOf(ctx, who, r.URL.Path),
		Footer: ui.Footer{Sponsor: a.opts.Owner, DataTime: a.opts.Now().In(clock.Shanghai).Format("2006-01-02 15:04"), Links: footLinks(ctx)},
	}
	s.Elder, s.FontPlus = portalweb.Prefs(r)
	if r.URL.Path == "/" { // it has a large one of its own
		s.SearchURL = ""
	}
	if s.Elder {
		s.DelegateURL = "/my/mandates"
	}
	if who.Signed() {
		a.signedShell(ctx, &s, who)
	}
	return ui.WithShell(ctx, s)
}

// pathOf is where display switches lead back to; only a page that was asked for by GET can be gone back to.
func pathOf(r *http.Request) string {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return "/"
	}
	return r.URL.RequestURI()
}

// signedShell adds who is signed in and what waits for them.
func (a *App) signedShell(ctx context.Context, s *ui.Shell, who authz.Actor) {
	if err := a.who.Shell(ctx, s); err != nil {
		a.opts.Log.Warn("shell", "err", err)
	}
	if who.StaffID != "" {
		if i := slices.IndexFunc(s.Nav, func(n ui.NavItem) bool { return n.Href == "/exports" }); i >= 0 {
			s.Nav[i].Count = a.toldOfExports(ctx, who.StaffID)
		}
		if s.User != nil {
			s.User.Home = portalweb.HomeOf(who)
			s.UnreadURL, s.Unread = "/desk/notices", a.Talk.UnreadNotices(ctx, who.StaffID)
			noticeCount(s.Nav, s.Unread)
			s.Watermark = s.User.Name + " " + who.StaffID + " " + a.opts.Now().In(clock.Shanghai).Format(time.DateTime)
		}
		return
	}
	s.Unread = a.Notify.Unread(ctx, who.PersonID)
}

// noticeCount puts the number of unread notices beside the way to them.
func noticeCount(nav []ui.NavItem, n int) {
	for i := range nav {
		if nav[i].Href == "/desk/notices" {
			nav[i].Count = n
		}
	}
}

type navLine struct {
	perm       authz.Permission
	href, text string
}

var publicNav = []navLine{
	{authz.Public, "/", "portal.nav_home"},
	{authz.Public, "/items", "portal.nav_items"},
	{authz.Public, "/life", "portal.nav_life"},
	{authz.Public, "/lookup", "portal.nav_lookup"},
	{authz.Public, "/verify", "portal.nav_verify"},
	{authz.PersonSelf, "/my", "portal.nav_my"},
}

var deskNav = []navLine{
	{authz.CaseDesk, "/desk/cases", "portal.nav_inbox"},
	{authz.WindowDesk, "/window/visitors", "counter.title"},
	{authz.StaffSelf, "/desk/notices", "talk.notices"},
	{authz.WindowDesk, "/window", "portal.nav_window"},
	{authz.WindowDesk, "/window/hand-out", "portal.nav_hand_out"},
	{authz.WindowDesk, "/window/shift", "counter.shift_title"},
	{authz.WindowDesk, "/window/identity", "portal.nav_check_identity"},
	{authz.WindowDesk, "/window/mandates", "portal.nav_window_mandates"},
	{authz.CaseDesk, "/desk/ratings", "portal.nav_ratings"},
	{authz.CreditDesk, "/desk/credit", "credit.desk_title"},
	{authz.Supervise, "/supervision", "portal.nav_supervision"},
	{authz.Supervise, "/supervision/alarms", "portal.nav_alarms"},
	{authz.Supervise, "/supervision/reports", "reportweb.nav_reports"},
	{authz.ExportOwn, "/exports", "reportweb.nav"},
	{authz.CaseDesk, "/desk/alarms", "portal.nav_explain"},
	{authz.CatalogEdit, "/office/items", "portal.nav_office"},
	{authz.CatalogSee, "/office/changes", "portal.nav_changes"},
	{authz.CatalogSee, "/office/directory", "portal.nav_directory"},
	{authz.CatalogSee, "/office/follow", "portal.nav_follow"},
	{authz.CatalogSee, "/office/quality", "portal.nav_quality"},
	{authz.CatalogSee, "/office/search", "portal.nav_search"},
	{authz.OrgAdmin, "/admin/agencies", "portal.nav_agencies"},
	{authz.OrgAdmin, "/admin/regions", "portal.nav_regions"},
	{authz.OrgAdmin, "/admin/calendar", "portal.nav_holidays"},
	{authz.OrgAdmin, "/admin/heads", "talk.heads"},
	{authz.StaffAdmin, "/admin/staff", "portal.nav_staff"},
	{authz.PowerReview, "/admin/proposals", "portal.nav_proposals"},
	{authz.ClientAdmin, "/admin/clients", "portal.nav_clients"},
	{authz.ClientAdmin, "/admin/providers", "portal.nav_providers"},
	{authz.ClientAdmin, "/admin/elsewhere", "elsewhere.systems_title"},
	{authz.Operate, "/ops/elsewhere", "elsewhere.title"},
	{authz.PrivacyDesk, "/privacy/complaints", "portal.nav_complaints"},
	{authz.PrivacyDesk, "/privacy/delays", "portal.nav_delays"},
	{authz.AuditRead, "/audit", "portal.nav_audit"},
	{authz.ArchiveSee, "/archive", "archiveweb.nav"},
	{authz.WebhookKeep, "/admin/webhooks", "webhook.nav"},
	{authz.Operate, "/ops", "portal.ops_title"},
	{authz.Public, "/items", "portal.nav_items"},
	{authz.FactorOwn, "/my/security", "portal.nav_security"},
}

func navOf(ctx context.Context, who authz.Actor, path string) []ui.NavItem {
	lines := publicNav
	if who.StaffID != "" {
		lines = deskNav
	}
	var out []ui.NavItem
	current := -1
	for _, l := range lines {
		if !who.May(l.perm) {
			continue
		}
		if (path == l.href || l.href != "/" && strings.HasPrefix(path, l.href+"/")) && (current < 0 || len(l.href) >= len(out[current].Href)) {
			current = len(out) // the longest address that fits
		}
		out = append(out, ui.NavItem{Href: l.href, Label: i18n.T(ctx, l.text)})
	}
	if current >= 0 {
		out[current].Current = true
	}
	return out
}

func footLinks(ctx context.Context) []ui.Link {
	return []ui.Link{
		{Label: i18n.T(ctx, "portal.nav_items"), Href: "/items"},
		{Label: i18n.T(ctx, "portal.nav_agencies_public"), Href: "/agencies"},
		{Label: i18n.T(ctx, "portal.nav_lists"), Href: "/lists"},
		{Label: i18n.T(ctx, "portal.nav_ratings_public"), Href: "/ratings"},
		{Label: i18n.T(ctx, "portal.api_title"), Href: "/api"},
	}
}
