package cases

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/domain/org"
	"tongban/internal/engine/flow"
)

// EventPlaced says who got a step, and why.
const EventPlaced = "placed"

// The reasons a step was given to somebody. What follows Because is the text key cases.because_<reason>.
const (
	BecauseRole   = "role"   // the post has the right
	BecauseRegion = "region" // the post is the region's
	BecauseLoad   = "load"   // has the fewest open tasks
	BecauseRule   = "rule"   // the rule with this number holds
	BecauseNobody = "nobody" // nobody fits: it waits at its own post
)

// Placed says who got a step and why. Data are ids and codes only.
type Placed struct {
	Step   string `json:"step"`
	Post   string `json:"post"`
	Staff  string `json:"staff,omitempty"`
	By     string `json:"by"`               // how the step finds who does it
	Reason string `json:"reason"`           // of the post
	Share  string `json:"share,omitempty"`  // of the person: load, rule or nobody
	Region string `json:"region,omitempty"` // of region
	Role   string `json:"role,omitempty"`   // of role
	Rule   int    `json:"rule,omitempty"`   // of rule, from 1
	Open   int    `json:"open,omitempty"`   // of load: tasks the person had
}

// Rosters is what assignment asks org: all posts of an agency, and who holds a post. Where Offices cannot, steps wait at their own posts.
type Rosters interface {
	Posts(ctx context.Context, agency string) []org.Post
	StaffOfPost(ctx context.Context, post string) []org.Staff
}

// place finds who gets a step that has just been entered, and writes down why. Nobody that fits is no error: the step waits at its own post.
func (w *work) place(ctx context.Context, t flow.Task) error {
	a := t.Step.Assign
	rosters, ok := w.s.Offices.(Rosters)
	if a == nil || !ok || t.Step.Kind == flow.Countersign {
		return nil
	}
	p := w.posted(ctx, rosters, t.Step)
	if p.Staff == "" && a.Shares() {
		if err := w.share(ctx, rosters, t.Step, &p); err != nil {
			return err
		}
	}
	w.c.flowing = flow.Place(w.flow, w.c.flowing, t.Step.Key, p.Post, p.Staff)
	if w.c.flowing.Step == t.Step.Key {
		w.c.Post, w.c.TakenBy = p.Post, p.Staff
	}
	w.note(EventPlaced, w.now, system, p)
	return nil
}

// posted finds the post, and the person where a rule names one.
func (w *work) posted(ctx context.Context, rosters Rosters, st flow.Step) Placed {
	p := Placed{Step: st.Key, Post: st.Post, By: st.Assign.By, Reason: st.Assign.By}
	nobody := func() Placed { p.Post, p.Reason = st.Post, BecauseNobody; return p }
	switch st.Assign.By {
	case flow.ByRole:
		p.Role = st.Assign.Role
		if p.Post = w.postWith(rosters.Posts(ctx, w.c.Agency), p.Role); p.Post == "" {
			return nobody()
		}
	case flow.ByRegion:
		p.Region = w.regionOf(st.Assign.Field)
		if p.Post = w.postNear(ctx, rosters, rightFor(st), p.Region); p.Post == "" {
			return nobody()
		}
	case flow.ByRule:
		i := slices.IndexFunc(st.Assign.Rules, func(r flow.Rule) bool { return r.When.Eval(w.answer()) })
		if i < 0 {
			return nobody()
		}
		r := st.Assign.Rules[i]
		p.Rule, p.Post = i+1, cmp.Or(r.Post, st.Post)
		if r.Staff != "" {
			w.person(ctx, rosters, st, r.Staff, &p)
		}
	}
	return p
}

// person gives a step to the one a rule names, if they hold the post and are not kept away from it.
func (w *work) person(ctx context.Context, rosters Rosters, st flow.Step, id string, p *Placed) {
	p.Share = BecauseNobody
	holds := slices.ContainsFunc(rosters.StaffOfPost(ctx, p.Post), func(s org.Staff) bool { return s.ID == id && !s.Disabled })
	if holds && w.fit(st, id) {
		p.Staff, p.Share = id, BecauseRule
	}
}

// fit reports whether somebody is not kept away from a step by what they did before.
func (w *work) fit(st flow.Step, staff string) bool {
	err := flow.MayAct(w.flow, w.c.flowing, st.Key, []string{staff})
	return err == nil || errs.Is(err, "flow.too_few_officers")
}

// share gives a step to the holder of its post who has the fewest open tasks; of several to whom nothing was given for the longest time.
func (w *work) share(ctx context.Context, rosters Rosters, st flow.Step, p *Placed) error {
	var ids []string
	for _, s := range rosters.StaffOfPost(ctx, p.Post) {
		if !s.Disabled && w.fit(st, s.ID) {
			ids = append(ids, s.ID)
		}
	}
	p.Share = BecauseNobody
	if len(ids) == 0 {
		return nil
	}
	has, err := burdens(ctx, w.s.DB.R(), ids)
	if err != nil {
		return err
	}
	best := slices.MinFunc(ids, func(a, b string) int {
		x, y := has[a], has[b]
		return cmp.Or(cmp.Compare(x.open, y.open), cmp.Compare(x.last, y.last), strings.Compare(a, b))
	})
	p.Staff, p.Share, p.Open = best, BecauseLoad, has[best].open
	return nil
}

// postWith is the first post, by key, that has a right on the item.
func (w *work) postWith(posts []org.Post, right string) string {
	posts = slices.DeleteFunc(slices.Clone(posts), func(p org.Post) bool { return !p.May(right, w.c.ItemKey) })
	slices.SortFunc(posts, func(a, b org.Post) int { return strings.Compare(a.Key, b.Key) })
	if len(posts) == 0 {
		return ""
	}
	return posts[0].Key
}

// caseRegion names the region of the case itself, where no question asks for one.
const caseRegion = "case.region"

// regionOf is the code a field holds.
func (w *work) regionOf(field string) string {
	if field == caseRegion {
		return w.c.Region
	}
	code, _ := w.answer()(field).(string)
	return code
}

// postNear is the post of the region, or of the nearest above it, that may do the act on the item.
func (w *work) postNear(ctx context.Context, rosters Rosters, right, code string) string {
	if code == "" {
		return ""
	}
	var near []org.Agency
	for _, g := range w.s.Offices.Agencies(ctx) {
		if w.s.Offices.Within(ctx, code, g.Region) && !g.Retired(today(w.now)) {
			near = append(near, g)
		}
	}
	slices.SortFunc(near, func(a, b org.Agency) int { // the smallest region first, the deciding agency's before others
		return cmp.Or(cmp.Compare(len(RegionPrefix(b.Region)), len(RegionPrefix(a.Region))), cmp.Compare(rank(a.Key != w.c.Agency), rank(b.Key != w.c.Agency)), strings.Compare(a.Key, b.Key))
	})
	for _, g := range near {
		if key := w.postWith(rosters.Posts(ctx, g.Key), right); key != "" {
			return key
		}
	}
	return ""
}

// rightFor is the right on the item that a post must have to be found for a step: whoever is asked examines.
func rightFor(st flow.Step) string {
	if st.Kind == flow.Consult || st.Kind == flow.Expert {
		return flow.Review
	}
	return st.Kind
}

func rank(b bool) int {
	if b {
		return 1
	}
	return 0
}

// placements says of each step who got it last, and why.
func placements(events []Event) map[string]Placed {
	out := map[string]Placed{}
	for _, e := range events {
		if e.Kind == EventPlaced {
			p := dataOf[Placed](e)
			out[p.Step] = p
		}
	}
	return out
}
