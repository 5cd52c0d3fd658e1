package directory

import (
	"context"
	"encoding/json"
	"slices"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
)

// EffectKind is the job that makes an approved change effective on its day.
const EffectKind = "directory.effect"

type effectArgs struct {
	Change string `json:"change"`
}

// Workers are the room's jobs.
func (s *Service) Workers() map[string]job.Worker {
	return map[string]job.Worker{EffectKind: s.effect}
}

// effect writes the new versions of an approved change, once. A change whose base items were changed otherwise in between goes back to its author.
func (s *Service) effect(ctx context.Context, j job.Job) error {
	var args effectArgs
	if err := json.Unmarshal(j.Args, &args); err != nil {
		return job.Permanent(err)
	}
	now := s.now()
	defer s.written()
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		c, err := changeOf(ctx, tx, args.Change)
		if errs.KindOf(err) == errs.NotFound {
			return job.Permanent(err)
		}
		if err != nil || c.State != Approved || now.Before(c.effectAt()) {
			return err // dropped meanwhile, or done by another run
		}
		n, err := load(ctx, tx)
		if err != nil {
			return err
		}
		act := "effect"
		if fs := c.check(n.at, ""); len(fs) > 0 {
			act, c.State = "outdate", Outdated
		} else {
			c.State = Effective
			for _, b := range c.outcome(n.at) {
				if err := putBase(ctx, tx, now, b, ""); err != nil {
					return err
				}
				if err := event.Publish(ctx, tx, now, BaseChanged{Code: b.Code, Version: b.Version, Kind: c.Kind}); err != nil {
					return err
				}
			}
			if err := bump(ctx, tx); err != nil {
				return err
			}
		}
		c.Acts = append(slices.Clone(c.Acts), Act{By: authz.System.StaffID, At: now, Act: act})
		if err := putChange(ctx, tx, now, c); err != nil {
			return err
		}
		return audit.Tx(ctx, tx, now, s.entry(authz.System, "directory."+act, "directory-change:"+c.ID, ""))
	})
}
