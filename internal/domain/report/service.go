package report

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/blob"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/vault"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/clock"
)

// Cases is what the room asks the cases room. Walk masks and puts every row on record itself.
type Cases interface {
	Head(ctx context.Context, id string) (cases.Case, error)
	Measure(ctx context.Context, id string) (cases.Measured, error)
	Walk(ctx context.Context, a authz.Actor, list string, f cases.Filter) (cases.Page, error)
}

// Deps is what the room works with.
type Deps struct {
	DB    *db.DB
	Vault *vault.Vault
	Blobs *blob.Store
	Audit *audit.Log
	Now   func() time.Time
	Log   *slog.Logger
	Cases Cases
	// Planned gives the trips the version of the item a case was filed on plans; nil: it says nothing.
	Planned func(ctx context.Context, c cases.Case) (*int, error)
	// RegionOf gives the region code of an agency, empty when it is not known.
	RegionOf func(ctx context.Context, agency string) string
	// Name gives the name of an agency or item ("agency", "item") by its key.
	Name func(ctx context.Context, kind, key string) string
	// Staff gives somebody of the staff as an actor with the rights they have now; a visitor when they have none any more.
	Staff func(ctx context.Context, id string) (authz.Actor, error)
}

// Service is the room.
type Service struct{ Deps }

// New makes the room.
func New(d Deps) *Service {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{d}
}

// settle is how long a fact may take from its moment of noting to its commit: longer than a job holds its lease, and the clocks of nodes differ a
// little. A report counts what was noted before, so that no fact can appear behind its cut.
const settle = 2 * time.Minute

const monthForm = "2006-01"

func monthOf(t time.Time) string { return t.In(clock.Shanghai).Format(monthForm) }

// Span gives the first moment of a month and of the next, Asia/Shanghai. errs.BadRequest report.month for what is no month.
func Span(month string) (from, until time.Time, err error) {
	from, err = time.ParseInLocation(monthForm, month, clock.Shanghai)
	if err != nil || from.Year() < 2000 || from.Year() > 2199 {
		return from, from, errs.New(errs.BadRequest, "report.month")
	}
	return from, from.AddDate(0, 1, 0), nil
}

// scope gives the pattern of the region codes a supervisor sees: the own region and all below it.
func scope(a authz.Actor) (under string, err error) {
	under = cases.RegionPrefix(a.Region)
	if a.StaffID == "" || under == "" || !a.May(authz.Supervise) {
		return "", errs.New(errs.Forbidden, "report.no_region")
	}
	return under, nil
}

// sees reports whether a supervisor sees a region.
func sees(a authz.Actor, region string) bool {
	under, err := scope(a)
	return err == nil && strings.HasPrefix(region, under)
}
