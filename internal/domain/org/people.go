package org

import (
	"context"
	"slices"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
)

// OpenStaff gives an account with its phone to a security officer in whose reach it lies and records that it was seen.
func (s *Service) OpenStaff(ctx context.Context, a authz.Actor, id string) (Staff, error) {
	if err := may(a, authz.StaffAdmin); err != nil {
		return Staff{}, err
	}
	n, err := s.snap(ctx)
	if err != nil {
		return Staff{}, err
	}
	i, ok := n.staffID[id]
	if !ok {
		return Staff{}, errs.New(errs.NotFound, "org.no_staff", errs.P{"key": id})
	}
	if err := n.reach(a, authz.Security, s.now()).mustCover(n.regionsOfStaff(n.staff[i])...); err != nil {
		return Staff{}, err
	}
	return n.account(i, s.now()), s.seen(ctx, a, "staff:"+id, "org.staff_name,org.staff_phone")
}

// MayManage judges whether a security officer may look after an account's means to sign in (a new password, a lost factor): it lies in reach, is
// not the own one, and is no administrator's of the own level, which those above look after. Errors: errs.Forbidden, errs.NotFound.
func (s *Service) MayManage(ctx context.Context, a authz.Actor, id string) error {
	n, err := s.snap(ctx)
	if err != nil {
		return err
	}
	if a.StaffID == authz.System.StaffID {
		return nil
	}
	if err := may(a, authz.StaffAdmin); err != nil {
		return err
	}
	i, ok := n.staffID[id]
	if !ok {
		return errs.New(errs.NotFound, "org.no_staff", errs.P{"key": id})
	}
	if n.onePerson(a.StaffID, id) {
		return errs.New(errs.Forbidden, "org.own_account")
	}
	r := n.reach(a, authz.Security, s.now())
	if err := r.mustCover(n.regionsOfStaff(n.staff[i])...); err != nil {
		return err
	}
	for _, code := range n.administers(id, s.now()) {
		if !r.makes(code) {
			return errs.New(errs.Forbidden, "org.review_above", errs.P{"region": n.nameOfRegion(code)})
		}
	}
	return nil
}

// seen records that personal data of staff was read.
func (s *Service) seen(ctx context.Context, a authz.Actor, object, what string) error {
	if s.audit == nil {
		return nil
	}
	return s.audit.Read(ctx, s.entry(a, audit.Read, object, what))
}

// BrowseStaff lists accounts of an agency ("" for all) in the officer's reach without their phones, after an ID of the page before, and records
// that names were seen. next is empty on the last page.
func (s *Service) BrowseStaff(ctx context.Context, a authz.Actor, agency, after string, limit int) (page []Staff, next string, err error) {
	if err := may(a, authz.StaffAdmin); err != nil {
		return nil, "", err
	}
	n, err := s.snap(ctx)
	if err != nil {
		return nil, "", err
	}
	now := s.now()
	r := n.reach(a, authz.Security, now)
	for i, base := range n.staff {
		if !slices.ContainsFunc(n.regionsOfStaff(base), r.covers) {
			continue
		}
		if st := n.account(i, now); agency == "" || st.Agency == agency {
			st.Phone = ""
			page = append(page, st)
		}
	}
	if i := slices.IndexFunc(page, func(st Staff) bool { return st.ID == after }); i >= 0 {
		page = page[i+1:]
	}
	if len(page) > limit {
		page, next = page[:limit], page[limit-1].ID
	}
	if len(page) == 0 {
		return page, next, nil
	}
	return page, next, s.seen(ctx, a, "staff:list", "org.staff_name")
}

// ReachOf lists what an administrator administers in a role: the agencies by region and key, and all their posts, basic ones too.
func (s *Service) ReachOf(ctx context.Context, a authz.Actor, role authz.Role) (agencies []Agency, posts []Post) {
	n := s.all(ctx)
	r := n.reach(a, role, s.now())
	for _, g := range n.agencies {
		if r.covers(g.Region) {
			agencies = append(agencies, g)
		}
	}
	for _, p := range n.posts {
		if r.covers(n.regionOf(p.Agency)) {
			posts = append(posts, p)
		}
	}
	return agencies, posts
}

// Proposals lists proposals in the officer's reach, newest first: those that wait, or the decided ones. before is the ID the last page ended
// with. It records that names were seen.
func (s *Service) Proposals(ctx context.Context, a authz.Actor, waiting bool, before string, limit int) (page []Proposal, next string, err error) {
	if err := may(a, authz.PowerReview); err != nil {
		return nil, "", err
	}
	n, err := s.snap(ctx)
	if err != nil {
		return nil, "", err
	}
	r := n.reach(a, authz.Security, s.now())
	for {
		all, err := s.listProposals(ctx, s.db.R(), waiting, before, limit+1)
		if err != nil {
			return nil, "", err
		}
		for _, p := range all {
			before = p.ID
			if len(page) == limit {
				return page, page[limit-1].ID, s.seen(ctx, a, "proposal:list", "org.staff_name")
			}
			if slices.ContainsFunc(n.placesOf(p.Change), r.covers) {
				page = append(page, p)
			}
		}
		if len(all) <= limit {
			break
		}
	}
	if len(page) == 0 {
		return nil, "", nil
	}
	return page, "", s.seen(ctx, a, "proposal:list", "org.staff_name")
}

// placesOf are the regions a change names, for the list.
func (n *snapshot) placesOf(c Change) []string {
	out := slices.Clone(c.Regions)
	if i, ok := n.staffID[c.StaffID]; ok {
		out = append(out, n.regionsOfStaff(n.staff[i])...)
	}
	for _, p := range c.Posts {
		out = append(out, n.regionOfPost(p))
	}
	if c.Agency != "" {
		out = append(out, n.regionOf(c.Agency))
	}
	if c.Post != nil {
		out = append(out, n.regionOf(c.Post.Agency))
	}
	return out
}

// Opened is a proposal as a reviewer sees it.
type Opened struct {
	Proposal
	Name        string // of the account it is about
	Differences []Difference
	Findings    []errs.Field // why it could not be carried out now
	MayReview   error        // nil: the officer who looks may review it
	Own         bool         // the officer who looks proposed it
}

// OpenProposal gives a proposal with what it would change now, and records that it was seen.
func (s *Service) OpenProposal(ctx context.Context, a authz.Actor, id string) (Opened, error) {
	if !a.May(authz.PowerReview) && !a.May(authz.OrgAdmin) {
		return Opened{}, errs.New(errs.Forbidden, "base.forbidden")
	}
	n, err := s.snap(ctx)
	if err != nil {
		return Opened{}, err
	}
	p, err := s.proposal(ctx, s.db.R(), id)
	if err != nil {
		return Opened{}, err
	}
	now := s.now()
	if !slices.ContainsFunc(n.placesOf(p.Change), n.reach(a, authz.Security, now).covers) && p.By != a.StaffID {
		return Opened{}, errs.New(errs.NotFound, "org.no_proposal")
	}
	o := Opened{Proposal: p, Own: p.By == a.StaffID}
	if i, ok := n.staffID[p.StaffID]; ok {
		o.Name = n.staff[i].Name
	} else {
		o.Name = p.Name
	}
	var d delta
	if p.State == Open && p.Kind != Table {
		var f findings
		d, f = n.plan(p.Change, p.ID, now)
		if o.Findings = f; len(f) == 0 {
			o.Differences = n.differences(p.Change, d, now)
		}
	}
	o.MayReview = n.mayReview(a, p, d, now)
	return o, s.seen(ctx, a, "proposal:"+id, "org.staff_name,org.staff_phone")
}

// Held is a term with the reviewed act it came by, if it came by one.
type Held struct {
	Holding
	Active  bool
	Granted *Proposal
}

// History gives all terms of an account, newest first, and every proposal about it, with who proposed and who reviewed. It records that it was seen.
func (s *Service) History(ctx context.Context, a authz.Actor, id string) ([]Held, []Proposal, error) {
	if _, err := s.OpenStaff(ctx, a, id); err != nil {
		return nil, nil, err
	}
	n, err := s.snap(ctx)
	if err != nil {
		return nil, nil, err
	}
	ps, err := s.proposalsOf(ctx, s.db.R(), id)
	if err != nil {
		return nil, nil, err
	}
	var out []Held
	for _, h := range n.held[id] {
		x := Held{Holding: h, Active: n.holds(h, s.now())}
		if i := slices.IndexFunc(ps, func(p Proposal) bool { return p.ID == h.Proposal }); i >= 0 {
			x.Granted = &ps[i]
		}
		out = append(out, x)
	}
	slices.SortFunc(out, func(x, y Held) int {
		if c := y.From.Compare(x.From); c != 0 {
			return c
		}
		return compare(y.ID, x.ID)
	})
	return out, ps, nil
}

// StandIns lists who stands in for an account, now or later, those who have ended left out.
func (s *Service) StandIns(ctx context.Context, id string) []Holding {
	n, now := s.all(ctx), s.now()
	var out []Holding
	for _, hs := range n.held {
		for _, h := range hs {
			if h.For == id && h.meets(now, time.Time{}) {
				out = append(out, h)
			}
		}
	}
	slices.SortFunc(out, func(x, y Holding) int { return compare(x.ID, y.ID) })
	return out
}
