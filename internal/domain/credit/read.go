package credit

import (
	"context"
	"slices"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/engine/cnid"
)

// Filter narrows the officers' list. Without Number it holds what the actor's agency entered; with one, all that is entered about it by anybody.
type Filter struct {
	Number string
	State  string
	After  string
}

// Page is one page; Next is empty on the last.
type Page struct {
	Entries []Entry
	Next    string
}

const pageRows = 50

// List gives entries to an officer with the right; names and numbers of people are masked, and each row that is shown is on record.
func (s *Service) List(ctx context.Context, a authz.Actor, f Filter) (Page, error) {
	if err := desk(a); err != nil {
		return Page{}, err
	}
	if f.State != "" && f.State != Active && f.State != Repaired && f.State != Expired {
		return Page{}, errs.New(errs.BadRequest, "credit.unknown_state")
	}
	q, via := query{agency: a.AgencyID, state: f.State, after: f.After, limit: pageRows + 1}, a.Via
	if n := strings.ToUpper(strings.Join(strings.Fields(f.Number), "")); n != "" {
		q.subject, q.agency, via = s.Subject(n), "", "search"
	}
	es, err := s.find(ctx, q)
	if err != nil {
		return Page{}, err
	}
	var p Page
	if len(es) > pageRows {
		es = es[:pageRows]
		p.Next = es[pageRows-1].ID
	}
	if p.Entries, err = s.withRepairs(ctx, es); err != nil {
		return Page{}, err
	}
	if err := s.look(ctx, a, p.Entries, via); err != nil {
		return Page{}, err
	}
	for i := range p.Entries {
		p.Entries[i].mask()
	}
	return p, nil
}

func (e *Entry) mask() {
	e.Number = shownNumber(e.Kind, e.Number)
	if e.Kind == Person {
		e.Name = cnid.MaskName(e.Name)
	}
}

// Entry gives one entry of the actor's agency, or one that came with a list.
func (s *Service) Entry(ctx context.Context, a authz.Actor, id string) (Entry, error) {
	if err := desk(a); err != nil {
		return Entry{}, err
	}
	e, err := s.entry(ctx, s.d.DB.R(), id)
	if err != nil {
		return Entry{}, err
	}
	if e.Agency != "" && e.Agency != a.AgencyID {
		return Entry{}, notFound()
	}
	es, err := s.withRepairs(ctx, []Entry{e})
	if err != nil {
		return Entry{}, err
	}
	if err := s.look(ctx, a, es, a.Via); err != nil {
		return Entry{}, err
	}
	es[0].mask()
	return es[0], nil
}

// Mine gives the entries about the actor and about the firm acted for, whole, newest first.
func (s *Service) Mine(ctx context.Context, a authz.Actor) ([]Entry, error) {
	subjects, err := s.subjectsOf(ctx, a)
	if err != nil {
		return nil, err
	}
	var out []Entry
	for _, subject := range subjects {
		es, err := s.find(ctx, query{subject: subject, limit: 200})
		if err != nil {
			return nil, err
		}
		out = append(out, es...)
	}
	return s.withRepairs(ctx, out)
}

// PaperOf gives the id of the paper of an entry, to whom it is about and to the agency that entered them; opening it is on record.
func (s *Service) PaperOf(ctx context.Context, a authz.Actor, id string) (string, error) {
	if a.StaffID != "" {
		e, err := s.Entry(ctx, a, id)
		if err == nil && e.PaperID == "" {
			err = notFound()
		}
		return e.PaperID, err
	}
	subjects, err := s.subjectsOf(ctx, a)
	if err != nil {
		return "", err
	}
	e, err := s.entry(ctx, s.d.DB.R(), id)
	if err != nil {
		return "", err
	}
	if e.PaperID == "" || !slices.Contains(subjects, e.subject) {
		return "", notFound()
	}
	return e.PaperID, s.look(ctx, a, []Entry{e}, a.Via)
}

// subjectsOf is whom the actor may read and speak for: themself, and the firm acted for within what the mandate covers.
func (s *Service) subjectsOf(ctx context.Context, a authz.Actor) ([]string, error) {
	if a.PersonID == "" {
		return nil, errs.New(errs.Forbidden, "credit.only_person")
	}
	p, err := s.d.People.Person(ctx, a.PersonID)
	if err != nil {
		return nil, err
	}
	var out []string
	if p.Number != "" {
		out = append(out, s.Subject(p.Number))
	}
	if a.FirmID == "" || !a.Scope.Covers(authz.ActView, "*") {
		return out, nil
	}
	f, err := s.d.People.Firm(ctx, a.FirmID)
	return append(out, s.Subject(f.CreditCode)), err
}
