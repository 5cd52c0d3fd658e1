package org

import (
	"context"
	"slices"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
)

// reach is what an administrator administers: the agencies, posts and staff of the regions of those posts that make it one, and of all below.
type reach struct {
	n       *snapshot
	all     bool // the program itself: packs and commands
	regions []string
}

// reach gives the part of the tree an actor administers in a role now, also while standing in for somebody.
func (n *snapshot) reach(a authz.Actor, role authz.Role, now time.Time) reach {
	r := reach{n: n, all: a.StaffID == authz.System.StaffID}
	for _, h := range n.held[a.StaffID] {
		if !n.holds(h, now) || !slices.Contains(n.rolesOf(h.Post), role) {
			continue
		}
		if code := n.regionOfPost(h.Post); code != "" {
			r.regions = append(r.regions, code)
		}
	}
	return r
}

// covers reports whether a region is the own one or lies below it.
func (r reach) covers(region string) bool {
	return r.all || slices.ContainsFunc(r.regions, func(own string) bool { return r.n.within(region, own) })
}

// above reports whether a region lies below the own one, and not beside it.
func (r reach) above(region string) bool {
	return r.all || slices.ContainsFunc(r.regions, func(own string) bool { return own != region && r.n.within(region, own) })
}

// makes reports whether the administrators of a region are this one's to approve and look after: those of the level above make them, at the top
// those of the top.
func (r reach) makes(region string) bool {
	return r.above(region) || r.n.top(region) && r.covers(region)
}

func (n *snapshot) regionOfPost(key string) string {
	if i, ok := n.post[key]; ok {
		return n.regionOf(n.posts[i].Agency)
	}
	return ""
}

// regionOf gives the region of an agency, or "".
func (n *snapshot) regionOf(agency string) string {
	if i, ok := n.agency[agency]; ok {
		return n.agencies[i].Region
	}
	return ""
}

// top reports whether no region lies above.
func (n *snapshot) top(region string) bool {
	i, ok := n.region[region]
	return ok && n.regions[i].Parent == ""
}

func errReach(region string) error {
	return errs.New(errs.Forbidden, "org.out_of_reach", errs.P{"region": region})
}

func (n *snapshot) nameOfRegion(code string) string {
	if i, ok := n.region[code]; ok {
		return n.regions[i].Name
	}
	return code
}

// mustCover refuses what lies outside.
func (r reach) mustCover(regions ...string) error {
	for _, code := range regions {
		if !r.covers(code) {
			return errReach(r.n.nameOfRegion(code))
		}
	}
	return nil
}

// Reaches reports whether an administrator (role Admin for agencies and posts, Security for staff) administers a region.
func (s *Service) Reaches(ctx context.Context, a authz.Actor, role authz.Role, region string) bool {
	return s.all(ctx).reach(a, role, s.now()).covers(region)
}

// nextRegionOf is the region of the agency an account will belong to.
func (n *snapshot) regionsOfStaff(st Staff) []string {
	out := []string{n.regionOf(st.Agency)}
	if st.nextAgency != "" && !st.moves.IsZero() {
		out = append(out, n.regionOf(st.nextAgency))
	}
	return out
}

// administers lists the regions in which an account is or will be one of the three administrators.
func (n *snapshot) administers(staffID string, now time.Time) []string {
	var out []string
	for _, h := range n.held[staffID] {
		if !h.meets(now, time.Time{}) || !isAdmin(n.rolesOf(h.Post)) {
			continue
		}
		if code := n.regionOfPost(h.Post); !slices.Contains(out, code) {
			out = append(out, code)
		}
	}
	return out
}

func isAdmin(roles []authz.Role) bool {
	return slices.ContainsFunc(apart, func(r authz.Role) bool { return slices.Contains(roles, r) })
}
