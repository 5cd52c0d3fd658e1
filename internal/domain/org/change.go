package org

import (
	"slices"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/engine/cnid"
)

// Kind is what a proposal does.
type Kind string

// The kinds. Withdraw takes effect at once and is reviewed afterwards; all others take effect when they are approved.
const (
	Join       Kind = "join"       // a new account with its posts
	Edit       Kind = "edit"       // login, name, telephone
	Grant      Kind = "grant"      // more posts; opens an account that ended or was switched off
	Move       Kind = "move"       // other posts, perhaps in another agency: the old ones end when the new begin
	Leave      Kind = "leave"      // the account ends
	Substitute Kind = "substitute" // stand in for somebody on posts of theirs
	Withdraw   Kind = "withdraw"   // posts, or the whole account, at once
	Rights     Kind = "rights"     // more acts, items or roles for a post that somebody holds
	Table      Kind = "table"      // the rows of an imported table
)

// StaffKinds are the kinds that change one account.
var StaffKinds = []Kind{Edit, Grant, Move, Leave, Substitute, Withdraw}

// Change is one grant, change or end of power, as it is proposed. From and Until are the first and last day (YYYY-MM-DD, Asia/Shanghai).
type Change struct {
	Kind    Kind     `json:"kind"`
	StaffID string   `json:"staff,omitempty"` // of a new account: given when proposed
	Login   string   `json:"login,omitempty"`
	Name    string   `json:"name,omitempty"`
	Phone   string   `json:"phone,omitempty"`
	Agency  string   `json:"agency,omitempty"`  // join and move
	Posts   []string `json:"posts,omitempty"`   // granted, or stood in on, or withdrawn; none withdrawn means the account
	For     string   `json:"for,omitempty"`     // the account stood in for
	From    string   `json:"from,omitempty"`    // empty: from the approval on
	Until   string   `json:"until,omitempty"`   // empty: open
	Version int64    `json:"version,omitempty"` // edit: of the account it was made of
	Post    *Post    `json:"post,omitempty"`    // rights
	Import  string   `json:"import,omitempty"`  // table
	Regions []string `json:"regions,omitempty"` // table: regions its rows reach
	Undo    []undo   `json:"undo,omitempty"`    // withdraw: what ends, and when it would have ended
}

type undo struct {
	ID    string `json:"id"`
	Until int64  `json:"until"`
}

// delta is what a change writes.
type delta struct {
	account *Staff
	adds    []Holding
	cuts    []Holding // with their new end
	post    *Post
}

// plan works out what a change would write now. proposal is the act it comes by.
func (n *snapshot) plan(c Change, proposal string, now time.Time) (delta, findings) {
	var f findings
	var d delta
	if c.Kind == Table { // its rows are changes of their own
		return d, f
	}
	from, until := c.term(&f, now)
	i, known := n.staffID[c.StaffID]
	if c.Kind != Join && c.Kind != Rights && !known {
		f.add("staff", "org.no_staff")
		return d, f
	}
	switch c.Kind {
	case Join:
		d.account = n.joins(c, from, &f)
		d.adds = n.granted(c, proposal, from, until, &f)
	case Edit:
		d.account = n.edited(n.staff[i], c, &f)
	case Grant:
		d.account = reopened(n.staff[i], from, now)
		d.adds = n.granted(c, proposal, from, until, &f)
	case Move:
		d.account = n.moved(n.staff[i], c, from, now, &f)
		d.cuts = n.endAt(c.StaffID, from, now)
		d.adds = n.around(delta{cuts: d.cuts}, c.StaffID).granted(c, proposal, from, until, &f)
	case Leave:
		d.account, d.cuts = n.leaves(n.staff[i], until, now, &f)
	case Substitute:
		d.adds = n.standsIn(c, proposal, from, until, &f)
	case Withdraw:
		d.account, d.cuts = n.withdrawn(n.staff[i], c, now, &f)
	case Rights:
		if c.Post == nil {
			f.add("post", "org.no_post", errs.P{"key": ""})
			return d, f
		}
		d.post = n.rights(c, &f)
	}
	if len(f) == 0 {
		n.watched(d, c.StaffID, &f)
	}
	if len(f) == 0 && c.Kind != Withdraw && c.Kind != Leave { // taking power away is never held up
		f = n.after(d, c.StaffID).apartAfter(d, c.StaffID, now)
	}
	return d, f
}

// watched finds a supervisor's post of another region than that of the agency the account belongs to.
func (n *snapshot) watched(d delta, staffID string, f *findings) {
	m := n.after(d, staffID)
	i, ok := m.staffID[staffID]
	if !ok {
		return
	}
	agency := m.staff[i].Agency
	if m.staff[i].nextAgency != "" {
		agency = m.staff[i].nextAgency
	}
	for _, h := range d.adds {
		if slices.Contains(n.rolesOf(h.Post), authz.Supervisor) && n.watchesElsewhere(authz.Supervisor, h.Post, agency) {
			f.add("posts", "org.supervisor_elsewhere", errs.P{"post": n.posts[n.post[h.Post]].label(), "region": n.nameOfRegion(n.regionOfPost(h.Post))})
		}
	}
}

// term reads the days of a change; a term that has begun already counts from now on, because nobody is given power over what was.
func (c Change) term(f *findings, now time.Time) (from, until time.Time) {
	from = now
	if c.From != "" {
		day, ok := midnight(c.From)
		if !ok {
			f.add("from", "org.day_date_wrong")
		} else if day.After(now) {
			from = day
		}
	}
	if c.Until != "" {
		day, ok := midnight(c.Until)
		if !ok {
			f.add("until", "org.day_date_wrong")
			return from, until
		}
		until = day.AddDate(0, 0, 1)
		if !until.After(from) {
			f.add("until", "org.until_before")
		}
	}
	return from, until
}

func (n *snapshot) joins(c Change, from time.Time, f *findings) *Staff {
	st := Staff{ID: c.StaffID, Login: strings.ToLower(strings.TrimSpace(c.Login)), Name: c.Name, Phone: c.Phone, Agency: c.Agency, Begins: from}
	*f = append(*f, n.facts(&st)...)
	n.retired(f, st.Agency, from)
	if _, taken := n.staffID[st.ID]; taken {
		f.add("login", "org.login_taken", errs.P{"login": st.Login})
	}
	return &st
}

// facts checks and normalises login, name and telephone.
func (n *snapshot) facts(st *Staff) findings {
	f := st.checkFacts(n)
	if len(f) > 0 {
		return f
	}
	st.Name, _ = cnid.NormalName(st.Name) // both were checked
	st.Phone, _ = cnid.ParseMobile(st.Phone)
	if i, ok := n.staffName[st.Login]; ok && n.staff[i].ID != st.ID {
		f.add("login", "org.login_taken", errs.P{"login": st.Login})
	}
	return f
}

func (n *snapshot) edited(st Staff, c Change, f *findings) *Staff {
	if c.Version != 0 && c.Version != st.Version {
		f.add("", "org.moved_meanwhile")
	}
	st.Login, st.Name, st.Phone = strings.ToLower(strings.TrimSpace(c.Login)), c.Name, c.Phone
	*f = append(*f, n.facts(&st)...)
	return &st
}

// granted makes the holdings of a grant.
func (n *snapshot) granted(c Change, proposal string, from, until time.Time, f *findings) []Holding {
	if len(c.Posts) == 0 {
		f.add("posts", "org.no_posts")
	}
	var out []Holding
	for _, key := range c.Posts {
		i, ok := n.post[key]
		switch {
		case !ok:
			f.add("posts", "org.no_post", errs.P{"key": key})
			continue
		case slices.ContainsFunc(n.held[c.StaffID], func(h Holding) bool { return h.For == "" && h.Post == key && h.meets(from, until) }):
			f.add("posts", "org.post_held", errs.P{"post": n.posts[i].label()})
			continue
		}
		out = append(out, Holding{ID: ident.New(), StaffID: c.StaffID, Post: key, From: from, Until: until, Proposal: proposal})
	}
	return out
}

func (p Post) label() string {
	if p.Name == "" {
		return p.Key
	}
	return p.Name
}

// reopened opens an account that was switched off or has ended; nil for one that works.
func reopened(st Staff, from, now time.Time) *Staff {
	if !st.off && (st.Ends.IsZero() || st.Ends.After(now) && st.Ends.After(from)) {
		return nil
	}
	if st.idle(now) {
		st.Begins = from // what it held before stays behind
	}
	st.off, st.Ends = false, time.Time{}
	return &st
}

func (n *snapshot) moved(st Staff, c Change, from, now time.Time, f *findings) *Staff {
	if c.Agency == "" || c.Agency == st.Agency && st.nextAgency == "" {
		return nil
	}
	if !n.Has("agency", c.Agency) {
		f.add("agency", "org.no_agency", errs.P{"key": c.Agency})
		return nil
	}
	n.retired(f, c.Agency, from)
	if !st.moves.IsZero() && !now.Before(st.moves) {
		st.Agency = st.nextAgency // an earlier move has happened
	}
	st.nextAgency, st.moves = c.Agency, from
	return &st
}

// endAt ends all holdings of an account at an instant; what begins later never begins.
func (n *snapshot) endAt(staffID string, end, now time.Time) []Holding {
	var out []Holding
	for _, h := range n.held[staffID] {
		if !h.meets(now, time.Time{}) || !h.Until.IsZero() && !h.Until.After(end) {
			continue
		}
		h.Until = end
		out = append(out, h)
	}
	return out
}

func (n *snapshot) leaves(st Staff, until, now time.Time, f *findings) (*Staff, []Holding) {
	if until.IsZero() {
		f.add("until", "org.leave_when")
		return nil, nil
	}
	if st.idle(now) && !now.Before(st.Begins) {
		f.add("staff", "org.left_already")
	}
	st.Ends = until
	return &st, n.endAt(st.ID, until, now)
}

func (n *snapshot) standsIn(c Change, proposal string, from, until time.Time, f *findings) []Holding {
	if c.Until == "" {
		f.add("until", "org.substitute_until")
	}
	i, ok := n.staffID[c.For]
	if !ok || c.For == c.StaffID {
		f.add("for", "org.substitute_for")
		return nil
	}
	if n.staff[i].off {
		f.add("for", "org.substitute_idle")
	}
	if len(c.Posts) == 0 {
		f.add("posts", "org.no_posts")
	}
	var out []Holding
	for _, key := range c.Posts {
		if !slices.ContainsFunc(n.held[c.For], func(h Holding) bool { return h.For == "" && h.Post == key && h.meets(from, until) }) {
			f.add("posts", "org.substitute_post", errs.P{"post": key})
			continue
		}
		if slices.ContainsFunc(n.held[c.StaffID], func(h Holding) bool { return h.Post == key && h.For == c.For && h.meets(from, until) }) {
			f.add("posts", "org.post_held", errs.P{"post": key})
			continue
		}
		out = append(out, Holding{ID: ident.New(), StaffID: c.StaffID, Post: key, For: c.For, From: from, Until: until, Proposal: proposal})
	}
	return out
}

// withdrawn ends posts now, or switches the whole account off. Its holdings then stay as they are until the review confirms it.
func (n *snapshot) withdrawn(st Staff, c Change, now time.Time, f *findings) (*Staff, []Holding) {
	if len(c.Posts) == 0 {
		if st.off {
			f.add("staff", "org.off_already")
		}
		st.off = true
		return &st, nil
	}
	var out []Holding
	for _, h := range n.endAt(st.ID, now, now) {
		if slices.Contains(c.Posts, h.Post) {
			out = append(out, h)
		}
	}
	if len(out) == 0 {
		f.add("posts", "org.not_held")
	}
	return nil, out
}

// rights is the post a Rights proposal writes: the version it was made of must still stand.
func (n *snapshot) rights(c Change, f *findings) *Post {
	p := *c.Post
	*f = append(*f, p.check()...)
	i, ok := n.post[p.Key]
	if !ok || n.posts[i].Version != c.Version {
		f.add("post", "org.moved_meanwhile")
		return &p
	}
	p.Version = c.Version
	return &p
}

// apartAfter judges a changed snapshot: nobody whom the change touches may come to hold roles apart.
func (n *snapshot) apartAfter(d delta, staffID string, now time.Time) findings {
	who := []string{staffID}
	if d.post != nil {
		who = n.posted[d.post.Key]
	}
	var f findings
	for _, id := range who {
		if both, at := n.apartAt(id, now); both != "" {
			f.add("posts", "org.roles_apart_at", errs.P{"login": n.staff[n.staffID[id]].Login, "roles": both, "date": FirstDay(at)})
		}
	}
	return f
}
