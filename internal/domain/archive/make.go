package archive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/blob"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
	"tongban/internal/base/job"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/org"
	"tongban/internal/engine/clock"
)

const system = "system"

// classification is the 密级 of a package: matters of this platform are not state secrets; personal data are kept by access rights, not by a grade.
const classification = "无"

// Listeners gives the room's listeners: every way a case ends is the beginning of its package.
func (s *Service) Listeners() []event.Listener {
	var out []event.Listener
	for _, e := range []event.Event{cases.ConcludedEvent{}, cases.RefusedAcceptanceEvent{}, cases.WithdrawnEvent{}, cases.EndedEvent{}, cases.ArchivedEvent{}} {
		out = append(out, event.Listener{Name: "archive." + e.Topic(), Topic: e.Topic(), Handle: s.ended})
	}
	return out
}

func (s *Service) ended(ctx context.Context, tx *db.Tx, e event.Stored) error {
	var f cases.Fact
	if err := json.Unmarshal(e.Data, &f); err != nil {
		return err
	}
	now := s.Now()
	p := Package{ID: ident.New(), CaseID: f.CaseID, CaseNo: f.CaseNo, Item: f.ItemKey, Agency: f.Agency, Region: f.Region, Ended: f.At, Created: now}
	if err := announce(ctx, tx, p); err != nil {
		return err
	}
	return job.EnqueueTx(ctx, tx, now, job.Spec{Kind: MakeKind, Key: f.CaseID, Args: makeArgs{f.CaseID}})
}

// Make makes the package of a case that is over. Doing it again changes nothing. While a paper or licence is still being made it returns
// errs.Conflict "archive.waits_for", and the row says for what; errs.Conflict "archive.not_over" for a case that still runs.
func (s *Service) Make(ctx context.Context, caseID string) error {
	p, err := packageOfCase(ctx, s.DB.R(), caseID)
	if err != nil || p.State == Ready {
		return err
	}
	err = s.make(ctx, p)
	if err == nil {
		return nil
	}
	key, about := "archive.failed", ""
	if e := errs.As(err); e != nil && e.Key != "" && errs.KindOf(err) != errs.Internal {
		key = e.Key
		about = fmt.Sprint(or(text(e.Params["title"]), text(e.Params["path"])))
	}
	return errors.Join(err, s.DB.Tx(context.WithoutCancel(ctx), func(ctx context.Context, tx *db.Tx) error { return setFailure(ctx, tx, p.ID, key, about) }))
}

func text(v any) string { t, _ := v.(string); return t }

func (s *Service) make(ctx context.Context, p Package) error {
	d, err := s.Cases.Dossier(ctx, p.CaseID)
	if err != nil {
		return err
	}
	if p.Result = resultOf(d.Case, d.History); p.Result == "" {
		return errs.New(errs.Conflict, "archive.not_over")
	}
	agency, err := s.Offices.Agency(ctx, d.Case.Agency)
	if err != nil {
		return err
	}
	parts, chain, err := s.gather(ctx, d)
	if err != nil {
		return err
	}
	m, err := s.manifest(ctx, &p, d, agency, chain)
	if err != nil {
		return err
	}
	signer, err := s.Keys.Signer(d.Case.Agency)
	if err != nil {
		return err
	}
	head, err := parts.seal(ctx, m, signer)
	if err != nil {
		return err
	}
	ref, err := s.store(ctx, head, parts.parts)
	if err != nil {
		return err
	}
	seen, err := s.examine(ctx, ref.ID)
	if err != nil {
		return err
	}
	p.BlobID, p.Size, p.Digest, p.Entries, p.Made = ref.ID, ref.Size, ref.SM3, len(parts.parts), m.Made
	return s.keep(ctx, p, ref, Judge(seen))
}

// manifest fills in the metadata and takes the archive number, which a package keeps through every further try.
func (s *Service) manifest(ctx context.Context, p *Package, d cases.Dossier, agency org.Agency, chain Chain) (Manifest, error) {
	override := ""
	if s.Period != nil {
		override = s.Period(d.Item)
	}
	keep, err := s.Retain.Keep(d.Case.ItemKey, d.Item.ItemType, p.Result, override)
	if err != nil {
		return Manifest{}, err
	}
	c := d.Case
	p.Ended = endedAt(d)
	p.Year, p.Period = p.Ended.In(clock.Shanghai).Year(), keep.Period
	p.CaseNo, p.ItemName, p.AgencyName, p.Subject = c.CaseNo, c.ItemName, agency.Name, c.Subject()
	fonds := or(agency.Code, agency.Key)
	err = s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		p.ArchiveNo, err = numbered(ctx, tx, *p, func(n int64) string { return archiveNo(fonds, agency.Key, p.Year, p.Period, n) })
		return err
	})
	return Manifest{
		Format: format, Standard: standard, ArchiveNo: p.ArchiveNo, Fonds: Fonds{Code: fonds, Name: agency.Name},
		Title: fmt.Sprintf("%s关于%s的办件（%s）", d.Applicant.Name, c.ItemName, c.CaseNo), Responsible: agency.Name, Date: day(p.Ended), Year: p.Year, Retention: keep,
		Classification: classification,
		Case: CaseFacts{
			ID: c.ID, No: c.CaseNo, Item: c.ItemKey, ItemCode: d.Item.Code, ItemName: c.ItemName, ItemVersion: c.ItemVersion, ItemType: d.Item.ItemType, Agency: c.Agency,
			Region: c.Region, State: string(c.State), Result: p.Result, Rounds: len(d.Rounds), Submitted: day(c.Submitted), Accepted: day(c.Accepted), Decided: day(c.Decided), Ended: day(p.Ended),
		},
		Made: s.Now().UTC().Truncate(time.Second), Software: "Tongban " + s.Version, Test: s.Keys.Test(), Chain: chain,
	}, err
}

// store writes the package encrypted, as it is made, without holding it.
func (s *Service) store(ctx context.Context, head, parts []part) (blob.Ref, error) {
	return s.spool(ctx, func(w io.Writer) error { return writeBox(ctx, w, head, parts) })
}

// spool stores what write writes.
func (s *Service) spool(ctx context.Context, write func(w io.Writer) error) (blob.Ref, error) {
	r, w := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = w.CloseWithError(write(w)) // never fails
	}()
	ref, err := s.Blobs.Put(ctx, r, "application/zip", boxMost)
	_ = r.CloseWithError(errors.Join(err, io.ErrClosedPipe))
	<-done
	return ref, err
}

func (s *Service) examine(ctx context.Context, blobID string) (*Seen, error) {
	r, err := s.Blobs.Get(blobID)
	if err != nil {
		return nil, err
	}
	seen, err := Examine(ctx, r, s.trust(s.Now()))
	return seen, errors.Join(err, r.Close())
}

// keep commits a package with its first examination. Another run that was faster keeps its own; ours is swept.
func (s *Service) keep(ctx context.Context, p Package, ref blob.Ref, checks Checks) error {
	p.Sound = checks.OK()
	now := s.Now()
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		first, err := made(ctx, tx, p)
		if err != nil || !first {
			return err
		}
		if err := s.Blobs.KeepTx(ctx, tx, now, ref, "archive:"+p.ID); err != nil {
			return err
		}
		if err := putCheck(ctx, tx, CheckRun{PackageID: p.ID, At: now, Actor: system, Sound: p.Sound, Checks: checks}); err != nil {
			return err
		}
		e := audit.Entry{Actor: system, Act: "archive.make", Object: "archive:" + p.ID, Subject: p.Subject, What: "archive.package", Agency: p.Agency}
		if err := audit.Tx(ctx, tx, now, e); err != nil {
			return err
		}
		return event.Publish(ctx, tx, now, MadeEvent{p.ID, p.CaseID, p.Agency, p.Region, p.Period, p.Sound})
	})
}
