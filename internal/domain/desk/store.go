package desk

import (
	"context"
	"embed"
	"time"

	"tongban/internal/base/db"
)

//go:embed migrations/*.sql
var files embed.FS

// Schema is the room's tables.
var Schema = db.Room{Name: "desk", Files: files}

type filterSaid struct {
	Name       string     `json:"name"`
	Conditions Conditions `json:"conditions"`
}

func (s *Service) filters(ctx context.Context, staff string) ([]Filter, error) {
	return db.All(ctx, s.d.DB.R(), func(r *db.Rows) (Filter, error) {
		var f Filter
		var b []byte
		var at int64
		if err := r.Scan(&f.ID, &b, &f.Standard, &at); err != nil {
			return f, err
		}
		var said filterSaid
		err := s.open("desk_filter.said."+f.ID, b, &said)
		f.Name, f.Conditions, f.At = said.Name, said.Conditions, time.UnixMilli(at)
		return f, err
	}, `SELECT id, said, standard, at_ms FROM desk_filter WHERE staff = $1 ORDER BY id`, staff)
}

func (s *Service) putFilterTx(ctx context.Context, tx *db.Tx, staff string, f Filter) error {
	b, err := s.seal("desk_filter.said."+f.ID, filterSaid{f.Name, f.Conditions})
	if err != nil {
		return err
	}
	if _, err = tx.ExecContext(ctx, `INSERT INTO desk_filter (id, staff, said, standard, at_ms) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (id) DO UPDATE SET said = excluded.said, standard = excluded.standard, at_ms = excluded.at_ms`, f.ID, staff, b, f.Standard, f.At.UnixMilli()); err != nil || !f.Standard {
		return err
	}
	return standardTx(ctx, tx, staff, f.ID)
}

func standardTx(ctx context.Context, tx *db.Tx, staff, id string) error {
	if _, err := tx.ExecContext(ctx, `UPDATE desk_filter SET standard = $1 WHERE staff = $2 AND id <> $3`, false, staff, id); err != nil || id == "" {
		return err
	}
	return tx.Exec1(ctx, gone(), `UPDATE desk_filter SET standard = $1 WHERE staff = $2 AND id = $3`, true, staff, id)
}

func dropFilterTx(ctx context.Context, tx *db.Tx, staff, id string) error {
	return tx.Exec1(ctx, gone(), `DELETE FROM desk_filter WHERE staff = $1 AND id = $2`, staff, id)
}

func (s *Service) notes(ctx context.Context, staff, caseID string) ([]Note, error) {
	return db.All(ctx, s.d.DB.R(), func(r *db.Rows) (Note, error) {
		n := Note{Case: caseID}
		var b []byte
		var at int64
		if err := r.Scan(&n.ID, &b, &at); err != nil {
			return n, err
		}
		var err error
		n.At = time.UnixMilli(at)
		n.Text, err = s.d.Vault.OpenText("desk_note.text."+n.ID, b)
		return n, err
	}, `SELECT id, text, at_ms FROM desk_note WHERE staff = $1 AND case_id = $2 ORDER BY id DESC`, staff, caseID)
}

// putNoteTx reports whether the note is new.
func (s *Service) putNoteTx(ctx context.Context, tx *db.Tx, staff, key string, n Note) (bool, error) {
	r, err := tx.ExecContext(ctx, `INSERT INTO desk_note (id, staff, case_id, client_key, text, at_ms) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (staff, case_id, client_key) DO NOTHING`,
		n.ID, staff, n.Case, key, s.d.Vault.SealText("desk_note.text."+n.ID, n.Text), n.At.UnixMilli())
	if err != nil {
		return false, err
	}
	rows, err := r.RowsAffected()
	return rows == 1, err
}

func dropNoteTx(ctx context.Context, tx *db.Tx, staff, caseID, id string) error {
	return tx.Exec1(ctx, gone(), `DELETE FROM desk_note WHERE staff = $1 AND case_id = $2 AND id = $3`, staff, caseID, id)
}

type phraseSaid struct {
	Title string `json:"title"`
	Text  string `json:"text"`
}

// phrases gives those of an officer and, where an agency is named, those shared with it.
func (s *Service) phrases(ctx context.Context, staff, agency string) ([]Phrase, error) {
	return db.All(ctx, s.d.DB.R(), func(r *db.Rows) (Phrase, error) {
		var p Phrase
		var b []byte
		var at int64
		if err := r.Scan(&p.ID, &p.staff, &p.agency, &b, &at); err != nil {
			return p, err
		}
		var said phraseSaid
		err := s.open("desk_phrase.said."+p.ID, b, &said)
		p.Title, p.Text, p.At, p.Own, p.Shared = said.Title, said.Text, time.UnixMilli(at), p.staff == staff, p.agency != ""
		return p, err
	}, `SELECT id, staff, agency, said, at_ms FROM desk_phrase WHERE staff = $1 AND agency = '' OR agency <> '' AND (agency = $2 OR $2 = '' AND staff = $1)
		ORDER BY CASE WHEN staff = $1 THEN 0 ELSE 1 END, id`, staff, agency)
}

func (s *Service) putPhraseTx(ctx context.Context, tx *db.Tx, p Phrase) error {
	b, err := s.seal("desk_phrase.said."+p.ID, phraseSaid{p.Title, p.Text})
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO desk_phrase (id, staff, agency, said, at_ms) VALUES ($1, $2, $3, $4, $5)`, p.ID, p.staff, p.agency, b, p.At.UnixMilli())
	return err
}

func dropPhraseTx(ctx context.Context, tx *db.Tx, staff, agency, id string) error {
	return tx.Exec1(ctx, gone(), `DELETE FROM desk_phrase WHERE id = $1 AND (staff = $2 OR agency <> '' AND agency = $3)`, id, staff, agency)
}

func unsentAAD(staff, caseID, act string) string {
	return "desk_unsent.form." + staff + ":" + caseID + ":" + act
}

// unsent gives texts newest first; caseID and act narrow where they are named.
func (s *Service) unsent(ctx context.Context, staff, caseID, act string) ([]Unsent, error) {
	return db.All(ctx, s.d.DB.R(), func(r *db.Rows) (Unsent, error) {
		var u Unsent
		var b []byte
		var at int64
		if err := r.Scan(&u.Case, &u.Act, &b, &u.Version, &at); err != nil {
			return u, err
		}
		u.At = time.UnixMilli(at)
		return u, s.open(unsentAAD(staff, u.Case, u.Act), b, &u.Form)
	}, `SELECT case_id, act, form, version, at_ms FROM desk_unsent WHERE staff = $1 AND ($2 = '' OR case_id = $2) AND ($3 = '' OR act = $3) ORDER BY at_ms DESC, case_id LIMIT 200`, staff, caseID, act)
}

func (s *Service) putUnsentTx(ctx context.Context, tx *db.Tx, staff string, u Unsent) error {
	b, err := s.seal(unsentAAD(staff, u.Case, u.Act), u.Form)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO desk_unsent (staff, case_id, act, form, version, at_ms) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (staff, case_id, act) DO UPDATE SET form = excluded.form, version = excluded.version, at_ms = excluded.at_ms`, staff, u.Case, u.Act, b, u.Version, u.At.UnixMilli())
	return err
}

func forgetTx(ctx context.Context, tx *db.Tx, staff, caseID, act string) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM desk_unsent WHERE staff = $1 AND case_id = $2 AND act = $3`, staff, caseID, act)
	return err
}

func (s *Service) noKeys(ctx context.Context, staff string) (bool, error) {
	off, err := db.All(ctx, s.d.DB.R(), func(r *db.Rows) (off bool, err error) { return off, r.Scan(&off) }, `SELECT no_keys FROM desk_switch WHERE staff = $1`, staff)
	return len(off) > 0 && off[0], err
}

func switchTx(ctx context.Context, tx *db.Tx, staff string, off bool) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO desk_switch (staff, no_keys) VALUES ($1, $2) ON CONFLICT (staff) DO UPDATE SET no_keys = excluded.no_keys`, staff, off)
	return err
}

func sweepTx(ctx context.Context, tx *db.Tx, unsent, looks int64) error {
	for _, q := range []string{`DELETE FROM desk_unsent WHERE at_ms < $1`, `DELETE FROM desk_line WHERE batch_id IN (SELECT id FROM desk_batch WHERE at_ms < $1)`, `DELETE FROM desk_batch WHERE at_ms < $1`} {
		if _, err := tx.ExecContext(ctx, q, unsent); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM desk_look WHERE at_ms < $1`, looks)
	return err
}
