package paper

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/engine/pdf"
	"tongban/internal/engine/seal"
)

// MakeKind is the kind of the jobs that make files.
const MakeKind = "paper.make"

type makeArgs struct {
	ID string `json:"id"`
}

// MaxFile is the largest file the platform makes.
const MaxFile = 32 << 20

// Workers are the room's jobs by kind.
func (s *Service) Workers() map[string]job.Worker { return map[string]job.Worker{MakeKind: s.Make} }

// Make is the worker of paper.make: it renders the stored values with the stored template version, signs, stores the file and makes the
// paper ready, once. A cause that no further try can mend, and the last try, make the paper failed, which everybody can see.
func (s *Service) Make(ctx context.Context, j job.Job) error {
	var a makeArgs
	if err := json.Unmarshal(j.Args, &a); err != nil {
		return job.Permanent(err)
	}
	p, err := find(ctx, s.d.DB.R(), a.ID)
	if err != nil || p.State == Ready {
		return err
	}
	err = s.make(ctx, p)
	if err == nil {
		return nil
	}
	hopeless := errs.KindOf(err) == errs.Invalid
	if hopeless || j.Attempt >= j.Tries {
		if err2 := s.fail(ctx, p, FailureKey(err)); err2 != nil {
			return err2
		}
	}
	if hopeless {
		return job.Permanent(err)
	}
	return err
}

// FailureKey is the text key kept of an error.
func FailureKey(err error) string {
	if e := errs.As(err); e != nil {
		return e.Key
	}
	return "base.internal"
}

func (s *Service) make(ctx context.Context, p Paper) error {
	c, err := s.contentOf(ctx, p.ID)
	if err != nil {
		return err
	}
	t, err := version(ctx, s.d.DB.R(), p.Template, p.Version)
	if err != nil {
		return err
	}
	out, err := Produce(s.d.Keys, Print{
		Layout: t.Layout, Values: c.Values, Agency: p.Agency, SealName: c.SealName, SealPurpose: c.SealPurpose,
		Meta: pdf.Meta{Title: p.Title, Author: c.Agency, Subject: p.Number, Created: p.Issued, ID: p.ID}, Info: seal.Info{Kind: p.Title},
	}, s.d.Now())
	if err != nil {
		return err
	}
	ref, err := s.d.Blobs.Put(ctx, bytes.NewReader(out), "application/pdf", MaxFile)
	if err != nil {
		return err
	}
	sum := seal.Digest(out)
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := s.d.Now()
		first, err := markReady(ctx, tx, p.ID, ref.ID, hex.EncodeToString(sum[:]), now)
		if err != nil || !first { // the file of the slower run has no row and is swept
			return err
		}
		if err := s.d.Blobs.KeepTx(ctx, tx, now, ref, "paper:"+p.ID); err != nil {
			return err
		}
		return event.Publish(ctx, tx, now, ReadyEvent{p.ID, p.CaseID, p.Act})
	})
}

func (s *Service) fail(ctx context.Context, p Paper, key string) error {
	s.d.Log.Error("paper cannot be made", "paper", p.ID, "template", p.Template, "key", key)
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		moved, err := setState(ctx, tx, p.ID, Making, Failed, key)
		if err != nil || !moved {
			return err
		}
		return event.Publish(ctx, tx, s.d.Now(), FailedEvent{p.ID, p.CaseID, p.Act, key})
	})
}

// Remake tries a failed paper again: same number, same date, same values. A paper that is not failed is errs.Conflict "paper.not_failed".
func (s *Service) Remake(ctx context.Context, id string) error {
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		moved, err := setState(ctx, tx, id, Failed, Making, "")
		if err != nil {
			return err
		}
		if !moved {
			return errs.New(errs.Conflict, "paper.not_failed")
		}
		now := s.d.Now()
		return job.MoveTx(ctx, tx, now, job.Spec{Kind: MakeKind, Key: id, Args: makeArgs{id}, Due: now})
	})
}
