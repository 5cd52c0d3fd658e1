package archive

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strconv"
	"strings"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
	"tongban/internal/base/job"
)

const (
	exportMost = 20000     // packages of one export
	partMost   = 512 << 20 // bytes of one part: one job makes it well within its lease
	partCount  = 500       // packages of one part
	exportLife = 7 * 24 * time.Hour
	reasonMost = 200
)

// Export is a hand-over of many packages: parts, each a ZIP with a folder for every package and a catalogue.
type Export struct {
	ID       string
	Staff    string
	Filter   Filter
	Packages int
	Created  time.Time
	Finished time.Time // zero while a part is still being made
	Expires  time.Time // when its files are dropped
	Parts    []ExportPart
}

// The states of a part.
const (
	PartMaking  = "making"
	PartReady   = "ready"
	PartDropped = "dropped"
)

// ExportPart is one ZIP of an export, numbered from 1.
type ExportPart struct {
	N      int
	Count  int
	State  string
	Size   int64
	Digest string
	blobID string
	ids    []string
}

type exportArgs struct {
	Export string `json:"export"`
	Part   int    `json:"part"`
}

// Export begins a hand-over of all finished packages that fit. Its parts are made by jobs; the page says when they are ready. Errors: Fields
// archive.reason_missing (path reason), Invalid archive.nothing_to_export, archive.too_many.
func (s *Service) Export(ctx context.Context, a authz.Actor, f Filter, reason string) (string, error) {
	w, err := scope(a)
	if err != nil {
		return "", err
	}
	reason = strings.TrimSpace(reason)
	if n := len([]rune(reason)); n == 0 || n > reasonMost {
		return "", errs.Fields("archive.reason_missing", []errs.Field{{Path: "reason", Key: "archive.reason_missing", Params: errs.P{"max": reasonMost}}})
	}
	f.State = Ready
	w.page(f)
	ps, err := listed(ctx, s.DB.R(), w, "", exportMost+1)
	if err != nil {
		return "", err
	}
	switch {
	case len(ps) == 0:
		return "", errs.New(errs.Invalid, "archive.nothing_to_export")
	case len(ps) > exportMost:
		return "", errs.New(errs.Invalid, "archive.too_many", errs.P{"max": exportMost})
	}
	now := s.Now()
	x := Export{ID: ident.New(), Staff: a.StaffID, Filter: f, Packages: len(ps), Created: now, Parts: split(ps, s.partBytes)}
	return x.ID, s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := putExport(ctx, tx, x, a, s.Vault.SealText("archive_export.reason."+x.ID, reason)); err != nil {
			return err
		}
		for _, p := range x.Parts {
			key := x.ID + ":" + strconv.Itoa(p.N)
			if err := job.EnqueueTx(ctx, tx, now, job.Spec{Kind: exportKind, Key: key, Args: exportArgs{x.ID, p.N}}); err != nil {
				return err
			}
		}
		e := audit.Entry{Actor: a.Name(), Act: "archive.export", Object: "archive_export:" + x.ID, What: "archive.whole_package", Reason: "archive.export_reason", Via: a.Via, Agency: a.AgencyID}
		return audit.Tx(ctx, tx, now, e.From(s.Vault, a.Origin))
	})
}

// split makes parts, oldest package first.
func split(ps []Package, most int64) (out []ExportPart) {
	var size int64
	for i := len(ps) - 1; i >= 0; i-- {
		p := ps[i]
		if n := len(out); n == 0 || len(out[n-1].ids) >= partCount || size+p.Size > most {
			out = append(out, ExportPart{N: n + 1, State: PartMaking})
			size = 0
		}
		last := &out[len(out)-1]
		last.ids = append(last.ids, p.ID)
		last.Count++
		size += p.Size
	}
	return out
}

// exportJob makes one part; the last one tells that the export is ready and sets the day on which its files are dropped.
func (s *Service) exportJob(ctx context.Context, j job.Job) error {
	var a exportArgs
	if err := json.Unmarshal(j.Args, &a); err != nil {
		return job.Permanent(err)
	}
	part, err := partOf(ctx, s.DB.R(), a.Export, a.Part)
	if err != nil || part.State != PartMaking {
		return err
	}
	ps, err := packagesByID(ctx, s.DB.R(), part.ids)
	if err != nil {
		return err
	}
	ref, err := s.spool(ctx, func(w io.Writer) error { return s.writePart(ctx, w, ps) })
	if err != nil {
		return err
	}
	part.blobID, part.Size, part.Digest = ref.ID, ref.Size, ref.SM3
	now := s.Now()
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		first, err := partReady(ctx, tx, a.Export, part)
		if err != nil || !first {
			return err
		}
		if err := s.Blobs.KeepTx(ctx, tx, now, ref, "archive:"+a.Export); err != nil {
			return err
		}
		done, x, err := finish(ctx, tx, a.Export, now, now.Add(exportLife))
		if err != nil || !done {
			return err
		}
		if err := job.EnqueueTx(ctx, tx, now, job.Spec{Kind: expireKind, Key: a.Export, Args: exportArgs{Export: a.Export}, Due: now.Add(exportLife)}); err != nil {
			return err
		}
		return event.Publish(ctx, tx, now, ExportedEvent{x.ID, x.Staff, x.Packages, len(x.Parts)})
	})
}

// headings are those of a catalogue of files (归档文件目录) with the digests a receiver checks.
var headings = []string{"序号", "档号", "题名", "责任者", "文件日期", "年度", "保管期限", "密级", "办件编号", "事项名称", "办理结果", "文件数", "字节数", "文件夹", "归档包SM3"}

// writePart writes a part: catalogue.csv and packages, each in a folder named by its archive number.
func (s *Service) writePart(ctx context.Context, w io.Writer, ps []Package) error {
	var table bytes.Buffer
	table.WriteString("\ufeff") // for spreadsheets
	c := csv.NewWriter(&table)
	_ = c.Write(headings) // a buffer takes everything
	b := &boxWriter{w: w}
	for i, p := range ps {
		m, err := s.copyInto(ctx, b, p)
		if err != nil {
			return fmt.Errorf("package %s: %w", p.ID, err)
		}
		_ = c.Write([]string{
			strconv.Itoa(i + 1), plain(m.ArchiveNo), plain(m.Title), plain(m.Responsible), m.Date, strconv.Itoa(m.Year), m.Retention.Name, m.Classification, plain(m.Case.No),
			plain(m.Case.ItemName), m.Case.Result, strconv.Itoa(len(m.Entries)), strconv.FormatInt(p.Size, 10), folderOf(p.ArchiveNo), p.Digest,
		})
	}
	c.Flush()
	sum := crc32.ChecksumIEEE(table.Bytes())
	if err := b.add("catalogue.csv", int64(table.Len()), sum, &table); err != nil {
		return err
	}
	return b.close()
}

// plain keeps a cell from being a formula in a spreadsheet.
func plain(s string) string {
	if strings.ContainsAny(s[:min(1, len(s))], "=+-@\t\r") {
		return "'" + s
	}
	return s
}

// copyInto writes the entries of a package into a folder of the part.
func (s *Service) copyInto(ctx context.Context, b *boxWriter, p Package) (Manifest, error) {
	var m Manifest
	r, err := s.Blobs.Get(p.BlobID)
	if err != nil {
		return m, err
	}
	defer func() { _ = r.Close() }() // only read
	in := newBoxReader(&cancelled{ctx, r})
	for {
		e, body, err := in.next()
		if errors.Is(err, io.EOF) {
			return m, in.end()
		}
		if err != nil {
			return m, err
		}
		if e.name == manifestName {
			text, err := held(body, e.size, manifestMost)
			if err != nil {
				return m, err
			}
			if m, err = decode(text); err != nil {
				return m, err
			}
			body = bytes.NewReader(text)
		}
		if err := b.add(folderOf(p.ArchiveNo)+"/"+e.name, e.size, e.crc, body); err != nil {
			return m, err
		}
	}
}

// Exports gives the actor's own exports, newest first, at most fifty.
func (s *Service) Exports(ctx context.Context, a authz.Actor) ([]Export, error) {
	if _, err := scope(a); err != nil {
		return nil, err
	}
	return exportsOf(ctx, s.DB.R(), a.StaffID)
}

// OpenPart gives a part of one's own export. Each package in it goes on record as read; a package that left the actor's scope since closes the
// part. Errors: Conflict archive.part_making, Gone archive.part_dropped.
func (s *Service) OpenPart(ctx context.Context, a authz.Actor, id string, n int) (io.ReadCloser, ExportPart, error) {
	if _, err := scope(a); err != nil {
		return nil, ExportPart{}, err
	}
	x, err := exportByID(ctx, s.DB.R(), id)
	if err == nil && x.Staff != a.StaffID {
		err = notFound()
	}
	if err != nil {
		return nil, ExportPart{}, err
	}
	part, err := partOf(ctx, s.DB.R(), id, n)
	switch {
	case err != nil:
		return nil, part, err
	case part.State == PartMaking:
		return nil, part, errs.New(errs.Conflict, "archive.part_making")
	case part.State == PartDropped:
		return nil, part, errs.New(errs.Gone, "archive.part_dropped")
	}
	ps, err := packagesByID(ctx, s.DB.R(), part.ids)
	if err != nil {
		return nil, part, err
	}
	all := len(ps)
	if ps = inScope(a, ps); len(ps) != all {
		return nil, part, notFound()
	}
	var es []audit.Entry
	for _, p := range ps {
		es = append(es, s.entry(a, p, "archive.whole_package"))
	}
	if err := s.Audit.Read(ctx, es...); err != nil {
		return nil, part, err
	}
	r, err := s.Blobs.Get(part.blobID)
	return r, part, err
}

// expireJob drops the files of an export: copies of packages are kept no longer than a hand-over takes.
func (s *Service) expireJob(ctx context.Context, j job.Job) error {
	var a exportArgs
	if err := json.Unmarshal(j.Args, &a); err != nil {
		return job.Permanent(err)
	}
	parts, err := partsOf(ctx, s.DB.R(), a.Export)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, p := range parts {
			if p.blobID == "" {
				continue
			}
			if err := s.Blobs.DropTx(ctx, tx, p.blobID); err != nil {
				return err
			}
		}
		return dropParts(ctx, tx, a.Export)
	})
}
