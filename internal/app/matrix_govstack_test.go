package app_test

import (
	"testing"

	"tongban/internal/domain/govstack"
)

// govstackMembers adds a member with a grant that waits for its second officer, and the operations, which ask for a member's name and token whoever else
// is signed in.
func (m *matrix) govstackMembers(t *testing.T, c *city) {
	t.Helper()
	id := must[string](t, "propose")(c.GovStack.Propose(t.Context(), m.actor(t, c, security), govstack.Member{
		Client: "QingLan/GOV/11580100/matrix", Name: "民政救助系统", Agency: "civil", Basis: "数据共享协议〔2026〕1号", Items: []string{"elder-card"}, File: true, Level: 2,
	}))
	_, ps, err := c.GovStack.Member(t.Context(), id)
	if err != nil || len(ps) != 1 {
		t.Fatal(ps, err)
	}
	m.objects = append(m.objects,
		object{name: "a member of the mediator", at: map[string]string{"id": id, "proposal": ps[0].ID}, may: []string{security, second, farSec}, views: true, routes: lines(`
GET /admin/members/{id}
GET /admin/members/{id}/edit
POST /admin/members/{id}
POST /admin/members/{id}/proposals/{proposal}
POST /admin/members/{id}/suspend
POST /admin/members/{id}/token`)},
		object{name: "operations of members", at: map[string]string{"id": "elder-card"}, mute: true, routes: lines(`
GET /govstack/registration/v1/services/{id}
GET /govstack/registration/v1/services/{id}/eForms
GET /govstack/registration/v1/eForms/{id}
POST /govstack/registration/v1/services/{id}/applications
GET /govstack/registration/v1/applications/{id}
PUT /govstack/registration/v1/applications/{id}
GET /govstack/registration/v1/tasks/{id}
POST /govstack/registration/v1/tasks/{id}/complete`)},
	)
}
