package report

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

func filterPlace(id string) string { return "report_export.filter." + id }

// insertExport writes an export; false when it is there already.
func (s *Service) insertExport(ctx context.Context, tx *db.Tx, x Export) (bool, error) {
	b, err := json.Marshal(x.wanted)
	if err != nil {
		return false, err
	}
	r, err := tx.ExecContext(ctx, `INSERT INTO report_export (id, staff, agency, region, kind, filter, format, lang, state, problem, after_key, walked, parts, count, blob_id, size, digest, created_ms, finished_ms, expires_ms, seen)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'making', '', '', $9, 0, 0, '', 0, '', $10, 0, 0, $9) ON CONFLICT (id) DO NOTHING`,
		x.ID, x.Staff, x.Agency, x.Region, x.Of, s.Vault.Seal(filterPlace(x.ID), b), x.Format, string(x.Lang), false, x.Created.UnixMilli())
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n == 1, err
}

const selectExport = `SELECT id, staff, agency, region, kind, filter, format, lang, state, problem, after_key, walked, parts, count, blob_id, size, digest, created_ms, finished_ms, expires_ms, seen FROM report_export `

func (s *Service) scanExport(r *db.Rows) (Export, error) {
	var x Export
	var filter []byte
	var created, finished, expires int64
	err := r.Scan(&x.ID, &x.Staff, &x.Agency, &x.Region, &x.Of, &filter, &x.Format, &x.Lang, &x.State, &x.Problem, &x.after, &x.walked, &x.parts, &x.Rows, &x.blobID, &x.Size, &x.SM3,
		&created, &finished, &expires, &x.Seen)
	if err != nil {
		return x, err
	}
	x.Created, x.Finished, x.Expires = db.Instant(created), db.Instant(finished), db.Instant(expires)
	b, err := s.Vault.Open(filterPlace(x.ID), filter)
	if err != nil {
		return x, err
	}
	return x, json.Unmarshal(b, &x.wanted)
}

func (s *Service) exportOf(ctx context.Context, q db.Q, id string) (Export, error) {
	return db.One(ctx, q, errs.New(errs.NotFound, "report.no_export"), s.scanExport, selectExport+`WHERE id = $1`, id)
}

func (s *Service) exportsOf(ctx context.Context, q db.Q, staff string, limit int) ([]Export, error) {
	return db.All(ctx, q, s.scanExport, selectExport+`WHERE staff = $1 ORDER BY created_ms DESC, id DESC LIMIT `+strconv.Itoa(limit), staff)
}

func makingOf(ctx context.Context, q db.Q, staff string) (int, error) {
	n := 0
	err := q.QueryRowContext(ctx, `SELECT COUNT(*) FROM report_export WHERE staff = $1 AND state = 'making'`, staff).Scan(&n)
	return n, db.Classify(err)
}

func unseenOf(ctx context.Context, q db.Q, staff string) (int, error) {
	n := 0
	err := q.QueryRowContext(ctx, `SELECT COUNT(*) FROM report_export WHERE staff = $1 AND finished_ms > 0 AND NOT seen`, staff).Scan(&n)
	return n, db.Classify(err)
}

func seenTx(ctx context.Context, tx *db.Tx, staff string) error {
	_, err := tx.ExecContext(ctx, `UPDATE report_export SET seen = $1 WHERE staff = $2 AND finished_ms > 0`, true, staff)
	return err
}

var errMoved = errs.New(errs.Conflict, "report.moved")

// walkedTo moves an export on from where it stood; errs.Conflict report.moved when another run did meanwhile.
func walkedTo(ctx context.Context, tx *db.Tx, was, is Export) error {
	return tx.Exec1(ctx, errMoved, `UPDATE report_export SET after_key = $1, walked = $2, parts = $3, count = $4 WHERE id = $5 AND state = 'making' AND parts = $6`,
		is.after, is.walked, is.parts, is.Rows, is.ID, was.parts)
}

func insertPart(ctx context.Context, tx *db.Tx, id string, n int, blobID string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO report_part (export_id, n, blob_id) VALUES ($1, $2, $3)`, id, n, blobID)
	return err
}

func partsOf(ctx context.Context, q db.Q, id string) ([]string, error) {
	return db.All(ctx, q, func(r *db.Rows) (string, error) {
		var s string
		return s, r.Scan(&s)
	}, `SELECT blob_id FROM report_part WHERE export_id = $1 ORDER BY n`, id)
}

func deleteParts(ctx context.Context, tx *db.Tx, id string) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM report_part WHERE export_id = $1`, id)
	return err
}

func finishExport(ctx context.Context, tx *db.Tx, x Export) error {
	return tx.Exec1(ctx, errMoved, `UPDATE report_export SET state = 'ready', blob_id = $1, size = $2, digest = $3, finished_ms = $4, expires_ms = $5 WHERE id = $6 AND state = 'making'`,
		x.blobID, x.Size, x.SM3, x.Finished.UnixMilli(), x.Expires.UnixMilli(), x.ID)
}

func failExport(ctx context.Context, tx *db.Tx, id, problem string, now time.Time) error {
	return tx.Exec1(ctx, errMoved, `UPDATE report_export SET state = 'failed', problem = $1, finished_ms = $2 WHERE id = $3 AND state = 'making'`, problem, now.UnixMilli(), id)
}

func dropExport(ctx context.Context, tx *db.Tx, id string) error {
	return tx.Exec1(ctx, errMoved, `UPDATE report_export SET state = 'dropped', blob_id = '' WHERE id = $1 AND state = 'ready'`, id)
}
