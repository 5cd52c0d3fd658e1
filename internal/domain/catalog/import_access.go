package catalog

import (
	"context"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
	"tongban/internal/domain/org"
)

// divisions is asked of Org which division lies below which. Without it a hall goes on with its own lists only.
type divisions interface {
	Within(ctx context.Context, code, above string) bool
}

// reachesList reports whether the lists of an agency are an actor's: its own colleagues', or those of a hall of the same region or above. Lists nobody's
// agency stands behind, of the command line, are for nobody else.
func (s *Service) reachesList(ctx context.Context, a authz.Actor, agency string) bool {
	switch {
	case a.AgencyID == "" || agency == "":
		return false
	case a.AgencyID == agency:
		return true
	case !org.IsHall(a.AgencyID):
		return false
	}
	tree, ok := s.org.(divisions)
	find := s.offices(ctx)
	mine, is := find.key[a.AgencyID], find.key[agency]
	return ok && mine != nil && is != nil && tree.Within(ctx, is.Region, mine.Region)
}

// ownImport finds an import for somebody who may work on lists: errs.Forbidden for who may not at all, errs.NotFound when there is none, or it is another
// agency's.
func (s *Service) ownImport(ctx context.Context, actor authz.Actor, id string) (progress, error) {
	if !actor.May(authz.CatalogEdit) {
		return progress{}, errs.New(errs.Forbidden, "base.forbidden")
	}
	p, err := importOf(ctx, s.db.R(), id)
	if err == nil && !s.reachesList(ctx, actor, p.Agency) {
		return progress{}, errs.New(errs.NotFound, "base.not_found")
	}
	return p, err
}

// Imports lists the newest imports somebody may go on with, newest first.
func (s *Service) Imports(ctx context.Context, actor authz.Actor, limit int) ([]ImportInfo, error) {
	if !actor.May(authz.CatalogEdit) || actor.AgencyID == "" {
		return nil, nil
	}
	only := actor.AgencyID
	if org.IsHall(only) {
		only = "" // which of the others are its own is asked one by one
	}
	const page = 100
	out, before := []ImportInfo{}, "\U0010ffff"
	for {
		all, err := importsBefore(ctx, s.db.R(), before, only, page)
		if err != nil {
			return nil, err
		}
		for i := range all {
			if s.reachesList(ctx, actor, all[i].Agency) {
				out = append(out, all[i].ImportInfo)
			}
			if len(out) == limit {
				return out, nil
			}
		}
		if len(all) < page {
			return out, nil
		}
		before = all[len(all)-1].ID
	}
}

// ImportInfo says how far an import has come; errs.NotFound if there is none, or it is another agency's.
func (s *Service) ImportInfo(ctx context.Context, actor authz.Actor, id string) (ImportInfo, error) {
	p, err := s.ownImport(ctx, actor, id)
	return p.ImportInfo, err
}

// ImportReport gives the report of one import as far as it has come; errs.NotFound if there is none, or it is another agency's.
func (s *Service) ImportReport(ctx context.Context, actor authz.Actor, id string) (Report, error) {
	if _, err := s.ownImport(ctx, actor, id); err != nil {
		return Report{}, err
	}
	return reportOf(ctx, s.db.R(), id)
}
