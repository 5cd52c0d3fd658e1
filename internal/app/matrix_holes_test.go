package app_test

import (
	"testing"

	"tongban/internal/base/authz"
)

// holes are mistakes of the kinds people make: a permission too wide, a handler that forgets to ask whose the object is.
func (m *matrix) holes(t *testing.T, c *city) []hole {
	t.Helper()
	own, card, officer, clerk, sees := m.actor(t, c, owner), m.actor(t, c, elder), m.actor(t, c, reviewer), m.actor(t, c, hall), m.actor(t, c, watcher)
	return []hole{
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
	}
}
