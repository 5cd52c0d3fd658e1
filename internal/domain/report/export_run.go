package report

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/blob"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/i18n"
	"tongban/internal/base/job"
	"tongban/internal/base/sheet"
)

func itoa(n int) string { return strconv.Itoa(n) }

const (
	partRows = 2000 // rows of one part: what a crash costs at most
	runParts = 5    // parts of one run, well within the lease of a job
)

// exportJob walks on with an export, or joins its parts. Its rights are those its owner has now, not those of the day it was asked for. After the last
// try, or where no further can help, the export is over as failed, and its owner is told that too.
func (s *Service) exportJob(ctx context.Context, j job.Job) error {
	var args exportArgs
	if err := json.Unmarshal(j.Args, &args); err != nil {
		return job.Permanent(err)
	}
	x, err := s.exportOf(ctx, s.DB.R(), args.Export)
	if err != nil || x.State != Making {
		return err
	}
	err = s.step(i18n.With(ctx, x.Lang), x)
	if err == nil || errs.Is(err, "report.moved") { // another run was faster
		return nil
	}
	if k := errs.KindOf(err); j.Attempt < j.Tries && k != errs.Forbidden && k != errs.NotFound && k != errs.Invalid {
		return err
	}
	return errors.Join(s.fail(ctx, x, err), job.Permanent(err))
}

func (s *Service) step(ctx context.Context, x Export) error {
	a, err := s.Staff(ctx, x.Staff)
	if err != nil {
		return err
	}
	a.Via = "export"
	if !a.May(authz.ExportOwn) || a.AgencyID != x.Agency || a.Region != x.Region {
		return errs.New(errs.Forbidden, "report.other_office")
	}
	if err := s.mayExport(ctx, a, x.wanted); err != nil {
		return err
	}
	if x.walked {
		return s.join(ctx, x)
	}
	for range runParts {
		if x, err = s.walk(ctx, a, x); err != nil || x.walked {
			break
		}
	}
	if err != nil {
		return err
	}
	return s.DB.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error { return s.goOn(ctx, tx, s.Now(), x) })
}

// walk writes the next part and where the walk stands, in one transaction: a crash before it repeats the part, after it goes on behind.
func (s *Service) walk(ctx context.Context, a authz.Actor, x Export) (Export, error) {
	was := x
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	n := 0
	for n < partRows && !x.walked {
		rows, next, err := s.page(ctx, a, x)
		if err != nil {
			return x, err
		}
		for _, r := range rows {
			if err := out.Encode(r); err != nil {
				return x, err
			}
		}
		n += len(rows)
		x.after, x.walked = next, next == ""
	}
	if x.Rows += n; x.Rows > mostRows {
		return x, errs.New(errs.Invalid, "report.too_many_rows", errs.P{"n": mostRows})
	}
	ref, err := s.Blobs.Put(ctx, &b, "application/x-ndjson", mostBytes)
	if err != nil {
		return x, err
	}
	x.parts++
	now := s.Now()
	return x, s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := walkedTo(ctx, tx, was, x); err != nil {
			return err
		}
		if err := insertPart(ctx, tx, x.ID, x.parts, ref.ID); err != nil {
			return err
		}
		return s.Blobs.KeepTx(ctx, tx, now, ref, keepAs(x.ID))
	})
}

// join makes the file from the parts, row by row.
func (s *Service) join(ctx context.Context, x Export) error {
	parts, err := partsOf(ctx, s.DB.R(), x.ID)
	if err != nil {
		return err
	}
	if len(parts) != x.parts {
		return fmt.Errorf("export %s has %d parts of %d", x.ID, len(parts), x.parts)
	}
	ref, err := s.spool(ctx, sheet.MIME(x.Format), func(w io.Writer) error { return s.writeFile(ctx, w, x, parts) })
	if err != nil {
		return err
	}
	now := s.Now()
	x.blobID, x.Size, x.SM3, x.Finished, x.Expires = ref.ID, ref.Size, ref.SM3, now, now.Add(exportLife)
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := finishExport(ctx, tx, x); err != nil {
			return err
		}
		if err := s.Blobs.KeepTx(ctx, tx, now, ref, keepAs(x.ID)); err != nil {
			return err
		}
		if err := s.dropParts(ctx, tx, x.ID, parts); err != nil {
			return err
		}
		if err := job.EnqueueTx(ctx, tx, now, job.Spec{Kind: expireKind, Key: x.ID, Args: exportArgs{x.ID}, Due: x.Expires}); err != nil {
			return err
		}
		e := audit.Entry{Actor: "system", Act: "report.exported", Object: "report_export:" + x.ID, Reason: itoa(x.Rows) + " " + x.SM3, Agency: x.Agency}
		if err := audit.Tx(ctx, tx, now, e); err != nil {
			return err
		}
		return event.Publish(ctx, tx, now, ExportedEvent{ExportID: x.ID, Staff: x.Staff, Rows: x.Rows})
	})
}

func (s *Service) spool(ctx context.Context, mime string, write func(w io.Writer) error) (blob.Ref, error) {
	r, w := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = w.CloseWithError(write(w)) // never fails
	}()
	ref, err := s.Blobs.Put(ctx, r, mime, mostBytes)
	_ = r.CloseWithError(errors.Join(err, io.ErrClosedPipe))
	<-done
	return ref, err
}

func (s *Service) writeFile(ctx context.Context, w io.Writer, x Export, parts []string) error {
	out, err := sheet.New(w, x.Format, i18n.T(ctx, "report.of_"+x.Of), heads(ctx, x))
	if err != nil {
		return err
	}
	for _, id := range parts {
		if err := s.copyPart(ctx, out, id); err != nil {
			return errors.Join(err, out.Close())
		}
	}
	return out.Close()
}

func (s *Service) copyPart(ctx context.Context, out sheet.Writer, id string) error {
	r, err := s.Blobs.Get(id)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }() // only read
	in := bufio.NewReader(r)
	for ctx.Err() == nil {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return nil
		}
		if err != nil {
			return err
		}
		var row []any
		if err := json.Unmarshal(line, &row); err != nil {
			return err
		}
		if err := out.Row(row...); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (s *Service) dropParts(ctx context.Context, tx *db.Tx, id string, parts []string) error {
	for _, p := range parts {
		if err := s.Blobs.DropTx(ctx, tx, p); err != nil {
			return err
		}
	}
	return deleteParts(ctx, tx, id)
}

// fail ends an export with what was the matter.
func (s *Service) fail(ctx context.Context, x Export, why error) error {
	x.Problem = "report.failed"
	var e *errs.E
	if errors.As(why, &e) && errs.KindOf(why) != errs.Internal {
		x.Problem = e.Key
	}
	now := s.Now()
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		parts, err := partsOf(ctx, tx, x.ID)
		if err != nil {
			return err
		}
		if err := failExport(ctx, tx, x.ID, x.Problem, now); err != nil {
			return err
		}
		if err := s.dropParts(ctx, tx, x.ID, parts); err != nil {
			return err
		}
		return event.Publish(ctx, tx, now, ExportedEvent{ExportID: x.ID, Staff: x.Staff, Rows: x.Rows, Failed: true})
	})
}
