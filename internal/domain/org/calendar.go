package org

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
)

// SetDay makes a date worked or free, e.g. a holiday of an autonomous region or an emergency. A year whose national list is not known
// refuses it ("org.year_not_loaded"): with a lone day the year would count as known, and deadlines would look final. It tells CalendarChanged.
func (s *Service) SetDay(ctx context.Context, a authz.Actor, h Holiday) error {
	n, err := s.admin(ctx, a)
	if err != nil {
		return err
	}
	trim(&h.Date, &h.Note, &h.Source)
	var f findings
	d, err := time.Parse(time.DateOnly, h.Date)
	switch {
	case err != nil:
		f.add("date", "org.day_date_wrong")
	case !slices.Contains(n.years, d.Year()):
		f.add("date", "org.year_not_loaded", errs.P{"year": d.Year()})
	}
	f.filled("note", h.Note, "source", h.Source)
	if err := errs.Fields("org.invalid", f); err != nil {
		return err
	}
	h.List, h.Note, h.Source = 0, clip(h.Note, 40), clip(h.Source, 100)
	what := "rest"
	if h.Working {
		what = "work"
	}
	return s.changeCalendar(ctx, a, "org.day_set", "day:"+h.Date, what, CalendarChanged{h.Date, h.Date}, func(ctx context.Context, tx *db.Tx) error {
		return putHoliday(ctx, tx, h)
	})
}

// DropDay takes back a day that was set here; the national list counts again. errs.NotFound if it was not set.
func (s *Service) DropDay(ctx context.Context, a authz.Actor, date string) error {
	if err := may(a, authz.OrgAdmin); err != nil {
		return err
	}
	return s.changeCalendar(ctx, a, "org.day_drop", "day:"+date, "", CalendarChanged{date, date}, func(ctx context.Context, tx *db.Tx) error {
		return dropHoliday(ctx, tx, date)
	})
}

// LoadYear takes the notice of the General Office of the State Council for a year as text (see ParseYear) and replaces what was known of it;
// days set here stay. It gives the number of days taken.
func (s *Service) LoadYear(ctx context.Context, a authz.Actor, year int, text, source string) (int, error) {
	if err := may(a, authz.OrgAdmin); err != nil {
		return 0, err
	}
	source = clip(strings.TrimSpace(source), 100)
	rows, err := ParseYear(year, text, source)
	if source == "" {
		rows, err = nil, withField(err, finding{Path: "source", Key: "org.required_source"})
	}
	if err != nil {
		return 0, err
	}
	span := CalendarChanged{fmt.Sprintf("%d-12-01", year-1), fmt.Sprintf("%d-12-31", year)}
	return len(rows), s.changeCalendar(ctx, a, "org.year_load", fmt.Sprintf("year:%d", year), "", span, func(ctx context.Context, tx *db.Tx) error {
		if err := dropList(ctx, tx, year); err != nil {
			return err
		}
		for _, r := range rows {
			if err := putHoliday(ctx, tx, Holiday{Date: r.Date, Working: r.Working, Note: r.Note, Source: r.Source, List: year}); err != nil {
				return err
			}
		}
		return nil
	})
}

// withField adds a finding to an error of findings.
func withField(err error, f finding) error {
	all := []finding{f}
	if e := errs.As(err); e != nil {
		all = append(e.Fields, f)
	}
	return errs.Fields("org.year_list", all)
}

func (s *Service) changeCalendar(ctx context.Context, a authz.Actor, act, object, what string, e CalendarChanged, fn func(context.Context, *db.Tx) error) error {
	return s.change(ctx, s.entry(a, act, object, what), func(ctx context.Context, tx *db.Tx) error {
		if err := fn(ctx, tx); err != nil {
			return err
		}
		return event.Publish(ctx, tx, s.now(), e)
	})
}
