package notify

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
var Schema = db.Room{Name: "notify", Files: files}

// The channels.
const (
	inApp  = "app"
	bySMS  = "sms"
	maxNum = 99 // more unread than this are shown as 99
)

// row is a stored message of one channel.
type row struct {
	id, key, channel, template, person, link string
	state, provider, providerID, problem     string
	phone, body                              []byte
	until, created, sent, done               int64
}

const columns = `id, msg_key, channel, template, person, phone, body, link, state, provider, provider_id, problem, until_ms, created_ms, sent_ms, done_ms`

func scanRow(r *db.Rows) (row, error) {
	var m row
	err := r.Scan(&m.id, &m.key, &m.channel, &m.template, &m.person, &m.phone, &m.body, &m.link, &m.state, &m.provider, &m.providerID, &m.problem, &m.until, &m.created, &m.sent, &m.done)
	return m, err
}

// insert writes a row; false means that the caller's key already has one in this channel.
func insert(ctx context.Context, tx *db.Tx, m row) (bool, error) {
	r, err := tx.ExecContext(ctx, `INSERT INTO notify_message (`+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
		ON CONFLICT (msg_key, channel) DO NOTHING`, m.id, m.key, m.channel, m.template, m.person, m.phone, m.body, m.link, m.state, m.provider, m.providerID, m.problem, m.until, m.created, m.sent, m.done)
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n == 1, err
}

func find(ctx context.Context, q db.Q, id string) (row, error) {
	return db.One(ctx, q, errs.New(errs.NotFound, "notify.not_found"), scanRow, `SELECT `+columns+` FROM notify_message WHERE id = $1`, id)
}

// progress is what a step of sending writes.
type progress struct {
	state, provider, providerID, problem string
	at                                   time.Time
}

// move writes progress if the row is still in one of two states; false means that somebody was faster.
func move(ctx context.Context, tx *db.Tx, id string, p progress, from, orFrom string) (bool, error) {
	sent, done := int64(0), int64(0)
	switch p.state {
	case Sent:
		sent = p.at.UnixMilli()
	case Delivered, Failed:
		done = p.at.UnixMilli()
	}
	r, err := tx.ExecContext(ctx, `UPDATE notify_message SET state = $1, provider = $2,
		provider_id = CASE WHEN CAST($3 AS TEXT) = '' THEN provider_id ELSE CAST($3 AS TEXT) END, problem = $4,
		sent_ms = CASE WHEN CAST($5 AS BIGINT) = 0 THEN sent_ms ELSE CAST($5 AS BIGINT) END, done_ms = $6
		WHERE id = $7 AND state IN ($8, $9)`, p.state, p.provider, p.providerID, p.problem, sent, done, id, from, orFrom)
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n == 1, err
}

// inbox lists a person's messages, newest first; before is an id of the last page.
func inbox(ctx context.Context, q db.Q, person, before string, limit int) ([]rowRead, error) {
	return db.All(ctx, q, scanRead, `SELECT m.id, m.template, m.link, m.body, m.created_ms, r.message_id IS NOT NULL FROM notify_message m
		LEFT JOIN notify_read r ON r.message_id = m.id
		WHERE m.person = $1 AND m.channel = 'app' AND (CAST($2 AS TEXT) = '' OR m.id < $2) ORDER BY m.id DESC LIMIT $3`, person, before, limit)
}

func oneOf(ctx context.Context, q db.Q, person, id string) (rowRead, error) {
	return db.One(ctx, q, errs.New(errs.NotFound, "notify.not_found"), scanRead, `SELECT m.id, m.template, m.link, m.body, m.created_ms, r.message_id IS NOT NULL
		FROM notify_message m LEFT JOIN notify_read r ON r.message_id = m.id WHERE m.id = $1 AND m.person = $2 AND m.channel = 'app'`, id, person)
}

type rowRead struct {
	row
	read bool
}

func scanRead(r *db.Rows) (rowRead, error) {
	var m rowRead
	err := r.Scan(&m.id, &m.template, &m.link, &m.body, &m.created, &m.read)
	return m, err
}

func unread(ctx context.Context, q db.Q, person string) (int, error) {
	var n int
	err := q.QueryRowContext(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM notify_message m WHERE m.person = $1 AND m.channel = 'app'
		AND NOT EXISTS (SELECT 1 FROM notify_read r WHERE r.message_id = m.id) LIMIT $2) x`, person, maxNum).Scan(&n)
	return n, db.Classify(err)
}

// markRead marks one message of a person, or all for id "".
func markRead(ctx context.Context, tx *db.Tx, person, id string, now time.Time) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO notify_read (message_id, read_ms) SELECT m.id, CAST($1 AS BIGINT) FROM notify_message m
		WHERE m.person = $2 AND m.channel = 'app' AND (CAST($3 AS TEXT) = '' OR m.id = $3) ON CONFLICT (message_id) DO NOTHING`, now.UnixMilli(), person, id)
	return err
}

func movePerson(ctx context.Context, tx *db.Tx, from, to string) error {
	_, err := tx.ExecContext(ctx, `UPDATE notify_message SET person = $1 WHERE person = $2`, to, from)
	return err
}

// takeNonce notes a delivery report's nonce and forgets those too old to be accepted again; false means that it was here before.
func takeNonce(ctx context.Context, tx *db.Tx, provider, nonce string, now time.Time, keep time.Duration) (bool, error) {
	if _, err := tx.ExecContext(ctx, `DELETE FROM notify_nonce WHERE at_ms < $1`, now.Add(-keep).UnixMilli()); err != nil {
		return false, err
	}
	r, err := tx.ExecContext(ctx, `INSERT INTO notify_nonce (provider, nonce, at_ms) VALUES ($1, $2, $3) ON CONFLICT (provider, nonce) DO NOTHING`, provider, nonce, now.UnixMilli())
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n == 1, err
}

func storedTemplate(ctx context.Context, q db.Q, key string) (t Template, ok bool, err error) {
	var doc string
	err = q.QueryRowContext(ctx, `SELECT doc FROM notify_template WHERE id = $1`, key).Scan(&doc)
	if db.NoRows(err) {
		return t, false, nil
	}
	if err != nil {
		return t, false, db.Classify(err)
	}
	return t, true, json.Unmarshal([]byte(doc), &t)
}

func storedTemplates(ctx context.Context, q db.Q) ([]Template, error) {
	return db.All(ctx, q, func(r *db.Rows) (Template, error) {
		var t Template
		var doc string
		if err := r.Scan(&doc); err != nil {
			return t, err
		}
		return t, json.Unmarshal([]byte(doc), &t)
	}, `SELECT doc FROM notify_template ORDER BY id`)
}

// putTemplate writes a template unless it was last loaded with the same text.
func putTemplate(ctx context.Context, tx *db.Tx, t Template, sum string) error {
	b, err := json.Marshal(t)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO notify_template (id, doc, pack_sum, version) VALUES ($1, $2, $3, 1) ON CONFLICT (id) DO UPDATE
		SET doc = excluded.doc, pack_sum = excluded.pack_sum, version = notify_template.version + 1 WHERE notify_template.pack_sum <> excluded.pack_sum`, t.Key, string(b), sum)
	return err
}
