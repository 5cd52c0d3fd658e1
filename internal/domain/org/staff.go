package org

import (
	"regexp"
	"slices"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/engine/cnid"
)

// Staff is a person who works for an agency. Name and phone are sealed at rest; the password hash lives in identity.
type Staff struct {
	ID       string // the key in a pack, or an identifier
	Login    string
	Name     string
	Agency   string // agency key
	Roles    []authz.Role
	Posts    []string // post keys
	Phone    string   // mobile, eleven digits: the second factor goes there
	Disabled bool
	Version  int64
}

// StaffRoles are the roles an account of staff may hold.
var StaffRoles = []authz.Role{authz.Clerk, authz.Officer, authz.Supervisor, authz.ItemOffice, authz.Admin, authz.Security, authz.Auditor, authz.Operator}

// apart are the three administrators, of which one account holds at most one (GB/T 22239).
var apart = []authz.Role{authz.Admin, authz.Security, authz.Auditor}

// needPost are the roles that can do nothing without a post.
var needPost = []authz.Role{authz.Clerk, authz.Officer}

var loginShape = regexp.MustCompile(`^[a-z][a-z0-9._-]{2,39}$`)

func (s Staff) check(known places) findings {
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
	f = append(f, s.checkRoles()...)
	for _, p := range s.Posts {
		if !known.Has("post", p) {
			f.add("posts", "org.no_post", errs.P{"key": p})
		}
	}
	return f
}

func (s Staff) checkRoles() findings {
	var f findings
	if len(s.Roles) == 0 {
		f.add("roles", "org.no_role")
	}
	var admins []string
	needs := false
	for _, r := range s.Roles {
		if !slices.Contains(StaffRoles, r) {
			f.add("roles", "org.unknown_role", errs.P{"role": string(r)})
		}
		if slices.Contains(apart, r) {
			admins = append(admins, string(r))
		}
		needs = needs || slices.Contains(needPost, r)
	}
	if len(admins) > 1 {
		f.add("roles", "org.roles_apart", errs.P{"roles": strings.Join(admins, ", ")})
	}
	if needs && len(s.Posts) == 0 {
		f.add("posts", "org.needs_post")
	}
	return f
}

// May reports whether the account may do an act on an item through one of the given posts; a disabled account may nothing.
func (s Staff) May(posts []Post, act, item string) bool {
	return !s.Disabled && slices.ContainsFunc(posts, func(p Post) bool { return slices.Contains(s.Posts, p.Key) && p.May(act, item) })
}
