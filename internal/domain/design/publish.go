package design

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/i18n"
	"tongban/internal/base/job"
	"tongban/internal/domain/catalog"
	"tongban/internal/domain/pack"
)

// PublishKind is the kind of the jobs that publish a change whose time has come.
const PublishKind = "design.publish"

type publishArgs struct {
	Change string `json:"change"`
}

// Workers are the room's jobs.
func (s *Service) Workers() map[string]job.Worker {
	return map[string]job.Worker{PublishKind: s.publishDue}
}

// Publish publishes an approved change now. It is checked once more: *Withheld when something was published meanwhile that it does not go with.
func (s *Service) Publish(ctx context.Context, a authz.Actor, id string) error {
	if err := mayEdit(a); err != nil {
		return err
	}
	c, err := s.open(ctx, a, id)
	if err != nil {
		return err
	}
	return s.publish(ctx, a, c)
}

func (s *Service) publish(ctx context.Context, a authz.Actor, c Change) error {
	is, err := c.next([]State{Approved, Scheduled}, Published)
	if err != nil {
		return err
	}
	fs, err := filesOf(ctx, s.db.R(), c.ID)
	if err != nil {
		return err
	}
	if sealOf(c, fs) != c.Seal { // not what the second person and legal review saw
		return errs.New(errs.Conflict, "design.seal")
	}
	now := s.now()
	is.Effective, is.Changed = now, now
	told := PublishedEvent{Change: c.ID, Act: c.Act, Item: c.Item, Pack: c.Pack}
	end := func(ctx context.Context, tx *db.Tx) error {
		if err := turn(ctx, tx, c, is); err != nil {
			return err
		}
		if err := addStep(ctx, tx, c.ID, Step{Act: "publish", By: a.StaffID, At: now, From: c.State, To: Published}); err != nil {
			return err
		}
		if err := event.Publish(ctx, tx, now, told); err != nil {
			return err
		}
		return audit.Tx(ctx, tx, now, s.entry(a, "publish", is, string(c.Act)))
	}
	if c.Act != Publish {
		return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
			if err := s.items.SetStateTx(ctx, tx, now, a, c.Item, catalog.State{Code: itemStates[c.Act], Reason: c.Reason, Instead: c.Instead}); err != nil {
				return err
			}
			return end(ctx, tx)
		})
	}
	over, ps, err := s.check(ctx, c)
	if err != nil {
		return err
	}
	if err := withheld(ps); err != nil {
		return err
	}
	over.Gives = func(ctx context.Context, tx *db.Tx, post, item string) error {
		return s.powers.AllowItemTx(ctx, tx, now, post, item, a.StaffID)
	}
	defer s.powers.PowersMoved()
	_, ps, err = s.packs.LoadChange(ctx, over, func(ctx context.Context, tx *db.Tx, loaded pack.Pack) error {
		told.Version = loaded.Version
		return end(ctx, tx)
	})
	return errors.Join(err, withheld(ps))
}

// publishDue publishes a change whose time has come. What keeps it from being published is written into its history, and it waits for an officer.
func (s *Service) publishDue(ctx context.Context, j job.Job) error {
	var p publishArgs
	if err := json.Unmarshal(j.Args, &p); err != nil {
		return job.Permanent(err)
	}
	c, err := changeOf(ctx, s.db.R(), p.Change)
	if err != nil {
		return err
	}
	if c.State != Scheduled || c.Effective.After(s.now()) {
		return nil // taken back, or moved to a later time
	}
	err = s.publish(ctx, authz.System, c)
	if k := errs.KindOf(err); err == nil || k != errs.Invalid && k != errs.Conflict && k != errs.NotFound && k != errs.Forbidden {
		return err
	}
	is := c
	is.State, is.Effective = Approved, time.Time{}
	s.log.Warn("design: a change could not be published at its time", "change", c.ID, "err", err)
	return s.move(ctx, authz.System, c, is, "failed", i18n.T(i18n.With(ctx, i18n.Chinese), errs.As(err).Key, errs.As(err).Params), nil)
}
