package mandate

import (
	"context"

	"tongban/internal/domain/identity"
)

var _ identity.Representation = (*Service)(nil)

// MayAct tells whether a person may act for a firm or person at this moment, and within what scope. It is asked at every request of a session
// that acts for another: one indexed read.
func (s *Service) MayAct(ctx context.Context, personID, kind, principalID string) (identity.Acting, bool, error) {
	ms, err := standingFor(ctx, s.d.R(), personID, kind, principalID)
	if err != nil {
		return identity.Acting{}, false, err
	}
	now := s.now()
	for _, m := range ms {
		if Now(m, Facts{}, now) == Covers {
			return identity.Acting{MandateID: m.ID, Scope: &m.Scope}, true, nil
		}
	}
	return identity.Acting{}, false, nil
}

// Principals lists whom a person may act for at this moment, by mandate; firms of which they are the legal representative are not among them.
func (s *Service) Principals(ctx context.Context, personID string) ([]identity.Principal, error) {
	ms, err := activeOf(ctx, s.d.R(), personID)
	if err != nil {
		return nil, err
	}
	now := s.now()
	var out []identity.Principal
	for _, m := range ms {
		if Now(m, Facts{}, now) == Covers {
			out = append(out, identity.Principal{Kind: m.ForKind, ID: m.ForID, MandateID: m.ID})
		}
	}
	return out, nil
}
