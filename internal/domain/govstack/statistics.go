package govstack

import (
	"context"
	"slices"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/clock"
)

// The timeframes of statistics.
var Timeframes = []string{"day", "week", "month", "year"}

// longest is the most days statistics reach over.
const longest = 3660

// StatisticsQuery asks for the cases of the grant's services that were answered from one day to another, both included. Zero days are the last thirty.
type StatisticsQuery struct {
	From, To  time.Time // midnights of Shanghai
	Service   string    // id or whole name; empty: all of the grant
	Operator  string    // staff id or whole name
	Role      string    // key of a post: its holders
	Timeframe string    // of Timeframes; empty: one line
}

// Statistic is one line: what was answered between two days, both included.
type Statistic struct {
	From, To                     time.Time
	Approved, Rejected, SentBack int
}

// Statistics counts decisions, refusals to accept and correction notices.
func (s *Service) Statistics(ctx context.Context, m Member, q StatisticsQuery) ([]Statistic, error) {
	if q.To.IsZero() {
		y, mo, d := s.Now().In(clock.Shanghai).Date()
		q.To = time.Date(y, mo, d, 0, 0, 0, 0, clock.Shanghai)
	}
	if q.From.IsZero() {
		q.From = q.To.AddDate(0, 0, -29)
	}
	if q.From.After(q.To) || q.To.Sub(q.From) > longest*24*time.Hour {
		return nil, errs.New(errs.BadRequest, "govstack.dates", errs.P{"max": longest})
	}
	if q.Timeframe != "" && !slices.Contains(Timeframes, q.Timeframe) {
		return nil, errs.New(errs.BadRequest, "govstack.timeframe")
	}
	f := cases.OutcomeFilter{From: q.From, To: q.To.AddDate(0, 0, 1), Items: m.items()}
	if q.Service != "" {
		keys, err := s.servicesNamed(ctx, m, q.Service)
		if err != nil {
			return nil, err
		}
		f.Items = keys
	}
	if q.Operator != "" || q.Role != "" {
		f.Staff = s.staffNamed(ctx, q.Operator, q.Role)
	}
	days, err := s.Cases.Outcomes(ctx, f)
	if err != nil {
		return nil, err
	}
	return fill(q, days), nil
}

func (s *Service) servicesNamed(ctx context.Context, m Member, named string) ([]string, error) {
	if it, err := s.service(ctx, m, named); err == nil {
		return []string{it.Key}, nil
	} else if errs.KindOf(err) != errs.NotFound {
		return nil, err
	}
	found, err := s.Services(ctx, m, named)
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, it := range found {
		if it.Name == named {
			keys = append(keys, it.Key)
		}
	}
	if len(keys) == 0 {
		return nil, errService()
	}
	return keys, nil
}

// staffNamed gives the officers with an id or name who hold a post.
func (s *Service) staffNamed(ctx context.Context, operator, role string) []string {
	all := s.Offices.StaffList(ctx, "")
	if role != "" {
		all = s.Offices.StaffOfPost(ctx, role)
	}
	out := []string{}
	for _, st := range all {
		if operator == "" || st.ID == operator || st.Name == operator {
			out = append(out, st.ID)
		}
	}
	return out
}

// fill adds the days up into the lines of a timeframe; lines without any are there too.
func fill(q StatisticsQuery, days []cases.DayOutcomes) []Statistic {
	var out []Statistic
	for from := q.From; !from.After(q.To); {
		next := after(from, q.Timeframe)
		if q.Timeframe == "" || next.After(q.To.AddDate(0, 0, 1)) {
			next = q.To.AddDate(0, 0, 1)
		}
		line := Statistic{From: from, To: next.AddDate(0, 0, -1)}
		for _, d := range days {
			if !d.Day.Before(from) && d.Day.Before(next) {
				line.Approved, line.Rejected, line.SentBack = line.Approved+d.Approved, line.Rejected+d.Rejected, line.SentBack+d.SentBack
			}
		}
		out, from = append(out, line), next
	}
	return out
}

// after is the beginning of the next day, week (from Monday), month or year.
func after(d time.Time, timeframe string) time.Time {
	switch timeframe {
	case "week":
		return d.AddDate(0, 0, 7-(int(d.Weekday())+6)%7)
	case "month":
		return time.Date(d.Year(), d.Month()+1, 1, 0, 0, 0, 0, d.Location())
	case "year":
		return time.Date(d.Year()+1, 1, 1, 0, 0, 0, 0, d.Location())
	}
	return d.AddDate(0, 0, 1)
}
