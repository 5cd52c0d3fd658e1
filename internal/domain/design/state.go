package design

import (
	"cmp"
	"context"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog"
)

// startState begins a change of a published item's state.
func (s *Service) startState(ctx context.Context, st Start, c *Change) error {
	it, err := s.items.Item(ctx, st.Item)
	if err != nil {
		return err
	}
	now, err := s.items.State(ctx, it.Key)
	if err != nil {
		return err
	}
	if c.Act == Resume && now.InUse() {
		return errs.New(errs.Conflict, "design.in_use", errs.P{"name": it.Name})
	}
	bad, err := s.wrongState(ctx, *c, it.Key)
	if err != nil {
		return err
	}
	if err := errs.Fields("design.invalid", bad); err != nil {
		return err
	}
	c.Item, c.Agency, c.Pack = it.Key, it.Agency, it.Pack
	if c.Title == "" {
		c.Title = it.Name
	}
	return nil
}

// Bounds of a reason, in characters, as the catalogue has them: otherwise three people would look at what cannot be published.
const (
	minReason = 4
	maxReason = 500
)

// wrongState finds what the catalogue would refuse when the change is published.
func (s *Service) wrongState(ctx context.Context, c Change, key string) ([]errs.Field, error) {
	var bad []errs.Field
	switch n := len([]rune(c.Reason)); {
	case n == 0:
		bad = append(bad, errs.Field{Path: "reason", Key: "design.need_reason"})
	case n < minReason && c.Act != Resume:
		bad = append(bad, errs.Field{Path: "reason", Key: "catalog.state_reason"})
	case n > maxReason:
		bad = append(bad, errs.Field{Path: "reason", Key: "catalog.state_reason_long", Params: errs.P{"max": maxReason}})
	}
	if c.Instead == "" {
		return bad, nil
	}
	other, err := s.items.State(ctx, c.Instead)
	if err != nil && errs.KindOf(err) != errs.NotFound {
		return nil, err
	}
	if err != nil || !other.InUse() || c.Instead == key {
		bad = append(bad, errs.Field{Path: "instead", Key: "catalog.state_instead", Params: errs.P{"key": c.Instead}})
	}
	return bad, nil
}

// Subject says what an officer is about to change: the name of a published item and its state, a code of list state. errs.NotFound as the catalogue.
func (s *Service) Subject(ctx context.Context, a authz.Actor, key string) (name, state string, err error) {
	if err := mayEdit(a); err != nil {
		return "", "", err
	}
	it, err := s.items.Item(ctx, key)
	if err != nil {
		return "", "", err
	}
	now, err := s.items.State(ctx, key)
	return it.Name, cmp.Or(now.Code, catalog.InUse), err
}

// ActsIn are the acts that an item in a state of list state allows.
func ActsIn(state string) []Act {
	switch state {
	case itemStates[Suspend]:
		return []Act{Publish, Resume, Cancel}
	case itemStates[Cancel]:
		return []Act{Publish, Resume}
	}
	return []Act{Publish, Suspend, Cancel}
}

// Stake is what a change of an item's state is about.
type Stake struct {
	Item    string // name of the item
	Now     string // its state now, a code of list state
	Instead string // name of the item to use instead; empty when there is none
}

// Stake says what a suspension, a cancellation or a resumption is about, in names; errs.NotFound for a change that publishes files.
func (s *Service) Stake(ctx context.Context, a authz.Actor, id string) (st Stake, err error) {
	c, err := s.open(ctx, a, id)
	if err != nil {
		return st, err
	}
	if c.Act == Publish {
		return st, errs.New(errs.NotFound, "base.not_found")
	}
	it, err := s.items.Item(ctx, c.Item)
	if err != nil {
		return st, err
	}
	now, err := s.items.State(ctx, c.Item)
	if err != nil {
		return st, err
	}
	st.Item, st.Now = it.Name, cmp.Or(now.Code, catalog.InUse)
	if c.Instead != "" {
		if other, err := s.items.Item(ctx, c.Instead); err == nil {
			st.Instead = other.Name
		} else if errs.KindOf(err) != errs.NotFound {
			return st, err
		}
	}
	return st, nil
}
