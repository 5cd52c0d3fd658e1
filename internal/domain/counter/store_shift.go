package counter

import (
	"context"
	"encoding/json"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

const selectShift = `SELECT id, staff, agency, desk, from_ms, to_ms, note, CAST(figures AS TEXT), taken_by, taken_ms FROM counter_shift `

func (s *Service) scanShift(r *db.Rows) (Shift, error) {
	var x Shift
	var from, to, taken int64
	var note []byte
	var figures string
	if err := r.Scan(&x.ID, &x.Staff, &x.agency, &x.Desk, &from, &to, &note, &figures, &x.By, &taken); err != nil {
		return x, err
	}
	x.From, x.To, x.Taken = db.Instant(from), db.Instant(to), db.Instant(taken)
	if err := json.Unmarshal([]byte(figures), &x.Counts); err != nil {
		return x, err
	}
	var err error
	x.Note, err = s.d.Vault.OpenText("counter_shift.note."+x.ID, note)
	return x, err
}

func (s *Service) openShift(ctx context.Context, staff string) (Shift, error) {
	return db.One(ctx, s.d.DB.R(), errs.New(errs.NotFound, "counter.no_shift"), s.scanShift, selectShift+`WHERE staff = $1 AND to_ms = 0`, staff)
}

// moveShiftTx moves the open shift to another window, or begins one.
func moveShiftTx(ctx context.Context, tx *db.Tx, staff, desk string, fresh Shift) error {
	r, err := tx.ExecContext(ctx, `UPDATE counter_shift SET desk = $1 WHERE staff = $2 AND to_ms = 0`, desk, staff)
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n > 0 {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO counter_shift (id, staff, agency, desk, from_ms, to_ms, note, figures, taken_by, taken_ms) VALUES ($1, $2, $3, $4, $5, 0, NULL, '{}', '', 0)`,
		fresh.ID, fresh.Staff, fresh.agency, fresh.Desk, db.Millis(fresh.From))
	return err
}

func (s *Service) endShiftTx(ctx context.Context, tx *db.Tx, x Shift, note string) error {
	figures, err := json.Marshal(x.Counts)
	if err != nil {
		return err
	}
	return tx.Exec1(ctx, errs.New(errs.NotFound, "counter.no_shift"), `UPDATE counter_shift SET to_ms = $1, note = $2, figures = $3 WHERE id = $4 AND to_ms = 0`,
		db.Millis(x.To), s.d.Vault.SealText("counter_shift.note."+x.ID, note), string(figures), x.ID)
}

func (s *Service) notes(ctx context.Context, agency string, since int64) ([]Shift, error) {
	return db.All(ctx, s.d.DB.R(), s.scanShift, selectShift+`WHERE agency = $1 AND to_ms > $2 AND taken_ms = 0 AND note IS NOT NULL ORDER BY to_ms, id LIMIT 50`, agency, since)
}

// takeShiftTx lets the first one take a note over.
func takeShiftTx(ctx context.Context, tx *db.Tx, id, agency, staff string, now int64) error {
	if _, err := db.One(ctx, tx, notFound(), func(r *db.Rows) (one int, err error) { return one, r.Scan(&one) }, `SELECT 1 FROM counter_shift WHERE id = $1 AND agency = $2 AND to_ms > 0`, id, agency); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE counter_shift SET taken_by = $1, taken_ms = $2 WHERE id = $3 AND taken_ms = 0`, staff, now, id)
	return err
}

func (s *Service) shiftsOf(ctx context.Context, staff string) ([]Shift, error) {
	return db.All(ctx, s.d.DB.R(), s.scanShift, selectShift+`WHERE staff = $1 AND to_ms > 0 ORDER BY to_ms DESC LIMIT 14`, staff)
}
