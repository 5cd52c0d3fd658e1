package cases

import (
	"context"
	"slices"
	"strings"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
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
	st, err := s.seat(ctx, a)
	if err != nil {
		return Page{}, err
	}
	c, err := inbox(st, a, f)
	if err != nil {
		return Page{}, err
	}
	s.search(&c, f.Query)
	rs, next, err := s.byDue(ctx, c, f.After, f.Limit)
	if err != nil {
		return Page{}, err
	}
	return Page{s.heads(ctx, rs, false), next}, s.readList(ctx, a, rs, f.Query != "")
}

// Counts gives the number of cases in each tab, at most 1000 each.
func (s *Service) Counts(ctx context.Context, a authz.Actor) (map[string]int, error) {
	st, err := s.seat(ctx, a)
	if err != nil {
		return nil, err
	}
	out := map[string]int{}
	for _, tab := range []string{TabTodo, TabDoing, TabDone, TabAll} {
		c, err := inbox(st, a, Filter{Tab: tab})
		if err != nil {
			return nil, err
		}
		if out[tab], err = s.count(ctx, c); err != nil {
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
	if !a.Is(authz.Supervisor) || RegionPrefix(a.Region) == "" {
		return Page{}, noRight("supervise")
	}
	var c conditions
	c.add("state <> 'draft'")
	c.add("region LIKE ?", RegionPrefix(a.Region)+"%")
	for col, v := range map[string]string{"agency": f.Agency, "item_key": f.Item, "state": string(f.State)} {
		if v != "" {
			c.add(col+" = ?", v)
		}
	}
	if f.Overdue {
		c.add("sort_ms < ?", ms(s.Now())-999)
		c.add(waiting)
	}
	s.search(&c, f.Query)
	rs, next, err := s.byDue(ctx, c, f.After, f.Limit)
	if err != nil {
		return Page{}, err
	}
	return Page{s.heads(ctx, rs, false), next}, s.readList(ctx, a, rs, f.Query != "")
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
