package org

import (
	"context"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
)

// State is where a proposal stands.
type State string

// The states.
const (
	Open     State = "open"     // waits for review
	Acted    State = "acted"    // took effect at once, waits for review
	Approved State = "approved" // took effect, or stays in effect
	Refused  State = "refused"
	Dropped  State = "dropped" // taken back by the proposer
)

// Review is one officer's verdict.
type Review struct {
	By, For  string // account, and whom it stood in for
	Approved bool
	Note     string
	At       time.Time
}

// Proposal is a change of somebody's powers with who proposed and who reviewed it.
type Proposal struct {
	ID string
	Change
	Reason  string
	By      string // account that proposed it
	ByFor   string // whom that stood in for
	At      time.Time
	Needs   int // approvals it takes
	State   State
	Reviews []Review
}

// Waits reports whether it can still be reviewed.
func (p Proposal) Waits() bool { return p.State == Open || p.State == Acted }

// touched gives the regions a change reaches, and those in which it makes or changes an administrator.
func (n *snapshot) touched(c Change, d delta, now time.Time) (regions, admin []string) {
	add := func(list *[]string, codes ...string) {
		for _, code := range codes {
			if !slices.Contains(*list, code) {
				*list = append(*list, code)
			}
		}
	}
	add(&regions, c.Regions...)
	m := n.after(d, c.StaffID)
	for _, s := range []*snapshot{n, m} {
		if i, ok := s.staffID[c.StaffID]; ok {
			add(&regions, s.regionsOfStaff(s.staff[i])...)
		}
	}
	for _, h := range slices.Concat(d.adds, d.cuts) {
		add(&regions, n.regionOfPost(h.Post))
	}
	for _, h := range d.adds {
		if isAdmin(n.rolesOf(h.Post)) {
			add(&admin, n.regionOfPost(h.Post))
		}
	}
	switch {
	case c.Kind == Rights && d.post != nil:
		add(&regions, n.regionOf(d.post.Agency))
		if isAdmin(d.post.Roles) {
			add(&admin, n.regionOf(d.post.Agency))
		}
	case c.Kind == Edit, c.Kind == Grant && d.account != nil: // whoever has the telephone has the account
		add(&admin, m.administers(c.StaffID, now)...)
	case c.Kind == Withdraw: // what is withdrawn must lie within reach too
		for _, h := range n.held[c.StaffID] {
			if h.meets(now, time.Time{}) && (len(c.Posts) == 0 || slices.Contains(c.Posts, h.Post)) {
				add(&regions, n.regionOfPost(h.Post))
			}
		}
	}
	return regions, admin
}

// proposerRole is the role in which a change is proposed: the system administrator keeps posts, the security officer people.
func (c Change) proposerRole() authz.Role {
	if c.Kind == Rights {
		return authz.Admin
	}
	return authz.Security
}

// mayPropose judges who proposes and tells how many approvals the change takes: one, or two where it makes an administrator of the proposer's
// own level.
func (n *snapshot) mayPropose(a authz.Actor, c Change, d delta, now time.Time) (needs int, err error) {
	r := n.reach(a, c.proposerRole(), now)
	regions, admin := n.touched(c, d, now)
	if err := r.mustCover(regions...); err != nil {
		return 0, err
	}
	for _, code := range admin {
		if !r.above(code) {
			return 2, nil
		}
	}
	return 1, nil
}

// mayReview judges who reviews: a second officer, not for the own account, with the reach the change needs; administrators are made by the level
// above theirs, at the top by the officers of the top.
func (n *snapshot) mayReview(a authz.Actor, p Proposal, d delta, now time.Time) error {
	switch {
	case n.sameOffice(a.StaffID, p.By, now):
		return errs.New(errs.Forbidden, "org.review_own")
	case p.StaffID != "" && n.onePerson(a.StaffID, p.StaffID), p.For != "" && n.onePerson(a.StaffID, p.For):
		return errs.New(errs.Forbidden, "org.own_account")
	}
	for _, v := range p.Reviews {
		if n.sameOffice(a.StaffID, v.By, now) {
			return errs.New(errs.Conflict, "org.review_twice")
		}
	}
	r := n.reach(a, authz.Security, now)
	regions, admin := n.touched(p.Change, d, now)
	if err := r.mustCover(regions...); err != nil {
		return err
	}
	for _, code := range admin {
		if !r.makes(code) {
			return errs.New(errs.Forbidden, "org.review_above", errs.P{"region": n.nameOfRegion(code)})
		}
	}
	return nil
}

// onePerson reports whether two accounts are one person's: the same, or of the same telephone.
func (n *snapshot) onePerson(x, y string) bool {
	return x == y || slices.Contains(n.samePerson(x), y)
}

// sameOffice reports whether two accounts are one person's or one stands in for the other as a security officer: they are one pair of eyes.
func (n *snapshot) sameOffice(x, y string, now time.Time) bool {
	stands := func(b, a string) bool {
		return slices.ContainsFunc(n.held[b], func(h Holding) bool {
			return h.For == a && a != "" && h.At(now) && slices.Contains(n.rolesOf(h.Post), authz.Security)
		})
	}
	return n.onePerson(x, y) || stands(x, y) || stands(y, x)
}

// SameOffice reports whether two accounts of staff are one pair of eyes: one person's, or one stands in for the other as a security officer. What takes
// two officers in other rooms takes two pairs of eyes.
func (s *Service) SameOffice(ctx context.Context, x, y string) bool {
	return x == y || s.all(ctx).sameOffice(x, y, s.now())
}

// behalf is whom an actor stands in for when acting in a role on regions: "" when the own posts reach them.
func (n *snapshot) behalf(a authz.Actor, role authz.Role, regions []string, now time.Time) string {
	own, out := reach{n: n}, ""
	for _, h := range n.held[a.StaffID] {
		switch {
		case !n.holds(h, now) || !slices.Contains(n.rolesOf(h.Post), role):
		case h.For == "":
			own.regions = append(own.regions, n.regionOfPost(h.Post))
		default:
			out = h.For
		}
	}
	if len(own.regions) > 0 && own.mustCover(regions...) == nil {
		return ""
	}
	return out
}

// Difference is one line of what a change does: What is login, name, phone, agency, account, post, role, acts, items or rows; Key names the post.
// Terms are written first~last day, the one stood in for behind a space.
type Difference struct{ What, Key, Old, New string }

// differences compares the powers before and after.
func (n *snapshot) differences(c Change, d delta, now time.Time) []Difference {
	var out []Difference
	add := func(what, key, old, is string) {
		if old != is {
			out = append(out, Difference{what, key, old, is})
		}
	}
	if d.post != nil {
		old := Post{}
		if i, ok := n.post[d.post.Key]; ok {
			old = n.posts[i]
		}
		add("acts", d.post.Key, strings.Join(old.Acts, ","), strings.Join(d.post.Acts, ","))
		add("items", d.post.Key, strings.Join(old.Items, ","), strings.Join(d.post.Items, ","))
		add("roles", d.post.Key, roleNames(old.Roles), roleNames(d.post.Roles))
		return out
	}
	if c.StaffID == "" {
		return nil
	}
	m := n.after(d, c.StaffID)
	var was, is Staff
	if i, ok := n.staffID[c.StaffID]; ok {
		was = n.staff[i]
	}
	if i, ok := m.staffID[c.StaffID]; ok {
		is = m.staff[i]
	}
	add("login", "", was.Login, is.Login)
	add("name", "", was.Name, is.Name)
	add("phone", "", was.Phone, is.Phone)
	add("agency", "", was.Agency, is.Agency)
	if is.nextAgency != was.nextAgency {
		add("agency", "", was.Agency, is.nextAgency)
	}
	add("account", "", was.span(), is.span())
	before, after := n.terms(c.StaffID, now), m.terms(c.StaffID, now)
	for _, k := range sortedKeys(before, after) {
		add("post", k.post, before[k], after[k])
	}
	return out
}

func (s Staff) span() string {
	switch {
	case s.ID == "":
		return ""
	case s.off:
		return "off"
	}
	return FirstDay(s.Begins) + "~" + LastDay(s.Ends)
}

type termKey struct{ id, post string }

// terms writes the terms of an account that run now or later.
func (n *snapshot) terms(staffID string, now time.Time) map[termKey]string {
	out := map[termKey]string{}
	for _, h := range n.held[staffID] {
		if !h.meets(now, time.Time{}) {
			continue
		}
		text := FirstDay(h.From) + "~" + LastDay(h.Until)
		if h.For != "" {
			text += " " + h.For
		}
		out[termKey{h.ID, h.Post}] = text
	}
	return out
}

func sortedKeys(ms ...map[termKey]string) []termKey {
	var out []termKey
	for _, m := range ms {
		for k := range m {
			if !slices.Contains(out, k) {
				out = append(out, k)
			}
		}
	}
	slices.SortFunc(out, func(a, b termKey) int { return compare(a.post+a.id, b.post+b.id) })
	return out
}

func roleNames(rs []authz.Role) string {
	out := make([]string, 0, len(rs))
	for _, r := range rs {
		out = append(out, string(r))
	}
	return strings.Join(out, ",")
}
