package cases

import (
	"context"

	"tongban/internal/base/authz"
)

// The lists an export may walk through.
const (
	WalkInbox  = "inbox"  // what the actor's posts may handle
	WalkRegion = "region" // what a supervisor's region holds
)

// Walk gives one page of a list in the order of the cases' ids, so that who reads it page by page meets every case once, however much they move
// meanwhile. What may be seen, the masking and the record of each row are those of the list itself. Next is empty on the last page.
func (s *Service) Walk(ctx context.Context, a authz.Actor, which string, f Filter) (Page, error) {
	list := s.ofInbox
	if which == WalkRegion {
		list = s.ofRegion
	}
	l, err := list(ctx, a, f)
	if err != nil {
		return Page{}, err
	}
	l.order = newestFirst
	return s.shown(ctx, a, l, f)
}
