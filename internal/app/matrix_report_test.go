package app_test

import (
	"testing"
	"time"

	"tongban/internal/base/ident"
	"tongban/internal/domain/report"
)

// reports adds a sealed report of the supervisor's region and an export of the reviewer's.
func (m *matrix) reports(t *testing.T, c *city) {
	t.Helper()
	id, now := ident.New(), time.Now().UnixMilli()
	sees := m.actor(t, c, watcher)
	if _, err := c.DB.Raw().ExecContext(t.Context(), `INSERT INTO report_report (id, month, region, version, state, same_as, previous, cut_ms, final, staff, created_ms, sealed_ms, digest, late)
		VALUES ($1, '2026-01', $2, 1, 'sealed', '', '', $3, $4, 'system', $3, $3, '', 0)`, id, sees.Region, now, true); err != nil {
		t.Fatal(err)
	}
	export := must[string](t, "export")(c.Report.Export(t.Context(), m.actor(t, c, reviewer), "matrix", report.Wanted{Of: report.OfInbox, Format: "csv"}))
	c.settle(t)
	m.objects = append(m.objects,
		object{name: "a report of the region", at: map[string]string{"id": id}, may: []string{watcher}, views: true, routes: lines(`
GET /supervision/reports/{id}
POST /supervision/reports/{id}/check
GET /api/v1/reports/{id}
POST /api/v1/reports/{id}/check`)},
		object{name: "an export", at: map[string]string{"id": export}, may: []string{reviewer}, views: true, routes: lines(`
GET /exports/{id}/file
GET /api/v1/exports/{id}
GET /api/v1/exports/{id}/file`)},
		object{name: "the cases behind a report", at: map[string]string{"id": id}, may: []string{watcher}, routes: lines(`
GET /supervision/reports/{id}/cases
GET /api/v1/reports/{id}/cases`)},
	)
}
