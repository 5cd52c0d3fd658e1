package org

import (
	"slices"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/engine/clock"
)

// Holding is a post in somebody's hands for a term.
type Holding struct {
	ID       string
	StaffID  string
	Post     string
	For      string    // the account stood in for (代理); empty: one's own post
	From     time.Time // zero: from the beginning
	Until    time.Time // the first instant it no longer holds; zero: open
	Proposal string    // the reviewed act it came by; empty: a pack or command
}

// At reports whether the term holds at an instant.
func (h Holding) At(t time.Time) bool {
	return !t.Before(h.From) && (h.Until.IsZero() || t.Before(h.Until))
}

// meets reports whether the term has an instant in common with [from, until).
func (h Holding) meets(from, until time.Time) bool {
	if !h.Until.IsZero() && !h.Until.After(h.From) {
		return false // taken back before it began
	}
	return (until.IsZero() || h.From.Before(until)) && (h.Until.IsZero() || from.Before(h.Until))
}

// midnight is the beginning of a date YYYY-MM-DD in Asia/Shanghai; ok is false for what is no date.
func midnight(date string) (at time.Time, ok bool) {
	at, err := time.ParseInLocation(time.DateOnly, date, clock.Shanghai)
	return at, err == nil && at.Year() >= firstYear && at.Year() <= lastYear
}

// FirstDay is the date on which a term begins, in Asia/Shanghai; "" for the zero time.
func FirstDay(from time.Time) string {
	if from.IsZero() {
		return ""
	}
	return from.In(clock.Shanghai).Format(time.DateOnly)
}

// LastDay is the last date of a term that ends with until, in Asia/Shanghai; "" for an open term.
func LastDay(until time.Time) string {
	if until.IsZero() {
		return ""
	}
	return FirstDay(until.Add(-time.Millisecond))
}

// holds reports whether a holding gives its powers at an instant: its account works, its term runs, and for one who stands in, the one stood in
// for works and holds the post then.
func (n *snapshot) holds(h Holding, at time.Time) bool {
	i, ok := n.staffID[h.StaffID]
	if !ok || !h.At(at) || n.staff[i].idle(at) {
		return false
	}
	if h.For == "" {
		return true
	}
	j, ok := n.staffID[h.For]
	return ok && !n.staff[j].idle(at) && slices.ContainsFunc(n.held[h.For], func(o Holding) bool { return o.For == "" && o.Post == h.Post && o.At(at) })
}

// account gives an account as it is at an instant. One that is switched off still shows the posts it would have.
func (n *snapshot) account(i int, at time.Time) Staff {
	st := n.staff[i]
	st.Disabled = st.idle(at)
	if !st.moves.IsZero() && !at.Before(st.moves) {
		st.Agency = st.nextAgency
	}
	st.Roles, st.Posts, st.Standing = nil, nil, nil
	for _, h := range n.held[st.ID] {
		k, known := n.post[h.Post]
		would := st.Disabled && h.For == "" && h.At(at)
		if !known || !would && !n.holds(h, at) {
			continue
		}
		p := n.posts[k]
		for _, r := range p.Roles {
			if !slices.Contains(st.Roles, r) && !n.watchesElsewhere(r, p.Key, st.Agency) {
				st.Roles = append(st.Roles, r)
			}
		}
		if !p.Basic && !slices.Contains(st.Posts, p.Key) {
			st.Posts = append(st.Posts, p.Key)
		}
		if h.For == "" {
			continue
		}
		if st.Standing == nil {
			st.Standing = map[string]string{}
		}
		st.Standing[h.Post] = h.For
	}
	for key := range st.Standing { // the own post goes before
		if slices.ContainsFunc(n.held[st.ID], func(h Holding) bool { return h.For == "" && h.Post == key && h.At(at) }) {
			delete(st.Standing, key)
		}
	}
	return st
}

// watchesElsewhere reports whether a role is a supervisor's of another region than the account's agency. A supervisor watches the region of the own
// agency, whatever the post says: with a post elsewhere, held or stood in on, they would watch a region nobody gave them.
func (n *snapshot) watchesElsewhere(r authz.Role, post, agency string) bool {
	return r == authz.Supervisor && !n.within(n.regionOf(agency), n.regionOfPost(post))
}

func (n *snapshot) accounts(at time.Time) []Staff {
	out := make([]Staff, 0, len(n.staff))
	for i := range n.staff {
		out = append(out, n.account(i, at))
	}
	return out
}

// rolesOf gives the roles a post carries.
func (n *snapshot) rolesOf(post string) []authz.Role {
	if i, ok := n.post[post]; ok {
		return n.posts[i].Roles
	}
	return nil
}

// kindsOf gives what a post counts as when roles are kept apart.
func (n *snapshot) kindsOf(post string) []authz.Role {
	if i, ok := n.post[post]; ok {
		return n.posts[i].kinds()
	}
	return nil
}

// apartAt finds the first instant from now on at which one person would hold roles that nobody may hold together: over all accounts of the
// person's telephone, with what is stood in for, by the terms as they stand. both is "" when there is none.
func (n *snapshot) apartAt(staffID string, now time.Time) (both string, at time.Time) {
	var hs []Holding
	edges := []time.Time{now}
	for _, id := range n.samePerson(staffID) {
		st := n.staff[n.staffID[id]]
		if st.off {
			continue
		}
		for _, h := range n.held[id] {
			if h.From.Before(st.Begins) {
				h.From = st.Begins
			}
			if !st.Ends.IsZero() && (h.Until.IsZero() || st.Ends.Before(h.Until)) {
				h.Until = st.Ends
			}
			hs = append(hs, h)
			if h.From.After(now) {
				edges = append(edges, h.From)
			}
		}
	}
	slices.SortFunc(edges, time.Time.Compare)
	for _, e := range edges {
		var roles []authz.Role
		for _, h := range hs {
			if h.At(e) {
				roles = append(roles, n.kindsOf(h.Post)...)
			}
		}
		if both := clash(roles); both != "" {
			return both, e
		}
	}
	return "", time.Time{}
}

// samePerson lists the accounts of one person: those with the same telephone.
func (n *snapshot) samePerson(staffID string) []string {
	i, ok := n.staffID[staffID]
	if !ok {
		return nil
	}
	out := []string{staffID}
	if n.staff[i].Phone == "" {
		return out
	}
	for _, id := range n.phones[n.staff[i].Phone] {
		if id != staffID {
			out = append(out, id)
		}
	}
	return out
}
