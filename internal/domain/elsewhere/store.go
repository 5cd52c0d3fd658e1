package elsewhere

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
var Schema = db.Room{Name: "elsewhere", Files: files}

func noMessage() error { return errs.New(errs.NotFound, "elsewhere.no_message") }

const selectSystem = `SELECT key, name, url, secret, park_ms, gap_ms, disabled, created_ms, updated_ms FROM elsewhere_system `

func secretPlace(key string) string { return "elsewhere_system.secret." + key }

func (s *Service) scanSystem(r *db.Rows) (System, error) {
	var x System
	var secret []byte
	var park, gap, created, updated int64
	if err := r.Scan(&x.Key, &x.Name, &x.URL, &secret, &park, &gap, &x.Disabled, &created, &updated); err != nil {
		return x, err
	}
	x.Park, x.Gap, x.Created, x.Updated = time.Duration(park)*time.Millisecond, time.Duration(gap)*time.Millisecond, db.Instant(created), db.Instant(updated)
	var err error
	x.secret, err = s.Vault.OpenText(secretPlace(x.Key), secret)
	return x, err
}

func (s *Service) systems(ctx context.Context) ([]System, error) {
	return db.All(ctx, s.DB.R(), s.scanSystem, selectSystem+`ORDER BY key`)
}

func (s *Service) system(ctx context.Context, key string) (System, error) {
	return db.One(ctx, s.DB.R(), errs.New(errs.NotFound, "elsewhere.no_system"), s.scanSystem, selectSystem+`WHERE key = $1`, key)
}

func (s *Service) systemNamed(ctx context.Context, name string) ([]System, error) {
	return db.All(ctx, s.DB.R(), s.scanSystem, selectSystem+`WHERE key = $1 OR name = $1 ORDER BY key`, name)
}

func (s *Service) putSystemTx(ctx context.Context, tx *db.Tx, x System) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO elsewhere_system (key, name, url, secret, park_ms, gap_ms, disabled, created_ms, updated_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (key) DO UPDATE SET name = $2, url = $3, secret = $4, park_ms = $5, gap_ms = $6, disabled = $7, updated_ms = $9`,
		x.Key, x.Name, x.URL, s.Vault.SealText(secretPlace(x.Key), x.secret), x.Park.Milliseconds(), x.Gap.Milliseconds(), x.Disabled, db.Millis(x.Created), db.Millis(x.Updated))
	return err
}

const selectOut = `SELECT id, system, case_id, case_no, kind, round, at_ms, state, tries, reason, detail, since_ms, sent_ms, created_ms FROM elsewhere_out `

func scanOut(r *db.Rows) (Out, error) {
	var o Out
	var at, since, sent, created int64
	err := r.Scan(&o.ID, &o.System, &o.CaseID, &o.CaseNo, &o.Kind, &o.Round, &at, &o.State, &o.Tries, &o.Reason, &o.Detail, &since, &sent, &created)
	o.At, o.Since, o.SentAt, o.Created = db.Instant(at), db.Instant(since), db.Instant(sent), db.Instant(created)
	return o, err
}

func putOutTx(ctx context.Context, tx *db.Tx, o Out) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO elsewhere_out (id, system, case_id, case_no, kind, round, at_ms, state, tries, reason, detail, since_ms, sent_ms, created_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, '', '', $9, 0, $9) ON CONFLICT (id) DO NOTHING`,
		o.ID, o.System, o.CaseID, o.CaseNo, o.Kind, o.Round, db.Millis(o.At), o.State, db.Millis(o.Created))
	return err
}

func (s *Service) out(ctx context.Context, id string) (Out, error) {
	return db.One(ctx, s.DB.R(), noMessage(), scanOut, selectOut+`WHERE id = $1`, id)
}

// outOfCase gives a case's messages in their order.
func (s *Service) outOfCase(ctx context.Context, system, caseID string) ([]Out, error) {
	return db.All(ctx, s.DB.R(), scanOut, selectOut+`WHERE system = $1 AND case_id = $2 ORDER BY at_ms, id`, system, caseID)
}

// setOutTx writes how a try ended, unless another node was faster.
func setOutTx(ctx context.Context, tx *db.Tx, o Out, was string) error {
	return tx.Exec1(ctx, noMessage(), `UPDATE elsewhere_out SET state = $1, tries = $2, reason = $3, detail = $4, since_ms = $5, sent_ms = $6 WHERE id = $7 AND state = $8`,
		o.State, o.Tries, o.Reason, o.Detail, db.Millis(o.Since), db.Millis(o.SentAt), o.ID, was)
}

const selectIn = `SELECT id, system, message_id, case_id, case_no, kind, seq, at_ms, body, state, reason, reason_zh, reason_en, gap, received_ms, applied_ms FROM elsewhere_in `

func inPlace(id string) string { return "elsewhere_in.body." + id }

func (s *Service) scanIn(r *db.Rows) (In, error) {
	var m In
	var at, received, applied int64
	var body []byte
	if err := r.Scan(&m.ID, &m.System, &m.MessageID, &m.CaseID, &m.CaseNo, &m.Kind, &m.Seq, &at, &body, &m.State, &m.Reason, &m.ReasonZH, &m.ReasonEN, &m.Gap, &received, &applied); err != nil {
		return m, err
	}
	m.At, m.Received, m.AppliedAt = db.Instant(at), db.Instant(received), db.Instant(applied)
	var err error
	m.body, err = s.Vault.Open(inPlace(m.ID), body)
	return m, err
}

// putInTx keeps an event as it was received; false means that it had come before.
func (s *Service) putInTx(ctx context.Context, tx *db.Tx, m In) (bool, error) {
	r, err := tx.ExecContext(ctx, `INSERT INTO elsewhere_in (id, system, message_id, case_id, case_no, kind, seq, at_ms, body, state, reason, reason_zh, reason_en, gap, received_ms, applied_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, '', $14, 0) ON CONFLICT (system, message_id) DO NOTHING`,
		m.ID, m.System, m.MessageID, m.CaseID, m.CaseNo, m.Kind, m.Seq, db.Millis(m.At), s.Vault.Seal(inPlace(m.ID), m.body), m.State, m.Reason, m.ReasonZH, m.ReasonEN, db.Millis(m.Received))
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n == 1, err
}

func (s *Service) in(ctx context.Context, id string) (In, error) {
	return db.One(ctx, s.DB.R(), noMessage(), s.scanIn, selectIn+`WHERE id = $1`, id)
}

func (s *Service) inByMessage(ctx context.Context, system, id string) (In, error) {
	return db.One(ctx, s.DB.R(), noMessage(), s.scanIn, selectIn+`WHERE system = $1 AND message_id = $2`, system, id)
}

// inOfCase gives a case's events in the other side's order; those it does not count come by their time.
func (s *Service) inOfCase(ctx context.Context, system, caseID string) ([]In, error) {
	return db.All(ctx, s.DB.R(), s.scanIn, selectIn+`WHERE system = $1 AND case_id = $2 AND case_id <> '' ORDER BY seq, at_ms, received_ms, id`, system, caseID)
}

func setInTx(ctx context.Context, tx *db.Tx, m In, was string) error {
	return tx.Exec1(ctx, noMessage(), `UPDATE elsewhere_in SET state = $1, reason = $2, reason_zh = $3, reason_en = $4, gap = $5, applied_ms = $6, case_id = $7, case_no = $8
		WHERE id = $9 AND state = $10`, m.State, m.Reason, m.ReasonZH, m.ReasonEN, m.Gap, db.Millis(m.AppliedAt), m.CaseID, m.CaseNo, m.ID, was)
}
