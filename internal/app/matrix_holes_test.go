package app_test

import (
	"testing"

	"tongban/internal/base/authz"
	"tongban/internal/base/web"
)

// holes are mistakes of the kinds people make: a permission too wide, a handler that forgets to ask whose the object is.
func (m *matrix) holes(t *testing.T, c *city) []hole {
	t.Helper()
	own, card, officer, clerk, sees := m.actor(t, c, owner), m.actor(t, c, elder), m.actor(t, c, reviewer), m.actor(t, c, hall), m.actor(t, c, watcher)
	helps, one, two, tree, audits := m.actor(t, c, helper), m.actor(t, c, security), m.actor(t, c, second), m.actor(t, c, admin), m.actor(t, c, farAudit)
	social := m.actor(t, c, civil)
	return append(m.officeHoles(t, c), []hole{
		{"officers' page open to all accounts", "GET /desk/cases/{id}", wider(authz.SignedIn)},
		{"clerk's draft without the clerk", "GET /window/drafts/{id}/materials", unasked(clerk)},
		{"supervision open to officers", "GET /supervision/cases/{id}", wider(authz.CaseDesk)},
		{"case without its owner", "GET /my/cases/{id}", unasked(own)},
		{"receipt without its owner", "GET /my/cases/{id}/receipt", unasked(own)},
		{"file without its owner", "GET /my/cases/{id}/files/{file}", unasked(own)},
		{"withdrawal without its owner", "POST /my/cases/{id}/withdraw", unasked(own)},
		{"draft without its owner", "GET /drafts/{id}/check", unasked(own)},
		{"draft written without its owner", "POST /drafts/{id}/contact", unasked(own)},
		{"draft by API without its owner", "GET /api/v1/drafts/{id}", unasked(own)},
		{"draft changed by API without its owner", "PUT /api/v1/drafts/{id}", unasked(own)},
		{"case by API without relation", "GET /api/v1/cases/{id}", unasked(officer)},
		{"desk without post", "GET /desk/cases/{id}", unasked(officer)},
		{"act without post", "POST /desk/cases/{id}/opinion", unasked(officer)},
		{"act by API without post", "POST /api/v1/cases/{id}/acts/take-up", unasked(officer)},
		{"reveal without post", "POST /desk/cases/{id}/reveal", unasked(officer)},
		{"paper without relation", "GET /papers/{id}", unasked(own)},
		{"licence without its holder", "GET /my/licences/{id}", unasked(card)},
		{"licence file without its holder", "GET /my/licences/{id}/pdf", unasked(card)},
		{"message without its reader", "GET /my/messages/{id}", unasked(card)},
		{"another clerk's draft", "POST /window/drafts/{id}/submit", unasked(clerk)},
		{"another region's case", "GET /supervision/cases/{id}", unasked(sees)},
		{"another region's desk", "GET /desk/cases/{id}/accept", unasked(officer)},
		{"scope of a mandate: a case", "GET /api/v1/cases/{id}", unscoped},
		{"scope of a mandate: a case's page", "GET /my/cases/{id}", unscoped},
		{"scope of a mandate: a draft", "GET /api/v1/drafts/{id}", unscoped},
		{"scope of a mandate: a draft written", "PUT /api/v1/drafts/{id}", unscoped},
		{"scope of a mandate: a paper", "GET /papers/{id}", unscoped},
		{"scope of a mandate: a licence", "GET /my/licences/{id}", unscoped},
		{"a mandate of others", "GET /my/mandates/{id}", unasked(helps)},
		{"a mandate ended by anybody", "POST /api/v1/mandates/{id}/end", unasked(helps)},
		{"a mandate accepted by anybody", "POST /my/mandates/{id}/accept", unasked(helps)},
		{"a mandate being written by another", "GET /my/mandates/new/{id}/who", unasked(card)},
		{"another's passkey", "GET /my/security/passkeys/{id}", unasked(card)},
		{"another's text to sign", "GET /my/sign/{id}/text", unasked(card)},
		{"another's evidence", "GET /my/sign/{id}/evidence", unasked(card)},
		{"another's access token", "POST /my/tokens/{id}/revoke", unasked(card)},
		{"another's session", "POST /my/devices/{id}/end", unasked(card)},
		{"one's own system approved", "POST /admin/clients/{id}/proposals/{proposal}", unasked(two)},
		{"systems open to system administrators", "POST /admin/clients/{id}/proposals/{proposal}", wider(authz.SignedIn)},
		{"one's own provider approved", "POST /admin/providers/changes/{id}/approve", unasked(two)},
		{"one's own order approved", "POST /privacy/delays/{id}/approve", unasked(audits)},
		{"another region's account", "GET /admin/staff/{id}", unasked(one)},
		{"another region's post", "POST /admin/posts/{key}", unasked(tree)},
		{"one's own grant reviewed", "POST /admin/proposals/{id}/review", unasked(two)},
		{"another's table of staff", "GET /admin/imports/{id}", unasked(one)},
		{"another agency's bad rating", "GET /desk/ratings/{id}", unasked(social)},
		{"another agency's alarm", "GET /desk/alarms/{id}", unasked(officer)},
		{"another's look", "GET /my/access/{id}/complain", unasked(card)},
	}...)
}

// officeHoles are mistakes in the routes of the item offices. Most of their rooms ask again what the route has asked, so the mistakes are of both.
func (m *matrix) officeHoles(t *testing.T, c *city) []hole {
	t.Helper()
	maker, other, law := m.actor(t, c, marketOffice), m.actor(t, c, office), m.actor(t, c, lawyer)
	top, top2, topLaw := m.actor(t, c, cityOffice), m.actor(t, c, cityOffice2), m.actor(t, c, cityLawyer)
	return []hole{
		{"a change open to all who are signed in", "GET /office/changes/{id}", forgotten(authz.SignedIn, maker)},
		{"another agency's change", "GET /office/changes/{id}", unasked(maker)},
		{"another agency's change taken along", "GET /office/changes/{id}/export", unasked(maker)},
		{"another agency's change, its description", "POST /office/changes/{id}/item/{group}", unasked(maker)},
		{"another agency's change thrown away", "POST /office/changes/{id}/drop", unasked(maker)},
		{"a form drawn by who only reviews", "POST /office/changes/{id}/forms/{key}/data", forgotten(authz.CatalogSee, maker)},
		{"a flow drawn by who only reviews", "POST /office/changes/{id}/flows/{key}/data", forgotten(authz.CatalogSee, maker)},
		{"a licence drawn by another agency", "POST /office/changes/{id}/licence-types/{key}/data", unasked(maker)},
		{"another agency's form tried out", "POST /office/changes/{id}/forms/{key}/preview", unasked(maker)},
		{"one's own change approved", "POST /office/changes/{id}/second", unasked(other)},
		{"published by another agency", "POST /office/changes/{id}/publish", unasked(maker)},
		{"published by who only reviews", "POST /office/changes/{id}/publish", forgotten(authz.CatalogSee, maker)},
		{"legal review by an item office", "POST /office/changes/{id}/legal", forgotten(authz.CatalogEdit, law)},
		{"the base directory's draft of another", "POST /office/directory-changes/{id}/submit", unasked(top)},
		{"the base directory approved by its author", "POST /office/directory-changes/{id}/audit", unasked(top2)},
		{"the base directory without legal review", "POST /office/directory-changes/{id}/legal", forgotten(authz.DirectoryEdit, topLaw)},
		{"the city's codes kept by a district", "POST /office/codelists/{list}", unasked(top)},
		{"a report of an import open to all", "GET /office/items/imports/{id}", forgotten(authz.SignedIn, maker)},
		{"findings of an import open to all", "GET /office/items/imports/{id}/findings.csv", forgotten(authz.SignedIn, maker)},
		{"import of another agency, its report", "GET /office/items/imports/{id}", unasked(maker)},
		{"import of another agency, its findings", "GET /office/items/imports/{id}/findings.csv", unasked(maker)},
		{"import of another agency, loaded", "POST /office/items/imports/{id}/load", unasked(maker)},
		{"import of another agency, thrown away", "POST /office/items/imports/{id}/cancel", unasked(maker)},
		{"import of another agency by API", "GET /api/v1/office/items/imports/{id}", unasked(maker)},
		{"import of another agency, loaded by API", "POST /api/v1/office/items/imports/{id}/load", unasked(maker)},
		{"import of another agency, thrown away by API", "POST /api/v1/office/items/imports/{id}/cancel", unasked(maker)},
		{"a mapping of codes dropped by a district", "POST /office/mappings/{system}/drop", unasked(top)},
		{"a list loaded by anybody", "POST /office/items/imports/{id}/load", forgotten(authz.SignedIn, maker)},
		{"a list loaded by who only reviews", "POST /api/v1/office/items/imports/{id}/load", forgotten(authz.CatalogSee, maker)},
		{"a list sent by anybody", "POST /api/v1/office/items/import", forgotten(authz.SignedIn, maker)},
		{"the state of an import open to all", "GET /api/v1/office/items/imports/{id}", forgotten(authz.SignedIn, maker)},
		{"the words of the search kept by who only reviews", "POST /office/search", forgotten(authz.CatalogSee, maker)},
		{"a word of the search removed by anybody", "POST /office/search/{id}/remove", forgotten(authz.SignedIn, maker)},
		{"what people looked for in vain, open to all", "GET /office/search/missed", wider(authz.SignedIn)},
		{"findings of the quality check open to all", "GET /office/quality", wider(authz.SignedIn)},
		{"all items for whoever is signed in as staff", "GET /office/items/export.csv", wider(authz.CaseDesk)},
	}
}

// forgotten is a permission too wide on a route whose room does not ask again: whoever gets in is answered as if they were another.
func forgotten(p authz.Permission, as authz.Actor) func(web.Route) web.Route {
	return func(rt web.Route) web.Route { return wider(p)(unasked(as)(rt)) }
}
