package org

import (
	"context"
	"slices"
	"strings"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
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
	trim(&r.Code, &r.Name, &r.Parent)
	f := r.check(n)
	if r.Parent != "" && len(f) == 0 && slices.Index(Levels, n.regions[n.region[r.Parent]].Level) >= slices.Index(Levels, r.Level) {
		f.add("parent", "org.region_above")
	}
	if err := errs.Fields("org.invalid", f); err != nil {
		return err
	}
	return s.change(ctx, s.entry(a, "org.region_save", "region:"+r.Code, ""), func(ctx context.Context, tx *db.Tx) error {
		return put(ctx, tx, regionTable, r.Code, r.Parent, r, "", r.Version)
	})
}

// SaveAgency makes an agency (Version 0) or changes it; errors as SaveRegion.
func (s *Service) SaveAgency(ctx context.Context, a authz.Actor, g Agency) error {
	n, err := s.admin(ctx, a)
	if err != nil {
		return err
	}
	trim(&g.Key, &g.Code, &g.Name, &g.Short, &g.Government, &g.Review, &g.Court, &g.Address, &g.Phone, &g.ComplaintPhone, &g.Website, &g.SealName, &g.SealPurpose, &g.NumberMark)
	if code, err := cnid.ParseCreditCode(g.Code); err == nil {
		g.Code = code
	}
	f := g.check(n)
	if i := slices.IndexFunc(n.agencies, func(o Agency) bool { return o.Code == g.Code && o.Key != g.Key }); i >= 0 {
		f.add("code", "org.code_taken", errs.P{"name": n.agencies[i].Name})
	}
	if err := errs.Fields("org.invalid", f); err != nil {
		return err
	}
	if i, ok := n.region[g.Region]; ok {
		g.Level = n.regions[i].Level
	}
	return s.change(ctx, s.entry(a, "org.agency_save", "agency:"+g.Key, ""), func(ctx context.Context, tx *db.Tx) error {
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
	if err := errs.Fields("org.invalid", f); err != nil {
		return err
	}
	return s.change(ctx, s.entry(a, "org.window_save", "window:"+w.Key, ""), func(ctx context.Context, tx *db.Tx) error {
		return put(ctx, tx, windowTable, w.Key, w.Agency, w, "", w.Version)
	})
}

// SavePost makes a post (Version 0) or changes it; errors as SaveRegion. The audit record names the acts.
func (s *Service) SavePost(ctx context.Context, a authz.Actor, p Post) error {
	n, err := s.admin(ctx, a)
	if err != nil {
		return err
	}
	trim(&p.Key, &p.Name)
	f := p.check()
	if !n.Has("agency", p.Agency) {
		f.add("agency", "org.no_agency", errs.P{"key": p.Agency})
	}
	if err := errs.Fields("org.invalid", f); err != nil {
		return err
	}
	return s.change(ctx, s.entry(a, "org.post_save", "post:"+p.Key, strings.Join(p.Acts, ",")), func(ctx context.Context, tx *db.Tx) error {
		return put(ctx, tx, postTable, p.Key, p.Agency, p, "", p.Version)
	})
}

func (s *Service) admin(ctx context.Context, a authz.Actor) (*snapshot, error) {
	if err := may(a, authz.OrgAdmin); err != nil {
		return nil, err
	}
	return s.snap(ctx)
}

// SaveStaff makes an account (no ID) or changes it, for the security administrator. Nobody changes the rights of the own account. It tells
// StaffChanged. Errors as SaveRegion, and errs.Forbidden "org.own_account".
func (s *Service) SaveStaff(ctx context.Context, a authz.Actor, st Staff) (id string, err error) {
	if err := may(a, authz.StaffAdmin); err != nil {
		return "", err
	}
	n, err := s.snap(ctx)
	if err != nil {
		return "", err
	}
	if st.ID != "" && st.ID == a.StaffID {
		return "", errs.New(errs.Forbidden, "org.own_account")
	}
	st.Login = strings.ToLower(strings.TrimSpace(st.Login))
	if err := errs.Fields("org.invalid", st.check(n)); err != nil {
		return "", err
	}
	st.Name, _ = cnid.NormalName(st.Name) // both were checked
	st.Phone, _ = cnid.ParseMobile(st.Phone)
	if st.ID == "" {
		st.ID, st.Version = ident.New(), 0
	}
	e := s.entry(a, "org.staff_save", "staff:"+st.ID, rights(st))
	return st.ID, s.change(ctx, e, func(ctx context.Context, tx *db.Tx) error {
		if err := s.putStaff(ctx, tx, st, ""); err != nil {
			return err
		}
		return event.Publish(ctx, tx, s.now(), StaffChanged{StaffID: st.ID, Disabled: st.Disabled})
	})
}

// rights is what the audit record says of an account: roles, posts and whether it is disabled.
func rights(st Staff) string {
	var out []string
	for _, r := range st.Roles {
		out = append(out, "role:"+string(r))
	}
	for _, p := range st.Posts {
		out = append(out, "post:"+p)
	}
	if st.Disabled {
		out = append(out, "disabled")
	}
	return strings.Join(out, ",")
}

// OpenStaff gives an account with its phone to the security administrator and records that it was seen.
func (s *Service) OpenStaff(ctx context.Context, a authz.Actor, id string) (Staff, error) {
	if err := may(a, authz.StaffAdmin); err != nil {
		return Staff{}, err
	}
	st, err := s.Staff(ctx, id)
	if err != nil || s.audit == nil {
		return st, err
	}
	return st, s.audit.Read(ctx, s.entry(a, audit.Read, "staff:"+id, "org.staff_name,org.staff_phone"))
}

// BrowseStaff lists accounts of an agency ("" for all) without their phones, after an ID of the page before, and records that names were seen.
// next is empty on the last page.
func (s *Service) BrowseStaff(ctx context.Context, a authz.Actor, agency, after string, limit int) (page []Staff, next string, err error) {
	if err := may(a, authz.StaffAdmin); err != nil {
		return nil, "", err
	}
	all := s.StaffList(ctx, agency)
	if i := slices.IndexFunc(all, func(st Staff) bool { return st.ID == after }); i >= 0 {
		all = all[i+1:]
	}
	if len(all) > limit {
		all, next = all[:limit], all[limit-1].ID
	}
	for i := range all {
		all[i].Phone = ""
	}
	if s.audit == nil || len(all) == 0 {
		return all, next, nil
	}
	return all, next, s.audit.Read(ctx, s.entry(a, audit.Read, "staff:list", "org.staff_name"))
}

func trim(ps ...*string) {
	for _, p := range ps {
		*p = strings.TrimSpace(*p)
	}
}
