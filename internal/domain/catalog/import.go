package catalog

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/emmansun/gmsm/sm3"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/base/job"
	"tongban/internal/domain/catalog/list"
	"tongban/internal/domain/directory"
)

// ImportOptions say how a list is read. Everything may be left out.
type ImportOptions struct {
	Now      func() time.Time      // the service's clock when nil
	Name     string                // of the file, for messages
	Actor    authz.Actor           // who imports; the program itself when nobody
	DryRun   bool                  // nothing is written but the report
	From     string                // system whose codes the list has; the national tables when empty
	Progress func(done, total int) // total is 0 as long as nobody knows how many rows there are
}

// MaxList is the largest list taken, in bytes.
const MaxList = 2 << 30

// ImportKind is the kind of the jobs that check and load lists.
const ImportKind = "catalog.import"

type importArgs struct {
	ID string `json:"id"`
}

// Import takes a list of items as guides, marked 未复核, and reports what became of every row, without leaving the caller. Rows that say the same as before
// change nothing, so that a list can be imported again; a list that broke off while it was loaded goes on where it stopped. errs.Invalid if it is no list
// at all; then nothing was imported.
func (s *Service) Import(ctx context.Context, r io.Reader, o ImportOptions) (rep Report, err error) {
	if o.From == directory.SystemNational {
		o.From = "" // as it is kept
	}
	if o.Now == nil {
		o.Now = s.now
	}
	if !o.Actor.Signed() {
		o.Actor = authz.System
	}
	t, err := list.Temp()
	if err != nil {
		return Report{}, err
	}
	defer t.Close()
	sum := sm3.New()
	n, err := io.Copy(t, io.TeeReader(io.LimitReader(r, MaxList+1), sum))
	if err != nil {
		return Report{}, err
	}
	if n > MaxList {
		return Report{}, errs.New(errs.TooLarge, "base.too_large", errs.P{"max": "2 GB"})
	}
	src := list.Source{ReaderAt: t, Size: n, Name: o.Name}
	if err := s.opens(ctx, src, o.From); err != nil {
		return Report{}, err
	}
	p, err := s.beginImport(ctx, o, hex.EncodeToString(sum.Sum(nil)))
	if err != nil {
		return Report{}, err
	}
	if o.DryRun {
		defer func() { err = errors.Join(err, s.forgetImport(ctx, p.ID)) }()
	}
	run, err := s.newRun(ctx, p, src, func() {})
	if err != nil {
		return Report{}, errors.Join(err, s.failImport(ctx, p, err))
	}
	defer run.stop()
	total := 0 // nobody knows before the last row
	if p.Rows > p.behind {
		total = p.Rows // it was checked before
	}
	for {
		more, err := run.step(ctx)
		if err != nil {
			return run.report, errors.Join(err, s.failImport(ctx, p, err))
		}
		if o.Progress != nil {
			o.Progress(run.p.behind, total)
		}
		if !more {
			return run.report, nil
		}
	}
}

// beginImport finds a list that broke off, or begins a new import.
func (s *Service) beginImport(ctx context.Context, o ImportOptions, sum string) (progress, error) {
	if !o.DryRun {
		id, err := unfinished(ctx, s.db.R(), sum, o.From)
		if err != nil {
			return progress{}, err
		}
		if id != "" {
			return importOf(ctx, s.db.R(), id)
		}
	}
	p := progress{ImportInfo: ImportInfo{ID: ident.New(), Name: filepath.Base(o.Name), State: ImportLoading, At: o.Now(), Actor: o.Actor.Name(), Agency: o.Actor.AgencyID, From: o.From}, via: via(o.Actor)}
	if o.DryRun {
		p.State = ImportChecking
	}
	return p, s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := insertImport(ctx, tx, p, sum); err != nil || o.DryRun {
			return err
		}
		return s.auditImport(ctx, tx, p)
	})
}

func (s *Service) auditImport(ctx context.Context, tx *db.Tx, p progress) error {
	return audit.Tx(ctx, tx, s.now(), audit.Entry{Actor: p.Actor, Act: "catalog.import", Object: "catalog:import:" + p.ID, Via: p.via, Agency: p.Agency})
}

// forgetImport leaves nothing of a dry run of the command line: nobody is to say yes to it later.
func (s *Service) forgetImport(ctx context.Context, id string) error {
	return s.db.Tx(context.WithoutCancel(ctx), func(ctx context.Context, tx *db.Tx) error { return dropImport(ctx, tx, id) })
}

func via(a authz.Actor) string {
	if a.Via == "" {
		return "command"
	}
	return a.Via
}

// Upload is a list that somebody sends.
type Upload struct {
	Name     string // of the file
	From     string // system whose codes it has; the national tables when empty
	Straight bool   // it is also loaded when it was checked, without asking
}

// StartImport keeps a list and has it checked in the background. It gives the import's id. errs.Invalid when the file is no list or nobody knows the system
// it is from: then nothing is kept.
func (s *Service) StartImport(ctx context.Context, actor authz.Actor, u Upload, r io.Reader) (string, error) {
	if !actor.May(authz.CatalogEdit) {
		return "", errs.New(errs.Forbidden, "base.forbidden")
	}
	if s.files == nil {
		return "", errs.New(errs.Unavailable, "base.unavailable")
	}
	if u.From == directory.SystemNational {
		u.From = "" // as it is kept
	}
	ref, err := s.files.Put(ctx, r, "application/octet-stream", MaxList)
	if err != nil {
		return "", err
	}
	src, done, err := s.listFile(ref.ID, u.Name)
	if err != nil {
		return "", err
	}
	defer done()
	if err := s.opens(ctx, src, u.From); err != nil {
		return "", err
	}
	if id, err := underWay(ctx, s.db.R(), ref.SM3, u.From, actor.Name()); err != nil || id != "" {
		return id, err // the same bytes once more, after a connection that broke for example; what was kept is swept
	}
	p := progress{
		ImportInfo: ImportInfo{ID: ident.New(), Name: u.Name, From: u.From, State: ImportChecking, At: s.now(), Actor: actor.Name(), Agency: actor.AgencyID},
		file:       ref.ID, via: via(actor), straight: u.Straight,
	}
	return p.ID, s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.files.KeepTx(ctx, tx, p.At, ref, "catalog:"+p.ID); err != nil {
			return err
		}
		if err := insertImport(ctx, tx, p, ref.SM3); err != nil {
			return err
		}
		if err := audit.Tx(ctx, tx, p.At, audit.Entry{Actor: p.Actor, Act: "catalog.import_check", Object: "catalog:import:" + p.ID, Via: p.via, Agency: p.Agency}); err != nil {
			return err
		}
		return job.EnqueueTx(ctx, tx, p.At, job.Spec{Kind: ImportKind, Key: p.ID + ":check", Args: importArgs{p.ID}})
	})
}

// opens recognises a list without reading it through, and the system it is from.
func (s *Service) opens(ctx context.Context, src list.Source, from string) error {
	codes, err := s.codesOf(ctx, from)
	if err != nil {
		return err
	}
	b, err := list.Open(src)
	if err != nil {
		return err
	}
	r, err := list.NewReader(b, codes)
	if err != nil {
		return err
	}
	return r.Close()
}

// listFile gives a kept list as a file that can be read at any place; done gives it up.
func (s *Service) listFile(id, name string) (src list.Source, done func(), err error) {
	r, err := s.files.Get(id)
	if err != nil {
		return src, nil, err
	}
	defer r.Close()
	t, err := list.Temp()
	if err != nil {
		return src, nil, err
	}
	n, err := io.Copy(t, r)
	if err != nil {
		return src, nil, errors.Join(err, t.Close())
	}
	return list.Source{ReaderAt: t, Size: n, Name: name}, func() { _ = t.Close() }, nil
}

// LoadImport says yes to a list that was checked. errs.Conflict when it is not waiting for that.
func (s *Service) LoadImport(ctx context.Context, actor authz.Actor, id string) error {
	p, err := s.ownImport(ctx, actor, id)
	if err != nil {
		return err
	}
	p.Actor, p.Agency, p.via = actor.Name(), actor.AgencyID, via(actor)
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return s.loadTx(ctx, tx, p) })
}

func (s *Service) loadTx(ctx context.Context, tx *db.Tx, p progress) error {
	now := s.now()
	if err := moveImport(ctx, tx, now, p.ID, ImportChecked, ImportLoading); err != nil {
		return err
	}
	if err := dropParts(ctx, tx, p.ID); err != nil { // those of the dry run
		return err
	}
	if err := s.auditImport(ctx, tx, p); err != nil {
		return err
	}
	return job.EnqueueTx(ctx, tx, now, job.Spec{Kind: ImportKind, Key: p.ID + ":load", Args: importArgs{p.ID}})
}

// CancelImport ends an import; what was written stands. errs.Conflict when it is over.
func (s *Service) CancelImport(ctx context.Context, actor authz.Actor, id string) error {
	p, err := s.ownImport(ctx, actor, id)
	if err != nil {
		return err
	}
	if p.State != ImportChecking && p.State != ImportChecked && p.State != ImportLoading {
		return errImportMoved
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := s.now()
		if err := s.overTx(ctx, tx, now, p, ImportCancelled, nil); err != nil {
			return err
		}
		return audit.Tx(ctx, tx, now, audit.Entry{Actor: actor.Name(), Act: "catalog.import_cancel", Object: "catalog:import:" + id, Via: via(actor), Agency: actor.AgencyID})
	})
}

// overTx closes an import and forgets its file.
func (s *Service) overTx(ctx context.Context, tx *db.Tx, now time.Time, p progress, state string, problem error) error {
	if err := endImport(ctx, tx, now, p.ID, p.State, state, problem); err != nil {
		return err
	}
	if p.file == "" || s.files == nil {
		return nil
	}
	return s.files.DropTx(ctx, tx, p.file)
}

// failImport notes why a list cannot be read on. Other errors than those of the list leave it as it is: it goes on later.
func (s *Service) failImport(ctx context.Context, p progress, err error) error {
	if errs.KindOf(err) != errs.Invalid {
		return nil
	}
	return s.db.Tx(context.WithoutCancel(ctx), func(ctx context.Context, tx *db.Tx) error { return s.overTx(ctx, tx, s.now(), p, ImportFailed, err) })
}

// Workers are the room's jobs.
func (s *Service) Workers() map[string]job.Worker {
	return map[string]job.Worker{ImportKind: s.importJob}
}

// slice is how long one job works on a list before it gives the turn to others; its lease is a minute.
const slice = 30 * time.Second

// importJob checks or loads a part of a list and goes on in a job of its own. After a crash the next try goes on behind the last batch that was committed.
func (s *Service) importJob(ctx context.Context, j job.Job) error {
	var a importArgs
	if err := unmarshal(j.Args, &a); err != nil {
		return job.Permanent(err)
	}
	p, err := importOf(ctx, s.db.R(), a.ID)
	if err != nil || p.State != ImportChecking && p.State != ImportLoading {
		return err
	}
	run, err := s.runOf(ctx, p)
	if err == nil {
		err = s.turn(ctx, run)
	}
	if errors.Is(err, errImportMoved) {
		s.runs.drop(p.ID)
		return nil // cancelled, or another worker is at it
	}
	if err != nil {
		s.runs.drop(p.ID)
		return errors.Join(err, s.failImport(ctx, p, err))
	}
	return nil
}

// turn works on a list for a while.
func (s *Service) turn(ctx context.Context, run *importRun) error {
	short, cancel := context.WithTimeout(ctx, slice)
	defer cancel()
	for short.Err() == nil {
		more, err := run.step(ctx)
		if err != nil {
			return err
		}
		if !more {
			s.runs.drop(run.p.ID)
			return nil
		}
	}
	s.runs.park(run)
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return job.EnqueueTx(ctx, tx, s.now(), job.Spec{Kind: ImportKind, Key: fmt.Sprint(run.p.ID, ":", run.p.State, ":", run.turns), Args: importArgs{run.p.ID}})
	})
}
