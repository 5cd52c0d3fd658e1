package rating

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
var Schema = db.Room{Name: "rating", Files: files}

func insertContact(ctx context.Context, tx *db.Tx, c Contact) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO rating_contact (id, case_id, kind, occurrence, person, agency, item, channel, at_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (case_id, kind, occurrence) DO NOTHING`,
		c.ID, c.CaseID, string(c.Kind), c.Occurrence, c.person, c.Agency, c.Item, string(c.Channel), c.At.UnixMilli())
	return err
}

const contactColumns = `c.id, c.case_id, c.kind, c.occurrence, c.agency, c.item, c.channel, c.at_ms`

func (c *Contact) places(at *int64) []any {
	return []any{&c.ID, &c.CaseID, &c.Kind, &c.Occurrence, &c.Agency, &c.Item, &c.Channel, at}
}

func contactByID(ctx context.Context, q db.Q, id, person string) (Contact, error) {
	return db.One(ctx, q, errs.New(errs.NotFound, "rating.no_contact"), func(r *db.Rows) (Contact, error) {
		var c Contact
		var at int64
		err := r.Scan(c.places(&at)...)
		c.At = time.UnixMilli(at)
		return c, err
	}, `SELECT `+contactColumns+` FROM rating_contact c WHERE c.id = $1 AND c.person = $2`, id, person)
}

// insertRating relies on the unique contact: the second of two ratings given at the same time finds no row to write.
func insertRating(ctx context.Context, tx *db.Tx, contactID string, g Given, via string, text []byte) error {
	tags, err := json.Marshal(append([]string{}, g.Tags...))
	if err != nil {
		return err
	}
	return tx.Exec1(ctx, errs.New(errs.Conflict, "rating.already"), `INSERT INTO rating_rating (id, contact_id, grade, tags, tags_version, text, via, at_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (contact_id) DO NOTHING`,
		g.ID, contactID, g.Grade, string(tags), TagsVersion, text, via, g.At.UnixMilli())
}

// sealedRateable is a row of the person's own page before its texts are opened.
type sealedRateable struct {
	Rateable
	text, answer []byte
}

func rateables(ctx context.Context, q db.Q, caseID, person string) ([]sealedRateable, error) {
	return db.All(ctx, q, scanRateable, `SELECT `+contactColumns+`, COALESCE(r.id, ''), COALESCE(r.grade, 0), COALESCE(CAST(r.tags AS TEXT), '[]'), r.text,
		COALESCE(r.at_ms, 0), a.text, COALESCE(a.answered_ms, 0) FROM rating_contact c LEFT JOIN rating_rating r ON r.contact_id = c.id
		LEFT JOIN rating_answer a ON a.rating_id = r.id WHERE c.case_id = $1 AND c.person = $2 ORDER BY c.at_ms DESC, c.id DESC`, caseID, person)
}

func scanRateable(rows *db.Rows) (sealedRateable, error) {
	var r sealedRateable
	var g Given
	var tags string
	var at, given, answered int64
	err := rows.Scan(append(r.places(&at), &g.ID, &g.Grade, &tags, &r.text, &given, &r.answer, &answered)...)
	if err != nil {
		return r, err
	}
	r.At = time.UnixMilli(at)
	if g.ID == "" {
		return r, nil
	}
	g.At, r.Given = time.UnixMilli(given), &g
	if answered > 0 {
		r.Answered = time.UnixMilli(answered)
	}
	return r, json.Unmarshal([]byte(tags), &g.Tags)
}

// countFigures counts contacts and ratings by agency and item.
func countFigures(ctx context.Context, q db.Q) ([]Figure, error) {
	return db.All(ctx, q, func(r *db.Rows) (Figure, error) {
		var f Figure
		err := r.Scan(&f.Agency, &f.Item, &f.Contacts, &f.Grades[0], &f.Grades[1], &f.Grades[2], &f.Grades[3], &f.Grades[4], &f.BadAnswered)
		return f, err
	}, `SELECT c.agency, c.item, COUNT(*), SUM(CASE WHEN r.grade = 1 THEN 1 ELSE 0 END), SUM(CASE WHEN r.grade = 2 THEN 1 ELSE 0 END),
		SUM(CASE WHEN r.grade = 3 THEN 1 ELSE 0 END), SUM(CASE WHEN r.grade = 4 THEN 1 ELSE 0 END), SUM(CASE WHEN r.grade = 5 THEN 1 ELSE 0 END),
		SUM(CASE WHEN a.state = 'answered' THEN 1 ELSE 0 END)
		FROM rating_contact c LEFT JOIN rating_rating r ON r.contact_id = c.id LEFT JOIN rating_answer a ON a.rating_id = r.id
		GROUP BY c.agency, c.item ORDER BY c.agency, c.item`)
}
