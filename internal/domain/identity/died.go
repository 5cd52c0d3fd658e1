package identity

import (
	"context"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/event"
)

// died ends everything of a person who the registry says has died: sessions, access tokens and factors; mandates end by the event. It may be
// called again, then only sessions that were opened meanwhile end.
func (s *Service) died(ctx context.Context, personID string) error {
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := s.now()
		p, err := s.findPerson(ctx, tx, "id", personID)
		if err != nil {
			return err
		}
		if err := s.endAll(ctx, tx, now, personOwner(p.ID), ""); err != nil || !p.Alive {
			return err
		}
		p.Alive = false
		if err := s.savePerson(ctx, tx, now, p); err != nil {
			return err
		}
		if err := s.deps.Factors.EndTx(ctx, tx, now, personOwner(p.ID)); err != nil {
			return err
		}
		if err := event.Publish(ctx, tx, now, Died{p.ID}); err != nil {
			return err
		}
		return s.record(ctx, tx, now, authz.System, "identity.died", personOwner(p.ID), p.Number)
	})
}
