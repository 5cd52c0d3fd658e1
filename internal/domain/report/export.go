package report

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ident"
	"tongban/internal/base/job"
	"tongban/internal/base/sheet"
	"tongban/internal/domain/cases"
)

// What can be exported.
const (
	OfInbox  = "inbox"  // the cases somebody's posts may handle
	OfRegion = "region" // the cases of a supervisor's region
	OfReport = "report" // the lines of a report
	OfFacts  = "facts"  // the cases behind a number of a report
)

// The further states of an export; Making is the first.
const (
	Ready   = "ready"
	Failed  = "failed"
	Dropped = "dropped" // its time is over
)

const (
	exportLife = 30 * 24 * time.Hour
	mostRows   = 200_000
	mostBytes  = 512 << 20
	mostAtOnce = 5 // exports of one person that are being made
	shown      = 50
)

// Wanted is what is to be exported.
type Wanted struct {
	Of     string
	Cases  cases.Filter // of OfInbox and OfRegion
	Report string       // id, of OfReport and OfFacts
	Behind Asked        // of OfFacts
	Format string       // csv or xlsx
}

// Export is one export of somebody's.
type Export struct {
	ID, Staff, Agency, Region string
	Of, Format                string
	Lang                      i18n.Lang
	State, Problem            string // Problem is a text key
	Rows                      int    // so far
	Size                      int64
	SM3                       string
	Created, Finished         time.Time
	Expires                   time.Time
	Seen                      bool

	wanted Wanted
	after  string
	walked bool
	parts  int
	blobID string
}

// FileName is how the file is called when it is fetched.
func (x Export) FileName() string {
	return x.Of + "-" + x.Created.UTC().Format("20060102") + "-" + x.ID[len(x.ID)-6:] + "." + x.Format
}

type exportArgs struct {
	Export string `json:"export"`
}

// Export begins an export and gives its id; jobs make it, the list of exports shows how far they are. The same key begins it once; an empty one
// always begins a new one. errs.Invalid report.format, report.nothing_wanted; errs.Limited report.too_many_exports.
func (s *Service) Export(ctx context.Context, a authz.Actor, key string, in Wanted) (string, error) {
	if !a.May(authz.ExportOwn) {
		return "", errs.New(errs.Forbidden, "base.forbidden")
	}
	if in.Format != sheet.CSV && in.Format != sheet.XLSX {
		return "", errs.Fields("report.invalid", []errs.Field{{Path: "format", Key: "report.format"}})
	}
	if err := s.mayExport(ctx, a, in); err != nil {
		return "", err
	}
	in.Cases.After, in.Cases.Limit = "", 0
	now := s.Now()
	x := Export{ID: ident.New(), Staff: a.StaffID, Agency: a.AgencyID, Region: a.Region, Of: in.Of, Format: in.Format, Lang: i18n.From(ctx), State: Making, Created: now, wanted: in}
	if key != "" {
		x.ID = s.Vault.Blind("report_export", a.StaffID+"\x00"+key)
	}
	err := s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := makingOf(ctx, tx, a.StaffID)
		switch {
		case err != nil:
			return err
		case n >= mostAtOnce:
			return errs.New(errs.Conflict, "report.too_many_exports", errs.P{"n": mostAtOnce})
		}
		fresh, err := s.insertExport(ctx, tx, x)
		if err != nil || !fresh {
			return err
		}
		if err := s.goOn(ctx, tx, now, x); err != nil {
			return err
		}
		e := audit.Entry{Actor: a.Name(), Act: "report.export", Object: "report_export:" + x.ID, What: "report.of_" + x.Of, Via: a.Via, Agency: a.AgencyID}
		return audit.Tx(ctx, tx, now, e.From(s.Vault, a.Origin))
	})
	return x.ID, err
}

// mayExport reports whether somebody may have what they want: the page it stands on asks the same.
func (s *Service) mayExport(ctx context.Context, a authz.Actor, in Wanted) error {
	switch in.Of {
	case OfInbox:
		if !a.May(authz.CaseDesk) {
			return errs.New(errs.Forbidden, "base.forbidden")
		}
		return nil
	case OfRegion:
		_, err := scope(a)
		return err
	case OfReport, OfFacts:
		r, err := s.seen(ctx, a, in.Report)
		switch {
		case err != nil:
			return err
		case r.State == Making:
			return errs.New(errs.Conflict, "report.still_making")
		case in.Of == OfFacts:
			_, err = s.behind(ctx, r, in.Behind)
		}
		return err
	}
	return errs.New(errs.Invalid, "report.nothing_wanted")
}

// goOn arms the next run of an export.
func (s *Service) goOn(ctx context.Context, tx *db.Tx, now time.Time, x Export) error {
	return job.EnqueueTx(ctx, tx, now, job.Spec{Kind: exportKind, Key: x.ID + ":" + itoa(x.parts) + ":" + mark(x.walked), Args: exportArgs{x.ID}, Tries: 8})
}

func mark(walked bool) string {
	if walked {
		return "join"
	}
	return "walk"
}

// Exports lists one's own exports, newest first, at most fifty, and notes that their owner has been told of those that are over.
func (s *Service) Exports(ctx context.Context, a authz.Actor) ([]Export, error) {
	xs, err := s.exportsOf(ctx, s.DB.R(), a.StaffID, shown)
	if err != nil || !slices.ContainsFunc(xs, func(x Export) bool { return !x.Finished.IsZero() && !x.Seen }) {
		return xs, err
	}
	return xs, s.DB.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error { return seenTx(ctx, tx, a.StaffID) })
}

// ExportOf gives one of one's own exports; another's is errs.NotFound.
func (s *Service) ExportOf(ctx context.Context, a authz.Actor, id string) (Export, error) {
	x, err := s.exportOf(ctx, s.DB.R(), id)
	if err == nil && (x.Staff != a.StaffID || a.StaffID == "") {
		err = errs.New(errs.NotFound, "report.no_export")
	}
	if err != nil {
		return Export{}, err
	}
	return x, nil
}

// Told gives how many of somebody's exports are over without their having looked; for the mark in the desk's navigation.
func (s *Service) Told(ctx context.Context, staff string) (int, error) {
	return unseenOf(ctx, s.DB.R(), staff)
}

// Open gives the file of one's own export, and puts the fetching on record. What one may no longer see one may no longer fetch. errs.Conflict
// report.still_making, errs.Gone report.dropped.
func (s *Service) Open(ctx context.Context, a authz.Actor, id string) (io.ReadCloser, Export, error) {
	x, err := s.ExportOf(ctx, a, id)
	if err != nil {
		return nil, x, err
	}
	switch {
	case x.State == Making:
		return nil, x, errs.New(errs.Conflict, "report.still_making")
	case x.State != Ready || !s.Now().Before(x.Expires):
		return nil, x, errs.New(errs.Gone, "report.dropped")
	case x.Agency != a.AgencyID || x.Region != a.Region: // moved to another office since
		return nil, x, errs.New(errs.Forbidden, "report.other_office")
	}
	if err := s.mayExport(ctx, a, x.wanted); err != nil {
		return nil, x, err
	}
	e := audit.Entry{Actor: a.Name(), Act: audit.Read, Object: "report_export:" + x.ID, What: "report.of_" + x.Of, Via: "export", Agency: a.AgencyID}
	if err := s.Audit.Read(ctx, e.From(s.Vault, a.Origin)); err != nil {
		return nil, x, err
	}
	r, err := s.Blobs.Get(x.blobID)
	return r, x, err
}

// expireJob drops the file of an export whose time is over.
func (s *Service) expireJob(ctx context.Context, j job.Job) error {
	var a exportArgs
	if err := json.Unmarshal(j.Args, &a); err != nil {
		return job.Permanent(err)
	}
	x, err := s.exportOf(ctx, s.DB.R(), a.Export)
	if err != nil || x.State != Ready {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := dropExport(ctx, tx, x.ID); err != nil {
			return err
		}
		return s.Blobs.DropTx(ctx, tx, x.blobID)
	})
}

// keepAs names the owner of the files of an export.
func keepAs(id string) string { return "report:" + id }
