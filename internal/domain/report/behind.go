package report

import (
	"context"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/domain/cases"
)

// Region6 is what all codes counted in the report begin with.
func (r Report) Region6() string { return cases.RegionPrefix(r.Region) }

// Asked says which number's cases are wanted. Of is a field, "late" for decisions after their date, or "added" for what was noted since the version
// before.
type Asked struct {
	By  By
	Key string
	Of  string
}

// Added are the facts that came after the version before.
const Added = "added"

// Behind is one thing a number counts. Facts of ratings name no case.
type Behind struct {
	CaseID, CaseNo        string
	Kind, Outcome         string
	Agency, Item, Channel string // keys
	At, Noted             time.Time
	Days, Legal           int // -1: not measured; 0: none set
	Planned, Trips        int
	Reused, Uploaded      int

	ref string
}

// BehindPage is one page of them, with how many there are in all.
type BehindPage struct {
	Rows []Behind
	N    int
	Next string
}

// onPage is how many stand on one page.
const onPage = 50

// Behind gives the very cases a number of a report counts, latest first.
func (s *Service) Behind(ctx context.Context, a authz.Actor, id string, q Asked, after string) (BehindPage, error) {
	r, err := s.seen(ctx, a, id)
	if err != nil {
		return BehindPage{}, err
	}
	w, err := s.behind(ctx, r, q)
	if err != nil {
		return BehindPage{}, err
	}
	p := BehindPage{}
	if p.N, err = countFacts(ctx, s.DB.R(), w); err != nil {
		return p, err
	}
	p.Rows, p.Next, err = factPage(ctx, s.DB.R(), w, after, onPage)
	return p, err
}

func (s *Service) behind(ctx context.Context, r Report, q Asked) (*where, error) {
	w := counted(r.Month, r.Region6(), r.Cut)
	if q.Of == Added {
		before, err := reportOf(ctx, s.DB.R(), r.Previous)
		if err != nil {
			return nil, errs.New(errs.NotFound, "report.no_number")
		}
		w = lateFacts(r, before.Cut)
	} else {
		c, ok := Conditions[q.Of]
		if !ok {
			return nil, errs.New(errs.NotFound, "report.no_number")
		}
		w.and(c)
	}
	switch q.By {
	case Total, "":
	case ByAgency:
		w.and("agency = %s", q.Key)
	case ByItem:
		w.and("item = %s", q.Key)
	case ByChannel:
		w.and("channel = %s", q.Key)
	default:
		return nil, errs.New(errs.NotFound, "report.no_number")
	}
	return w, nil
}
