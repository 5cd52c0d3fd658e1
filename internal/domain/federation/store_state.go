package federation

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/emmansun/gmsm/sm3"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
)

// hashOf is what stands for a random secret in the database.
func hashOf(secret string) string {
	sum := sm3.Sum([]byte(secret))
	return hex.EncodeToString(sum[:])
}

func (s *Service) keepState(ctx context.Context, now time.Time, state, provider, browser string, w pending) error {
	doc, err := json.Marshal(w)
	if err != nil {
		return err
	}
	id := hashOf(state)
	return s.d.DB.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM federation_state WHERE ends_ms < $1`, now.Add(-time.Hour).UnixMilli()); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO federation_state (id, provider, browser, sealed, ends_ms, used_ms) VALUES ($1, $2, $3, $4, $5, 0)`,
			id, provider, hashOf(browser), s.d.Vault.Seal("federation_state.sealed."+id, doc), now.Add(life).UnixMilli())
		return err
	})
}

var errGone = errs.New(errs.Gone, "federation.state_gone")

// stateRow is a sign-in under way.
type stateRow struct {
	provider, browser string
	sealed            []byte
	ends, used        int64
}

// useState uses a state up. A stranger's browser learns nothing and uses nothing up.
func (s *Service) useState(ctx context.Context, now time.Time, state, provider, browser string) (pending, error) {
	var w pending
	id := hashOf(state)
	row, err := db.One(ctx, s.d.DB.R(), errGone, func(r *db.Rows) (stateRow, error) {
		var w stateRow
		err := r.Scan(&w.provider, &w.browser, &w.sealed, &w.ends, &w.used)
		return w, err
	}, `SELECT provider, browser, sealed, ends_ms, used_ms FROM federation_state WHERE id = $1`, id)
	switch {
	case err != nil:
		return w, err
	case row.provider != provider || row.used > 0 || row.ends < now.UnixMilli():
		return w, errGone
	case browser == "" || !ident.Equal(row.browser, hashOf(browser)):
		return w, errs.New(errs.Forbidden, "federation.other_browser")
	}
	err = s.d.DB.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		return tx.Exec1(ctx, errGone, `UPDATE federation_state SET used_ms = $1 WHERE id = $2 AND used_ms = 0`, now.UnixMilli(), id)
	})
	if err != nil {
		return w, err
	}
	doc, err := s.d.Vault.Open("federation_state.sealed."+id, row.sealed)
	if err != nil {
		return w, err
	}
	return w, json.Unmarshal(doc, &w)
}
