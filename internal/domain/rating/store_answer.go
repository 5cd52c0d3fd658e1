package rating

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/engine/clock"
)

func insertAnswer(ctx context.Context, tx *db.Tx, b BadEvent) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO rating_answer (rating_id, agency, state, verify_due_ms, fix_due_ms, finding, verified_ms, verified_by, answered_ms, answered_by)
		VALUES ($1, $2, 'open', $3, $4, '', 0, '', 0, '')`, b.RatingID, b.Agency, b.VerifyDue.UnixMilli(), b.FixDue.UnixMilli())
	return err
}

// selectBad leaves out whatever leads to the rater: contact, case and hour.
const selectBad = `SELECT r.id, a.agency, c.item, c.kind, c.channel, r.grade, CAST(r.tags AS TEXT), r.text, r.at_ms, a.state, a.verify_due_ms, a.fix_due_ms, a.finding,
	a.verified_ms, a.answered_ms, a.text FROM rating_answer a JOIN rating_rating r ON r.id = a.rating_id JOIN rating_contact c ON c.id = r.contact_id `

func scanBad(rows *db.Rows) (BadRating, error) {
	var b BadRating
	var tags string
	var at, verify, fix, verified, answered int64
	err := rows.Scan(&b.ID, &b.Agency, &b.Item, &b.Kind, &b.Channel, &b.Grade, &tags, &b.text, &at, &b.State, &verify, &fix, &b.Finding, &verified, &answered, &b.answer)
	if err != nil {
		return b, err
	}
	b.Day = time.UnixMilli(at).In(clock.Shanghai).Format(time.DateOnly)
	b.VerifyDue, b.FixDue, b.VerifiedAt, b.Answered = instant(verify), instant(fix), instant(verified), instant(answered)
	return b, json.Unmarshal([]byte(tags), &b.Tags)
}

// instant reads a stored time; 0 is none.
func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).In(clock.Shanghai)
}

func badRating(ctx context.Context, q db.Q, agency, id string) (BadRating, error) {
	return db.One(ctx, q, errs.New(errs.NotFound, "rating.no_bad"), scanBad, selectBad+`WHERE a.rating_id = $1 AND a.agency = $2`, id, agency)
}

func badRatings(ctx context.Context, q db.Q, agency string, f BadFilter) (BadPage, error) {
	keys, err := db.ParseCursor(f.After, 2)
	if err != nil {
		return BadPage{}, err
	}
	due, id := int64(0), ""
	if keys != nil {
		if due, err = strconv.ParseInt(keys[0], 10, 64); err != nil {
			return BadPage{}, errs.New(errs.BadRequest, "base.cursor", errs.P{"value": f.After})
		}
		id = keys[1]
	}
	state := `a.state <> 'answered'`
	if f.Done {
		state = `a.state = 'answered'`
	}
	rows, err := db.All(ctx, q, scanBad, selectBad+`WHERE a.agency = $1 AND `+state+` AND (a.fix_due_ms, a.rating_id) > ($2, $3)
		ORDER BY a.fix_due_ms, a.rating_id LIMIT $4`, agency, due, id, f.Limit+1)
	if err != nil || len(rows) <= f.Limit {
		return BadPage{Rows: rows}, err
	}
	last := rows[f.Limit-1]
	return BadPage{Rows: rows[:f.Limit], Next: db.Cursor(strconv.FormatInt(last.FixDue.UnixMilli(), 10), last.ID)}, nil
}

func setVerified(ctx context.Context, tx *db.Tx, now time.Time, id, finding, by string) error {
	return tx.Exec1(ctx, errs.New(errs.Conflict, "rating.verified_before"), `UPDATE rating_answer SET state = 'verified', finding = $1, verified_ms = $2, verified_by = $3
		WHERE rating_id = $4 AND state = 'open'`, finding, now.UnixMilli(), by, id)
}

func setAnswered(ctx context.Context, tx *db.Tx, now time.Time, id string, text []byte, by string) error {
	return tx.Exec1(ctx, errs.New(errs.Conflict, "rating.not_verified"), `UPDATE rating_answer SET state = 'answered', text = $1, answered_ms = $2, answered_by = $3
		WHERE rating_id = $4 AND state = 'verified'`, text, now.UnixMilli(), by, id)
}
