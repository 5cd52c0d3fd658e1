package webhook

import (
	"context"
	"encoding/json"
	"time"

	"tongban/internal/base/db"
)

const urlPlace = "webhook_subscription.url."

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

const subColumns = `s.id, s.agency, s.wide, s.url, CAST(s.data AS TEXT), s.state, s.since_ms, s.version, s.made_by, s.made_ms`

func (s *Service) scanSub(x *Subscription, url *[]byte, data *string, wide, since, made *int64) []any {
	return []any{&x.ID, &x.Agency, wide, url, data, &x.State, since, &x.Version, &x.MadeBy, made}
}

func (s *Service) opened(x *Subscription, url []byte, data string, wide, since, made int64) (err error) {
	x.Wide, x.Since, x.Made = wide == 1, db.Instant(since), db.Instant(made)
	if err := json.Unmarshal([]byte(data), x); err != nil {
		return err
	}
	x.URL, err = s.Vault.OpenText(urlPlace+x.ID, url)
	return err
}

func (s *Service) scanOne(r *db.Rows) (Subscription, error) {
	var x Subscription
	var url []byte
	var data string
	var wide, since, made int64
	if err := r.Scan(s.scanSub(&x, &url, &data, &wide, &since, &made)...); err != nil {
		return x, err
	}
	return x, s.opened(&x, url, data, wide, since, made)
}

func (s *Service) find(ctx context.Context, q db.Q, id string) (Subscription, error) {
	return db.One(ctx, q, errUnknown(), s.scanOne, `SELECT `+subColumns+` FROM webhook_subscription s WHERE s.id = $1`, id)
}

// hearing lists the subscriptions that are on and may hear of an agency's cases.
func (s *Service) hearing(ctx context.Context, q db.Q, agency string) ([]Subscription, error) {
	return db.All(ctx, q, s.scanOne, `SELECT `+subColumns+` FROM webhook_subscription s WHERE s.state = 'on' AND (s.agency = $1 OR s.wide = 1) ORDER BY s.id`, agency)
}

const healthColumns = `h.failures, h.failing_ms, h.paused_ms, h.probe_ms, h.probes, h.ok_ms, h.why`

func (s *Service) scanTarget(r *db.Rows) (Target, error) {
	var t Target
	var url []byte
	var data string
	var wide, since, made, failing, paused, probe, ok int64
	h := &t.Health
	to := append(s.scanSub(&t.Subscription, &url, &data, &wide, &since, &made), &h.Failures, &failing, &paused, &probe, &h.probes, &ok, &h.Why)
	if err := r.Scan(to...); err != nil {
		return t, err
	}
	h.FailingSince, h.PausedSince, h.Probe, h.LastTaken = db.Instant(failing), db.Instant(paused), db.Instant(probe), db.Instant(ok)
	return t, s.opened(&t.Subscription, url, data, wide, since, made)
}

// targets lists subscriptions with how they do: all, or the one of an id.
func (s *Service) targets(ctx context.Context, q db.Q, id string) ([]Target, error) {
	query := `SELECT ` + subColumns + `, ` + healthColumns + ` FROM webhook_subscription s JOIN webhook_health h ON h.sub_id = s.id`
	if id != "" {
		return db.All(ctx, q, s.scanTarget, query+` WHERE s.id = $1`, id)
	}
	return db.All(ctx, q, s.scanTarget, query+` ORDER BY s.agency, s.made_ms, s.id`)
}

// due lists the targets that something may be sent to now.
func (s *Service) due(ctx context.Context, q db.Q, now time.Time) ([]Target, error) {
	return db.All(ctx, q, s.scanTarget, `SELECT `+subColumns+`, `+healthColumns+` FROM webhook_subscription s JOIN webhook_health h ON h.sub_id = s.id
		WHERE s.state = 'on' AND (h.paused_ms = 0 OR h.probe_ms <= $1)
		AND EXISTS (SELECT 1 FROM webhook_delivery d WHERE d.sub_id = s.id AND d.state IN ('waiting', 'sending') AND (d.next_ms <= $1 OR h.paused_ms > 0))`, now.UnixMilli())
}

func (s *Service) insert(ctx context.Context, tx *db.Tx, x Subscription) error {
	data, err := json.Marshal(x)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO webhook_subscription (id, agency, wide, url, data, state, since_ms, version, made_by, made_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		x.ID, x.Agency, flag(x.Wide), s.Vault.SealText(urlPlace+x.ID, x.URL), string(data), x.State, db.Millis(x.Since), x.Version, x.MadeBy, db.Millis(x.Made)); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO webhook_health (sub_id, failures, failing_ms, paused_ms, probe_ms, probes, ok_ms, why) VALUES ($1, 0, 0, 0, 0, 0, 0, '')`, x.ID)
	return err
}

func (s *Service) update(ctx context.Context, tx *db.Tx, x Subscription, version int64) error {
	data, err := json.Marshal(x)
	if err != nil {
		return err
	}
	return tx.Exec1(ctx, errMoved(), `UPDATE webhook_subscription SET wide = $1, url = $2, data = $3, version = version + 1 WHERE id = $4 AND version = $5`,
		flag(x.Wide), s.Vault.SealText(urlPlace+x.ID, x.URL), string(data), x.ID, version)
}

func setState(ctx context.Context, tx *db.Tx, id, from, to string, now time.Time) error {
	return tx.Exec1(ctx, errMoved(), `UPDATE webhook_subscription SET state = $1, since_ms = $2, version = version + 1 WHERE id = $3 AND state = $4`, to, now.UnixMilli(), id, from)
}

// healthy says that a target does well; taken is when it took a message, zero if it did not.
func healthy(ctx context.Context, tx *db.Tx, id string, taken time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE webhook_health SET failures = 0, failing_ms = 0, paused_ms = 0, probe_ms = 0, probes = 0, why = '',
		ok_ms = CASE WHEN $1 > ok_ms THEN $1 ELSE ok_ms END WHERE sub_id = $2`, db.Millis(taken), id)
	return err
}

// unhealthy counts a failure, and pauses the target at the last of so many in a row.
func unhealthy(ctx context.Context, tx *db.Tx, id string, now, probe time.Time, pauseAfter int64, why string) error {
	_, err := tx.ExecContext(ctx, `UPDATE webhook_health SET failures = failures + 1,
		failing_ms = CASE WHEN failing_ms = 0 THEN $1 ELSE failing_ms END,
		probes = CASE WHEN paused_ms = 0 THEN 0 ELSE probes + 1 END,
		paused_ms = CASE WHEN paused_ms = 0 AND failures + 1 >= $2 THEN $1 ELSE paused_ms END,
		probe_ms = $3, why = $4 WHERE sub_id = $5`, now.UnixMilli(), pauseAfter, probe.UnixMilli(), why, id)
	return err
}

func insertSecret(ctx context.Context, tx *db.Tx, sub string, x Secret) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO webhook_secret (id, sub_id, secret, made_ms, until_ms) VALUES ($1, $2, $3, $4, $5)`, x.ID, sub, x.sealed, db.Millis(x.Made), db.Millis(x.Until))
	return err
}

// secretsOf lists the secrets that hold, newest first.
func secretsOf(ctx context.Context, q db.Q, sub string, now time.Time) ([]Secret, error) {
	return db.All(ctx, q, func(r *db.Rows) (Secret, error) {
		var x Secret
		var made, until int64
		err := r.Scan(&x.ID, &x.sealed, &made, &until)
		x.Made, x.Until = db.Instant(made), db.Instant(until)
		return x, err
	}, `SELECT id, secret, made_ms, until_ms FROM webhook_secret WHERE sub_id = $1 AND (until_ms = 0 OR until_ms > $2) ORDER BY made_ms DESC, id DESC`, sub, now.UnixMilli())
}

// endSecrets lets the secrets of a subscription end at a time, if they do not end before.
func endSecrets(ctx context.Context, tx *db.Tx, sub string, until time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE webhook_secret SET until_ms = $1 WHERE sub_id = $2 AND (until_ms = 0 OR until_ms > $1)`, until.UnixMilli(), sub)
	return err
}

func endSecret(ctx context.Context, tx *db.Tx, id string, now time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE webhook_secret SET until_ms = $1 WHERE id = $2`, now.UnixMilli(), id)
	return err
}
