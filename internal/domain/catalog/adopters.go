package catalog

import (
	"context"

	"tongban/internal/domain/directory"
)

// Adopters gives the items of all agencies that implement a base item, in use or not, ordered by key, after a key.
func (s *Service) Adopters(ctx context.Context, base, after string, limit int) ([]directory.Adopter, error) {
	keys, err := adopterKeys(ctx, s.db.R(), base, after, min(max(limit, 1), maxLimit))
	if err != nil {
		return nil, err
	}
	all, err := s.heldAll(ctx, keys)
	if err != nil {
		return nil, err
	}
	out := make([]directory.Adopter, len(all))
	for i, h := range all {
		out[i] = directory.Adopter{
			Item: h.Key, Name: h.Name, Agency: h.Agency, AgencyName: h.AgencyText(), Region: h.Region, UseLevel: h.UseLevel, State: h.State,
			BaseVersion: h.BaseVersion, Delegates: h.Delegates,
		}
	}
	return out, nil
}
