package archive

import (
	"context"
	"io"
	"slices"
	"strings"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/domain/cases"
)

// Unsound is a filter for packages whose last examination found something grave.
const Unsound = "unsound"

// Filter narrows lists and exports. Query is a case number or an archive number, whole.
type Filter struct {
	Agency string `json:"agency,omitempty"`
	Year   int    `json:"year,omitempty"`
	Period string `json:"period,omitempty"`
	State  string `json:"state,omitempty"` // waiting, ready, unsound
	Query  string `json:"query,omitempty"`
	After  string `json:"-"`
	Limit  int    `json:"-"` // 20 when 0, at most 100
}

// Page is one page of a list; Next is empty on the last.
type Page struct {
	Packages []Package
	Next     string
}

// scope says whose packages somebody may see: an archivist those of the own agency, an auditor those of the own region and below it.
func scope(a authz.Actor) (where, error) {
	var w where
	switch under := cases.RegionPrefix(a.Region); {
	case a.StaffID == "" || !a.May(authz.ArchiveSee):
	case a.Is(authz.Archivist) && a.AgencyID != "":
		w.add("agency = ?", a.AgencyID)
		return w, nil
	case a.Is(authz.Auditor) && under != "":
		w.add("region LIKE ?", under+"%")
		return w, nil
	}
	return w, errs.New(errs.Forbidden, "archive.no_scope")
}

func within(a authz.Actor, p Package) bool {
	if a.Is(authz.Archivist) {
		return a.AgencyID != "" && p.Agency == a.AgencyID
	}
	under := cases.RegionPrefix(a.Region)
	return a.Is(authz.Auditor) && under != "" && strings.HasPrefix(p.Region, under)
}

func (s *Service) entry(a authz.Actor, p Package, what string) audit.Entry {
	e := audit.Entry{Actor: a.Name(), Object: "archive:" + p.ID, Subject: p.Subject, What: what, Via: a.Via, Agency: a.AgencyID}
	return e.From(s.Vault, a.Origin)
}

// List gives packages of the actor's scope, newest first. Errors: Forbidden archive.no_scope.
func (s *Service) List(ctx context.Context, a authz.Actor, f Filter) (Page, error) {
	w, err := scope(a)
	if err != nil {
		return Page{}, err
	}
	if f.Limit <= 0 || f.Limit > 100 {
		f.Limit = 20
	}
	w.page(f)
	ps, err := listed(ctx, s.DB.R(), w, f.After, f.Limit+1)
	if err != nil {
		return Page{}, err
	}
	out := Page{Packages: ps}
	if len(ps) > f.Limit {
		out.Packages = ps[:f.Limit]
		out.Next = ps[f.Limit-1].ID
	}
	var es []audit.Entry
	for _, p := range out.Packages {
		es = append(es, s.entry(a, p, "archive.list"))
	}
	return out, s.Audit.Read(ctx, es...)
}

// Agencies lists key and name of the agencies with packages in the actor's scope, for the filter.
func (s *Service) Agencies(ctx context.Context, a authz.Actor) ([][2]string, error) {
	w, err := scope(a)
	if err != nil {
		return nil, err
	}
	return agenciesIn(ctx, s.DB.R(), w)
}

// View is a package with what is in it and how it was examined, newest first. The manifest's Title is left out: it names the applicant.
type View struct {
	Package
	Manifest *Manifest // nil while it waits, and when the package cannot be read
	Runs     []CheckRun
}

// find gives a package of the actor's scope; errs.NotFound for every other.
func (s *Service) find(ctx context.Context, a authz.Actor, id string) (Package, error) {
	if _, err := scope(a); err != nil {
		return Package{}, err
	}
	p, err := packageByID(ctx, s.DB.R(), id)
	if err == nil && !within(a, p) {
		err = notFound()
	}
	return p, err
}

// Package gives one package. The reading is on record before anything is given.
func (s *Service) Package(ctx context.Context, a authz.Actor, id string) (View, error) {
	p, err := s.find(ctx, a, id)
	if err != nil {
		return View{}, err
	}
	v := View{Package: p}
	if p.State == Ready {
		v.Manifest = s.manifestOf(ctx, p)
	}
	if v.Runs, err = runs(ctx, s.DB.R(), id); err != nil {
		return View{}, err
	}
	return v, s.Audit.Read(ctx, s.entry(a, p, "archive.package"))
}

// manifestOf reads the manifest at the beginning of a package; nil when it cannot be read, which an examination explains.
func (s *Service) manifestOf(ctx context.Context, p Package) *Manifest {
	r, err := s.Blobs.Get(p.BlobID)
	if err != nil {
		s.Log.Warn("archive package cannot be read", "package", p.ID, "err", err)
		return nil
	}
	defer func() { _ = r.Close() }() // only read
	first, body, err := newBoxReader(&cancelled{ctx, r}).next()
	if err != nil || first.name != manifestName {
		return nil
	}
	b, err := held(body, first.size, manifestMost)
	if err != nil {
		return nil
	}
	m, err := decode(b)
	if err != nil {
		return nil
	}
	m.Title = ""
	for i := range m.Entries {
		m.Entries[i].File = ""
	}
	return &m
}

// Recheck examines a package now. Errors: Conflict archive.still_waiting.
func (s *Service) Recheck(ctx context.Context, a authz.Actor, id string) (CheckRun, error) {
	p, err := s.find(ctx, a, id)
	if err != nil {
		return CheckRun{}, err
	}
	if p.State != Ready {
		return CheckRun{}, errs.New(errs.Conflict, "archive.still_waiting")
	}
	return s.check(ctx, p, a.Name())
}

// Open gives a whole package to take away. The reading is on record before. Errors: Conflict archive.still_waiting.
func (s *Service) Open(ctx context.Context, a authz.Actor, id string) (io.ReadCloser, Package, error) {
	p, err := s.find(ctx, a, id)
	if err != nil {
		return nil, p, err
	}
	if p.State != Ready {
		return nil, p, errs.New(errs.Conflict, "archive.still_waiting")
	}
	if err := s.Audit.Read(ctx, s.entry(a, p, "archive.whole_package")); err != nil {
		return nil, p, err
	}
	r, err := s.Blobs.Get(p.BlobID)
	return r, p, err
}

// FileName is the name a package is downloaded under; it holds no personal data.
func (p Package) FileName() string { return folderOf(p.ArchiveNo) + ".zip" }

// inScope keeps the packages somebody may see.
func inScope(a authz.Actor, ps []Package) []Package {
	return slices.DeleteFunc(ps, func(p Package) bool { return !within(a, p) })
}

// packagesByID gives packages in the order of their ids' list; ids that are no more are left out.
func packagesByID(ctx context.Context, q db.Q, ids []string) (out []Package, err error) {
	for _, id := range ids {
		p, err := packageByID(ctx, q, id)
		if errs.KindOf(err) == errs.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}
