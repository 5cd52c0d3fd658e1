package app_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"tongban/internal/domain/webhook"
)

// webhooks adds a subscription of an agency of the district, with a delivery of its own: its administrator's, not that of the district next door.
func (m *matrix) webhooks(t *testing.T, c *city) {
	t.Helper()
	ctx, him := t.Context(), m.actor(t, c, admin)
	system := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(system.Close)
	id, _, err := c.Webhook.Create(ctx, him, webhook.Subscription{Agency: "market", URL: system.URL, Name: "食品许可管理系统", Topics: []string{webhook.AllTopics}, Contact: "信息科"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.DB.Raw().ExecContext(ctx, `INSERT INTO webhook_delivery (id, sub_id, event_id, replay, topic, case_id, case_no, state, attempts, made_ms, next_ms, lease_ms, expire_ms, ended_ms, status, why)
		VALUES ('matrix-delivery', $1, 'matrix-event', '', 'cases.accepted', 'c', 'no', 'done', 1, 1, 1, 0, 2, 1, 200, '')`, id); err != nil {
		t.Fatal(err)
	}
	bodies[id] = `{"version":1,"name":"x","url":"` + system.URL + `","topics":["cases.*"]}`
	bodies["rotate"], bodies["replays"] = `{"keep_hours":1}`, `{"dead":true}`
	m.objects = append(m.objects, object{name: "a webhook", at: map[string]string{"id": id, "delivery": "matrix-delivery"}, may: []string{admin}, views: true, routes: lines(`
GET /admin/webhooks/{id}
GET /admin/webhooks/{id}/edit
POST /admin/webhooks/{id}
POST /admin/webhooks/{id}/switch
POST /admin/webhooks/{id}/resume
POST /admin/webhooks/{id}/secret
POST /admin/webhooks/{id}/end-secret
POST /admin/webhooks/{id}/test
POST /admin/webhooks/{id}/replay
GET /admin/webhooks/{id}/deliveries
GET /admin/webhooks/{id}/deliveries/{delivery}
POST /admin/webhooks/{id}/deliveries/{delivery}/again
GET /api/v1/webhooks/{id}
PATCH /api/v1/webhooks/{id}
POST /api/v1/webhooks/{id}/on
POST /api/v1/webhooks/{id}/off
POST /api/v1/webhooks/{id}/resume
POST /api/v1/webhooks/{id}/end-secret
POST /api/v1/webhooks/{id}/rotate
POST /api/v1/webhooks/{id}/test
GET /api/v1/webhooks/{id}/deliveries
GET /api/v1/webhooks/{id}/deliveries/{delivery}
POST /api/v1/webhooks/{id}/deliveries/{delivery}/again
POST /api/v1/webhooks/{id}/replays
GET /api/v1/webhooks/{id}/replays`)})
}
