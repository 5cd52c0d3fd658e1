package cases

import (
	"context"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/engine/clock"
	"tongban/internal/engine/flow"
)

// narrow adds what a filter asks beyond tab, post and state.
func (s *Service) narrow(ctx context.Context, c *conditions, a authz.Actor, f Filter) error {
	for _, x := range []struct{ col, v string }{{"agency", f.Agency}, {"item_key", f.Item}, {"channel", f.Channel}, {"applicant_kind", f.Kind}} {
		if x.v != "" {
			c.add(x.col+" = ?", x.v)
		}
	}
	if f.Region != "" {
		prefix := RegionPrefix(f.Region)
		if prefix == "" {
			return errs.New(errs.BadRequest, "base.bad_request")
		}
		c.add("region LIKE ?", prefix+"%")
	}
	if f.Overdue {
		c.add("sort_ms < ?", db.Millis(s.Now())-999)
		c.add(waiting)
	}
	if f.Days > 0 {
		due, err := clock.Deadline(s.Now(), clock.Period{N: min(f.Days, 365), Unit: clock.Workday}, nil, s.Offices.Calendar(ctx))
		if err != nil {
			return err
		}
		c.add("sort_ms <= ?", db.Millis(due.Due))
		c.add(waiting)
	}
	if f.Taken {
		c.add("(taken_by = ? OR EXISTS (SELECT 1 FROM cases_task t WHERE t.case_id = cases_case.id AND t.closed_ms = 0 AND t.staff = ?))", a.StaffID, a.StaffID)
	}
	if f.Only != nil {
		cond, args := in("id", f.Only)
		c.add(cond, args...)
	}
	return nil
}

// Mark is where a case stands in a list ordered by what binds first; with its id it says from where Beside goes on in any list.
func (c Case) Mark() int64 { return sortKey(c.Clock) }

// Beside gives the id of the case that follows a place in an inbox, or with back the one before it; empty at its end. The place need not be taken any
// more: a case that was dealt with has left the list, and the one behind it is still next.
func (s *Service) Beside(ctx context.Context, a authz.Actor, f Filter, mark int64, id string, back bool) (string, error) {
	l, err := s.ofInbox(ctx, a, f)
	if err != nil {
		return "", err
	}
	return s.beside(ctx, l, mark, id, back)
}

// Tally are the figures over an inbox, each counted to 1000 at most.
type Tally struct {
	Todo, Soon, Overdue int            // waits at the actor's posts; of it what ends within two working days or has ended; of it what has ended
	Posts               map[string]int // what waits at each post
}

// SoonDays is how many working days before a deadline a case counts as due soon.
const SoonDays = 2

// Tally counts what waits at the actor's posts.
func (s *Service) Tally(ctx context.Context, a authz.Actor) (t Tally, err error) {
	count := func(f Filter) int {
		if err != nil {
			return 0
		}
		var l listing
		if l, err = s.ofInbox(ctx, a, f); err != nil {
			return 0
		}
		n := 0
		n, err = s.count(ctx, l)
		return n
	}
	t.Posts = map[string]int{}
	for _, p := range a.Posts {
		if t.Posts[p] = count(Filter{Tab: TabTodo, Post: p}); errs.Is(err, "cases.not_your_post") { // taken away a moment ago
			err = nil
		}
	}
	t.Todo, t.Soon, t.Overdue = count(Filter{Tab: TabTodo}), count(Filter{Tab: TabTodo, Days: SoonDays}), count(Filter{Tab: TabTodo, Overdue: true})
	return t, err
}

// CountOf counts an inbox with a filter, to 1000 at most.
func (s *Service) CountOf(ctx context.Context, a authz.Actor, f Filter) (int, error) {
	l, err := s.ofInbox(ctx, a, f)
	if err != nil {
		return 0, err
	}
	return s.count(ctx, l)
}

// Handles gives the head of a case the actor handles as staff, masked; errs.NotFound cases.not_found for everybody else. It shows no answers and is not
// put on record: what is kept beside a case asks it.
func (s *Service) Handles(ctx context.Context, a authz.Actor, id string) (Case, error) {
	if a.StaffID == "" || strings.TrimSpace(id) == "" {
		return Case{}, notFound()
	}
	r, err := s.find(ctx, s.DB.R(), id)
	if err != nil {
		return Case{}, err
	}
	st, err := s.seat(ctx, a)
	if err != nil {
		return Case{}, err
	}
	v, err := s.stands(ctx, a, st, r)
	if err != nil {
		return Case{}, err
	}
	if v != asStaff {
		return Case{}, notFound()
	}
	return s.heads(ctx, []record{r}, false)[0], nil
}

// Plain reports whether an opinion on the case's step needs no checklist answered line by line.
func (d Detail) Plain() bool {
	st, ok := d.Flow.Step(d.Step)
	return ok && len(st.Checklist) == 0 && (st.Kind == flow.Review || st.Kind == flow.Countersign)
}
