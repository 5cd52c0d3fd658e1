package cases

import (
	"context"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
)

// Among gives those of some ids whose cases the actor's posts handle.
func (s *Service) Among(ctx context.Context, a authz.Actor, ids []string) ([]string, error) {
	st, err := s.seat(ctx, a)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	var c conditions
	cond, args := scope(st, st.keys())
	c.add(cond, args...)
	cond, args = in("id", ids)
	c.add(cond, args...)
	c.add("state <> 'draft'")
	return db.All(ctx, s.DB.R(), scanText, "SELECT id FROM cases_case"+c.where(), c.args...)
}
