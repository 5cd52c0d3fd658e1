package webhook

import (
	"context"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
)

// queue adds a delivery, unless the subscription has it of this replay (the first time: "") already.
func queue(ctx context.Context, tx *db.Tx, sub string, e event.Stored, f facts, replay string, now, expire time.Time) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO webhook_delivery (id, sub_id, event_id, replay, topic, case_id, case_no, state, attempts, made_ms, next_ms, lease_ms, expire_ms, ended_ms, status, why)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting', 0, $8, $8, 0, $9, 0, 0, '') ON CONFLICT (sub_id, event_id, replay) DO NOTHING`,
		ident.New(), sub, e.ID, replay, e.Topic, f.CaseID, f.CaseNo, now.UnixMilli(), expire.UnixMilli())
	return err
}

const deliveryColumns = `id, sub_id, event_id, replay, topic, case_id, case_no, state, attempts, made_ms, next_ms, lease_ms, expire_ms, ended_ms, status, why`

func scanDelivery(r *db.Rows) (Delivery, error) {
	var d Delivery
	var made, next, lease, expire, ended int64
	err := r.Scan(&d.ID, &d.Sub, &d.EventID, &d.Replay, &d.Topic, &d.CaseID, &d.CaseNo, &d.State, &d.Attempts, &made, &next, &lease, &expire, &ended, &d.Status, &d.Why)
	d.Made, d.Next, d.lease, d.expire, d.Ended = db.Instant(made), db.Instant(next), db.Instant(lease), db.Instant(expire), db.Instant(ended)
	return d, err
}

// afterAll is greater than every id.
const afterAll = "zzzz"

// claim takes deliveries of a target under a lease: the oldest of each case that is due, older than behind. A paused target is probed with the
// oldest, due or not, by whichever node moves its probe first.
func (s *Service) claim(ctx context.Context, t Target, behind string, now time.Time, n int) ([]Delivery, error) {
	due := now
	if behind == "" {
		behind = afterAll
	}
	var out []Delivery
	err := s.DB.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		out = nil
		if !t.Health.PausedSince.IsZero() {
			due = now.Add(2 * Keep)
			r, err := tx.ExecContext(ctx, `UPDATE webhook_health SET probe_ms = $1 WHERE sub_id = $2 AND paused_ms > 0 AND probe_ms = $3`, now.Add(lease).UnixMilli(), t.ID, db.Millis(t.Health.Probe))
			if err != nil {
				return err
			}
			if moved, err := r.RowsAffected(); err != nil || moved == 0 {
				return err
			}
		}
		out, err = db.All(ctx, tx, scanDelivery, `UPDATE webhook_delivery SET state = 'sending', lease_ms = $1, attempts = attempts + 1 WHERE id IN (
				SELECT d.id FROM webhook_delivery d WHERE d.sub_id = $2 AND (d.state = 'waiting' AND d.next_ms <= $3 OR d.state = 'sending' AND d.lease_ms < $4)
				AND d.expire_ms > $4 AND d.event_id < $5
				AND NOT EXISTS (SELECT 1 FROM webhook_delivery e WHERE e.sub_id = d.sub_id AND e.case_id = d.case_id AND e.state IN ('waiting', 'sending')
					AND (e.event_id < d.event_id OR e.event_id = d.event_id AND e.id < d.id))
				ORDER BY d.event_id, d.id LIMIT $6)
			AND (state = 'waiting' OR state = 'sending' AND lease_ms < $4) RETURNING `+deliveryColumns,
			now.Add(lease).UnixMilli(), t.ID, due.UnixMilli(), now.UnixMilli(), behind, n)
		return err
	})
	return out, err
}

// settle writes the outcome of a claimed delivery; false if the lease is somebody else's by now.
func settle(ctx context.Context, tx *db.Tx, d Delivery) (bool, error) {
	r, err := tx.ExecContext(ctx, `UPDATE webhook_delivery SET state = $1, attempts = $2, next_ms = $3, lease_ms = 0, ended_ms = $4, status = $5, why = $6
		WHERE id = $7 AND state = 'sending' AND lease_ms = $8`, d.State, d.Attempts, db.Millis(d.Next), db.Millis(d.Ended), d.Status, d.Why, d.ID, db.Millis(d.lease))
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n == 1, err
}

// hurry makes what waits for a target due.
func hurry(ctx context.Context, tx *db.Tx, sub string, now time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE webhook_delivery SET next_ms = $1 WHERE sub_id = $2 AND state = 'waiting' AND next_ms > $1`, now.UnixMilli(), sub)
	return err
}

// expire parks what has waited too long: behind another one, or for a target that was paused or off.
func (s *Service) expire(ctx context.Context, now time.Time) error {
	var n int
	err := s.DB.R().QueryRowContext(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM webhook_delivery WHERE state IN ('waiting', 'sending') AND expire_ms <= $1 LIMIT 1) x`, now.UnixMilli()).Scan(&n)
	if err != nil || n == 0 {
		return db.Classify(err)
	}
	return s.DB.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE webhook_delivery SET state = 'dead', ended_ms = $1, why = CASE WHEN why = '' THEN $2 ELSE why END
			WHERE expire_ms <= $1 AND (state = 'waiting' OR state = 'sending' AND lease_ms < $1)`, now.UnixMilli(), whyExpired)
		return err
	})
}

func counts(ctx context.Context, q db.Q, sub string) (waiting, dead int, err error) {
	err = q.QueryRowContext(ctx, `SELECT COUNT(CASE WHEN state <> 'dead' THEN 1 END), COUNT(CASE WHEN state = 'dead' THEN 1 END)
		FROM webhook_delivery WHERE sub_id = $1 AND state IN ('waiting', 'sending', 'dead')`, sub).Scan(&waiting, &dead)
	return waiting, dead, db.Classify(err)
}

// listed gives deliveries of a subscription, newest first; state, case number and id before which to go on may be empty.
func listed(ctx context.Context, q db.Q, sub, state, caseNo, before string, limit int) ([]Delivery, error) {
	if before == "" {
		before = afterAll
	}
	query, args := `SELECT `+deliveryColumns+` FROM webhook_delivery WHERE sub_id = $1 AND id < $2`, []any{sub, before, limit}
	if state != "" {
		args = append(args, state)
		query += ` AND state = $4`
	}
	if caseNo != "" {
		args = append(args, caseNo)
		query += ` AND case_no = $` + string(rune('0'+len(args)))
	}
	return db.All(ctx, q, scanDelivery, query+` ORDER BY id DESC LIMIT $3`, args...)
}

func findDelivery(ctx context.Context, q db.Q, sub, id string) (Delivery, error) {
	return db.One(ctx, q, errNoDelivery(), scanDelivery, `SELECT `+deliveryColumns+` FROM webhook_delivery WHERE sub_id = $1 AND id = $2`, sub, id)
}

const answerPlace = "webhook_attempt.answer."

func (s *Service) insertAttempt(ctx context.Context, tx *db.Tx, sub string, a Attempt) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO webhook_attempt (id, sub_id, delivery_id, at_ms, took_ms, status, why, answer) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		a.ID, sub, a.Delivery, db.Millis(a.At), a.Took.Milliseconds(), a.Status, a.Why, s.Vault.SealText(answerPlace+a.ID, a.Text))
	return err
}

func (s *Service) attemptsOf(ctx context.Context, q db.Q, delivery string) ([]Attempt, error) {
	return db.All(ctx, q, func(r *db.Rows) (Attempt, error) {
		var a Attempt
		var when, took int64
		var answer []byte
		if err := r.Scan(&a.ID, &a.Delivery, &when, &took, &a.Status, &a.Why, &answer); err != nil {
			return a, err
		}
		a.At, a.Took = db.Instant(when), time.Duration(took)*time.Millisecond
		var err error
		a.Text, err = s.Vault.OpenText(answerPlace+a.ID, answer)
		return a, err
	}, `SELECT id, delivery_id, at_ms, took_ms, status, why, answer FROM webhook_attempt WHERE delivery_id = $1 ORDER BY at_ms DESC, id DESC LIMIT 100`, delivery)
}

const (
	keepDone = 30 * 24 * time.Hour
	keepDead = 180 * 24 * time.Hour
)

// Sweep deletes what nobody looks at any more: deliveries that were taken and attempts after 30 days, parked ones after 180.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.Now()
	return s.DB.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM webhook_attempt WHERE at_ms < $1`, now.Add(-keepDone).UnixMilli()); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM webhook_delivery WHERE state IN ('done', 'resent') AND ended_ms < $1 OR state = 'dead' AND ended_ms < $2`,
			now.Add(-keepDone).UnixMilli(), now.Add(-keepDead).UnixMilli())
		return err
	})
}
