package app_test

import (
	"context"
	"testing"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
	"tongban/internal/domain/cases"
)

// farArchive keeps the archive of another agency.
const farArchive = "archivist of another agency"

// archives adds a package of the market bureau that waits to be made, and a hand-over the auditor asked for.
func (m *matrix) archives(t *testing.T, c *city) {
	t.Helper()
	now, caseID, export := time.Now(), ident.New(), ident.New()
	err := c.DB.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		f := cases.Fact{CaseID: caseID, CaseNo: "matrix-archive", Agency: "market", Region: "580102", At: now, State: cases.Withdrawn}
		if err := event.Publish(ctx, tx, now, cases.WithdrawnEvent{Fact: f}); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO archive_export (id, staff, agency, region, filter, reason, packages, created_ms, finished_ms, expires_ms)
			VALUES ($1, 'bai-lu', 'market', '580102', '{}', $2, 1, 1, 0, 0)`, export, []byte{}); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO archive_part (export_id, n, packages, count, state, blob_id, size, digest) VALUES ($1, 1, '[]', 0, 'making', '', 0, '')`, export)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	m.objects = append(m.objects,
		object{
			name: "an archive package", at: map[string]string{"id": first(t, c, `SELECT id FROM archive_package WHERE case_id = $1`, caseID)}, may: []string{auditor}, views: true,
			routes: lines(`
GET /archive/packages/{id}
GET /archive/packages/{id}/file
POST /archive/packages/{id}/check
GET /api/v1/archive/packages/{id}
POST /api/v1/archive/packages/{id}/check`),
		},
		object{name: "a hand-over of packages", at: map[string]string{"id": export, "part": "1"}, may: []string{auditor}, views: true, routes: lines(`
GET /archive/exports/{id}/{part}`)},
	)
}
