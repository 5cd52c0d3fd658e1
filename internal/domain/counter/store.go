package counter

import (
	"context"
	"embed"
	"encoding/json"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

//go:embed migrations/*.sql
var files embed.FS

// Schema is the room's tables.
var Schema = db.Room{Name: "counter", Files: files}

func (s *Service) putVisitorTx(ctx context.Context, tx *db.Tx, v Visitor) error {
	var who []byte
	if v.Kind != Enquiry {
		b, err := json.Marshal(v.who)
		if err != nil {
			return err
		}
		who = s.d.Vault.Seal("counter_visitor.who."+v.ID, b)
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO counter_visitor (id, agency, day, kind, subject, for_subject, person_id, who, why, source, purpose, result, desk, arrived_ms, called_ms,
		ended_ms, signed_by, served_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', '', $12, 0, 0, $13, '')`,
		v.ID, v.agency, v.Day, v.Kind, v.subject, v.forSubject, v.personID, who, s.d.Vault.SealText("counter_visitor.why."+v.ID, v.Why), v.Source, v.Purpose, db.Millis(v.Arrived), v.SignedBy)
	return err
}

// hereTx gives the visit of the same person for the same matter that has not ended today.
func (s *Service) hereTx(ctx context.Context, tx *db.Tx, v Visitor) (string, error) {
	if v.subject == "" {
		return "", nil
	}
	id, err := db.One(ctx, tx, notFound(), func(r *db.Rows) (id string, err error) { return id, r.Scan(&id) },
		`SELECT id FROM counter_visitor WHERE agency = $1 AND day = $2 AND subject = $3 AND for_subject = $4 AND ended_ms = 0 ORDER BY arrived_ms LIMIT 1`, v.agency, v.Day, v.subject, v.forSubject)
	if errs.KindOf(err) == errs.NotFound {
		return "", nil
	}
	return id, err
}

const selectVisitor = `SELECT id, agency, day, kind, subject, for_subject, person_id, who, why, source, purpose, result, desk, arrived_ms, called_ms, ended_ms, signed_by, served_by,
	(SELECT COUNT(DISTINCT l.case_id) FROM counter_line l WHERE l.visitor_id = counter_visitor.id) FROM counter_visitor `

func (s *Service) scanVisitor(r *db.Rows) (Visitor, error) {
	var v Visitor
	var who, why []byte
	var arrived, called, ended int64
	err := r.Scan(&v.ID, &v.agency, &v.Day, &v.Kind, &v.subject, &v.forSubject, &v.personID, &who, &why, &v.Source, &v.Purpose, &v.Result, &v.Desk, &arrived, &called, &ended,
		&v.SignedBy, &v.ServedBy, &v.Cases)
	if err != nil {
		return v, err
	}
	v.Arrived, v.Called, v.Ended = db.Instant(arrived), db.Instant(called), db.Instant(ended)
	if v.Why, err = s.d.Vault.OpenText("counter_visitor.why."+v.ID, why); err != nil || len(who) == 0 {
		return v, err
	}
	b, err := s.d.Vault.Open("counter_visitor.who."+v.ID, who)
	if err != nil {
		return v, err
	}
	return v, json.Unmarshal(b, &v.who)
}

func (s *Service) findVisitor(ctx context.Context, id string) (Visitor, error) {
	return db.One(ctx, s.d.DB.R(), notFound(), s.scanVisitor, selectVisitor+`WHERE id = $1`, id)
}

// mostRows is more people than come to one hall in a day.
const mostRows = 2000

func (s *Service) ofDay(ctx context.Context, agency, day string) ([]Visitor, error) {
	return db.All(ctx, s.d.DB.R(), s.scanVisitor, selectVisitor+`WHERE agency = $1 AND day = $2 ORDER BY arrived_ms, id LIMIT $3`, agency, day, mostRows)
}

func (s *Service) servedBetween(ctx context.Context, staff string, from, to int64) ([]Visitor, error) {
	return db.All(ctx, s.d.DB.R(), s.scanVisitor, selectVisitor+`WHERE served_by = $1 AND called_ms >= $2 AND called_ms < $3 ORDER BY called_ms, id LIMIT $4`, staff, from, to, mostRows)
}

func (s *Service) servedNow(ctx context.Context, staff string) ([]Visitor, error) {
	return db.All(ctx, s.d.DB.R(), s.scanVisitor, selectVisitor+`WHERE served_by = $1 AND ended_ms = 0 AND day = $2 ORDER BY called_ms DESC, id LIMIT 1`, staff, s.today())
}

// serving gives whom somebody serves today that a case belongs to: by its applicant, or because they came for it.
func (s *Service) serving(ctx context.Context, staff, caseID, subject string) (string, error) {
	ids, err := db.All(ctx, s.d.DB.R(), func(r *db.Rows) (id string, err error) { return id, r.Scan(&id) },
		`SELECT v.id FROM counter_visitor v WHERE v.served_by = $1 AND v.ended_ms = 0 AND v.day = $2 AND v.called_ms > 0 AND ($3 <> '' AND (v.subject = $3 OR v.for_subject = $3)
		OR EXISTS (SELECT 1 FROM counter_line l WHERE l.visitor_id = v.id AND l.case_id = $4)) ORDER BY v.called_ms DESC, v.id LIMIT 1`, staff, s.today(), subject, caseID)
	if err != nil || len(ids) == 0 {
		return "", err
	}
	return ids[0], nil
}

// callTx gives a visitor to a clerk, unless somebody else was faster.
func callTx(ctx context.Context, tx *db.Tx, v Visitor, staff, desk string, now int64) error {
	return tx.Exec1(ctx, errs.New(errs.Conflict, "counter.served"), `UPDATE counter_visitor SET served_by = $1, desk = $2, called_ms = CASE WHEN called_ms = 0 THEN $3 ELSE called_ms END
		WHERE id = $4 AND served_by = $5 AND ended_ms = 0`, staff, desk, now, v.ID, v.ServedBy)
}

func endTx(ctx context.Context, tx *db.Tx, id, result string, now int64) error {
	return tx.Exec1(ctx, errs.New(errs.Conflict, "counter.ended"), `UPDATE counter_visitor SET result = $1, ended_ms = $2 WHERE id = $3 AND ended_ms = 0`, result, now, id)
}

func putLineTx(ctx context.Context, tx *db.Tx, visitor string, l Line) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO counter_line (visitor_id, case_id, purpose, at_ms) VALUES ($1, $2, $3, $4) ON CONFLICT (visitor_id, case_id, purpose) DO NOTHING`,
		visitor, l.CaseID, l.Purpose, db.Millis(l.At))
	return err
}

func dropLineTx(ctx context.Context, tx *db.Tx, visitor, caseID string) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM counter_line WHERE visitor_id = $1 AND case_id = $2`, visitor, caseID)
	return err
}

func (s *Service) lines(ctx context.Context, visitor string) ([]Line, error) {
	return db.All(ctx, s.d.DB.R(), func(r *db.Rows) (Line, error) {
		var l Line
		var at int64
		err := r.Scan(&l.CaseID, &l.Purpose, &at)
		l.At = db.Instant(at)
		return l, err
	}, `SELECT case_id, purpose, at_ms FROM counter_line WHERE visitor_id = $1 ORDER BY at_ms, case_id`, visitor)
}

func putReadTx(ctx context.Context, tx *db.Tx, nonce, staff string, expires, now int64) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM counter_read WHERE expires_ms < $1`, now); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO counter_read (nonce, staff, expires_ms) VALUES ($1, $2, $3)`, nonce, staff, expires)
	return err
}

// useReadTx ends a question: a second answer, a late one and one of another clerk find none.
func useReadTx(ctx context.Context, tx *db.Tx, nonce, staff string, now int64) error {
	return tx.Exec1(ctx, errs.New(errs.Invalid, "counter.read_again"), `DELETE FROM counter_read WHERE nonce = $1 AND staff = $2 AND expires_ms >= $3`, nonce, staff, now)
}

func eraseTx(ctx context.Context, tx *db.Tx, before string, now int64) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM counter_read WHERE expires_ms < $1`, now); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE counter_visitor SET who = NULL, why = NULL, subject = '', for_subject = '', person_id = '' WHERE day < $1 AND (subject <> '' OR why IS NOT NULL)`, before)
	return err
}
