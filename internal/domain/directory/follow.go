package directory

import (
	"context"
	"strings"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/domain/catalog/item"
)

// Moved lists the base items that adopters may have to follow: those with a later version than their first, by code.
func (s *Service) Moved(ctx context.Context) ([]Base, error) {
	n, err := s.snap(ctx)
	if err != nil {
		return nil, err
	}
	var out []Base
	for _, b := range n.bases {
		if b.Version > 1 {
			out = append(out, b)
		}
	}
	return out, nil
}

// Pending is one item that stands on an older version of its base.
type Pending struct {
	Adopter
	Was, Is Base // the version it stands on and the current one
	Due     string
	Late    bool
}

// Pending picks from the adopters of a base item those that have to follow: they stand on an older version, and nobody has noted that the change
// does not concern them. A cancelled item (state 3) need not.
func (s *Service) Pending(ctx context.Context, is Base, all []Adopter) ([]Pending, error) {
	acks, err := acksOf(ctx, s.db.R(), is.Code, is.Version)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, a := range acks {
		seen[a.Item] = true
	}
	today := dayOf(s.now())
	versions := map[int]Base{}
	var out []Pending
	for _, a := range all {
		if a.On() >= is.Version || seen[a.Item] || a.State == Cancelled {
			continue
		}
		was, ok := versions[a.On()]
		if !ok {
			if was, err = s.BaseVersion(ctx, is.Code, a.On()); err != nil {
				return nil, err
			}
			versions[a.On()] = was
		}
		out = append(out, Pending{Adopter: a, Was: was, Is: is, Due: is.FollowBy, Late: is.FollowBy != "" && is.FollowBy < today})
	}
	return out, nil
}

// Acks lists the items whose offices noted that the current version of a base item does not concern them.
func (s *Service) Acks(ctx context.Context, is Base) ([]Ack, error) {
	return acksOf(ctx, s.db.R(), is.Code, is.Version)
}

// Confirm notes that an item stands although its base has changed, with the reason. An item office does so for agencies of its own region and below.
// What contradicts the new base cannot be confirmed: it has to be changed. Errors: errs.Forbidden, errs.Invalid, errs.Conflict.
func (s *Service) Confirm(ctx context.Context, a authz.Actor, it *item.Item, region string, version int, reason string) error {
	if err := may(a, authz.CatalogEdit); err != nil {
		return err
	}
	if a.AgencyID != it.Agency && (a.Region == "" || !s.org.Within(ctx, region, a.Region)) {
		return errs.New(errs.Forbidden, "directory.not_your_item")
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		return errs.Fields("directory.invalid", findings{{Path: "reason", Key: "directory.required_reason"}})
	}
	b, ok, err := s.Base(ctx, it.BaseCode)
	switch {
	case err != nil:
		return err
	case !ok:
		return errNoBase(it.BaseCode)
	case b.Version != version:
		return errMoved()
	case b.State == Cancelled:
		return errs.New(errs.Conflict, "directory.confirm_cancelled")
	case len(Contradicts(b, it)) > 0:
		return errs.New(errs.Conflict, "directory.confirm_against")
	}
	now := s.now()
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := putAck(ctx, tx, Ack{Item: it.Key, Code: b.Code, Version: version, Reason: reason, By: a.StaffID, Area: a.AgencyID, At: now}); err != nil {
			return err
		}
		return audit.Tx(ctx, tx, now, s.entry(a, "directory.confirm", "item:"+it.Key, b.Code+" "+itoa(version)))
	})
}

// Adopt gives a new implementing item of a base item for an agency, prefilled. errs.NotFound if there is no such base item or agency, errs.Conflict if
// the base item is suspended or cancelled, or the agency's level does not exercise it.
func (s *Service) Adopt(ctx context.Context, code, agency string) (*item.Item, error) {
	b, ok, err := s.Base(ctx, code)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, errNoBase(code)
	}
	if b.State != InUse {
		return nil, errs.New(errs.Conflict, "directory.adopt_state_"+b.State, errs.P{"code": code, "codes": strings.Join(b.Successor, "、")})
	}
	it := Prefill(b)
	if agency == "" {
		return it, nil
	}
	g, err := s.org.Agency(ctx, agency)
	if err != nil {
		return nil, err
	}
	r, err := s.org.Region(ctx, g.Region)
	if err != nil {
		return nil, err
	}
	level := LevelOf(r.Level)
	if !exercises(b.UseLevels, level) {
		return nil, errs.New(errs.Conflict, "directory.adopt_level", errs.P{"agency": g.Name})
	}
	it.Agency, it.UseLevel = g.Key, level
	it.Consult.Phone, it.Complain.Phone = g.Phone, g.ComplaintPhone
	return it, nil
}

// FollowItem carries a change of the base into an item: a copy that stands on the current version (or on the one successor of a cancelled base
// item), and what of the office's own words had to give way. errs.Conflict if the base item ended in several others: a person chooses.
func (s *Service) FollowItem(ctx context.Context, it *item.Item) (*item.Item, []Conflict, error) {
	is, ok, err := s.Base(ctx, it.BaseCode)
	if err != nil {
		return nil, nil, err
	}
	if !ok {
		return nil, nil, errNoBase(it.BaseCode)
	}
	was, err := s.BaseVersion(ctx, it.BaseCode, max(1, it.BaseVersion))
	if err != nil {
		return nil, nil, err
	}
	if is.State == Cancelled {
		if len(is.Successor) != 1 {
			return nil, nil, errs.New(errs.Conflict, "directory.follow_choose", errs.P{"codes": strings.Join(is.Successor, "、")})
		}
		if is, ok, err = s.Base(ctx, is.Successor[0]); err != nil || !ok {
			return nil, nil, errNoBase(it.BaseCode)
		}
	}
	out, cs := Merge(was, is, it)
	return out, cs, nil
}
