package desk

import (
	"context"
	"slices"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
)

// Conditions narrow an inbox. Empty means any. Days are working days until what binds first.
type Conditions struct {
	Tab     string `json:"tab,omitempty"`
	Post    string `json:"post,omitempty"`
	Item    string `json:"item,omitempty"`
	State   string `json:"state,omitempty"`
	Channel string `json:"channel,omitempty"`
	Region  string `json:"region,omitempty"`
	Kind    string `json:"kind,omitempty"` // of the applicant
	Days    int    `json:"days,omitempty"` // due within
	Overdue bool   `json:"overdue,omitempty"`
	Mine    bool   `json:"mine,omitempty"`   // taken up by the officer
	Urged   bool   `json:"urged,omitempty"`  // the applicant urged and nobody answered
	Unread  bool   `json:"unread,omitempty"` // messages nobody of the staff has read
}

// Filter is a saved filter of one officer.
type Filter struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Conditions Conditions `json:"conditions"`
	Standard   bool       `json:"default"` // the inbox opens with it
	At         time.Time  `json:"at"`
}

// MostFilters is how many an officer may keep: more is no longer a choice but a list to search.
const MostFilters = 30

// Filters lists an officer's filters in the order they were saved.
func (s *Service) Filters(ctx context.Context, a authz.Actor) ([]Filter, error) {
	me, err := owner(a)
	if err != nil {
		return nil, err
	}
	return s.filters(ctx, me)
}

// SaveFilter keeps a filter; one of the same name is replaced. As standard it takes the place of the one before.
func (s *Service) SaveFilter(ctx context.Context, a authz.Actor, f Filter) (Filter, error) {
	me, err := owner(a)
	if err != nil {
		return f, err
	}
	if f.Name, err = words("name", "desk.filter_name", f.Name, 30); err != nil {
		return f, err
	}
	have, err := s.filters(ctx, me)
	if err != nil {
		return f, err
	}
	f.ID, f.At = ident.New(), s.now()
	if i := slices.IndexFunc(have, func(x Filter) bool { return x.Name == f.Name }); i >= 0 {
		f.ID = have[i].ID
	} else if len(have) >= MostFilters {
		return f, errs.New(errs.Conflict, "desk.filters_full", errs.P{"n": MostFilters})
	}
	return f, s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return s.putFilterTx(ctx, tx, me, f) })
}

// StandardFilter makes a filter the one the inbox opens with; an empty id means none.
func (s *Service) StandardFilter(ctx context.Context, a authz.Actor, id string) error {
	me, err := owner(a)
	if err != nil {
		return err
	}
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return standardTx(ctx, tx, me, id) })
}

// DropFilter forgets a filter. errs.NotFound desk.gone for one that is not the officer's.
func (s *Service) DropFilter(ctx context.Context, a authz.Actor, id string) error {
	me, err := owner(a)
	if err != nil {
		return err
	}
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return dropFilterTx(ctx, tx, me, id) })
}
