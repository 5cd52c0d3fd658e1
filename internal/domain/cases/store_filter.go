package cases

import (
	"slices"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/engine/cnid"
)

var (
	waiting = "state IN ('pre_review', 'submitted', 'received', 'accepted', 'reviewing', 'suspended', 'decided', 'certified')"
	running = "state IN ('submitted', 'received', 'correction', 'accepted', 'reviewing', 'suspended', 'decided', 'certified', 'delivered')"
	over    = "state IN ('decided', 'certified', 'delivered', 'concluded', 'archived', 'refused', 'withdrawn', 'terminated', 'lapsed', 'transferred', 'voided')"
)

// inbox compiles tab, state and posts of a filter to conditions; the posts it names are the actor's, or the one that is asked for.
func inbox(st *seat, a authz.Actor, f Filter) (c conditions, posts []string, err error) {
	for _, p := range st.posts {
		if f.Post == "" || p.Key == f.Post {
			posts = append(posts, p.Key)
		}
	}
	if len(posts) == 0 && f.Post != "" {
		return c, nil, errs.New(errs.Forbidden, "cases.not_your_post")
	}
	if f.Post != "" {
		st.shared = nil // what was copied to them lies at no post
	}
	c.add("state <> 'draft'")
	if f.State != "" {
		c.add("state = ?", string(f.State))
	}
	switch f.Tab {
	case TabTodo, "":
		c.add("(" + waiting + " OR state = 'concluded')") // of a case that is over only what follows it waits: the check of a promise
	case TabDoing:
		c.add(running)
		if f.Post != "" {
			cond, args := scope(*st, posts)
			c.add(cond, args...)
		}
	case TabDone:
		c.add(over)
	case TabAll:
	default:
		return c, nil, errs.New(errs.BadRequest, "cases.unknown_tab")
	}
	return c, posts, nil
}

// scope is what the posts may handle, asked of a row: cases that lie with them, and the items they have rights on. The work is counted, not looked for by
// EXISTS, so that the database asks it of the row and does not gather all work of the posts first.
func scope(st seat, posts []string) (string, []any) {
	cond, args := reach(st, posts)
	work, workArgs := in("t.post", posts)
	parts := []string{cond, "(SELECT COUNT(*) FROM cases_task t WHERE t.case_id = cases_case.id AND " + hadPartIn + " AND " + work + ") > 0"}
	args = append(args, workArgs...)
	if len(st.shared) > 0 {
		part, partArgs := in("id", st.shared)
		parts, args = append(parts, part), append(args, partArgs...)
	}
	return "(" + strings.Join(parts, " OR ") + ")", args
}

// reach is what the posts may handle by where a case lies.
func reach(st seat, posts []string) (string, []any) {
	parts := []string{"1 = 0"}
	var args []any
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
	delegated, agencies := counter(st, p)
	if len(delegated) == 0 {
		return own, args
	}
	items, itemArgs := ofItems(delegated)
	near, nearArgs := in("agency", agencies)
	return own + " OR " + items + " AND (" + near + " OR region LIKE ?)", slices.Concat(args, itemArgs, nearArgs, []any{RegionPrefix(p.region) + "%"})
}

func ofItems(keys []string) (string, []any) {
	if slices.Contains(keys, "*") {
		return "1 = 1", nil
	}
	return in("item_key", keys)
}

// byNumber is the source of a search: the few cases that bear a number, of the case or, by blind index, of the applicant; false when nothing is searched.
func (s *Service) byNumber(q string) (source, bool) {
	q = strings.ToUpper(strings.Join(strings.Fields(q), ""))
	if q == "" {
		return source{}, false
	}
	phone := ""
	if m, err := cnid.ParseMobile(q); err == nil {
		phone = s.Vault.Blind("phone", m)
	}
	return driven("SELECT id AS tid FROM cases_case WHERE case_no = ? UNION SELECT id FROM cases_case WHERE subject = ? UNION SELECT id FROM cases_case WHERE phone_blind = ? AND phone_blind <> ''",
		q, s.Vault.Blind("subject", q), phone), true
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
