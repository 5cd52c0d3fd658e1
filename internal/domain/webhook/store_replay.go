package webhook

import (
	"context"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

func insertReplay(ctx context.Context, tx *db.Tx, r Replay) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO webhook_replay (id, sub_id, dead, from_ms, until_ms, next_ms, found, state, by_staff, made_ms) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9)`,
		r.ID, r.Sub, flag(r.OnlyDead), db.Millis(r.From), db.Millis(r.Until), db.Millis(r.next), r.State, r.By, db.Millis(r.Made))
	return err
}

const replayColumns = `id, sub_id, dead, from_ms, until_ms, next_ms, found, state, by_staff, made_ms`

func scanReplay(r *db.Rows) (Replay, error) {
	var x Replay
	var dead, from, until, next, made int64
	err := r.Scan(&x.ID, &x.Sub, &dead, &from, &until, &next, &x.Found, &x.State, &x.By, &made)
	x.OnlyDead, x.From, x.Until, x.next, x.Made = dead == 1, db.Instant(from), db.Instant(until), db.Instant(next), db.Instant(made)
	return x, err
}

func findReplay(ctx context.Context, q db.Q, id string) (Replay, error) {
	return db.One(ctx, q, errs.New(errs.NotFound, "webhook.unknown"), scanReplay, `SELECT `+replayColumns+` FROM webhook_replay WHERE id = $1`, id)
}

func replaysOf(ctx context.Context, q db.Q, sub string, limit int) ([]Replay, error) {
	return db.All(ctx, q, scanReplay, `SELECT `+replayColumns+` FROM webhook_replay WHERE sub_id = $1 ORDER BY id DESC LIMIT $2`, sub, limit)
}

func moveReplay(ctx context.Context, tx *db.Tx, r Replay) error {
	_, err := tx.ExecContext(ctx, `UPDATE webhook_replay SET next_ms = $1, found = $2, state = $3 WHERE id = $4`, db.Millis(r.next), r.Found, r.State, r.ID)
	return err
}

// parked lists dead deliveries that ended no later than a time, oldest event first.
func parked(ctx context.Context, q db.Q, sub string, until time.Time, limit int) ([]Delivery, error) {
	return db.All(ctx, q, scanDelivery, `SELECT `+deliveryColumns+` FROM webhook_delivery WHERE sub_id = $1 AND state = 'dead' AND ended_ms <= $2 ORDER BY event_id, id LIMIT $3`,
		sub, until.UnixMilli(), limit)
}

func unpark(ctx context.Context, tx *db.Tx, id string) error {
	_, err := tx.ExecContext(ctx, `UPDATE webhook_delivery SET state = 'resent' WHERE id = $1 AND state = 'dead'`, id)
	return err
}
