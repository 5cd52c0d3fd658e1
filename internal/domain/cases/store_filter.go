package cases

import (
	"slices"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/domain/org"
	"tongban/internal/engine/cnid"
)

var (
	waiting = "state IN ('submitted', 'received', 'accepted', 'reviewing', 'suspended', 'decided', 'certified')"
	running = "state IN ('submitted', 'received', 'correction', 'accepted', 'reviewing', 'suspended', 'decided', 'certified', 'delivered')"
	over    = "state IN ('decided', 'certified', 'delivered', 'concluded', 'archived', 'refused', 'withdrawn', 'terminated', 'lapsed', 'transferred', 'voided')"
	mine    = "EXISTS (SELECT 1 FROM cases_event e WHERE e.case_id = cases_case.id AND e.actor = ?)"
)

// inbox compiles tab and posts to conditions: what somebody may list is what their posts may handle.
func inbox(st seat, a authz.Actor, f Filter) (conditions, error) {
	var c conditions
	var posts []string
	for _, p := range st.posts {
		if f.Post == "" || p.Key == f.Post {
			posts = append(posts, p.Key)
		}
	}
	if len(posts) == 0 && f.Post != "" {
		return c, errs.New(errs.Forbidden, "cases.not_your_post")
	}
	cond, args := scope(st, posts)
	c.add(cond, args...)
	c.add("state <> 'draft'")
	if f.State != "" {
		c.add("state = ?", string(f.State))
	}
	switch f.Tab {
	case TabTodo, "":
		cond, args := in("t.post", posts)
		c.add("id IN (SELECT t.case_id FROM cases_task t WHERE t.closed_ms = 0 AND "+cond+")", args...)
		c.add("(" + waiting + " OR state = 'concluded')") // of a case that is over only what follows it waits: the check of a promise
	case TabDoing:
		c.add(running)
		c.add(mine, a.Name())
	case TabDone:
		c.add(over)
	case TabAll:
	default:
		return c, errs.New(errs.BadRequest, "cases.unknown_tab")
	}
	return c, nil
}

// scope is what the posts may handle: cases that lie with them, and the items they have rights on.
func scope(st seat, posts []string) (string, []any) {
	cond, args := in("t.post", posts)
	parts := []string{"EXISTS (SELECT 1 FROM cases_task t WHERE t.case_id = cases_case.id AND " + cond + ")"}
	for _, p := range st.posts {
		if !slices.Contains(posts, p.Key) {
			continue
		}
		part, partArgs := listed(st, p)
		parts, args = append(parts, "("+part+")"), append(args, partArgs...)
	}
	return "(" + strings.Join(parts, " OR ") + ")", args
}

// listed is what one post may handle, in the words of the database: its own agency's cases, and at a window those it serves in the region of its
// agency. The acts ask seat.may.
func listed(st seat, p held) (string, []any) {
	own, args := ofItems(p.Items)
	own, args = own+" AND agency = ?", append(args, p.Agency)
	delegated := p.Items
	if !org.IsHall(p.Agency) {
		delegated = slices.DeleteFunc(slices.Clone(p.Items), func(item string) bool { return item == "*" })
	}
	atCounter := slices.ContainsFunc(p.Acts, func(act string) bool { return slices.Contains(atWindow, act) })
	if !atCounter || len(delegated) == 0 || p.region == "" {
		return own, args
	}
	items, itemArgs := ofItems(delegated)
	near, nearArgs := in("agency", st.agencies(func(g org.Agency) bool { return st.within(g.Region, p.region) }))
	return own + " OR " + items + " AND (" + near + " OR region = ?)", slices.Concat(args, itemArgs, nearArgs, []any{p.region})
}

func ofItems(keys []string) (string, []any) {
	if slices.Contains(keys, "*") {
		return "1 = 1", nil
	}
	return in("item_key", keys)
}

// search narrows by number: of the case, or of the applicant by blind index.
func (s *Service) search(c *conditions, q string) {
	q = strings.ToUpper(strings.Join(strings.Fields(q), ""))
	if q == "" {
		return
	}
	phone := ""
	if m, err := cnid.ParseMobile(q); err == nil {
		phone = s.Vault.Blind("phone", m)
	}
	c.add("(case_no = ? OR subject = ? OR phone_blind = ? AND phone_blind <> '')", q, s.Vault.Blind("subject", q), phone)
}

// RegionPrefix is what all codes of a region and of those below it begin with. Codes are built from above and padded with zeros (GB/T 2260 by two
// for city and county, GB/T 10114 by three for town and village): 330100 holds 330102, 330102 holds 330102001, and 330102100 no other town.
func RegionPrefix(code string) string {
	code = strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, code)
	for _, l := range []struct {
		n    int
		zero string
	}{{12, "000"}, {9, "000"}, {6, "00"}, {4, "00"}} {
		if len(code) == l.n {
			code = strings.TrimSuffix(code, l.zero)
		}
	}
	return code
}
