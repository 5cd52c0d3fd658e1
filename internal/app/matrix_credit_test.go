package app_test

import (
	"testing"

	"tongban/internal/domain/credit"
	"tongban/internal/domain/identity"
)

// promises adds what rests on promises: choices of a draft, materials that follow, checks, and an entry of the list of discredited persons.
func (m *matrix) promises(t *testing.T, c *city, food, draftID string) {
	t.Helper()
	ctx := t.Context()
	him := must[identity.Person](t, "person")(c.Identity.Person(ctx, m.actor(t, c, elder).PersonID))
	entry := must[string](t, "enter")(c.Credit.Enter(ctx, m.actor(t, c, reviewer), credit.Decision{
		Name: him.Name, Number: him.Number, Ground: credit.FalsePromise, Reason: "承诺的场所并不存在", Basis: "国办发〔2020〕42号", Item: "食品经营许可", CaseNo: "清江市监失信〔2026〕1号",
	}))
	at := map[string]string{"id": entry}
	m.objects = append(m.objects,
		object{name: "choices of a firm's draft", at: map[string]string{"id": draftID}, may: []string{owner, bare}, routes: lines(`
POST /drafts/{id}/choices
POST /api/v1/drafts/{id}/choices`)},
		object{name: "materials that follow", at: map[string]string{"id": food}, may: []string{owner, bare, agent}, routes: lines(`
GET /my/cases/{id}/supply
POST /my/cases/{id}/supply
POST /my/cases/{id}/supply/files
POST /my/cases/{id}/supply/licences`)},
		object{name: "promises at the desk", at: map[string]string{"id": food}, may: []string{reviewer, decider, window, hall}, routes: lines(`
GET /desk/cases/{id}/supply
POST /desk/cases/{id}/supply
GET /desk/cases/{id}/check-promise
POST /desk/cases/{id}/check-promise
POST /api/v1/cases/{id}/acts/supply
POST /api/v1/cases/{id}/acts/check-promise`)},
		object{name: "an entry of the credit list", at: at, may: []string{reviewer, decider, colleague}, views: true, routes: lines(`
GET /desk/credit/{id}
GET /desk/credit/{id}/paper
POST /desk/credit/{id}/repair`)},
		object{name: "one's own entry of the credit list", at: at, may: []string{elder}, views: true, routes: lines(`
GET /my/credit/{id}/paper
POST /my/credit/{id}/repair`)},
	)
}
