package supervision

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/vault"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/clock"
)

// Cases is what supervision asks the cases room. RegionCases and Case mask names and put every reading on record themselves.
type Cases interface {
	Head(ctx context.Context, id string) (cases.Case, error)
	RegionCases(ctx context.Context, a authz.Actor, f cases.Filter) (cases.Page, error)
	Case(ctx context.Context, a authz.Actor, id string) (cases.Detail, error)
}

// PaperLine is one paper of a case, as the list of a case shows it.
type PaperLine struct {
	Title, Number string
	Date          string // date, YYYY-MM-DD
}

// Deps is what the room works with.
type Deps struct {
	DB       *db.DB
	Vault    *vault.Vault
	Now      func() time.Time
	Log      *slog.Logger
	Cases    Cases
	Calendar func(ctx context.Context) clock.Calendar
	Papers   func(ctx context.Context, caseID string) ([]PaperLine, error)
	Measure  func(ctx context.Context, c cases.Case) (Measure, error) // nil: trips, materials, promises and fees are not counted
	Who      func(ctx context.Context, by string) string              // "staff:<id>" as unit and masked name; nil or empty: only the role is told
}

// Service is the room.
type Service struct{ Deps }

// New makes the room.
func New(d Deps) *Service {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Who == nil {
		d.Who = func(context.Context, string) string { return "" }
	}
	if d.Measure == nil {
		d.Measure = func(context.Context, cases.Case) (Measure, error) { return Measure{}, nil }
	}
	return &Service{d}
}

// scope gives the pattern of the region codes a supervisor sees: the own region and all below it, and no neighbour.
func scope(a authz.Actor) (under string, err error) {
	under = cases.RegionPrefix(a.Region)
	if a.StaffID == "" || under == "" {
		return "", errs.New(errs.Forbidden, "supervision.no_region")
	}
	return under + "%", nil
}

// Figures are the supervisor's four numbers.
type Figures struct{ Open, Overdue, Paused, Alarms int }

// Figures counts the cases and open alarms of the actor's region.
func (s *Service) Figures(ctx context.Context, a authz.Actor) (Figures, error) {
	under, err := scope(a)
	if err != nil {
		return Figures{}, err
	}
	return countFigures(ctx, s.DB.R(), under, s.Now())
}

// Name is a key with its name, for filters.
type Name struct{ Key, Name string }

// Names lists the agencies and items that have cases in the actor's region.
func (s *Service) Names(ctx context.Context, a authz.Actor) (agencies, items []Name, err error) {
	under, err := scope(a)
	if err != nil {
		return nil, nil, err
	}
	if agencies, err = watchedAgencies(ctx, s.DB.R(), under); err != nil {
		return nil, nil, err
	}
	items, err = watchedItems(ctx, s.DB.R(), under)
	return agencies, items, err
}

// List gives the cases of the actor's region, overdue first; the cases room masks them and records the reading.
func (s *Service) List(ctx context.Context, a authz.Actor, f cases.Filter) (cases.Page, error) {
	if _, err := scope(a); err != nil {
		return cases.Page{}, err
	}
	return s.Cases.RegionCases(ctx, a, f)
}

// CaseView is one case as the supervisor reads it.
type CaseView struct {
	cases.Detail
	Papers []PaperLine
	Alarms []Alarm
}

// Case gives one case of the actor's region, read-only; the cases room masks it and records the reading. Another region's is errs.NotFound.
func (s *Service) Case(ctx context.Context, a authz.Actor, id string) (CaseView, error) {
	under, err := scope(a)
	if err != nil {
		return CaseView{}, err
	}
	v := CaseView{}
	if v.Detail, err = s.Cases.Case(ctx, a, id); err != nil {
		return CaseView{}, err
	}
	if !strings.HasPrefix(v.Region, strings.TrimSuffix(under, "%")) {
		return CaseView{}, errs.New(errs.NotFound, "supervision.no_case")
	}
	if s.Papers != nil {
		if v.Papers, err = s.Papers(ctx, id); err != nil {
			return CaseView{}, err
		}
	}
	v.Alarms, err = s.caseAlarms(ctx, id)
	return v, err
}
