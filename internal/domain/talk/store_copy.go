package talk

import (
	"context"
	"strings"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

const selectCopy = `SELECT id, case_id, to_kind, to_key, to_agency, reason, given_by, given_agency, at_ms, until_ms, ended_ms, ended_by FROM talk_copy `

func (s *Service) scanCopy(r *db.Rows) (Copy, error) {
	var c Copy
	var reason []byte
	var at, until, ended int64
	err := r.Scan(&c.ID, &c.CaseID, &c.Kind, &c.Key, &c.toAgency, &reason, &c.by, &c.byAgency, &at, &until, &ended, &c.endedBy)
	if err != nil {
		return c, err
	}
	c.At, c.Until, c.Ended = db.Instant(at), db.Instant(until), db.Instant(ended)
	c.Reason, err = s.d.Vault.OpenText("talk_copy.reason."+c.ID, reason)
	return c, err
}

func (s *Service) putCopyTx(ctx context.Context, tx *db.Tx, c Copy) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO talk_copy (id, case_id, to_kind, to_key, to_agency, reason, given_by, given_agency, at_ms, until_ms, ended_ms, ended_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, '')`, c.ID, c.CaseID, c.Kind, c.Key, c.toAgency, s.d.Vault.SealText("talk_copy.reason."+c.ID, c.Reason), c.by, c.byAgency, db.Millis(c.At), db.Millis(c.Until))
	return err
}

// lapseTx closes copies of a case whose term is over, so that new ones to the same receiver can be given.
func lapseTx(ctx context.Context, tx *db.Tx, caseID string, now time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE talk_copy SET ended_ms = until_ms WHERE case_id = $1 AND ended_ms = 0 AND until_ms <= $2`, caseID, db.Millis(now))
	return err
}

func endCopyTx(ctx context.Context, tx *db.Tx, id, by string, now time.Time) error {
	return tx.Exec1(ctx, errs.New(errs.Conflict, "talk.copy_over"), `UPDATE talk_copy SET ended_ms = $1, ended_by = $2 WHERE id = $3 AND ended_ms = 0 AND until_ms > $1`, db.Millis(now), by, id)
}

func (s *Service) copies(ctx context.Context, caseID string) ([]Copy, error) {
	return db.All(ctx, s.d.DB.R(), s.scanCopy, selectCopy+`WHERE case_id = $1 ORDER BY at_ms, id`, caseID)
}

func (s *Service) copyOf(ctx context.Context, id string) (Copy, error) {
	return db.One(ctx, s.d.DB.R(), notFound(), s.scanCopy, selectCopy+`WHERE id = $1`, id)
}

func runningTx(ctx context.Context, tx *db.Tx, kind, key string, now time.Time) (int, error) {
	var n int
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM talk_copy WHERE to_kind = $1 AND to_key = $2 AND ended_ms = 0 AND until_ms > $3`, kind, key, db.Millis(now)).Scan(&n)
	return n, db.Classify(err)
}

// receives is the condition that a running copy reaches an account or one of its posts.
func receives(now time.Time, staffID string, posts []string) (string, []any) {
	args := []any{db.Millis(now), staffID}
	cond := `ended_ms = 0 AND until_ms > $1 AND (to_kind = 'staff' AND to_key = $2`
	if len(posts) > 0 {
		cond += ` OR to_kind = 'post' AND to_key IN (` + db.In(3, len(posts)) + `)`
		args = append(args, db.Args(posts)...)
	}
	return cond + `)`, args
}

// Shared reports whether a case was copied to an account, or to one of its posts, and the copy runs.
func (s *Service) Shared(ctx context.Context, caseID, staffID string, posts []string) (bool, error) {
	cond, args := receives(s.now(), staffID, posts)
	var n int
	err := s.d.DB.R().QueryRowContext(ctx, `SELECT COUNT(*) FROM talk_copy WHERE `+cond+` AND case_id = $`+itoa(len(args)+1), append(args, caseID)...).Scan(&n)
	return n > 0, db.Classify(err)
}

// SharedWith gives the ids of all cases for which Shared is true. There are at most as many as the rules let run for each receiver.
func (s *Service) SharedWith(ctx context.Context, staffID string, posts []string) ([]string, error) {
	cond, args := receives(s.now(), staffID, posts)
	return db.All(ctx, s.d.DB.R(), scanText, `SELECT DISTINCT case_id FROM talk_copy WHERE `+cond, args...)
}

func staffID(author string) string { return strings.TrimPrefix(author, "staff:") }
