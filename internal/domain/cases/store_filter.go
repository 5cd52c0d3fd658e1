package cases

import (
	"slices"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/engine/cnid"
)

var (
	waiting = "state IN ('submitted', 'received', 'accepted', 'reviewing', 'decided', 'certified')"
	running = "state IN ('submitted', 'received', 'correction', 'accepted', 'reviewing', 'suspended', 'decided', 'certified', 'delivered')"
	over    = "state IN ('decided', 'certified', 'delivered', 'concluded', 'archived', 'refused', 'withdrawn', 'terminated')"
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
		cond, args := in("post", posts)
		c.add(cond, args...)
		c.add(waiting)
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
	cond, args := in("post", posts)
	parts := []string{cond}
	for _, p := range st.posts {
		if !slices.Contains(posts, p.Key) {
			continue
		}
		all, elsewhere := slices.Contains(p.Items, "*"), slices.ContainsFunc(p.Acts, func(act string) bool { return slices.Contains(atWindow, act) })
		part, partArgs := "1 = 1", []any{}
		if !all {
			part, partArgs = in("item_key", p.Items)
		}
		if !elsewhere || all && p.Agency != hall {
			part, partArgs = part+" AND agency = ?", append(partArgs, p.Agency)
		}
		parts, args = append(parts, "("+part+")"), append(args, partArgs...)
	}
	return "(" + strings.Join(parts, " OR ") + ")", args
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

// regionPrefix is what all codes of a region begin with: the pairs of zeros at the end of a county, city or province code stand for "all of it".
func regionPrefix(code string) string {
	code = strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, code)
	for len(code) == 6 && strings.HasSuffix(code, "00") || len(code) == 4 && strings.HasSuffix(code, "00") {
		code = code[:len(code)-2]
	}
	return code
}
