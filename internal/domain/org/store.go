package org

import (
	"context"
	"embed"
	"encoding/json"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

//go:embed migrations/*.sql
var files embed.FS

// Schema is the room's tables.
var Schema = db.Room{Name: "org", Files: files}

// table is one of the four that hold an element as a document.
type table string

const (
	regionTable table = "org_region"
	agencyTable table = "org_agency"
	windowTable table = "org_window"
	postTable   table = "org_post"
)

// stamp is what a row says about its last change.
type stamp struct {
	version int64
	packSum string
}

func errMoved() error { return errs.New(errs.Conflict, "org.moved_meanwhile") }

// put writes an element: version 0 makes it (errs.Conflict if the key is taken), another must be the row's. An empty sum keeps the row's.
func put(ctx context.Context, tx *db.Tx, t table, id, owner string, doc any, sum string, version int64) error {
	b, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	if version == 0 {
		return tx.Exec1(ctx, errs.New(errs.Conflict, "org.key_taken", errs.P{"key": id}), `INSERT INTO `+string(t)+
			` (id, owner, doc, pack_sum, version) VALUES ($1, $2, $3, $4, 1) ON CONFLICT (id) DO NOTHING`, id, owner, string(b), sum)
	}
	return tx.Exec1(ctx, errMoved(), `UPDATE `+string(t)+` SET owner = $1, doc = $2, version = version + 1,
		pack_sum = CASE WHEN CAST($3 AS TEXT) = '' THEN pack_sum ELSE CAST($3 AS TEXT) END WHERE id = $4 AND version = $5`, owner, string(b), sum, id, version)
}

func stampOf(ctx context.Context, q db.Q, t table, id string) (stamp, error) {
	var s stamp
	err := q.QueryRowContext(ctx, `SELECT version, pack_sum FROM `+string(t)+` WHERE id = $1`, id).Scan(&s.version, &s.packSum)
	if db.NoRows(err) {
		return stamp{}, nil
	}
	return s, db.Classify(err)
}

// elements reads a whole table of documents.
func elements[T any](ctx context.Context, q db.Q, t table, set func(*T, int64)) ([]T, error) {
	return db.All(ctx, q, func(r *db.Rows) (T, error) {
		var v T
		var doc string
		var version int64
		if err := r.Scan(&doc, &version); err != nil {
			return v, err
		}
		err := json.Unmarshal([]byte(doc), &v)
		set(&v, version)
		return v, err
	}, `SELECT doc, version FROM `+string(t)+` ORDER BY owner, id`)
}

// bump tells every node's snapshot that something changed.
func bump(ctx context.Context, tx *db.Tx) error {
	_, err := tx.ExecContext(ctx, `UPDATE org_version SET version = version + 1 WHERE one = 1`)
	return err
}

func version(ctx context.Context, q db.Q) (int64, error) {
	var v int64
	err := q.QueryRowContext(ctx, `SELECT version FROM org_version WHERE one = 1`).Scan(&v)
	return v, db.Classify(err)
}

func holidays(ctx context.Context, q db.Q) ([]Holiday, error) {
	return db.All(ctx, q, func(r *db.Rows) (Holiday, error) {
		var h Holiday
		err := r.Scan(&h.Date, &h.List, &h.Working, &h.Note, &h.Source)
		return h, err
	}, `SELECT date, list, working, note, source FROM org_holiday ORDER BY date, list`)
}

func putHoliday(ctx context.Context, tx *db.Tx, h Holiday) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO org_holiday (date, list, working, note, source) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (date, list) DO UPDATE SET working = excluded.working, note = excluded.note, source = excluded.source`, h.Date, h.List, h.Working, h.Note, h.Source)
	return err
}

func dropHoliday(ctx context.Context, tx *db.Tx, date string) error {
	return tx.Exec1(ctx, errs.New(errs.NotFound, "org.no_day", errs.P{"date": date}), `DELETE FROM org_holiday WHERE date = $1 AND list = 0`, date)
}

func dropList(ctx context.Context, tx *db.Tx, year int) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM org_holiday WHERE list = $1`, year)
	return err
}

// roleNames and the like are JSON columns.
func textOf[T any](v []T) string {
	if v == nil {
		v = []T{}
	}
	b, _ := json.Marshal(v) // a slice of strings always can be
	return string(b)
}

// putStaff writes an account. The columns roles and posts hold what a pack wrote, for programs of before; what counts are holdings.
func (s *Service) putStaff(ctx context.Context, tx *db.Tx, st Staff, sum string) error {
	name := s.vault.SealText("org_staff.name."+st.ID, st.Name)
	phone := s.vault.SealText("org_staff.phone."+st.ID, st.Phone)
	var err error
	if st.Version == 0 {
		err = tx.Exec1(ctx, errs.New(errs.Conflict, "org.key_taken", errs.P{"key": st.ID}), `INSERT INTO org_staff
			(id, login, agency, name, phone, roles, posts, disabled, begins_ms, ends_ms, next_agency, moves_ms, pack_sum, version)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1) ON CONFLICT (id) DO NOTHING`,
			st.ID, st.Login, st.Agency, name, phone, textOf(st.Roles), textOf(st.Posts), st.off, db.Millis(st.Begins), db.Millis(st.Ends), st.nextAgency, db.Millis(st.moves), sum)
	} else {
		err = tx.Exec1(ctx, errMoved(), `UPDATE org_staff SET login = $1, agency = $2, name = $3, phone = $4, disabled = $5, begins_ms = $6, ends_ms = $7,
			next_agency = $8, moves_ms = $9, version = version + 1,
			pack_sum = CASE WHEN CAST($10 AS TEXT) = '' THEN pack_sum ELSE CAST($10 AS TEXT) END WHERE id = $11 AND version = $12`,
			st.Login, st.Agency, name, phone, st.off, db.Millis(st.Begins), db.Millis(st.Ends), st.nextAgency, db.Millis(st.moves), sum, st.ID, st.Version)
	}
	if db.Unique(err) {
		return errs.Fields("org.invalid", findings{{Path: "login", Key: "org.login_taken", Params: errs.P{"login": st.Login}}})
	}
	return err
}

func staffStamp(ctx context.Context, q db.Q, id string) (st stamp, off bool, err error) {
	err = q.QueryRowContext(ctx, `SELECT version, pack_sum, disabled FROM org_staff WHERE id = $1`, id).Scan(&st.version, &st.packSum, &off)
	if db.NoRows(err) {
		return stamp{}, false, nil
	}
	return st, off, db.Classify(err)
}

func (s *Service) allStaff(ctx context.Context, q db.Q) ([]Staff, error) {
	return db.All(ctx, q, func(r *db.Rows) (Staff, error) {
		var st Staff
		var name, phone []byte
		var begins, ends, moves int64
		err := r.Scan(&st.ID, &st.Login, &st.Agency, &name, &phone, &st.off, &begins, &ends, &st.nextAgency, &moves, &st.Version)
		if err != nil {
			return st, err
		}
		st.Begins, st.Ends, st.moves = db.Instant(begins), db.Instant(ends), db.Instant(moves)
		if st.Name, err = s.vault.OpenText("org_staff.name."+st.ID, name); err != nil {
			return st, err
		}
		st.Phone, err = s.vault.OpenText("org_staff.phone."+st.ID, phone)
		return st, err
	}, `SELECT id, login, agency, name, phone, disabled, begins_ms, ends_ms, next_agency, moves_ms, version FROM org_staff ORDER BY agency, id`)
}

const holdingColumns = `SELECT id, staff, post, stands_for, from_ms, until_ms, proposal FROM org_holding `

func scanHolding(r *db.Rows) (Holding, error) {
	var h Holding
	var from, until int64
	err := r.Scan(&h.ID, &h.StaffID, &h.Post, &h.For, &from, &until, &h.Proposal)
	h.From, h.Until = db.Instant(from), db.Instant(until)
	return h, err
}

func holdings(ctx context.Context, q db.Q) ([]Holding, error) {
	return db.All(ctx, q, scanHolding, holdingColumns+`ORDER BY id`)
}

func holdingsOf(ctx context.Context, q db.Q, staff string) ([]Holding, error) {
	return db.All(ctx, q, scanHolding, holdingColumns+`WHERE staff = $1 ORDER BY id`, staff)
}

func putHolding(ctx context.Context, tx *db.Tx, h Holding) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO org_holding (id, staff, post, stands_for, from_ms, until_ms, proposal) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		h.ID, h.StaffID, h.Post, h.For, db.Millis(h.From), db.Millis(h.Until), h.Proposal)
	return err
}

func cutHolding(ctx context.Context, tx *db.Tx, id string, until time.Time) error {
	return tx.Exec1(ctx, errMoved(), `UPDATE org_holding SET until_ms = $1 WHERE id = $2`, db.Millis(until), id)
}
