package org

import (
	"regexp"
	"slices"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/engine/cnid"
	"tongban/internal/engine/flow"
)

// Region is one division. Code has 2, 4, 6, 9 or 12 digits (GB/T 2260, GB/T 10114); Parent is a code or empty. Codes retire and are never given again: a
// retired region keeps its name for what was filed in it.
type Region struct {
	Code      string `json:"code"`
	Name      string `json:"name"`
	Parent    string `json:"parent"`
	Level     string `json:"level"`               // province, city, county, town or village
	ValidTo   string `json:"valid_to,omitempty"`  // last day, YYYY-MM-DD; empty: in force
	Successor string `json:"successor,omitempty"` // code of the region that took over
	Version   int64  `json:"-"`
}

// Retired reports whether the region's last day has passed on a day (YYYY-MM-DD).
func (r Region) Retired(day string) bool { return r.ValidTo != "" && r.ValidTo < day }

// Levels are the levels of regions, from above.
var Levels = []string{"province", "city", "county", "town", "village"}

// Agency is one authority. Parent is the authority above it (上级或主管部门), which may sit in a region above.
type Agency struct {
	Key            string `json:"key"`
	Code           string `json:"code"` // unified social credit code, 18
	Name           string `json:"name"`
	Short          string `json:"short"`
	Region         string `json:"region"`     // region code
	Nature         string `json:"nature"`     // 实施主体性质: 1, 2, 3 or 9
	Level          string `json:"level"`      // level of its region
	Government     string `json:"government"` // people's government of the same level
	Review         string `json:"review"`     // authority for administrative review, only where it is not the government
	Court          string `json:"court"`
	Address        string `json:"address"`
	Phone          string `json:"phone"`
	ComplaintPhone string `json:"complaint_phone"`
	Website        string `json:"website"`
	SealName       string `json:"seal_name"`
	SealPurpose    string `json:"seal_purpose"`
	NumberMark     string `json:"number_mark"`         // 发文机关代字, as in 清江市监食许〔2026〕1号
	Parent         string `json:"parent,omitempty"`    // agency key
	ValidTo        string `json:"valid_to,omitempty"`  // last day, YYYY-MM-DD; empty: in force
	Successor      string `json:"successor,omitempty"` // agency key that took over its functions
	Version        int64  `json:"-"`
	EndsAnyway     bool   `json:"-"` // who saves it knows what still hangs on it and ends it without a successor
}

// Retired reports whether the agency's last day has passed on a day (YYYY-MM-DD).
func (a Agency) Retired(day string) bool { return a.ValidTo != "" && a.ValidTo < day }

// IsHall tells the government service halls (政务服务大厅) by their agency's key: hall, and every key that ends so, as city-hall. Their windows and their
// item office serve all agencies of their region.
func IsHall(agency string) bool { return agency == "hall" || strings.HasSuffix(agency, "-hall") }

// Natures are the codes of 实施主体性质: 法定机关, 授权组织, 受委托组织, 其他.
var Natures = []string{"1", "2", "3", "9"}

// ReviewAuthority names the authority that reviews the agency's acts: the people's government of its level (行政复议法 24), or the superior of
// customs, tax, finance, foreign exchange and state security (行政复议法 27), which the agency's entry then names.
func ReviewAuthority(a Agency) string {
	if a.Review != "" {
		return a.Review
	}
	return a.Government
}

// Window is a counter people can go to.
type Window struct {
	Key        string `json:"key"`
	Agency     string `json:"agency"`
	Name       string `json:"name"`
	Hall       string `json:"hall"`
	Address    string `json:"address"`
	Floor      string `json:"floor"`
	Hours      string `json:"hours"`
	Phone      string `json:"phone"`
	Directions string `json:"directions"`
	Version    int64  `json:"-"`
}

// Post is a set of rights, which whoever holds it has: which acts on which items, and which roles. A basic post stands for a role that a pack
// gives an account directly: one for each role and agency.
type Post struct {
	Key     string       `json:"key"`
	Agency  string       `json:"agency"`
	Name    string       `json:"name"`
	Acts    []string     `json:"acts"`
	Items   []string     `json:"items"` // item keys, or "*" for all
	Roles   []authz.Role `json:"roles,omitempty"`
	Basic   bool         `json:"basic,omitempty"`
	Version int64        `json:"-"`
}

// Revoke is the right to take back what was granted (撤回、撤销、吊销、注销), the head of the agency's.
const Revoke = "revoke"

// Acts are the acts a post may hold; they are the kinds of a flow's steps.
var Acts = []string{flow.Receive, flow.Accept, flow.Review, flow.Inspect, flow.Decide, flow.Certificate, flow.Deliver, flow.Extend, flow.ExtendJoint, Revoke}

// May reports whether a holder of the post may do an act on an item.
func (p Post) May(act, item string) bool {
	return slices.Contains(p.Acts, act) && (slices.Contains(p.Items, "*") || slices.Contains(p.Items, item))
}

// kinds are the roles a post counts as when roles are kept apart: one with acts is business, whether it carries a role or not.
func (p Post) kinds() []authz.Role {
	if len(p.Acts) == 0 || slices.ContainsFunc(p.Roles, func(r authz.Role) bool { return slices.Contains(business, r) }) {
		return p.Roles
	}
	return append(slices.Clone(p.Roles), authz.Officer)
}

var (
	keyShape    = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	regionShape = regexp.MustCompile(`^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})$`)
	phoneShape  = regexp.MustCompile(`^[0-9+()（）、,，转 -]{3,60}$`)
)

// finding is one thing wrong with an element; Path is the JSON name of the place.
type finding = errs.Field

type findings []finding

func (f *findings) add(path, key string, p ...errs.P) {
	x := finding{Path: path, Key: key}
	if len(p) > 0 {
		x.Params = p[0]
	}
	*f = append(*f, x)
}

func (f *findings) filled(pairs ...string) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if strings.TrimSpace(pairs[i+1]) == "" {
			f.add(pairs[i], "org.required_"+pairs[i])
		}
	}
}

func (f *findings) key(k string) {
	if !keyShape.MatchString(k) || len(k) > 60 || k == "new" { // new is the address of the empty form
		f.add("key", "org.key_shape")
	}
}

func (f *findings) phone(path, v string) {
	if v != "" && !phoneShape.MatchString(v) {
		f.add(path, "org.phone_shape")
	}
}

// places answers which keys of other elements exist.
type places interface{ Has(kind, key string) bool }

func (r Region) check(known places) findings {
	var f findings
	if !regionShape.MatchString(r.Code) {
		f.add("code", "org.region_code")
	}
	f.filled("name", r.Name)
	if !slices.Contains(Levels, r.Level) {
		f.add("level", "org.bad_level")
	}
	switch {
	case r.Parent == "" && r.Level == Levels[0]:
	case r.Parent == r.Code, !known.Has("region", r.Parent):
		f.add("parent", "org.no_parent", errs.P{"code": r.Parent})
	}
	return f
}

func (a Agency) check(known places) findings {
	var f findings
	f.key(a.Key)
	if code, err := cnid.ParseCreditCode(a.Code); err != nil {
		e := errs.As(err)
		f = append(f, finding{Path: "code", Key: e.Key, Params: e.Params})
	} else if code != a.Code {
		f.add("code", "org.code_form", errs.P{"code": code})
	}
	f.filled("name", a.Name, "short", a.Short, "court", a.Court, "address", a.Address, "phone", a.Phone, "complaint_phone", a.ComplaintPhone,
		"seal_name", a.SealName, "seal_purpose", a.SealPurpose, "number_mark", a.NumberMark)
	if ReviewAuthority(a) == "" {
		f.add("government", "org.required_government")
	}
	if !slices.Contains(Natures, a.Nature) {
		f.add("nature", "org.bad_nature")
	}
	if !known.Has("region", a.Region) {
		f.add("region", "org.no_region", errs.P{"code": a.Region})
	}
	if a.Website != "" && !strings.HasPrefix(a.Website, "https://") && !strings.HasPrefix(a.Website, "http://") {
		f.add("website", "org.bad_website")
	}
	f.phone("phone", a.Phone)
	f.phone("complaint_phone", a.ComplaintPhone)
	return f
}

func (w Window) check() findings {
	var f findings
	f.key(w.Key)
	f.filled("name", w.Name, "hall", w.Hall, "address", w.Address, "hours", w.Hours)
	f.phone("phone", w.Phone)
	return f
}

func (p Post) check() findings {
	var f findings
	f.key(p.Key)
	f.filled("name", p.Name)
	if len(p.Acts) == 0 && len(p.Roles) == 0 {
		f.add("acts", "org.post_no_act")
	}
	f = append(f, checkRoles(p.kinds())...)
	for _, a := range p.Acts {
		if !slices.Contains(Acts, a) {
			f.add("acts", "org.unknown_act", errs.P{"act": a})
		}
	}
	for _, i := range p.Items {
		if i != "*" && !keyShape.MatchString(i) {
			f.add("items", "org.item_shape", errs.P{"item": i})
		}
	}
	return f
}
