package directory

import (
	"context"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

func allCodes(ctx context.Context, q db.Q) ([]Code, error) {
	return db.All(ctx, q, func(r *db.Rows) (Code, error) {
		var c Code
		err := r.Scan(&c.List, &c.Code, &c.From, &c.To, &c.Name, &c.NameEn, &c.Source, &c.Sort, &c.Local, &c.Rev)
		return c, err
	}, `SELECT list, code, valid_from, valid_to, name, name_en, source, sort, local, rev FROM directory_code ORDER BY list, sort, code, valid_from`)
}

const insertCode = `INSERT INTO directory_code (list, code, valid_from, valid_to, name, name_en, source, sort, local, rev)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1) ON CONFLICT (list, code, valid_from) DO NOTHING`

func codeArgs(c Code) []any {
	return []any{c.List, c.Code, c.From, c.To, c.Name, c.NameEn, c.Source, c.Sort, c.Local}
}

// seedCode stores a code another node may be storing at the same moment.
func seedCode(ctx context.Context, tx *db.Tx, c Code) error {
	_, err := tx.ExecContext(ctx, insertCode, codeArgs(c)...)
	return err
}

func putCode(ctx context.Context, tx *db.Tx, c Code) error {
	return tx.Exec1(ctx, errs.New(errs.Conflict, "directory.list_code_taken", errs.P{"code": c.Code}), insertCode, codeArgs(c)...)
}

// endCode sets the last day of a row that nobody changed meanwhile.
func endCode(ctx context.Context, tx *db.Tx, c Code) error {
	return tx.Exec1(ctx, errMoved(), `UPDATE directory_code SET valid_to = $1, rev = rev + 1 WHERE list = $2 AND code = $3 AND valid_from = $4 AND rev = $5`,
		c.To, c.List, c.Code, c.From, c.Rev)
}

func putNote(ctx context.Context, tx *db.Tx, id string, n Note) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO directory_note (id, list, code, act, reason, by_staff, at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		id, n.List, n.Code, n.Act, n.Reason, n.By, n.At.UnixMilli())
	return err
}

func notesOf(ctx context.Context, q db.Q, list string) ([]Note, error) {
	return db.All(ctx, q, func(r *db.Rows) (Note, error) {
		var n Note
		var ms int64
		err := r.Scan(&n.List, &n.Code, &n.Act, &n.Reason, &n.By, &ms)
		n.At = time.UnixMilli(ms)
		return n, err
	}, `SELECT list, code, act, reason, by_staff, at_ms FROM directory_note WHERE list = $1 ORDER BY id DESC LIMIT 200`, list)
}

func allMappings(ctx context.Context, q db.Q) ([]Mapping, error) {
	return db.All(ctx, q, func(r *db.Rows) (Mapping, error) {
		var m Mapping
		err := r.Scan(&m.System, &m.List, &m.There, &m.Here, &m.Takes, &m.Gives, &m.Note)
		return m, err
	}, `SELECT system, list, there, here, takes, gives, note FROM directory_mapping ORDER BY system, list, there, here`)
}

func putMapping(ctx context.Context, tx *db.Tx, m Mapping) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO directory_mapping (system, list, there, here, takes, gives, note) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (system, list, there, here) DO UPDATE SET takes = excluded.takes, gives = excluded.gives, note = excluded.note`,
		m.System, m.List, m.There, m.Here, m.Takes, m.Gives, m.Note)
	return err
}

func dropMapping(ctx context.Context, tx *db.Tx, m Mapping) error {
	return tx.Exec1(ctx, errs.New(errs.NotFound, "directory.no_mapping"), `DELETE FROM directory_mapping WHERE system = $1 AND list = $2 AND there = $3 AND here = $4`,
		m.System, m.List, m.There, m.Here)
}
