package archive

import (
	"context"
	"encoding/json"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
)

const selectExport = `SELECT id, staff, CAST(filter AS TEXT), packages, created_ms, finished_ms, expires_ms FROM archive_export `

func scanExport(r *db.Rows) (Export, error) {
	var x Export
	var filter string
	var created, finished, expires int64
	if err := r.Scan(&x.ID, &x.Staff, &filter, &x.Packages, &created, &finished, &expires); err != nil {
		return x, err
	}
	x.Created, x.Finished, x.Expires = db.Instant(created), db.Instant(finished), db.Instant(expires)
	return x, json.Unmarshal([]byte(filter), &x.Filter)
}

const selectPart = `SELECT n, CAST(packages AS TEXT), count, state, blob_id, size, digest FROM archive_part `

func scanPart(r *db.Rows) (ExportPart, error) {
	var p ExportPart
	var ids string
	if err := r.Scan(&p.N, &ids, &p.Count, &p.State, &p.blobID, &p.Size, &p.Digest); err != nil {
		return p, err
	}
	return p, json.Unmarshal([]byte(ids), &p.ids)
}

func putExport(ctx context.Context, tx *db.Tx, x Export, a authz.Actor, reason []byte) error {
	filter, err := json.Marshal(x.Filter)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO archive_export (id, staff, agency, region, filter, reason, packages, created_ms, finished_ms, expires_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0)`, x.ID, x.Staff, a.AgencyID, a.Region, string(filter), reason, x.Packages, db.Millis(x.Created)); err != nil {
		return err
	}
	for _, p := range x.Parts {
		ids, err := json.Marshal(p.ids)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO archive_part (export_id, n, packages, count, state, blob_id, size, digest) VALUES ($1, $2, $3, $4, 'making', '', 0, '')`,
			x.ID, p.N, string(ids), p.Count); err != nil {
			return err
		}
	}
	return nil
}

func partOf(ctx context.Context, q db.Q, export string, n int) (ExportPart, error) {
	return db.One(ctx, q, notFound(), scanPart, selectPart+`WHERE export_id = $1 AND n = $2`, export, n)
}

func partsOf(ctx context.Context, q db.Q, export string) ([]ExportPart, error) {
	return db.All(ctx, q, scanPart, selectPart+`WHERE export_id = $1 ORDER BY n`, export)
}

func exportByID(ctx context.Context, q db.Q, id string) (Export, error) {
	return db.One(ctx, q, notFound(), scanExport, selectExport+`WHERE id = $1`, id)
}

func exportsOf(ctx context.Context, q db.Q, staff string) ([]Export, error) {
	xs, err := db.All(ctx, q, scanExport, selectExport+`WHERE staff = $1 ORDER BY id DESC LIMIT 50`, staff)
	for i := range xs {
		if xs[i].Parts, err = partsOf(ctx, q, xs[i].ID); err != nil {
			return nil, err
		}
	}
	return xs, err
}

// partReady stores the file of a part; false when another run was first. It writes the export's row first, so that two last parts cannot both
// see the other as unfinished at any level of isolation.
func partReady(ctx context.Context, tx *db.Tx, export string, p ExportPart) (bool, error) {
	if err := tx.Exec1(ctx, notFound(), `UPDATE archive_export SET packages = packages WHERE id = $1`, export); err != nil {
		return false, err
	}
	r, err := tx.ExecContext(ctx, `UPDATE archive_part SET state = 'ready', blob_id = $1, size = $2, digest = $3 WHERE export_id = $4 AND n = $5 AND state = 'making'`,
		p.blobID, p.Size, p.Digest, export, p.N)
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n == 1, err
}

// finish marks an export finished when no part is left to make; done is true once.
func finish(ctx context.Context, tx *db.Tx, id string, now, until time.Time) (done bool, x Export, err error) {
	r, err := tx.ExecContext(ctx, `UPDATE archive_export SET finished_ms = $1, expires_ms = $2 WHERE id = $3 AND finished_ms = 0
		AND NOT EXISTS (SELECT 1 FROM archive_part WHERE export_id = $3 AND state = 'making')`, db.Millis(now), db.Millis(until), id)
	if err != nil {
		return false, x, err
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return false, x, err
	}
	if x, err = exportByID(ctx, tx, id); err != nil {
		return false, x, err
	}
	x.Parts, err = partsOf(ctx, tx, id)
	return true, x, err
}

func dropParts(ctx context.Context, tx *db.Tx, export string) error {
	_, err := tx.ExecContext(ctx, `UPDATE archive_part SET state = 'dropped', blob_id = '' WHERE export_id = $1`, export)
	return err
}
