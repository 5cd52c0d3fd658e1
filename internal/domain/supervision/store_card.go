package supervision

import (
	"context"
	"strconv"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

// stepPlace is where the text of a card's step is sealed to.
func stepPlace(alarmID string, seq int64) string {
	return "supervision_step.text." + alarmID + ":" + strconv.FormatInt(seq, 10)
}

type sealedStep struct {
	CardStep
	seq    int64
	sealed []byte
}

func insertStep(ctx context.Context, tx *db.Tx, alarmID string, seq int64, s CardStep, sealed []byte) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO supervision_step (alarm_id, seq, act, at_ms, actor, text, state, level, due_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		alarmID, seq, string(s.Act), s.At.UnixMilli(), s.By, sealed, s.State, string(s.Level), db.Millis(s.Due))
	return err
}

func cardSteps(ctx context.Context, q db.Q, alarmID string) ([]sealedStep, error) {
	return db.All(ctx, q, func(r *db.Rows) (sealedStep, error) {
		var s sealedStep
		var at, due int64
		err := r.Scan(&s.seq, &s.Act, &at, &s.By, &s.sealed, &s.State, &s.Level, &due)
		s.At, s.Due = db.Instant(at), db.Instant(due)
		return s, err
	}, `SELECT seq, act, at_ms, actor, text, state, level, due_ms FROM supervision_step WHERE alarm_id = $1 ORDER BY seq`, alarmID)
}

// moveCard writes where a card stands now. Its version is the number of its last step, so that of two steps at once one wins.
func moveCard(ctx context.Context, tx *db.Tx, was Alarm, c Card) error {
	next := was.version + 1
	if was.month == "" {
		next = was.version // it is taken in, nothing happened to it
	}
	return tx.Exec1(ctx, errs.New(errs.Conflict, "supervision.moved"), `UPDATE supervision_alarm SET state = $1, level = $2, state_before = $3, proposed_by = $4, explained = $5, urged = $6,
		explain_due_ms = $7, urge_due_ms = $8, owed_ms = $9, points = $10, month = $11, version = $12 WHERE id = $13 AND version = $14`,
		c.State, string(c.Level), c.Before, c.Proposed, c.Explained, c.Urged, db.Millis(c.ExplainDue), db.Millis(c.UrgeDue), db.Millis(c.Owed), c.Points, monthOf(was.At), next,
		was.ID, was.version)
}

func monthOf(t time.Time) string { return dateOf(t)[:7] }

// owing gives alarms whose explanation or answer is overdue, and those from before there were cards.
func owing(ctx context.Context, q db.Q, now time.Time, n int) ([]string, error) {
	return db.All(ctx, q, scanText, `SELECT id FROM supervision_alarm WHERE owed_ms > 0 AND owed_ms < $1 UNION SELECT id FROM supervision_alarm WHERE month = '' LIMIT $2`,
		now.UnixMilli(), n)
}

func scanText(r *db.Rows) (string, error) {
	var s string
	return s, r.Scan(&s)
}

func insertEvidence(ctx context.Context, tx *db.Tx, alarmID string, e Evidence) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO supervision_evidence (alarm_id, ref, case_no, what, at_ms) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (alarm_id, ref) DO NOTHING`,
		alarmID, e.Ref, e.CaseNo, e.What, e.At.UnixMilli())
	return err
}

// mostEvidence is how many cases or ratings one alarm shows.
const mostEvidence = 500

func evidenceOf(ctx context.Context, q db.Q, alarmID string) ([]Evidence, error) {
	return db.All(ctx, q, func(r *db.Rows) (Evidence, error) {
		var e Evidence
		var at int64
		err := r.Scan(&e.Ref, &e.CaseNo, &e.What, &at)
		e.At = db.Instant(at)
		return e, err
	}, `SELECT ref, case_no, what, at_ms FROM supervision_evidence WHERE alarm_id = $1 ORDER BY at_ms, ref LIMIT $2`, alarmID, mostEvidence)
}

func insertThreshold(ctx context.Context, tx *db.Tx, t Threshold) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO supervision_threshold (id, region, name, value, valid_from, reason, actor, at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		t.ID, t.Region, t.Key, t.Value, t.From, t.Reason, t.By, t.At.UnixMilli())
	return err
}

func thresholds(ctx context.Context, q db.Q) ([]Threshold, error) {
	return db.All(ctx, q, func(r *db.Rows) (Threshold, error) {
		var t Threshold
		var at int64
		err := r.Scan(&t.ID, &t.Region, &t.Key, &t.Value, &t.From, &t.Reason, &t.By, &at)
		t.At = db.Instant(at)
		return t, err
	}, `SELECT id, region, name, value, valid_from, reason, actor, at_ms FROM supervision_threshold ORDER BY id DESC`)
}

// AgencyPoints is what one agency's cards of a month come to.
type AgencyPoints struct {
	Agency, Name                        string
	Yellow, Red, Urged, Cancelled, Open int
	Points                              int
}

func pointsOf(ctx context.Context, q db.Q, under, month string) ([]AgencyPoints, error) {
	return db.All(ctx, q, func(r *db.Rows) (AgencyPoints, error) {
		var p AgencyPoints
		return p, r.Scan(&p.Agency, &p.Name, &p.Yellow, &p.Red, &p.Urged, &p.Cancelled, &p.Open, &p.Points)
	}, `SELECT agency, MAX(agency_name), SUM(CASE WHEN level = 'yellow' AND state <> 'cancelled' THEN 1 ELSE 0 END), SUM(CASE WHEN level = 'red' AND state <> 'cancelled' THEN 1 ELSE 0 END),
		SUM(CASE WHEN urged AND state <> 'cancelled' THEN 1 ELSE 0 END), SUM(CASE WHEN state = 'cancelled' THEN 1 ELSE 0 END), SUM(CASE WHEN state = 'open' THEN 1 ELSE 0 END), SUM(points)
		FROM supervision_alarm WHERE month = $1 AND region LIKE $2 GROUP BY agency ORDER BY SUM(points) DESC, agency`, month, under)
}

func alarmMonths(ctx context.Context, q db.Q, under string) ([]string, error) {
	return db.All(ctx, q, scanText, `SELECT DISTINCT month FROM supervision_alarm WHERE month <> '' AND region LIKE $1 ORDER BY month DESC LIMIT 36`, under)
}
