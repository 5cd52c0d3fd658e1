package talk

import (
	"context"
	"embed"
	"time"

	"tongban/internal/base/db"
)

//go:embed migrations/*.sql
var files embed.FS

// Schema is the room's tables.
var Schema = db.Room{Name: "talk", Files: files}

const selectMessage = `SELECT id, side, author, on_behalf, agency, text, at_ms, read_ms, request, blob_id, file_name, file_size, file_mime, file_sm3 FROM talk_message `

func (s *Service) scanMessage(r *db.Rows) (Message, error) {
	var m Message
	var f File
	var text, name, sum []byte
	var at, read int64
	err := r.Scan(&m.ID, &m.Side, &m.author, &m.onBehalf, &m.agency, &text, &at, &read, &m.request, &f.blob, &name, &f.Size, &f.MIME, &sum)
	if err != nil {
		return m, err
	}
	m.At, m.Read = db.Instant(at), db.Instant(read)
	if m.Text, err = s.d.Vault.OpenText("talk_message.text."+m.ID, text); err != nil || f.blob == "" {
		return m, err
	}
	if f.Name, err = s.d.Vault.OpenText("talk_message.file_name."+m.ID, name); err != nil {
		return m, err
	}
	f.sm3, err = s.d.Vault.OpenText("talk_message.file_sm3."+m.ID, sum)
	m.File = &f
	return m, err
}

func (s *Service) putMessageTx(ctx context.Context, tx *db.Tx, caseID string, m Message) error {
	var f File
	if m.File != nil {
		f = *m.File
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO talk_message (id, case_id, side, author, on_behalf, agency, text, at_ms, read_ms, request, blob_id, file_name, file_size, file_mime, file_sm3)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10, $11, $12, $13, $14)`, m.ID, caseID, m.Side, m.author, m.onBehalf, m.agency,
		s.d.Vault.SealText("talk_message.text."+m.ID, m.Text), db.Millis(m.At), m.request, f.blob, s.d.Vault.SealText("talk_message.file_name."+m.ID, f.Name), f.Size, f.MIME,
		s.d.Vault.SealText("talk_message.file_sm3."+m.ID, f.sm3))
	return err
}

// messages gives a case's messages, oldest first.
func (s *Service) messages(ctx context.Context, caseID string) ([]Message, error) {
	return db.All(ctx, s.d.DB.R(), s.scanMessage, selectMessage+`WHERE case_id = $1 ORDER BY at_ms, id`, caseID)
}

func (s *Service) message(ctx context.Context, caseID, id string) (Message, error) {
	return db.One(ctx, s.d.DB.R(), notFound(), s.scanMessage, selectMessage+`WHERE case_id = $1 AND id = $2`, caseID, id)
}

func (s *Service) sent(ctx context.Context, caseID, author, request string) ([]Message, error) {
	return db.All(ctx, s.d.DB.R(), s.scanMessage, selectMessage+`WHERE case_id = $1 AND author = $2 AND request = $3`, caseID, author, request)
}

// saidSince counts the messages of a side since an instant.
func saidSince(ctx context.Context, q db.Q, caseID, side string, since time.Time) (int, error) {
	var n int
	err := q.QueryRowContext(ctx, `SELECT COUNT(*) FROM talk_message WHERE case_id = $1 AND side = $2 AND at_ms > $3`, caseID, side, db.Millis(since)).Scan(&n)
	return n, db.Classify(err)
}

// markReadTx notes that a side has read what the other wrote up to an instant.
func markReadTx(ctx context.Context, tx *db.Tx, caseID, other string, until, now time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE talk_message SET read_ms = $1 WHERE case_id = $2 AND side = $3 AND read_ms = 0 AND at_ms <= $4`, db.Millis(now), caseID, other, db.Millis(until))
	return err
}

type tally struct {
	id string
	n  int
}

func scanTally(r *db.Rows) (t tally, err error) { return t, r.Scan(&t.id, &t.n) }

// unread counts what a side wrote and the other has not read, by case.
func (s *Service) unread(ctx context.Context, side string, ids []string) ([]tally, error) {
	return db.All(ctx, s.d.DB.R(), scanTally, `SELECT case_id, COUNT(*) FROM talk_message WHERE side = $1 AND read_ms = 0 AND case_id IN (`+db.In(2, len(ids))+`) GROUP BY case_id`,
		append([]any{side}, db.Args(ids)...)...)
}

func scanText(r *db.Rows) (t string, err error) { return t, r.Scan(&t) }

// unreadIn gives cases of agencies in which an applicant waits to be read, the longest wait first.
func (s *Service) unreadIn(ctx context.Context, agencies []string, limit int) ([]string, error) {
	return db.All(ctx, s.d.DB.R(), scanText, `SELECT case_id FROM talk_message WHERE read_ms = 0 AND side = 'applicant' AND agency IN (`+db.In(1, len(agencies))+`)
		GROUP BY case_id ORDER BY MIN(at_ms) LIMIT $`+itoa(len(agencies)+1), append(db.Args(agencies), limit)...)
}

// moveTx gives what one account said to another, when two are found to be one person.
func moveTx(ctx context.Context, tx *db.Tx, from, into string) error {
	for _, q := range []string{`UPDATE talk_message SET author = $1 WHERE author = $2`, `UPDATE talk_urge SET author = $1 WHERE author = $2`} {
		if _, err := tx.ExecContext(ctx, q, "person:"+into, "person:"+from); err != nil {
			return err
		}
	}
	return nil
}
