package mandate

import (
	"context"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/ident"
)

func putDraft(ctx context.Context, tx *db.Tx, now time.Time, id, owner string, body []byte) error {
	return tx.Exec1(ctx, errNone, `INSERT INTO mandate_draft (id, owner, body, updated_ms) VALUES ($1, $2, $3, $4)
		ON CONFLICT (id) DO UPDATE SET body = excluded.body, updated_ms = excluded.updated_ms WHERE mandate_draft.owner = excluded.owner`, id, owner, body, now.UnixMilli())
}

func draftBody(ctx context.Context, q db.Q, id, owner string, after time.Time) ([]byte, error) {
	if !ident.Valid(id) {
		return nil, errNone
	}
	scan := func(r *db.Rows) (b []byte, err error) { err = r.Scan(&b); return b, err }
	return db.One(ctx, q, errNone, scan, `SELECT body FROM mandate_draft WHERE id = $1 AND owner = $2 AND updated_ms > $3`, id, owner, after.UnixMilli())
}

// dropDraft is also what makes a draft count once: giving it twice finds it gone.
func dropDraft(ctx context.Context, tx *db.Tx, id, owner string) error {
	return tx.Exec1(ctx, errMoved, `DELETE FROM mandate_draft WHERE id = $1 AND owner = $2`, id, owner)
}
