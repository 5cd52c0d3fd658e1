package cases

import (
	"context"
	"slices"
	"strings"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/engine/cnid"
)

// Drafts lists the actor's drafts in the role acted in, the last written first.
func (s *Service) Drafts(ctx context.Context, a authz.Actor) ([]Case, error) {
	if !a.Signed() {
		return nil, nil
	}
	rs, err := s.draftsOf(ctx, ownerOf(a))
	return s.heads(ctx, rs, true), err
}

// ListMine lists the applications of the person, or of the firm acted for, newest first.
func (s *Service) ListMine(ctx context.Context, a authz.Actor, after string, limit int) (Page, error) {
	if a.PersonID == "" {
		return Page{}, nil
	}
	var c conditions
	c.add("state <> 'draft'")
	if a.FirmID != "" {
		c.add("firm_id = ?", a.FirmID)
	} else {
		c.add("person_id = ? AND applicant_kind = ?", a.PersonID, ByPerson)
	}
	rs, next, err := s.newest(ctx, c, after, limit)
	return Page{s.heads(ctx, rs, true), next}, err
}

func (s *Service) heads(ctx context.Context, rs []record, own bool) []Case {
	now, cal := s.Now(), s.Offices.Calendar(ctx)
	out := make([]Case, 0, len(rs))
	for _, r := range rs {
		c := r.Case
		c.Applicant = applicant(r, own)
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
	if !a.Is(authz.Supervisor) || a.Region == "" {
		return Page{}, noRight("supervise")
	}
	var c conditions
	c.add("state <> 'draft'")
	c.add("region LIKE ?", regionPrefix(a.Region)+"%")
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
