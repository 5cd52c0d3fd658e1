package org

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/engine/cnid"
)

// Staff is an account of a person who works for an agency, as it is at the moment it is asked for: its roles and posts come from the posts it
// holds then. Name and phone are sealed at rest; passwords and other factors live elsewhere.
type Staff struct {
	ID       string // the key in a pack, or an identifier
	Login    string
	Name     string
	Agency   string       // agency key
	Roles    []authz.Role // those of all posts held now, own and stood in for
	Posts    []string     // keys of the posts held now, basic ones left out
	Phone    string       // mobile, eleven digits: the second factor goes there
	Disabled bool         // switched off, not begun or ended
	Version  int64

	Begins, Ends time.Time         // zero: not limited; Ends is the first instant it no longer works
	Standing     map[string]string // post key → account stood in for now (代理)

	off        bool // switched off by hand
	nextAgency string
	moves      time.Time // from when nextAgency counts
}

// StandsFor gives the account stood in for on a post now, or "".
func (s Staff) StandsFor(post string) string { return s.Standing[post] }

// idle reports whether the account does not work at an instant.
func (s Staff) idle(at time.Time) bool {
	return s.off || at.Before(s.Begins) || !s.Ends.IsZero() && !at.Before(s.Ends)
}

// StaffRoles are the roles an account of staff may hold.
var StaffRoles = []authz.Role{authz.Clerk, authz.Officer, authz.Supervisor, authz.ItemOffice, authz.Legal, authz.Admin, authz.Security, authz.Auditor, authz.Archivist, authz.Operator}

// apart are the three administrators, of which one person holds at most one (GB/T 22239 三员分立).
var apart = []authz.Role{authz.Admin, authz.Security, authz.Auditor}

// business are the roles that never go together with one of the three.
var business = []authz.Role{authz.Clerk, authz.Officer, authz.Supervisor, authz.ItemOffice, authz.Legal, authz.Archivist}

// needPost are the roles that can do nothing without a post.
var needPost = []authz.Role{authz.Clerk, authz.Officer}

var loginShape = regexp.MustCompile(`^[a-z][a-z0-9._-]{2,39}$`)

// checkFacts finds what is wrong with an account beside its powers.
func (s Staff) checkFacts(known places) findings {
	var f findings
	if !loginShape.MatchString(s.Login) {
		f.add("login", "org.login_shape")
	}
	if _, err := cnid.NormalName(s.Name); err != nil {
		f.add("name", errs.As(err).Key, errs.As(err).Params)
	}
	if _, err := cnid.ParseMobile(s.Phone); err != nil {
		f.add("phone", errs.As(err).Key)
	}
	if !known.Has("agency", s.Agency) {
		f.add("agency", "org.no_agency", errs.P{"key": s.Agency})
	}
	return f
}

// check judges an account as a pack writes it, with roles and posts of its own. of gives a post; carried roles count as the account's.
func (s Staff) check(known places, of func(post string) Post) findings {
	f := s.checkFacts(known)
	roles, kinds := slices.Clone(s.Roles), slices.Clone(s.Roles)
	for _, p := range s.Posts {
		if !known.Has("post", p) {
			f.add("posts", "org.no_post", errs.P{"key": p})
		}
		roles, kinds = append(roles, of(p).Roles...), append(kinds, of(p).kinds()...)
	}
	if len(roles) == 0 {
		f.add("roles", "org.no_role")
	}
	f = append(f, checkRoles(kinds)...)
	if len(s.Posts) == 0 && slices.ContainsFunc(needPost, func(r authz.Role) bool { return slices.Contains(roles, r) }) {
		f.add("posts", "org.needs_post")
	}
	return f
}

// checkRoles finds unknown roles and roles nobody may hold together.
func checkRoles(roles []authz.Role) findings {
	var f findings
	for _, r := range roles {
		if !slices.Contains(StaffRoles, r) {
			f.add("roles", "org.unknown_role", errs.P{"role": string(r)})
		}
	}
	if both := clash(roles); both != "" {
		f.add("roles", "org.roles_apart", errs.P{"roles": both})
	}
	return f
}

// clash names the roles of which nobody may hold two, or "".
func clash(roles []authz.Role) string {
	var admins, work []string
	for _, r := range StaffRoles {
		switch {
		case !slices.Contains(roles, r):
		case slices.Contains(apart, r):
			admins = append(admins, string(r))
		case slices.Contains(business, r):
			work = append(work, string(r))
		}
	}
	switch {
	case len(admins) > 1:
		return strings.Join(admins, ", ")
	case len(admins) == 1 && len(work) > 0:
		return strings.Join(append(admins, work...), ", ")
	}
	return ""
}
