package archive

import (
	"context"
	"embed"
	"encoding/json"
	"strconv"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
)

//go:embed migrations/*.sql
var files embed.FS

// Schema is the room's tables.
var Schema = db.Room{Name: "archive", Files: files}

const selectPackage = `SELECT id, case_id, case_no, item, item_name, agency, agency_name, region, subject, result, year, period, COALESCE(archive_no, ''), state, failure, about,
	blob_id, size, digest, entries, ended_ms, created_ms, made_ms, checked_ms, sound FROM archive_package `

func scanPackage(r *db.Rows) (Package, error) {
	var p Package
	var ended, created, made, checked int64
	err := r.Scan(&p.ID, &p.CaseID, &p.CaseNo, &p.Item, &p.ItemName, &p.Agency, &p.AgencyName, &p.Region, &p.Subject, &p.Result, &p.Year, &p.Period, &p.ArchiveNo, &p.State,
		&p.Failure, &p.About, &p.BlobID, &p.Size, &p.Digest, &p.Entries, &ended, &created, &made, &checked, &p.Sound)
	p.Ended, p.Created, p.Made, p.Checked = db.Instant(ended), db.Instant(created), db.Instant(made), db.Instant(checked)
	return p, err
}

func notFound() error { return errs.New(errs.NotFound, "archive.not_found") }

func packageOfCase(ctx context.Context, q db.Q, caseID string) (Package, error) {
	return db.One(ctx, q, notFound(), scanPackage, selectPackage+`WHERE case_id = $1`, caseID)
}

func packageByID(ctx context.Context, q db.Q, id string) (Package, error) {
	return db.One(ctx, q, notFound(), scanPackage, selectPackage+`WHERE id = $1`, id)
}

// announce notes that a package is to be made; a case that has one, or waits for one, keeps it.
func announce(ctx context.Context, tx *db.Tx, p Package) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO archive_package (id, case_id, case_no, item, item_name, agency, agency_name, region, subject, result, year, period, archive_no, state,
		failure, about, blob_id, size, digest, entries, ended_ms, created_ms, made_ms, checked_ms, sound)
		VALUES ($1, $2, $3, $4, '', $5, '', $6, '', '', 0, '', NULL, 'waiting', '', '', '', 0, '', 0, $7, $8, 0, 0, $9) ON CONFLICT (case_id) DO NOTHING`,
		p.ID, p.CaseID, p.CaseNo, p.Item, p.Agency, p.Region, db.Millis(p.Ended), db.Millis(p.Created), false)
	return err
}

// numbered gives a package its number, once: fonds and unit are its first parts, the rest follows from year and period.
func numbered(ctx context.Context, tx *db.Tx, p Package, number func(n int64) string) (string, error) {
	is, err := packageByID(ctx, tx, p.ID)
	if err != nil || is.ArchiveNo != "" {
		return is.ArchiveNo, err
	}
	var n int64
	if err := tx.QueryRowContext(ctx, `INSERT INTO archive_series (agency, year, period, last) VALUES ($1, $2, $3, 1)
		ON CONFLICT (agency, year, period) DO UPDATE SET last = archive_series.last + 1 RETURNING last`, p.Agency, p.Year, p.Period).Scan(&n); err != nil {
		return "", err
	}
	no := number(n)
	return no, tx.Exec1(ctx, errs.New(errs.Conflict, "archive.made_meanwhile"), `UPDATE archive_package SET archive_no = $1, year = $2, period = $3, result = $4
		WHERE id = $5 AND archive_no IS NULL`, no, p.Year, p.Period, p.Result, p.ID)
}

// made stores a finished package; false when another run was first.
func made(ctx context.Context, tx *db.Tx, p Package) (bool, error) {
	r, err := tx.ExecContext(ctx, `UPDATE archive_package SET state = 'ready', failure = '', about = '', case_no = $1, item_name = $2, agency_name = $3, subject = $4, blob_id = $5, size = $6,
		digest = $7, entries = $8, ended_ms = $9, made_ms = $10, checked_ms = $10, sound = $11 WHERE id = $12 AND state = 'waiting'`,
		p.CaseNo, p.ItemName, p.AgencyName, p.Subject, p.BlobID, p.Size, p.Digest, p.Entries, db.Millis(p.Ended), db.Millis(p.Made), p.Sound, p.ID)
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n == 1, err
}

func setFailure(ctx context.Context, tx *db.Tx, id, key, about string) error {
	_, err := tx.ExecContext(ctx, `UPDATE archive_package SET failure = $1, about = $2 WHERE id = $3 AND state = 'waiting'`, key, about, id)
	return err
}

func putCheck(ctx context.Context, tx *db.Tx, c CheckRun) error {
	b, err := json.Marshal(c.Checks)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO archive_check (id, package_id, at_ms, actor, sound, checks) VALUES ($1, $2, $3, $4, $5, $6)`,
		ident.New(), c.PackageID, db.Millis(c.At), c.Actor, c.Sound, string(b)); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE archive_package SET checked_ms = $1, sound = $2 WHERE id = $3 AND checked_ms <= $1`, db.Millis(c.At), c.Sound, c.PackageID)
	return err
}

// runs gives the examinations of a package, newest first, at most twenty.
func runs(ctx context.Context, q db.Q, id string) ([]CheckRun, error) {
	return db.All(ctx, q, func(r *db.Rows) (CheckRun, error) {
		c := CheckRun{PackageID: id}
		var at int64
		var checks string
		if err := r.Scan(&c.ID, &at, &c.Actor, &c.Sound, &checks); err != nil {
			return c, err
		}
		c.At = db.Instant(at)
		return c, json.Unmarshal([]byte(checks), &c.Checks)
	}, `SELECT id, at_ms, actor, sound, CAST(checks AS TEXT) FROM archive_check WHERE package_id = $1 ORDER BY id DESC LIMIT 20`, id)
}

// dueForCheck gives packages that were last examined before a time.
func dueForCheck(ctx context.Context, q db.Q, before time.Time, n int) ([]Package, error) {
	return db.All(ctx, q, scanPackage, selectPackage+`WHERE state = 'ready' AND checked_ms < $1 ORDER BY checked_ms, id LIMIT $2`, db.Millis(before), n)
}

// stillWaiting gives the cases whose package was announced before a time and is not made.
func stillWaiting(ctx context.Context, q db.Q, before time.Time, n int) ([]Package, error) {
	return db.All(ctx, q, scanPackage, selectPackage+`WHERE state = 'waiting' AND created_ms < $1 ORDER BY created_ms, id LIMIT $2`, db.Millis(before), n)
}

// where gathers conditions; each ? is the next argument.
type where struct {
	sql  string
	args []any
}

func (w *where) add(cond string, args ...any) {
	for _, a := range args {
		w.args = append(w.args, a)
		n := "$" + strconv.Itoa(len(w.args))
		for i := range cond {
			if cond[i] == '?' {
				cond = cond[:i] + n + cond[i+1:]
				break
			}
		}
	}
	if w.sql == "" {
		w.sql = "WHERE " + cond
	} else {
		w.sql += " AND " + cond
	}
}

func (w *where) page(f Filter) {
	if f.Agency != "" {
		w.add("agency = ?", f.Agency)
	}
	if f.Year > 0 {
		w.add("year = ?", f.Year)
	}
	if f.Period != "" {
		w.add("period = ?", f.Period)
	}
	if f.Query != "" {
		w.add("(case_no = ? OR archive_no = ?)", f.Query, f.Query)
	}
	switch f.State {
	case Waiting, Ready:
		w.add("state = ?", f.State)
	case Unsound:
		w.add("state = ?", Ready)
		w.add("sound = ?", false)
	}
}

// listed gives packages, newest first.
func listed(ctx context.Context, q db.Q, w where, after string, n int) ([]Package, error) {
	if after != "" {
		w.add("id < ?", after)
	}
	w.args = append(w.args, n)
	return db.All(ctx, q, scanPackage, selectPackage+w.sql+` ORDER BY id DESC LIMIT $`+strconv.Itoa(len(w.args)), w.args...)
}

// agenciesIn lists the agencies with packages in scope.
func agenciesIn(ctx context.Context, q db.Q, w where) ([][2]string, error) {
	return db.All(ctx, q, func(r *db.Rows) (out [2]string, err error) {
		return out, r.Scan(&out[0], &out[1])
	}, `SELECT agency, MAX(agency_name) FROM archive_package `+w.sql+` GROUP BY agency ORDER BY agency`, w.args...)
}
