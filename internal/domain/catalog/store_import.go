package catalog

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

// progress is an import as its workers know it.
type progress struct {
	ImportInfo
	file     string
	via      string
	straight bool
	behind   int
	began    time.Time
	report   Report
}

const importColumns = `id, at_ms, actor, total, rejected, name, file, state, straight, agency, via, behind, began_ms, updated_ms, problem, system`

func scanImport(r *db.Rows) (progress, error) {
	var p progress
	var at, began, updated int64
	var problem string
	err := r.Scan(&p.ID, &at, &p.Actor, &p.Rows, &p.Rejected, &p.Name, &p.file, &p.State, &p.straight, &p.Agency, &p.via, &p.behind, &began, &updated, &problem, &p.From)
	p.complete(at, began, updated, problem)
	return p, err
}

func (p *progress) complete(at, began, updated int64, problem string) {
	p.At, p.began, p.Updated, p.Done = time.UnixMilli(at), time.UnixMilli(began), time.UnixMilli(updated), p.behind
	if p.State != ImportChecking {
		p.Total = p.Rows
	}
	if d := updated - began; d > 0 {
		p.Rate = int(int64(p.behind) * 1000 / d)
	}
	if problem != "" {
		var x struct {
			Key    string `json:"key"`
			Params errs.P `json:"params"`
		}
		_ = json.Unmarshal([]byte(problem), &x) // as failImport wrote it
		p.Problem = errs.New(errs.Invalid, x.Key, x.Params)
	}
}

func insertImport(ctx context.Context, tx *db.Tx, p progress, sum string) error {
	b, err := json.Marshal(p.report)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO catalog_import (id, at_ms, actor, total, rejected, report, name, file, sum, state, straight, agency, via, behind, began_ms, updated_ms, system)
		VALUES ($1, $2, $3, 0, 0, $4, $5, $6, $7, $8, $9, $10, $11, 0, $2, $2, $12)`, p.ID, p.At.UnixMilli(), p.Actor, string(b), p.Name, p.file, sum, p.State, p.straight, p.Agency, p.via, p.From)
	return err
}

func importOf(ctx context.Context, q db.Q, id string) (progress, error) {
	return db.One(ctx, q, errs.New(errs.NotFound, "base.not_found"), scanImport, `SELECT `+importColumns+` FROM catalog_import WHERE id = $1`, id)
}

// reportOf gives the report of one import as far as it has come.
func reportOf(ctx context.Context, q db.Q, id string) (Report, error) {
	missing := errs.New(errs.NotFound, "base.not_found")
	rep, err := db.One(ctx, q, missing, func(r *db.Rows) (Report, error) {
		var doc string
		if err := r.Scan(&doc); err != nil {
			return Report{}, err
		}
		var rep Report
		err := json.Unmarshal([]byte(doc), &rep)
		rep.ID = id
		return rep, err
	}, `SELECT report FROM catalog_import WHERE id = $1`, id)
	if err != nil || len(rep.Lines) > 0 {
		return rep, err
	}
	return rep, linesOfReport(ctx, q, &rep)
}

// rowsOfReport are the rows a report shows. They are those of the first batch and large: they stand apart, so that they are not written with every
// batch.
type rowsOfReport struct {
	Lines  []RowReport `json:"lines"`
	Sample []RowReport `json:"sample"`
}

func linesOfReport(ctx context.Context, q db.Q, rep *Report) error {
	var body []byte
	err := q.QueryRowContext(ctx, `SELECT body FROM catalog_import_part WHERE import = $1 AND behind = 0`, rep.ID).Scan(&body)
	if db.NoRows(err) {
		return nil
	}
	if err != nil {
		return db.Classify(err)
	}
	var rows rowsOfReport
	err = json.Unmarshal(body, &rows)
	rep.Lines, rep.Sample = rows.Lines, rows.Sample
	return err
}

// putLines writes the rows a report shows, as long as some are added.
func putLines(ctx context.Context, tx *db.Tx, id string, was, rep Report) error {
	if len(was.Lines) == len(rep.Lines) && len(was.Sample) == len(rep.Sample) {
		return nil
	}
	b, err := json.Marshal(rowsOfReport{rep.Lines, rep.Sample})
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO catalog_import_part (import, behind, body) VALUES ($1, 0, $2) ON CONFLICT (import, behind) DO UPDATE SET body = excluded.body`, id, b)
	return err
}

var errImportMoved = errs.New(errs.Conflict, "list.moved")

// checkpoint writes how far a worker has come. Nobody else may have moved the import: it may have been cancelled, or another worker has it.
func checkpoint(ctx context.Context, tx *db.Tx, now time.Time, p progress, behind int, was, rep Report) error {
	if err := putLines(ctx, tx, p.ID, was, rep); err != nil {
		return err
	}
	rep.Lines, rep.Sample = []RowReport{}, nil
	b, err := json.Marshal(rep)
	if err != nil {
		return err
	}
	total := rep.Rows
	if p.State == ImportLoading {
		total = max(p.Rows, rep.Rows)
	}
	return tx.Exec1(ctx, errImportMoved, `UPDATE catalog_import SET behind = $1, total = $2, rejected = $3, report = $4, updated_ms = $5 WHERE id = $6 AND state = $7 AND behind = $8`,
		behind, total, rep.Count.Rejected, string(b), now.UnixMilli(), p.ID, p.State, p.behind)
}

// moveImport takes an import from one state to another; errs.Conflict when it is not in the first.
func moveImport(ctx context.Context, tx *db.Tx, now time.Time, id, from, to string) error {
	return tx.Exec1(ctx, errImportMoved, `UPDATE catalog_import SET state = $1, behind = 0, began_ms = $2, updated_ms = $2 WHERE id = $3 AND state = $4`, to, now.UnixMilli(), id, from)
}

// endImport closes an import; its file is no longer needed.
func endImport(ctx context.Context, tx *db.Tx, now time.Time, id, from, to string, problem error) error {
	text := ""
	if e := errs.As(problem); e != nil {
		b, err := json.Marshal(map[string]any{"key": e.Key, "params": e.Params})
		if err != nil {
			return err
		}
		text = string(b)
	}
	return tx.Exec1(ctx, errImportMoved, `UPDATE catalog_import SET state = $1, updated_ms = $2, problem = $3, file = '' WHERE id = $4 AND state = $5`, to, now.UnixMilli(), text, id, from)
}

// unfinished finds an import of the same bytes from the same system that broke off while it was loading; "" if there is none.
func unfinished(ctx context.Context, q db.Q, sum, from string) (string, error) {
	var id string
	err := q.QueryRowContext(ctx, `SELECT id FROM catalog_import WHERE sum = $1 AND state = $2 AND system = $3 ORDER BY id DESC LIMIT 1`, sum, ImportLoading, from).Scan(&id)
	if db.NoRows(err) {
		return "", nil
	}
	return id, db.Classify(err)
}

// underWay finds an import of the same bytes from the same system by the same actor that is not over; "" if there is none.
func underWay(ctx context.Context, q db.Q, sum, from, actor string) (string, error) {
	var id string
	err := q.QueryRowContext(ctx, `SELECT id FROM catalog_import WHERE sum = $1 AND actor = $2 AND system = $3 AND state IN ('checking', 'checked', 'loading') ORDER BY id DESC LIMIT 1`, sum, actor, from).Scan(&id)
	if db.NoRows(err) {
		return "", nil
	}
	return id, db.Classify(err)
}

func putPart(ctx context.Context, tx *db.Tx, id string, behind int, body []byte) error {
	if len(body) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO catalog_import_part (import, behind, body) VALUES ($1, $2, $3)`, id, behind, body)
	return err
}

func dropParts(ctx context.Context, tx *db.Tx, id string) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM catalog_import_part WHERE import = $1 AND behind > 0`, id)
	return err
}

// dropImport removes an import with its report.
func dropImport(ctx context.Context, tx *db.Tx, id string) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM catalog_import_part WHERE import = $1`, id); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM catalog_import WHERE id = $1`, id)
	return err
}

// parts writes the pieces of the full list of findings one after the other.
func (s *Service) parts(ctx context.Context, id string, w io.Writer) error {
	after := 0 // the rows of the report
	for {
		type piece struct {
			behind int
			body   []byte
		}
		ps, err := db.All(ctx, s.db.R(), func(r *db.Rows) (piece, error) {
			var p piece
			err := r.Scan(&p.behind, &p.body)
			return p, err
		}, `SELECT behind, body FROM catalog_import_part WHERE import = $1 AND behind > $2 ORDER BY behind LIMIT 20`, id, after)
		if err != nil || len(ps) == 0 {
			return err
		}
		for _, p := range ps {
			if _, err := w.Write(p.body); err != nil {
				return err
			}
			after = p.behind
		}
	}
}

// importsBefore gives a page of imports older than one, newest first, of one agency or of all that belong to one.
func importsBefore(ctx context.Context, q db.Q, before, agency string, limit int) ([]progress, error) {
	return db.All(ctx, q, scanImport, `SELECT `+importColumns+` FROM catalog_import WHERE id < $1 AND agency <> '' AND ($2 = '' OR agency = $2) ORDER BY id DESC LIMIT $3`,
		before, agency, limit)
}
