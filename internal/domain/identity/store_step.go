package identity

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/ident"
)

// addStep stores a step and gives its ticket.
func (s *Service) addStep(ctx context.Context, st *step) (ticket string, err error) {
	st.id, ticket = ident.New(), ident.Secret(20)
	data, err := json.Marshal(st.data)
	if err != nil {
		return "", err
	}
	return ticket, s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO identity_step (id, token_hash, kind, owner, device_key, needs, amr, limited, proved, data, created_ms, ends_ms, used_ms)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', $9, $10, $11, 0)`, st.id, hashOf(ticket), st.kind, st.owner, st.deviceKey, strings.Join(st.needs, " "), st.amr, st.limited,
			s.v.Seal("identity_step.data."+st.id, data), s.now().UnixMilli(), st.ends.UnixMilli())
		return err
	})
}

// findStep gives a step that is under way. Errors: Gone "identity.step_ended".
func (s *Service) findStep(ctx context.Context, ticket string) (step, error) {
	return db.One(ctx, s.d.R(), errTicket, func(r *db.Rows) (step, error) {
		var st step
		var needs string
		var sealed []byte
		var ends int64
		err := r.Scan(&st.id, &st.kind, &st.owner, &st.deviceKey, &needs, &st.amr, &st.limited, &st.proved, &sealed, &ends)
		if err != nil {
			return st, err
		}
		st.needs, st.ends = strings.Fields(needs), time.UnixMilli(ends)
		data, err := s.v.Open("identity_step.data."+st.id, sealed)
		if err == nil {
			err = json.Unmarshal(data, &st.data)
		}
		return st, err
	}, `SELECT id, kind, owner, device_key, needs, amr, limited, proved, data, ends_ms FROM identity_step WHERE token_hash = $1 AND used_ms = 0 AND ends_ms > $2`,
		hashOf(ticket), s.now().UnixMilli())
}

// liveStep is findStep for the device that began it: a ticket that was carried off opens nothing elsewhere.
func (s *Service) liveStep(ctx context.Context, ticket string, from From) (step, error) {
	st, err := s.findStep(ctx, ticket)
	if err == nil && st.deviceKey != s.deviceKey(from.Device) {
		return step{}, errTicket
	}
	return st, err
}

func (s *Service) spendTx(ctx context.Context, tx *db.Tx, id string) error {
	return tx.Exec1(ctx, errTicket, `UPDATE identity_step SET used_ms = $1 WHERE id = $2 AND used_ms = 0`, s.now().UnixMilli(), id)
}

func (s *Service) markProved(ctx context.Context, id, method string) error {
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return tx.Exec1(ctx, errTicket, `UPDATE identity_step SET proved = $1 WHERE id = $2 AND used_ms = 0`, method, id)
	})
}
