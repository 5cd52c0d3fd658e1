package supervision

import (
	"context"
	"encoding/json"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

// insertAlarm writes an alarm; when the same thing was found before, fresh is false and the id is that of the alarm that stands there.
func insertAlarm(ctx context.Context, tx *db.Tx, now time.Time, id string, w watch, f Finding, c Card) (at string, fresh bool, err error) {
	facts, err := json.Marshal(f.Facts)
	if err != nil {
		return "", false, err
	}
	r, err := tx.ExecContext(ctx, `INSERT INTO supervision_alarm (id, rule, case_id, occurrence, level, note, facts, at_ms, found_ms, case_no, region, agency, agency_name, item_name,
		state, explained_ms, explained_by, item, month, points, explain_due_ms, owed_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'open', 0, '', $15, $16, $17, $18, $19) ON CONFLICT (rule, case_id, occurrence) DO NOTHING`,
		id, f.Rule, w.CaseID, f.Occurrence, string(f.Level), f.Note, string(facts), db.Millis(f.At), now.UnixMilli(), w.CaseNo, w.Region, w.Agency, w.AgencyName, w.ItemName,
		w.Item, monthOf(f.At), c.Points, db.Millis(c.ExplainDue), db.Millis(c.Owed))
	if err != nil {
		return "", false, err
	}
	if n, err := r.RowsAffected(); err != nil || n == 1 {
		return id, true, err
	}
	err = tx.QueryRowContext(ctx, `SELECT id FROM supervision_alarm WHERE rule = $1 AND case_id = $2 AND occurrence = $3`, f.Rule, w.CaseID, f.Occurrence).Scan(&id)
	return id, false, err
}

const selectAlarm = `SELECT id, rule, case_id, case_no, level, note, CAST(facts AS TEXT), at_ms, found_ms, agency, agency_name, item_name, state, explanation, explained_ms, explained_by,
	region, month, version, points, state_before, proposed_by, explained, urged, explain_due_ms, urge_due_ms, owed_ms FROM supervision_alarm `

func scanAlarm(r *db.Rows) (Alarm, error) {
	var a Alarm
	var facts string
	var at, found, explained, explainDue, urgeDue, owed int64
	if err := r.Scan(&a.ID, &a.Rule, &a.CaseID, &a.CaseNo, &a.Level, &a.Note, &facts, &at, &found, &a.Agency, &a.AgencyName, &a.ItemName, &a.State, &a.sealed, &explained,
		&a.ExplainedBy, &a.region, &a.month, &a.version, &a.Points, &a.Before, &a.Proposed, &a.Explained, &a.Urged, &explainDue, &urgeDue, &owed); err != nil {
		return a, err
	}
	a.At, a.Found, a.ExplainedAt = db.Instant(at), db.Instant(found), db.Instant(explained)
	a.ExplainDue, a.UrgeDue, a.Owed = db.Instant(explainDue), db.Instant(urgeDue), db.Instant(owed)
	return a, json.Unmarshal([]byte(facts), &a.Facts)
}

func listAlarms(ctx context.Context, q db.Q, f AlarmFilter) (AlarmPage, error) {
	keys, err := db.ParseCursor(f.After, 1)
	if err != nil {
		return AlarmPage{}, err
	}
	after := ""
	if keys != nil {
		after = keys[0]
	}
	rows, err := db.All(ctx, q, scanAlarm, selectAlarm+`WHERE region LIKE $1 AND (CAST($2 AS TEXT) = '' OR rule = $2) AND (CAST($3 AS TEXT) = '' OR state = $3)
		AND (CAST($4 AS TEXT) = '' OR agency = $4) AND (CAST($5 AS TEXT) = '' OR level = $5) AND (CAST($6 AS TEXT) = '' OR case_id = $6)
		AND (CAST($7 AS TEXT) = '' OR id < $7) AND (CAST($8 AS TEXT) = '' OR month = $8) ORDER BY id DESC LIMIT $9`,
		f.under, f.Rule, f.State, f.Agency, string(f.Level), f.caseID, after, f.Month, f.Limit+1)
	if err != nil || len(rows) <= f.Limit {
		return AlarmPage{Rows: rows}, err
	}
	return AlarmPage{Rows: rows[:f.Limit], Next: db.Cursor(rows[f.Limit-1].ID)}, nil
}

func alarmOf(ctx context.Context, q db.Q, id, agency string) (Alarm, error) {
	return db.One(ctx, q, errs.New(errs.NotFound, "supervision.no_alarm"), scanAlarm, selectAlarm+`WHERE id = $1 AND agency = $2`, id, agency)
}

func alarmIn(ctx context.Context, q db.Q, id, under string) (Alarm, error) {
	return db.One(ctx, q, errs.New(errs.NotFound, "supervision.no_alarm"), scanAlarm, selectAlarm+`WHERE id = $1 AND region LIKE $2`, id, under)
}

func setExplanation(ctx context.Context, tx *db.Tx, now time.Time, id string, text []byte, by string) error {
	_, err := tx.ExecContext(ctx, `UPDATE supervision_alarm SET explanation = $1, explained_ms = $2, explained_by = $3 WHERE id = $4`, text, now.UnixMilli(), by, id)
	return err
}
