package identity

import (
	"context"
	"slices"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/domain/org"
)

// Listeners are what the room does about events of others.
func (s *Service) Listeners() []event.Listener {
	return []event.Listener{{Name: "identity.staff_changed", Topic: org.StaffChanged{}.Topic(), Handle: s.staffChanged}}
}

// staffChanged ends what a disabled account has open. Who has become an administrator in a session without a cryptographic factor must register one
// before going on.
func (s *Service) staffChanged(ctx context.Context, tx *db.Tx, e event.Stored) error {
	c, err := event.Decode[org.StaffChanged](e)
	if err != nil {
		return err
	}
	if c.Disabled {
		return s.endAll(ctx, tx, s.now(), staffOwner(c.StaffID), "")
	}
	st, err := s.deps.Staff.Staff(ctx, c.StaffID)
	switch {
	case errs.KindOf(err) == errs.NotFound:
		return s.endAll(ctx, tx, s.now(), staffOwner(c.StaffID), "")
	case err != nil || !administers(st.Roles):
		return err
	}
	return limitWeak(ctx, tx, c.StaffID)
}

func administers(roles []authz.Role) bool {
	return slices.ContainsFunc(roles, func(r authz.Role) bool { return slices.Contains(administrators, r) })
}
