package app_test

import (
	"testing"
	"time"

	"tongban/internal/base/ident"
)

// watched adds a card of the supervisor's region.
func (m *matrix) watched(t *testing.T, c *city, food string) {
	t.Helper()
	id := ident.New()
	if _, err := c.DB.Raw().ExecContext(t.Context(), `INSERT INTO supervision_alarm (id, rule, case_id, occurrence, level, note, facts, at_ms, found_ms, case_no, region, agency, agency_name, item_name, state, explained_ms, explained_by)
		VALUES ($1, 'suspended', $2, 'matrix', 'red', 'stop_no_ground', '{}', $3, $3, '1', '580102', 'market', '清江区市场监管局', '食品经营许可', 'open', 0, '')`, id, food, time.Now().UnixMilli()); err != nil {
		t.Fatal(err)
	}
	m.objects = append(m.objects, object{name: "a card of the region", at: map[string]string{"id": id}, may: []string{watcher}, views: true, routes: lines(`
GET /supervision/alarms/{id}
POST /supervision/alarms/{id}`)})
}
