package cases

import (
	"context"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
)

// Put writes a case and its work as they are given.
func (s *Service) Put(ctx context.Context, c Case, tasks ...Task) error {
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.putTx(ctx, tx, record{Case: c, clientKey: c.ID}); err != nil {
			return err
		}
		for _, t := range tasks {
			if err := putTaskTx(ctx, tx, t); err != nil {
				return err
			}
		}
		return nil
	})
}

// Rule is what the acts ask: whether the posts of somebody have to do with a case.
func (s *Service) Rule(ctx context.Context, a authz.Actor, c Case) (bool, error) {
	st, err := s.seat(ctx, a)
	if err != nil || st.handles(c) {
		return err == nil, err
	}
	return s.hadPart(ctx, c.ID, st.keys())
}
