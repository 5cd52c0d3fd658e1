package directory

import (
	"slices"
	"strings"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/engine/clock"
)

// Kind is what a change does to the directory (目录清单动态调整的六种情形).
type Kind string

// The kinds. A suspended item comes back by an Amend.
const (
	Add     Kind = "add"     // 新增
	Amend   Kind = "amend"   // 变更
	Divide  Kind = "split"   // 拆分: one item ends, two or more take over
	Combine Kind = "merge"   // 合并: two or more items end in one
	Suspend Kind = "suspend" // 暂停
	Cancel  Kind = "cancel"  // 取消
)

// Kinds lists the kinds in the order of the forms.
var Kinds = []Kind{Add, Amend, Divide, Combine, Suspend, Cancel}

// The states of a change.
const (
	Draft     = "draft"
	Auditing  = "audit" // 编制审核: waits for a second item officer
	Reviewing = "legal" // 法制审核: waits for legal review
	Approved  = "approved"
	Effective = "effective"
	Refused   = "refused" // back with its author, who may change it and send it again
	Dropped   = "dropped"
	Outdated  = "outdated" // the base item was changed otherwise before the day came
)

// States lists the states in their order.
var States = []string{Draft, Auditing, Reviewing, Approved, Effective, Refused, Outdated, Dropped}

// Ref is a base item as it stood when a change was made of it.
type Ref struct {
	Code    string `json:"code"`
	Version int    `json:"version"`
}

// Act is one thing that was done with a change.
type Act struct {
	By   string    `json:"by"` // staff id, or system
	At   time.Time `json:"at"`
	Act  string    `json:"act"` // draft, save, submit, audit, legal, refuse, drop, effect, outdate
	Note string    `json:"note,omitempty"`
}

// Change is one change of the directory on its way.
type Change struct {
	ID        string `json:"-"`
	Kind      Kind   `json:"kind"`
	State     string `json:"-"`
	Of        []Ref  `json:"of,omitempty"`     // base items it changes; none for Add
	Items     []Base `json:"items,omitempty"`  // what stands afterwards: Add, Amend and Combine one, Divide two or more
	Reason    string `json:"reason"`           // why, with the law or notice it follows
	Effective string `json:"effective"`        // first day, YYYY-MM-DD
	FollowBy  string `json:"follow_by"`        // day until which adopters follow
	Acts      []Act  `json:"acts,omitempty"`   // what was done, oldest first
	Author    string `json:"author"`           // staff id
	Agency    string `json:"agency,omitempty"` // of the author
	Second    string `json:"second,omitempty"` // staff id of the 编制 audit
	Legal     string `json:"legal,omitempty"`  // staff id of the 法制 audit
	Rev       int64  `json:"-"`
}

// Open reports whether the change can still be edited by its author.
func (c Change) Open() bool { return c.State == Draft || c.State == Refused || c.State == Outdated }

// Title names the change by what it concerns.
func (c Change) Title() string {
	names := make([]string, 0, len(c.Items))
	for _, b := range c.Items {
		names = append(names, b.Name)
	}
	if len(names) == 0 {
		for _, r := range c.Of {
			names = append(names, r.Code)
		}
	}
	return strings.Join(names, "、")
}

// Codes lists every code the change touches.
func (c Change) Codes() []string {
	var out []string
	for _, r := range c.Of {
		out = append(out, r.Code)
	}
	for _, b := range c.Items {
		if !slices.Contains(out, b.Code) {
			out = append(out, b.Code)
		}
	}
	return out
}

// how many items a kind takes and gives; max 0 is any number.
var shapes = map[Kind]struct{ minOf, maxOf, minItems, maxItems int }{
	Add: {0, 0, 1, 1}, Amend: {1, 1, 1, 1}, Divide: {1, 1, 2, 20}, Combine: {2, 20, 1, 1}, Suspend: {1, 20, 0, 0}, Cancel: {1, 20, 0, 0},
}

// check gives everything that keeps a change from being sent on. at answers what stands now.
func (c Change) check(at func(code string) (Base, bool), today string) findings {
	var f findings
	shape, ok := shapes[c.Kind]
	if !ok {
		f.add("kind", "directory.bad_kind")
		return f
	}
	if len(c.Of) < shape.minOf || len(c.Of) > shape.maxOf {
		f.add("of", "directory.of_"+string(c.Kind))
	}
	if len(c.Items) < shape.minItems || len(c.Items) > shape.maxItems {
		f.add("items", "directory.items_"+string(c.Kind))
	}
	c.checkOf(&f, at)
	c.checkItems(&f, at)
	f.filled("reason", c.Reason)
	switch {
	case !isDate(c.Effective):
		f.add("effective", "directory.date_wrong")
	case c.Effective < today:
		f.add("effective", "directory.effective_past", errs.P{"today": today})
	}
	if c.Kind != Add && (!isDate(c.FollowBy) || c.FollowBy < c.Effective) {
		f.add("follow_by", "directory.follow_by_wrong")
	}
	return f
}

func (c Change) checkOf(f *findings, at func(string) (Base, bool)) {
	seen := map[string]bool{}
	for _, r := range c.Of {
		b, ok := at(r.Code)
		switch {
		case !ok:
			f.add("of", "directory.no_base", errs.P{"code": r.Code})
		case seen[r.Code]:
			f.add("of", "directory.of_twice", errs.P{"code": r.Code})
		case b.Version != r.Version:
			f.add("of", "directory.base_moved", errs.P{"code": r.Code, "version": b.Version})
		case b.State == Cancelled:
			f.add("of", "directory.base_cancelled", errs.P{"code": r.Code})
		case b.State == Suspended && c.Kind == Suspend:
			f.add("of", "directory.base_suspended", errs.P{"code": r.Code})
		}
		seen[r.Code] = true
	}
}

func (c Change) checkItems(f *findings, at func(string) (Base, bool)) {
	seen := map[string]bool{}
	for i, b := range c.Items {
		for _, x := range b.check() {
			if len(c.Items) > 1 {
				x.Path = itemPath(i, x.Path)
			}
			*f = append(*f, x)
		}
		path := "code"
		if len(c.Items) > 1 {
			path = itemPath(i, path)
		}
		old, stored := at(b.Code)
		mine := slices.ContainsFunc(c.Of, func(r Ref) bool { return r.Code == b.Code })
		switch {
		case seen[b.Code]:
			f.add(path, "directory.code_twice", errs.P{"code": b.Code})
		case c.Kind == Amend && !mine && len(c.Of) > 0:
			f.add(path, "directory.amend_code", errs.P{"code": c.Of[0].Code})
		case c.Kind == Divide && mine: // what the whole covered and what a part covers must not share a code
			f.add(path, "directory.split_code", errs.P{"code": b.Code})
		case stored && !mine:
			f.add(path, "directory.code_taken", errs.P{"code": b.Code, "name": old.Name})
		}
		seen[b.Code] = true
	}
}

// itemPath is the path of a field of one of several items.
func itemPath(i int, path string) string {
	return "items." + string(rune('0'+i/10)) + string(rune('0'+i%10)) + "." + path
}

// outcome gives the new versions a change makes of what stands now. It is only asked of a change that check finds good.
func (c Change) outcome(at func(string) (Base, bool)) []Base {
	var out []Base
	var olds, news []string
	for _, r := range c.Of {
		olds = append(olds, r.Code)
	}
	for _, b := range c.Items {
		news = append(news, b.Code)
	}
	for _, b := range c.Items {
		old, _ := at(b.Code)
		b.Version, b.State = old.Version+1, InUse
		if c.Kind == Divide || c.Kind == Combine {
			b.Predecessor = union(b.Predecessor, without(olds, append(b.Predecessor, b.Code)))
		}
		out = append(out, b)
	}
	for _, r := range c.Of {
		if slices.Contains(news, r.Code) {
			continue
		}
		b, _ := at(r.Code)
		b.Version++
		b.State = Cancelled
		if c.Kind == Suspend {
			b.State = Suspended
		}
		b.Successor = union(b.Successor, without(news, b.Successor))
		out = append(out, b)
	}
	for i := range out {
		out[i].Effective, out[i].Kind, out[i].ChangeID, out[i].FollowBy, out[i].Pack = c.Effective, c.Kind, c.ID, c.FollowBy, ""
		if out[i].Version == 1 {
			out[i].FollowBy = ""
		}
	}
	return out
}

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// dayOf is the date of an instant in Asia/Shanghai.
func dayOf(t time.Time) string { return t.In(clock.Shanghai).Format(time.DateOnly) }

// midnight is the first instant of a date in Asia/Shanghai.
func midnight(day string) time.Time {
	t, _ := time.ParseInLocation(time.DateOnly, day, clock.Shanghai)
	return t
}
