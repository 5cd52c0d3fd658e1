package privacy

import (
	"context"
	"embed"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

//go:embed migrations/*.sql
var files embed.FS

// Schema is the room's tables.
var Schema = db.Room{Name: "privacy", Files: files}

func (s *Service) addComplaint(ctx context.Context, tx *db.Tx, c Complaint) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO privacy_complaint (id, person_id, subject, access_id, text, state, at_ms, due_ms, finding, answer, answered_by, answered_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', NULL, '', 0)`,
		c.ID, c.PersonID, c.subject, c.AccessID, s.d.Vault.SealText("privacy_complaint.text."+c.ID, c.Text), c.State, c.At.UnixMilli(), c.Due.UnixMilli())
	return err
}

const selectComplaint = `SELECT id, person_id, subject, access_id, text, state, at_ms, due_ms, finding, answer, answered_by, answered_ms FROM privacy_complaint `

func (s *Service) scanComplaint(r *db.Rows) (Complaint, error) {
	var c Complaint
	var text, answer []byte
	var at, due, answered int64
	err := r.Scan(&c.ID, &c.PersonID, &c.subject, &c.AccessID, &text, &c.State, &at, &due, &c.Finding, &answer, &c.AnsweredBy, &answered)
	if err != nil {
		return c, err
	}
	c.At, c.Due = time.UnixMilli(at), time.UnixMilli(due)
	if answered > 0 {
		c.AnsweredAt = time.UnixMilli(answered)
	}
	if c.Text, err = s.d.Vault.OpenText("privacy_complaint.text."+c.ID, text); err != nil {
		return c, err
	}
	c.Answer, err = s.d.Vault.OpenText("privacy_complaint.answer."+c.ID, answer)
	return c, err
}

func (s *Service) complaint(ctx context.Context, q db.Q, id string) (Complaint, error) {
	return db.One(ctx, q, errs.New(errs.NotFound, "privacy.no_complaint"), s.scanComplaint, selectComplaint+`WHERE id = $1`, id)
}

func (s *Service) complaintsOf(ctx context.Context, q db.Q, personID string) ([]Complaint, error) {
	return db.All(ctx, q, s.scanComplaint, selectComplaint+`WHERE person_id = $1 ORDER BY id DESC LIMIT 200`, personID)
}

func (s *Service) complaintsIn(ctx context.Context, q db.Q, answered bool) ([]Complaint, error) {
	if answered {
		return db.All(ctx, q, s.scanComplaint, selectComplaint+`WHERE state = 'answered' ORDER BY id DESC LIMIT 200`)
	}
	return db.All(ctx, q, s.scanComplaint, selectComplaint+`WHERE state = 'open' ORDER BY due_ms, id LIMIT 200`)
}

func (s *Service) setAnswer(ctx context.Context, tx *db.Tx, c Complaint) error {
	return tx.Exec1(ctx, errs.New(errs.Conflict, "privacy.answered"), `UPDATE privacy_complaint SET state = $1, finding = $2, answer = $3, answered_by = $4, answered_ms = $5
		WHERE id = $6 AND state = 'open'`, c.State, c.Finding, s.d.Vault.SealText("privacy_complaint.answer."+c.ID, c.Answer), c.AnsweredBy, c.AnsweredAt.UnixMilli(), c.ID)
}

func moveComplaints(ctx context.Context, tx *db.Tx, from, into string) error {
	_, err := tx.ExecContext(ctx, `UPDATE privacy_complaint SET person_id = $1 WHERE person_id = $2
		AND NOT EXISTS (SELECT 1 FROM privacy_complaint o WHERE o.person_id = $1 AND o.access_id = privacy_complaint.access_id)`, into, from)
	return err
}
