package talk

import (
	"context"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

const selectUrge = `SELECT id, case_id, side, ord, author, on_behalf, agency, region, reason, at_ms, due_ms, answer, answered_by, answered_ms, missed_ms, overtaken_ms FROM talk_urge `

func (s *Service) scanUrge(r *db.Rows) (Urge, error) {
	var u Urge
	var reason, answer []byte
	var at, due, answered, missed, overtaken int64
	err := r.Scan(&u.ID, &u.CaseID, &u.Side, &u.ord, &u.author, &u.onBehalf, &u.agency, &u.region, &reason, &at, &due, &answer, &u.answerer, &answered, &missed, &overtaken)
	if err != nil {
		return u, err
	}
	u.At, u.Due, u.Answered, u.Missed, u.Overtaken = db.Instant(at), db.Instant(due), db.Instant(answered), db.Instant(missed), db.Instant(overtaken)
	if u.Reason, err = s.d.Vault.OpenText("talk_urge.reason."+u.ID, reason); err != nil {
		return u, err
	}
	u.Answer, err = s.d.Vault.OpenText("talk_urge.answer."+u.ID, answer)
	return u, err
}

func (s *Service) putUrgeTx(ctx context.Context, tx *db.Tx, u Urge) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO talk_urge (id, case_id, side, ord, author, on_behalf, agency, region, reason, at_ms, due_ms, answer, answered_by, answered_ms, missed_ms, overtaken_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, '', 0, 0, 0)`, u.ID, u.CaseID, u.Side, u.ord, u.author, u.onBehalf, u.agency, u.region,
		s.d.Vault.SealText("talk_urge.reason."+u.ID, u.Reason), db.Millis(u.At), db.Millis(u.Due), s.d.Vault.SealText("talk_urge.answer."+u.ID, ""))
	return err
}

// urges gives a case's urges, oldest first.
func (s *Service) urges(ctx context.Context, caseID string) ([]Urge, error) {
	return db.All(ctx, s.d.DB.R(), s.scanUrge, selectUrge+`WHERE case_id = $1 ORDER BY at_ms, id`, caseID)
}

func (s *Service) urge(ctx context.Context, id string) (Urge, error) {
	return db.One(ctx, s.d.DB.R(), notFound(), s.scanUrge, selectUrge+`WHERE id = $1`, id)
}

const owedNow = `answered_ms = 0 AND overtaken_ms = 0`

// owed gives the urges among cases that wait for an answer.
func (s *Service) owed(ctx context.Context, ids []string) ([]Urge, error) {
	return db.All(ctx, s.d.DB.R(), s.scanUrge, selectUrge+`WHERE `+owedNow+` AND case_id IN (`+db.In(1, len(ids))+`)`, db.Args(ids)...)
}

func (s *Service) owedIn(ctx context.Context, agencies []string, limit int) ([]string, error) {
	return db.All(ctx, s.d.DB.R(), scanText, `SELECT case_id FROM talk_urge WHERE `+owedNow+` AND agency IN (`+db.In(1, len(agencies))+`) GROUP BY case_id ORDER BY MIN(due_ms) LIMIT $`+itoa(len(agencies)+1),
		append(db.Args(agencies), limit)...)
}

// answerTx answers an urge that is open; errs.Conflict talk.urge_over when it is not.
func (s *Service) answerTx(ctx context.Context, tx *db.Tx, id, text, by string, now time.Time) error {
	return tx.Exec1(ctx, errs.New(errs.Conflict, "talk.urge_over"), `UPDATE talk_urge SET answer = $1, answered_by = $2, answered_ms = $3 WHERE id = $4 AND `+owedNow,
		s.d.Vault.SealText("talk_urge.answer."+id, text), by, db.Millis(now), id)
}

// missTx notes once that no answer came in time; errs.Conflict when there is one, or it was noted.
func missTx(ctx context.Context, tx *db.Tx, id string, now time.Time) error {
	return tx.Exec1(ctx, errs.New(errs.Conflict, "talk.urge_over"), `UPDATE talk_urge SET missed_ms = $1 WHERE id = $2 AND missed_ms = 0 AND `+owedNow, db.Millis(now), id)
}

func overtakenTx(ctx context.Context, tx *db.Tx, caseID string, now time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE talk_urge SET overtaken_ms = $1 WHERE case_id = $2 AND `+owedNow, db.Millis(now), caseID)
	return err
}
