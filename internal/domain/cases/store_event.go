package cases

import (
	"context"
	"encoding/json"
	"strconv"

	"tongban/internal/base/db"
)

func scanEvent(r *db.Rows) (Event, error) {
	var e Event
	var at, recorded int64
	var data string
	err := r.Scan(&e.Seq, &e.Kind, &at, &recorded, &e.By, &data, &e.version, &e.request, &e.OnBehalf)
	e.At, e.Recorded, e.Data = db.Instant(at), db.Instant(recorded), json.RawMessage(data)
	return e, err
}

func findEvents(ctx context.Context, q db.Q, id string) ([]Event, error) {
	return db.All(ctx, q, scanEvent, `SELECT seq, kind, at_ms, recorded_ms, actor, data, version, request, on_behalf FROM cases_event WHERE case_id = $1 ORDER BY seq`, id)
}

func putEventTx(ctx context.Context, tx *db.Tx, id string, e Event) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO cases_event (case_id, seq, kind, at_ms, recorded_ms, actor, data, version, request, on_behalf)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, id, e.Seq, e.Kind, db.Millis(e.At), db.Millis(e.Recorded), e.By, string(e.Data), e.version, e.request, e.OnBehalf)
	return err
}

func putHistoryTx(ctx context.Context, tx *db.Tx, id string, h HistoryEntry) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO cases_history (case_id, version, at_ms, actor, act, from_state, to_state, on_behalf) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		id, h.Version, db.Millis(h.At), h.By, h.Act, string(h.From), string(h.To), h.OnBehalf)
	return err
}

func findHistory(ctx context.Context, q db.Q, id string) ([]HistoryEntry, error) {
	return db.All(ctx, q, func(r *db.Rows) (HistoryEntry, error) {
		var h HistoryEntry
		var at int64
		err := r.Scan(&h.Version, &at, &h.By, &h.Act, &h.From, &h.To, &h.OnBehalf)
		h.At = db.Instant(at)
		return h, err
	}, `SELECT version, at_ms, actor, act, from_state, to_state, on_behalf FROM cases_history WHERE case_id = $1 ORDER BY version`, id)
}

// serialTx gives the next serial number of a code on a day.
func serialTx(ctx context.Context, tx *db.Tx, code, day string) (int64, error) {
	var n int64
	err := tx.QueryRowContext(ctx, `INSERT INTO cases_series (code, day, last) VALUES ($1, $2, 1)
		ON CONFLICT (code, day) DO UPDATE SET last = cases_series.last + 1 RETURNING last`, code, day).Scan(&n)
	return n, err
}

// alarmTx notes that a deadline was told; false means that it had been.
func alarmTx(ctx context.Context, tx *db.Tx, id, kind string, due int64) (bool, error) {
	r, err := tx.ExecContext(ctx, `INSERT INTO cases_alarm (case_id, kind, due_ms) VALUES ($1, $2, $3) ON CONFLICT (case_id, kind, due_ms) DO NOTHING`, id, kind, due)
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n == 1, err
}

// caseNumber joins code, day and serial: four digits, more when a day has more than 9999.
func caseNumber(code, day string, n int64) string {
	s := strconv.FormatInt(n, 10)
	for len(s) < 4 {
		s = "0" + s
	}
	return code + day + s
}

// lastTx reports whether the newest entry of a case's history is this act by this actor.
func lastTx(ctx context.Context, tx *db.Tx, id, act, by string) (bool, error) {
	n := 0
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM cases_history WHERE case_id = $1 AND act = $2 AND actor = $3
		AND version = (SELECT MAX(version) FROM cases_history WHERE case_id = $1)`, id, act, by).Scan(&n)
	return n > 0, db.Classify(err)
}
