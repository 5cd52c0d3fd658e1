package org

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/engine/cnid"
)

// may refuses an actor without the permission, whatever route it came by.
func may(a authz.Actor, p authz.Permission) error {
	if a.May(p) {
		return nil
	}
	return errs.New(errs.Forbidden, "base.forbidden")
}

// entry is the audit record of an act. The address is sealed for its own row.
func (s *Service) entry(a authz.Actor, act, object, what string) audit.Entry {
	return audit.Entry{Actor: a.Name(), Act: act, Object: object, What: what, Via: a.Via, Agency: a.AgencyID}.From(s.vault, a.Origin)
}

// change runs a write with its audit record and moves the version.
func (s *Service) change(ctx context.Context, e audit.Entry, fn func(ctx context.Context, tx *db.Tx) error) error {
	defer s.written()
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := fn(ctx, tx); err != nil {
			return err
		}
		if err := bump(ctx, tx); err != nil {
			return err
		}
		return audit.Tx(ctx, tx, s.now(), e)
	})
}

// SaveRegion makes a region (Version 0) or changes it. Errors: errs.Invalid "org.invalid" with fields, errs.Conflict if it moved or exists.
func (s *Service) SaveRegion(ctx context.Context, a authz.Actor, r Region) error {
	n, err := s.admin(ctx, a)
	if err != nil {
		return err
	}
	trim(&r.Code, &r.Name, &r.Parent, &r.ValidTo, &r.Successor)
	t := n.tree()
	t.regions[r.Code] = r
	f := append(r.check(n), t.region(r)...)
	if r.Parent != "" && len(f) == 0 && slices.Index(Levels, n.regions[n.region[r.Parent]].Level) >= slices.Index(Levels, r.Level) {
		f.add("parent", "org.region_above")
	}
	if err := errs.Fields("org.invalid", f); err != nil {
		return err
	}
	if err := n.mayKeepRegion(a, r, s.now()); err != nil {
		return err
	}
	if i, ok := n.region[r.Code]; ok && n.regions[i].Parent != r.Parent && n.anyHeldIn(r.Code, s.now()) { // others would reach it without review
		return errs.Fields("org.invalid", findings{{Path: "parent", Key: "org.region_held"}})
	}
	return s.change(ctx, s.entry(a, "org.region_save", "region:"+r.Code, ""), func(ctx context.Context, tx *db.Tx) error {
		return put(ctx, tx, regionTable, r.Code, r.Parent, r, "", r.Version)
	})
}

// mayKeepRegion: an administrator changes regions below the own one, and the own one's name; the tree above and beside is others'.
func (n *snapshot) mayKeepRegion(a authz.Actor, r Region, now time.Time) error {
	reach := n.reach(a, authz.Admin, now)
	if i, ok := n.region[r.Code]; ok {
		if old := n.regions[i]; reach.above(r.Code) && reach.covers(r.Parent) || reach.covers(r.Code) && old.Parent == r.Parent && old.Level == r.Level {
			return nil
		}
		return errReach(n.nameOfRegion(r.Code))
	}
	return reach.mustCover(r.Parent)
}

// SaveAgency makes an agency (Version 0) or changes it; errors as SaveRegion, and errs.Forbidden "org.out_of_reach". One that is to end while items,
// windows, posts or staff hang on it needs a successor or EndsAnyway: errs.Invalid "org.agency_hangs" at successor.
func (s *Service) SaveAgency(ctx context.Context, a authz.Actor, g Agency) error {
	n, err := s.admin(ctx, a)
	if err != nil {
		return err
	}
	trim(&g.Key, &g.Code, &g.Name, &g.Short, &g.Government, &g.Review, &g.Court, &g.Address, &g.Phone, &g.ComplaintPhone, &g.Website, &g.SealName, &g.SealPurpose, &g.NumberMark, &g.Parent, &g.ValidTo, &g.Successor)
	if code, err := cnid.ParseCreditCode(g.Code); err == nil {
		g.Code = code
	}
	t := n.tree()
	t.agencies[g.Key] = g
	f := append(g.check(n), t.agency(g)...)
	if i := slices.IndexFunc(n.agencies, func(o Agency) bool { return o.Code == g.Code && o.Key != g.Key }); i >= 0 {
		f.add("code", "org.code_taken", errs.P{"name": n.agencies[i].Name})
	}
	if err := errs.Fields("org.invalid", f); err != nil {
		return err
	}
	if i, ok := n.region[g.Region]; ok {
		g.Level = n.regions[i].Level
	}
	regions, old := []string{g.Region}, Agency{}
	if i, ok := n.agency[g.Key]; ok {
		old = n.agencies[i]
		regions = append(regions, old.Region)
		if old.Region != g.Region && n.anyHeld(g.Key, s.now()) { // its officers would reach elsewhere without review
			return errs.Fields("org.invalid", findings{{Path: "region", Key: "org.agency_region_held"}})
		}
	}
	if err := n.reach(a, authz.Admin, s.now()).mustCover(regions...); err != nil {
		return err
	}
	f, what, err := s.orphans(ctx, g, old)
	if err = errors.Join(err, errs.Fields("org.invalid", f)); err != nil {
		return err
	}
	return s.change(ctx, s.entry(a, "org.agency_save", "agency:"+g.Key, what), func(ctx context.Context, tx *db.Tx) error {
		return put(ctx, tx, agencyTable, g.Key, g.Region, g, "", g.Version)
	})
}

// SaveWindow makes a window (Version 0) or changes it; errors as SaveRegion.
func (s *Service) SaveWindow(ctx context.Context, a authz.Actor, w Window) error {
	n, err := s.admin(ctx, a)
	if err != nil {
		return err
	}
	trim(&w.Key, &w.Name, &w.Hall, &w.Address, &w.Floor, &w.Hours, &w.Phone, &w.Directions)
	f := w.check()
	if !n.Has("agency", w.Agency) {
		f.add("agency", "org.no_agency", errs.P{"key": w.Agency})
	}
	if w.Version == 0 {
		n.retired(&f, w.Agency, s.now())
	}
	if err := errs.Fields("org.invalid", f); err != nil {
		return err
	}
	if err := n.reach(a, authz.Admin, s.now()).mustCover(n.regionOf(w.Agency)); err != nil {
		return err
	}
	return s.change(ctx, s.entry(a, "org.window_save", "window:"+w.Key, ""), func(ctx context.Context, tx *db.Tx) error {
		return put(ctx, tx, windowTable, w.Key, w.Agency, w, "", w.Version)
	})
}

// SavePost makes a post (Version 0) or changes it; errors as SaveAgency. A change that gives holders of the post more than they had is a grant of
// power: it becomes a proposal, whose id is returned, and nothing changes before a security officer approves it.
func (s *Service) SavePost(ctx context.Context, a authz.Actor, p Post) (proposal string, err error) {
	n, err := s.admin(ctx, a)
	if err != nil {
		return "", err
	}
	trim(&p.Key, &p.Name)
	f := p.check()
	if !n.Has("agency", p.Agency) {
		f.add("agency", "org.no_agency", errs.P{"key": p.Agency})
	}
	if err := errs.Fields("org.invalid", f); err != nil {
		return "", err
	}
	if err := n.reach(a, authz.Admin, s.now()).mustCover(n.regionOf(p.Agency)); err != nil {
		return "", err
	}
	err = s.power(ctx, func(ctx context.Context, tx *db.Tx, n *snapshot) error {
		now := s.now()
		if i, ok := n.post[p.Key]; ok && p.Version != 0 && n.posts[i].Version != p.Version {
			return errMoved()
		} else if ok && p.Version != 0 && n.heldNowOrLater(p.Key, now) && wider(n.posts[i], p) {
			r := Proposal{ID: ident.New(), Change: Change{Kind: Rights, Post: &p, Version: p.Version}, Reason: rightsReason, By: a.StaffID, At: now, State: Open}
			proposal = r.ID
			return s.propose(ctx, tx, n, a, r)
		}
		proposal = ""
		if err := put(ctx, tx, postTable, p.Key, p.Agency, p, "", p.Version); err != nil {
			return err
		}
		return audit.Tx(ctx, tx, now, s.entry(a, "org.post_save", "post:"+p.Key, strings.Join(p.Acts, ",")))
	})
	return proposal, err
}

// rightsReason is why a post's rights are changed: pages say it in words.
const rightsReason = "org.rights_reason"

// heldNowOrLater reports whether anybody holds a post, or will.
func (n *snapshot) heldNowOrLater(post string, now time.Time) bool {
	return slices.ContainsFunc(n.posted[post], func(id string) bool {
		return slices.ContainsFunc(n.held[id], func(h Holding) bool { return h.Post == post && h.meets(now, time.Time{}) })
	})
}

// anyHeld reports whether anybody holds a post of an agency, or will.
func (n *snapshot) anyHeld(agency string, now time.Time) bool {
	return slices.ContainsFunc(n.posts, func(p Post) bool { return p.Agency == agency && n.heldNowOrLater(p.Key, now) })
}

// anyHeldIn reports whether posts of a region, or of one below it, are held now or later.
func (n *snapshot) anyHeldIn(region string, now time.Time) bool {
	return slices.ContainsFunc(n.agencies, func(g Agency) bool { return n.within(g.Region, region) && n.anyHeld(g.Key, now) })
}

// wider reports whether a post would give more than it did.
func wider(old, is Post) bool {
	more := func(was, now []string) bool {
		return slices.ContainsFunc(now, func(v string) bool { return !slices.Contains(was, v) && !slices.Contains(was, "*") })
	}
	return more(old.Acts, is.Acts) || more(old.Items, is.Items) ||
		slices.ContainsFunc(is.Roles, func(r authz.Role) bool { return !slices.Contains(old.Roles, r) })
}

func (s *Service) admin(ctx context.Context, a authz.Actor) (*snapshot, error) {
	if err := may(a, authz.OrgAdmin); err != nil {
		return nil, err
	}
	return s.snap(ctx)
}

func trim(ps ...*string) {
	for _, p := range ps {
		*p = strings.TrimSpace(*p)
	}
}
