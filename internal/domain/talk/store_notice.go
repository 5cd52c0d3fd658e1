package talk

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
)

const selectNotice = `SELECT id, kind, case_id, CAST(words AS TEXT), link, at_ms, read_ms FROM talk_notice `

func scanNotice(r *db.Rows) (Notice, error) {
	var n Notice
	var words string
	var at, read int64
	if err := r.Scan(&n.ID, &n.Kind, &n.CaseID, &words, &n.Link, &at, &read); err != nil {
		return n, err
	}
	n.At, n.Read = db.Instant(at), read > 0
	return n, json.Unmarshal([]byte(words), &n.Words)
}

// putNoticeTx tells a member of staff something once. With once, nothing is added while an unread notice of the same kind about the same case waits.
func putNoticeTx(ctx context.Context, tx *db.Tx, staff, ref string, n Notice, once bool) error {
	b, err := json.Marshal(n.Words)
	if err != nil {
		return err
	}
	if once {
		var waits int
		err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM talk_notice WHERE staff_id = $1 AND kind = $2 AND case_id = $3 AND read_ms = 0`, staff, n.Kind, n.CaseID).Scan(&waits)
		if err != nil || waits > 0 {
			return db.Classify(err)
		}
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO talk_notice (id, staff_id, ref, kind, case_id, words, link, at_ms, read_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)
		ON CONFLICT (staff_id, ref) DO NOTHING`, ident.New(), staff, ref, n.Kind, n.CaseID, string(b), n.Link, db.Millis(n.At))
	return err
}

func notices(ctx context.Context, q db.Q, staff, after string, limit int) ([]Notice, error) {
	if after == "" {
		return db.All(ctx, q, scanNotice, selectNotice+`WHERE staff_id = $1 ORDER BY id DESC LIMIT $2`, staff, limit)
	}
	return db.All(ctx, q, scanNotice, selectNotice+`WHERE staff_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, staff, after, limit)
}

func noticeOf(ctx context.Context, q db.Q, staff, id string) (Notice, error) {
	return db.One(ctx, q, errs.New(errs.NotFound, "talk.no_notice"), scanNotice, selectNotice+`WHERE staff_id = $1 AND id = $2`, staff, id)
}

const unreadCap = 99

func unreadNotices(ctx context.Context, q db.Q, staff string) (int, error) {
	var n int
	err := q.QueryRowContext(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM talk_notice WHERE staff_id = $1 AND read_ms = 0 LIMIT $2) x`, staff, unreadCap).Scan(&n)
	return n, db.Classify(err)
}

func readNoticesTx(ctx context.Context, tx *db.Tx, staff, id string, now time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE talk_notice SET read_ms = $1 WHERE staff_id = $2 AND read_ms = 0 AND ($3 = '' OR id = $3)`, db.Millis(now), staff, id)
	return err
}

type escalation struct {
	Escalation
	told string
}

func (s *Service) escalations(ctx context.Context, caseID string) ([]Escalation, error) {
	es, err := db.All(ctx, s.d.DB.R(), func(r *db.Rows) (e escalation, err error) {
		var due, at int64
		err = r.Scan(&e.Rule, &e.Clock, &due, &e.told, &at)
		e.Due, e.At = db.Instant(due), db.Instant(at)
		return e, err
	}, `SELECT rule, clock, due_ms, told, at_ms FROM talk_escalation WHERE case_id = $1 ORDER BY at_ms, id`, caseID)
	var out []Escalation
	for _, e := range es {
		for _, id := range strings.Split(e.told, ",") {
			if id != "" {
				e.Told = append(e.Told, s.staffName(ctx, id))
			}
		}
		out = append(out, e.Escalation)
	}
	return out, err
}

// putEscalationTx records a telling once; false means that it had been told.
func putEscalationTx(ctx context.Context, tx *db.Tx, caseID string, e Escalation) (bool, error) {
	r, err := tx.ExecContext(ctx, `INSERT INTO talk_escalation (id, case_id, rule, clock, due_ms, told, at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (case_id, rule, due_ms) DO NOTHING`,
		ident.New(), caseID, e.Rule, e.Clock, db.Millis(e.Due), strings.Join(e.Told, ","), db.Millis(e.At))
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n == 1, err
}

type head struct{ post, staff string }

func headsOf(ctx context.Context, q db.Q, agency string) ([]head, error) {
	return db.All(ctx, q, func(r *db.Rows) (h head, err error) { return h, r.Scan(&h.post, &h.staff) }, `SELECT post, staff_id FROM talk_head WHERE agency = $1 ORDER BY post, staff_id`, agency)
}

func putHeadTx(ctx context.Context, tx *db.Tx, agency, post, staff, by string, now time.Time) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO talk_head (agency, post, staff_id, set_by, set_ms) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (agency, post, staff_id) DO NOTHING`, agency, post, staff, by, db.Millis(now))
	return err
}

func dropHeadTx(ctx context.Context, tx *db.Tx, agency, post, staff string) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM talk_head WHERE agency = $1 AND post = $2 AND staff_id = $3`, agency, post, staff)
	return err
}
