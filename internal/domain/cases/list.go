package cases

import (
	"context"
	"slices"
	"strings"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
)

// Drafts lists the actor's drafts in the role acted in, the last written first.
func (s *Service) Drafts(ctx context.Context, a authz.Actor) ([]Case, error) {
	if !a.Signed() {
		return nil, nil
	}
	rs, err := s.draftsOf(ctx, ownersOf(a))
	rs = slices.DeleteFunc(rs, func(r record) bool {
		return mandated(a, r) && !a.Scope.Covers(authz.ActApply, r.ItemKey) && !a.Scope.Covers(authz.ActView, r.ItemKey)
	})
	return s.heads(ctx, rs, true), err
}

// ListMine lists the applications of the person, or of the person or firm acted for, newest first; under a mandate, what it covers.
func (s *Service) ListMine(ctx context.Context, a authz.Actor, after string, limit int) (Page, error) {
	if a.PersonID == "" {
		return Page{}, nil
	}
	var c conditions
	c.add("state <> 'draft'")
	if a.FirmID != "" {
		c.add("firm_id = ?", a.FirmID)
	} else {
		c.add("person_id = ? AND applicant_kind = ?", applicantOf(a), ByPerson)
	}
	if a.MandateID != "" {
		c.underScope(a.Scope)
	}
	rs, next, err := s.newest(ctx, c, after, limit)
	return Page{s.heads(ctx, rs, true), next}, err
}

func (s *Service) heads(ctx context.Context, rs []record, own bool) []Case {
	now, cal := s.Now(), s.Offices.Calendar(ctx)
	out := make([]Case, 0, len(rs))
	for _, r := range rs {
		c := r.Case
		c.Applicant, c.Agent = applicant(r, own), agent(r, own)
		c.read(now, cal)
		out = append(out, c)
	}
	return out
}

// Inbox lists cases of the actor's posts, overdue first; applicants are masked, and each row that is shown is on record. Query finds a case by its
// number, or by the applicant's ID number, credit code or telephone, whole.
func (s *Service) Inbox(ctx context.Context, a authz.Actor, f Filter) (Page, error) {
	l, err := s.ofInbox(ctx, a, f)
	if err != nil {
		return Page{}, err
	}
	return s.shown(ctx, a, l, f)
}

// shown gives a page of a list and puts its rows on record.
func (s *Service) shown(ctx context.Context, a authz.Actor, l listing, f Filter) (Page, error) {
	rs, next, err := s.page(ctx, l, f.After, f.Limit)
	if err != nil {
		return Page{}, err
	}
	return Page{s.heads(ctx, rs, false), next}, s.readList(ctx, a, rs, f.Query != "")
}

// ofInbox is what the actor's posts may handle, narrowed by the filter. What waits comes by what binds first, what is over and what is looked for among
// everything by age.
func (s *Service) ofInbox(ctx context.Context, a authz.Actor, f Filter) (listing, error) {
	st, err := s.seat(ctx, a)
	if err != nil {
		return listing{}, err
	}
	if st.shared, err = s.sharedWith(ctx, st); err != nil {
		return listing{}, err
	}
	return s.listOf(ctx, st, a, f)
}

func (s *Service) listOf(ctx context.Context, st seat, a authz.Actor, f Filter) (l listing, err error) {
	var posts []string
	if l.cond, posts, err = inbox(&st, a, f); err != nil {
		return l, err
	}
	if err := s.narrow(ctx, &l.cond, a, f); err != nil {
		return l, err
	}
	if f.Tab == TabDone || f.Tab == TabAll {
		l.order = newestFirst
	}
	if x, ok := s.byNumber(f.Query); ok {
		cond, args := scope(st, posts)
		l.cond.add(cond, args...)
		l.from = []source{x}
		return l, nil
	}
	l.from, err = s.sourcesOf(ctx, a, st, f, posts)
	return l, err
}

// Counts gives the number of cases in each tab, at most 1000 each.
func (s *Service) Counts(ctx context.Context, a authz.Actor) (map[string]int, error) {
	st, err := s.seat(ctx, a)
	if err != nil {
		return nil, err
	}
	if st.shared, err = s.sharedWith(ctx, st); err != nil {
		return nil, err
	}
	out := map[string]int{}
	for _, tab := range []string{TabTodo, TabDoing, TabDone, TabAll} {
		l, err := s.listOf(ctx, st, a, Filter{Tab: tab})
		if err != nil {
			return nil, err
		}
		if out[tab], err = s.count(ctx, l); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// readList puts every row of a list on record: a masked name with its item is still about a person.
func (s *Service) readList(ctx context.Context, a authz.Actor, rs []record, searched bool) error {
	var es []audit.Entry
	for _, r := range rs {
		e := s.readEntry(a, r.Case, "cases.read_list")
		if searched {
			e.Via = "search"
		}
		es = append(es, e)
	}
	return s.Audit.Read(ctx, es...)
}

// RegionCases lists the cases of a supervisor's region and those below it, overdue first; read only.
func (s *Service) RegionCases(ctx context.Context, a authz.Actor, f Filter) (Page, error) {
	l, err := s.ofRegion(ctx, a, f)
	if err != nil {
		return Page{}, err
	}
	return s.shown(ctx, a, l, f)
}

// ofRegion is what a supervisor's region holds, narrowed by the filter.
func (s *Service) ofRegion(ctx context.Context, a authz.Actor, f Filter) (l listing, err error) {
	prefix := RegionPrefix(a.Region)
	if !a.Is(authz.Supervisor) || prefix == "" {
		return l, noRight("supervise")
	}
	l.cond.add("state NOT IN ('draft', 'pre_review')")
	l.cond.add("region LIKE ?", prefix+"%")
	for col, v := range map[string]string{"agency": f.Agency, "item_key": f.Item, "state": string(f.State)} {
		if v != "" {
			l.cond.add(col+" = ?", v)
		}
	}
	if f.Overdue {
		l.cond.add("sort_ms < ?", db.Millis(s.Now())-999)
		l.cond.add(waiting)
	}
	if x, ok := s.byNumber(f.Query); ok {
		l.from = []source{x}
		return l, nil
	}
	if f.Agency != "" {
		l.from = []source{{from: "cases_case", cond: "agency = ?", args: []any{f.Agency}}}
		return l, nil
	}
	l.from, err = s.regionSources(ctx, prefix)
	return l, err
}

// Lookup gives the progress of a case to whoever holds its number and query code, masked. A wrong code and an unknown number are the same
// errs.NotFound cases.lookup_none and cost the same work.
func (s *Service) Lookup(ctx context.Context, a authz.Actor, caseNo, code string) (Progress, error) {
	r, err := s.findByQuery(ctx, s.queryBlind(strings.TrimSpace(caseNo), code))
	if err != nil {
		return Progress{}, err
	}
	w := &work{s: s, actor: a, by: nameOf(a), now: s.Now(), was: r, c: r}
	if err := w.ask(ctx); err != nil {
		return Progress{}, err
	}
	return w.progress(false), s.Audit.Read(ctx, s.readEntry(a, r.Case, "cases.read_progress"))
}
