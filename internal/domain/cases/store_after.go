package cases

import (
	"context"
	"time"

	"tongban/internal/base/db"
)

// targetOf gives the id of the licence a case acts on; "" while none was chosen.
func targetOf(ctx context.Context, q db.Q, id string) (string, error) {
	ids, err := db.All(ctx, q, scanText, `SELECT licence_id FROM cases_target WHERE case_id = $1`, id)
	if err != nil || len(ids) == 0 {
		return "", err
	}
	return ids[0], nil
}

func putTargetTx(ctx context.Context, tx *db.Tx, id, licence, by string, at time.Time) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO cases_target (case_id, licence_id, actor, at_ms) VALUES ($1, $2, $3, $4)
		ON CONFLICT (case_id) DO UPDATE SET licence_id = excluded.licence_id, actor = excluded.actor, at_ms = excluded.at_ms`, id, licence, by, db.Millis(at))
	return err
}

// readAfter reads what was stated after a decision.
func (s *Service) readAfter(out *After, kind, place string, body []byte, by string, at time.Time) (err error) {
	switch kind {
	case sayAnnounced:
		var v Announcement
		err = s.openJSON(place, body, &v)
		v.By, v.At = by, at
		out.Announced = append(out.Announced, v)
	case sayTaken:
		var v Revocation
		err = s.openJSON(place, body, &v)
		v.By, v.At = by, at
		out.Taken = append(out.Taken, v)
	case sayRectified:
		var v Rectification
		err = s.openJSON(place, body, &v)
		v.By, v.At = by, at
		out.Rectified = append(out.Rectified, v)
	}
	return err
}

// underWay gives the number of another application for the same item that acts on a licence and is not decided yet; "" if there is none.
func underWay(ctx context.Context, q db.Q, licence, item, except string) (string, error) {
	nos, err := db.All(ctx, q, scanText, `SELECT COALESCE(c.case_no, '') FROM cases_target t JOIN cases_case c ON c.id = t.case_id
		WHERE t.licence_id = $1 AND c.item_key = $2 AND c.id <> $3 AND c.state IN ('submitted', 'received', 'correction', 'accepted', 'reviewing', 'suspended') LIMIT 1`,
		licence, item, except)
	if err != nil || len(nos) == 0 {
		return "", err
	}
	return nos[0], nil
}
