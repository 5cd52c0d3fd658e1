package mandate

import (
	"context"
	"slices"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/event"
	"tongban/internal/domain/identity"
)

// Listeners are what the room hears, for package app to register.
func (s *Service) Listeners() []event.Listener {
	return []event.Listener{
		{Name: "mandate.died", Topic: identity.Died{}.Topic(), Handle: s.onDied},
		{Name: "mandate.merged", Topic: identity.Merged{}.Topic(), Handle: s.onMerged},
	}
}

// onDied ends what a person gave and held (民法典 173, 174). Agents of a firm stay when its legal representative dies: the firm appointed them.
func (s *Service) onDied(ctx context.Context, tx *db.Tx, st event.Stored) error {
	e, err := event.Decode[identity.Died](st)
	if err != nil {
		return err
	}
	ms, err := ofPerson(ctx, tx, e.PersonID)
	if err != nil {
		return err
	}
	now := s.now()
	for _, m := range ms {
		if err := s.end(ctx, tx, now, m, Died, "system"); err != nil {
			return err
		}
	}
	return nil
}

// onMerged gives what an account's shell held to the person it turned out to be. Where that leaves two mandates for the same days between the same two, the one that
// was accepted first stays; one between a person and themself ends.
func (s *Service) onMerged(ctx context.Context, tx *db.Tx, st event.Stored) error {
	e, err := event.Decode[identity.Merged](st)
	if err != nil {
		return err
	}
	if err := movePerson(ctx, tx, e.From, e.Into); err != nil {
		return err
	}
	ms, err := ofPerson(ctx, tx, e.Into)
	if err != nil {
		return err
	}
	now := s.now()
	for _, m := range doubled(ms, now) {
		if err := s.end(ctx, tx, now, m, Merged, "system"); err != nil {
			return err
		}
	}
	return nil
}

// doubled gives the mandates that must end because others of the same two stand, or because the two are one.
func doubled(ms []Mandate, now time.Time) (out []Mandate) {
	ms = slices.Clone(ms)
	slices.SortStableFunc(ms, func(a, b Mandate) int { return standing(a).Compare(standing(b)) })
	var kept []Mandate
	for _, m := range ms {
		twice := m.ForKind == ForPerson && m.ForID == m.HolderID || slices.ContainsFunc(kept, func(k Mandate) bool {
			return k.ForKind == m.ForKind && k.ForID == m.ForID && k.HolderID == m.HolderID && k.Term.overlaps(m.Term)
		})
		switch {
		case twice:
			out = append(out, m)
		case !Now(m, Facts{}, now).over():
			kept = append(kept, m)
		}
	}
	return out
}

// standing is since when a mandate stands; those not accepted come last.
func standing(m Mandate) time.Time {
	if m.AcceptedAt.IsZero() {
		return m.AskedAt.AddDate(100, 0, 0)
	}
	return m.AcceptedAt
}
