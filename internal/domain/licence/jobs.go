package licence

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/pdf"
	"tongban/internal/engine/seal"
)

// MakeKind is the kind of the jobs that make files.
const MakeKind = "licence.make"

type makeArgs struct {
	ID string `json:"id"`
}

// Workers are the room's jobs by kind.
func (s *Service) Workers() map[string]job.Worker { return map[string]job.Worker{MakeKind: s.Make} }

// Make is the worker of licence.make: it renders, signs and stores the file of a licence, once. A cause that no further try can mend, and
// the last try, make the file failed, which everybody can see.
func (s *Service) Make(ctx context.Context, j job.Job) error {
	var a makeArgs
	if err := json.Unmarshal(j.Args, &a); err != nil {
		return job.Permanent(err)
	}
	l, err := s.Get(ctx, a.ID)
	if err != nil || l.File == Ready {
		return err
	}
	if err = s.make(ctx, l); err == nil {
		return nil
	}
	hopeless := errs.KindOf(err) == errs.Invalid
	if hopeless || j.Attempt >= j.Tries {
		if err2 := s.fail(ctx, l, paper.FailureKey(err)); err2 != nil {
			return err2
		}
	}
	if hopeless {
		return job.Permanent(err)
	}
	return err
}

func (s *Service) make(ctx context.Context, l Licence) error {
	t, err := s.TypeVersion(ctx, l.Type, l.TypeVersion)
	if err != nil {
		return err
	}
	out, err := paper.Produce(s.d.Keys, paper.Print{
		Layout: t.Layout, Values: t.print(l, l.AgencyName, s.verifyURL(l.Identifier)), Agency: l.AgencyKey, SealName: l.seal.Name, SealPurpose: l.seal.Purpose,
		Meta: pdf.Meta{Title: l.TypeName, Author: l.AgencyName, Subject: l.Identifier, Created: l.Issued, ID: l.ID},
		Info: seal.Info{ID: l.Identifier, Kind: l.TypeName, ValidUntil: l.ValidUntil}, Test: l.Test,
	}, s.d.Now())
	if err != nil {
		return err
	}
	ref, err := s.d.Blobs.Put(ctx, bytes.NewReader(out), "application/pdf", paper.MaxFile)
	if err != nil {
		return err
	}
	sum := seal.Digest(out)
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := s.d.Now()
		first, err := markReady(ctx, tx, l.ID, ref.ID, hex.EncodeToString(sum[:]))
		if err != nil || !first { // the file of the slower run has no row and is swept
			return err
		}
		if err := s.d.Blobs.KeepTx(ctx, tx, now, ref, "licence:"+l.ID); err != nil {
			return err
		}
		return event.Publish(ctx, tx, now, ReadyEvent{l.ID, l.CaseID, l.Type})
	})
}

func (s *Service) verifyURL(identifier string) string {
	return s.d.PublicURL + "/verify?id=" + identifier
}

func (s *Service) fail(ctx context.Context, l Licence, key string) error {
	s.d.Log.Error("licence cannot be made", "licence", l.ID, "type", l.Type, "key", key)
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		moved, err := setFile(ctx, tx, l.ID, Making, Failed, key)
		if err != nil || !moved {
			return err
		}
		return event.Publish(ctx, tx, s.d.Now(), FailedEvent{l.ID, l.CaseID, l.Type, key})
	})
}

// Remake tries a failed file again. A licence whose file has not failed is errs.Conflict "licence.not_failed".
func (s *Service) Remake(ctx context.Context, id string) error {
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		moved, err := setFile(ctx, tx, id, Failed, Making, "")
		if err != nil {
			return err
		}
		if !moved {
			return errs.New(errs.Conflict, "licence.not_failed")
		}
		now := s.d.Now()
		return job.MoveTx(ctx, tx, now, job.Spec{Kind: MakeKind, Key: id, Args: makeArgs{id}, Due: now})
	})
}
