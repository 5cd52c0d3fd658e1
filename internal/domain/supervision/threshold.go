package supervision

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/clock"
)

// Limits are the numbers the rules and cards go by. A region may set its own, from a day on (Threshold).
type Limits struct {
	NearPercent                          int // share of the promised time after which a case is near its date
	HurriedSeconds                       int // a decision this soon after acceptance is no decision
	NightFrom, NightTo                   int // hours of Asia/Shanghai between which nobody decides
	OfficeFrom, OfficeTo                 int // minutes after midnight
	RestDays                             int // 1: the offices are open on rest days too
	AfterHoursYellow, AfterHoursRed      int // cases one officer handled outside office hours on one day
	BurstMinutes, BurstYellow, BurstRed  int // ratings of one grade for one agency within so many minutes
	TripsOver                            int // trips more than the item plans from which on a case is looked at
	ExplainDays                          int // working days in which an agency explains an alarm
	PointsYellow, PointsRed, PointsUrged int // taken off the agency's month; urging comes on top of the card
}

// Setting is one of the limits as data. Its name is the text supervision.limit_<key>.
type Setting struct {
	Key               string
	Default, Min, Max int
	at                func(*Limits) *int
}

// Settings are all limits a region may set.
var Settings = []Setting{
	{"near_percent", 90, 50, 100, func(l *Limits) *int { return &l.NearPercent }},
	{"hurried_seconds", 60, 1, 3600, func(l *Limits) *int { return &l.HurriedSeconds }},
	{"night_from", 22, 0, 23, func(l *Limits) *int { return &l.NightFrom }},
	{"night_to", 6, 0, 23, func(l *Limits) *int { return &l.NightTo }},
	{"office_from", 8*60 + 30, 0, 1440, func(l *Limits) *int { return &l.OfficeFrom }},
	{"office_to", 18 * 60, 0, 1440, func(l *Limits) *int { return &l.OfficeTo }},
	{"rest_days", 0, 0, 1, func(l *Limits) *int { return &l.RestDays }},
	{"after_hours_yellow", 20, 1, 10000, func(l *Limits) *int { return &l.AfterHoursYellow }},
	{"after_hours_red", 60, 1, 10000, func(l *Limits) *int { return &l.AfterHoursRed }},
	{"burst_minutes", 10, 1, 1440, func(l *Limits) *int { return &l.BurstMinutes }},
	{"burst_yellow", 15, 2, 10000, func(l *Limits) *int { return &l.BurstYellow }},
	{"burst_red", 50, 2, 10000, func(l *Limits) *int { return &l.BurstRed }},
	{"trips_over", 1, 1, 10, func(l *Limits) *int { return &l.TripsOver }},
	{"explain_days", 5, 1, 60, func(l *Limits) *int { return &l.ExplainDays }},
	{"points_yellow", 1, 0, 100, func(l *Limits) *int { return &l.PointsYellow }},
	{"points_red", 3, 0, 100, func(l *Limits) *int { return &l.PointsRed }},
	{"points_urged", 2, 0, 100, func(l *Limits) *int { return &l.PointsUrged }},
}

// SettingOf gives a setting by its key.
func SettingOf(key string) (Setting, bool) {
	i := slices.IndexFunc(Settings, func(s Setting) bool { return s.Key == key })
	if i < 0 {
		return Setting{}, false
	}
	return Settings[i], true
}

// Defaults are the limits where no region set any.
func Defaults() Limits {
	var l Limits
	for _, s := range Settings {
		*s.at(&l) = s.Default
	}
	return l
}

// Threshold is one limit as a region set it. It is never changed: a later one takes its place from its own day on.
type Threshold struct {
	ID, Region, Key string
	Value           int
	From            string // first day it holds, YYYY-MM-DD in Asia/Shanghai
	Reason, By      string
	At              time.Time
}

// LimitsIn gives the limits of a region on a day: of each number what the nearest region above set last, among what holds by then.
func LimitsIn(ts []Threshold, region string, on time.Time) Limits {
	l, day := Defaults(), on.In(clock.Shanghai).Format(time.DateOnly)
	of := slices.DeleteFunc(slices.Clone(ts), func(t Threshold) bool {
		under := cases.RegionPrefix(t.Region)
		return under == "" || !strings.HasPrefix(region, under) || t.From > day
	})
	slices.SortFunc(of, func(a, b Threshold) int { // the one that binds comes last
		return cmp.Or(cmp.Compare(len(cases.RegionPrefix(a.Region)), len(cases.RegionPrefix(b.Region))), cmp.Compare(a.From, b.From), cmp.Compare(a.ID, b.ID))
	})
	for _, t := range of {
		if s, ok := SettingOf(t.Key); ok {
			*s.at(&l) = t.Value
		}
	}
	return l
}

// Value is a setting's number among limits.
func (s Setting) Value(l Limits) int { return *s.at(&l) }

// Thresholds lists what the regions at and above the supervisor's set, newest first, with the limits in force there today.
func (s *Service) Thresholds(ctx context.Context, a authz.Actor) ([]Threshold, Limits, error) {
	if _, err := scope(a); err != nil {
		return nil, Limits{}, err
	}
	ts, err := thresholds(ctx, s.DB.R())
	now := LimitsIn(ts, a.Region, s.Now())
	ts = slices.DeleteFunc(ts, func(t Threshold) bool { return !strings.HasPrefix(a.Region, cases.RegionPrefix(t.Region)) })
	return ts, now, err
}

// SetThreshold sets a limit for the supervisor's own region from a day on; that day is today or later, because what was done is judged by what
// held then. The errors' fields are key, value, from and reason.
func (s *Service) SetThreshold(ctx context.Context, a authz.Actor, t Threshold) error {
	if _, err := scope(a); err != nil {
		return err
	}
	now := s.Now()
	t.ID, t.Region, t.By, t.At, t.Reason = newID(), a.Region, a.Name(), now, strings.TrimSpace(t.Reason)
	if err := t.check(now.In(clock.Shanghai).Format(time.DateOnly)); err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := insertThreshold(ctx, tx, t); err != nil {
			return err
		}
		e := audit.Entry{Actor: a.Name(), Act: "supervision.threshold", Object: "region:" + t.Region, Reason: t.Key + " " + t.From, Via: a.Via}
		return audit.Tx(ctx, tx, now, e.From(s.Vault, a.Origin))
	})
}

func (t Threshold) check(today string) error {
	var fs []errs.Field
	set, ok := SettingOf(t.Key)
	switch {
	case !ok:
		fs = append(fs, errs.Field{Path: "key", Key: "supervision.choose_limit"})
	case t.Value < set.Min || t.Value > set.Max:
		fs = append(fs, errs.Field{Path: "value", Key: "supervision.limit_range", Params: errs.P{"min": set.Min, "max": set.Max}})
	}
	if d, err := time.Parse(time.DateOnly, t.From); err != nil || d.Year() > 2199 || t.From < today {
		fs = append(fs, errs.Field{Path: "from", Key: "supervision.limit_from"})
	}
	if n := utf8.RuneCountInString(t.Reason); n < 4 || n > 500 || !utf8.ValidString(t.Reason) {
		fs = append(fs, errs.Field{Path: "reason", Key: "supervision.limit_reason"})
	}
	return errs.Fields("supervision.invalid", fs)
}
