package rating

import (
	"context"
	"time"
)

// Figure is the public count of one item of one agency, or of a whole agency (Item empty). Unrated contacts are counted apart: nobody is
// taken for satisfied by saying nothing.
type Figure struct {
	Agency, AgencyName string
	Item, ItemName     string
	Contacts           int
	Grades             [Worst]int // 非常满意 first
	BadAnswered        int        // bad ratings the agency has answered
}

// Rated is the number of ratings given.
func (f Figure) Rated() int {
	n := 0
	for _, g := range f.Grades {
		n += g
	}
	return n
}

// Unrated is the number of contacts nobody rated.
func (f Figure) Unrated() int { return f.Contacts - f.Rated() }

// BadCount is the number of bad ratings.
func (f Figure) BadCount() int { return f.Grades[3] + f.Grades[4] }

// Satisfied is the share of ratings from 非常满意 to 基本满意, of the ratings given; ok is false when there are none.
func (f Figure) Satisfied() (share float64, ok bool) {
	if f.Rated() == 0 {
		return 0, false
	}
	return float64(f.Rated()-f.BadCount()) / float64(f.Rated()), true
}

func (f *Figure) add(o Figure) {
	f.Contacts += o.Contacts
	f.BadAnswered += o.BadAnswered
	for i := range f.Grades {
		f.Grades[i] += o.Grades[i]
	}
}

// fresh is how long figures are kept in memory: counting runs over all contacts.
const fresh = 10 * time.Second

// Figures gives the public figures: by agency, or by item of one agency. They hold counts only.
func (s *Service) Figures(ctx context.Context, agency string) ([]Figure, error) {
	all, err := s.counted(ctx)
	if err != nil {
		return nil, err
	}
	var out []Figure
	for _, f := range all {
		switch last := len(out) - 1; {
		case agency != "" && f.Agency != agency:
			continue
		case agency != "":
			f.ItemName = s.ItemName(ctx, f.Item)
			out = append(out, f)
		case last >= 0 && out[last].Agency == f.Agency:
			out[last].add(f)
		default:
			f.Item = ""
			out = append(out, f)
		}
	}
	for i := range out {
		out[i].AgencyName = s.AgencyName(ctx, out[i].Agency)
	}
	return out, nil
}

// counted gives all figures by agency and item, in that order.
func (s *Service) counted(ctx context.Context) ([]Figure, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Now()
	if !s.at.IsZero() && now.Sub(s.at) < fresh && !now.Before(s.at) {
		return s.figures, nil
	}
	fs, err := countFigures(ctx, s.DB.R())
	if err != nil {
		return nil, err
	}
	s.figures, s.at = fs, now
	return fs, nil
}
