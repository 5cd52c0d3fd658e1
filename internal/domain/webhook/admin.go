package webhook

import (
	"context"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
)

// List gives the subscriptions somebody may keep, by agency and name.
func (s *Service) List(ctx context.Context, a authz.Actor) ([]Target, error) {
	all, err := s.targets(ctx, s.DB.R(), "")
	if err != nil {
		return nil, err
	}
	var out []Target
	for _, x := range all {
		if ok, admin := s.reach(ctx, a, x.Agency); ok && (admin || !x.Wide) {
			out = append(out, x)
		}
	}
	return out, nil
}

// Get gives one subscription; errs.NotFound webhook.unknown if it is not the actor's to keep.
func (s *Service) Get(ctx context.Context, a authz.Actor, id string) (Target, error) {
	if _, err := s.own(ctx, a, id); err != nil {
		return Target{}, err
	}
	all, err := s.targets(ctx, s.DB.R(), id)
	if err != nil || len(all) == 0 {
		return Target{}, err
	}
	t := all[0]
	if t.Waiting, t.Dead, err = counts(ctx, s.DB.R(), id); err != nil {
		return t, err
	}
	t.Secrets, err = secretsOf(ctx, s.DB.R(), id, s.Now())
	return t, err
}

// keeps checks that the actor may give a subscription this shape.
func (s *Service) keeps(ctx context.Context, a authz.Actor, x *Subscription) error {
	ok, admin := s.reach(ctx, a, x.Agency)
	switch {
	case !ok:
		return errs.Fields("webhook.invalid", []errs.Field{{Path: "agency", Key: "webhook.agency_other"}})
	case x.Wide && !admin:
		return errs.Fields("webhook.invalid", []errs.Field{{Path: "wide", Key: "webhook.wide_admin"}})
	}
	return s.check(ctx, x)
}

// Create makes a subscription, which is on at once, and its first secret, which is given this once. The error is webhook.invalid with the fields of
// the form.
func (s *Service) Create(ctx context.Context, a authz.Actor, x Subscription) (id, secret string, err error) {
	if err := s.keeps(ctx, a, &x); err != nil {
		return "", "", err
	}
	now := s.Now()
	x.ID, x.State, x.Since, x.Version, x.MadeBy, x.Made = ident.New(), On, now, 1, a.StaffID, now
	secret, row := s.seal(now)
	return x.ID, secret, s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.insert(ctx, tx, x); err != nil {
			return err
		}
		if err := insertSecret(ctx, tx, x.ID, row); err != nil {
			return err
		}
		return s.record(ctx, tx, now, a, "create", x.ID, x.Agency)
	})
}

// Change gives a subscription another shape; its agency stays. A stale version is errs.Conflict.
func (s *Service) Change(ctx context.Context, a authz.Actor, id string, version int64, x Subscription) error {
	was, err := s.own(ctx, a, id)
	if err != nil {
		return err
	}
	x.ID, x.Agency = id, was.Agency
	if err := s.keeps(ctx, a, &x); err != nil {
		return err
	}
	now := s.Now()
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.update(ctx, tx, x, version); err != nil {
			return err
		}
		return s.record(ctx, tx, now, a, "change", id, "")
	})
}

// Switch turns a subscription on or off. Off, nothing new is queued and what waits is not sent; a replay brings what was missed.
func (s *Service) Switch(ctx context.Context, a authz.Actor, id string, on bool) error {
	if _, err := s.own(ctx, a, id); err != nil {
		return err
	}
	from, to, now := On, Off, s.Now()
	if on {
		from, to = Off, On
	}
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := setState(ctx, tx, id, from, to, now); err != nil {
			return err
		}
		if on {
			if err := healthy(ctx, tx, id, time.Time{}); err != nil {
				return err
			}
			if err := hurry(ctx, tx, id, now); err != nil {
				return err
			}
		}
		return s.record(ctx, tx, now, a, "switch_"+to, id, "")
	})
}

// Resume lets a paused target have what waits, at once. One that is not paused is errs.Conflict webhook.not_paused.
func (s *Service) Resume(ctx context.Context, a authz.Actor, id string) error {
	t, err := s.Get(ctx, a, id)
	if err != nil {
		return err
	}
	if t.Health.PausedSince.IsZero() {
		return errs.New(errs.Conflict, "webhook.not_paused")
	}
	now := s.Now()
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := healthy(ctx, tx, id, time.Time{}); err != nil {
			return err
		}
		if err := hurry(ctx, tx, id, now); err != nil {
			return err
		}
		return s.record(ctx, tx, now, a, "resume", id, "")
	})
}

// LongestOverlap is how long two secrets may hold at once.
const LongestOverlap = 7 * 24 * time.Hour

// Rotate makes another secret, which is given this once. The one before it goes on to sign, too, for a while (0: it ends now). More than two at once
// is errs.Conflict webhook.secrets_two.
func (s *Service) Rotate(ctx context.Context, a authz.Actor, id string, keep time.Duration) (string, error) {
	if _, err := s.own(ctx, a, id); err != nil {
		return "", err
	}
	if keep < 0 || keep > LongestOverlap {
		return "", errs.Fields("webhook.invalid", []errs.Field{{Path: "keep", Key: "webhook.keep_bad", Params: errs.P{"max": int(LongestOverlap.Hours())}}})
	}
	now := s.Now()
	secret, row := s.seal(now)
	return secret, s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		have, err := secretsOf(ctx, tx, id, now)
		if err != nil {
			return err
		}
		if len(have) > 1 && keep > 0 {
			return errs.New(errs.Conflict, "webhook.secrets_two")
		}
		if err := endSecrets(ctx, tx, id, now.Add(keep)); err != nil {
			return err
		}
		if err := insertSecret(ctx, tx, id, row); err != nil {
			return err
		}
		return s.record(ctx, tx, now, a, "rotate", id, "")
	})
}

// EndOld ends all secrets but the newest, now.
func (s *Service) EndOld(ctx context.Context, a authz.Actor, id string) error {
	if _, err := s.own(ctx, a, id); err != nil {
		return err
	}
	now := s.Now()
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		have, err := secretsOf(ctx, tx, id, now)
		if err != nil {
			return err
		}
		if len(have) < 2 {
			return errs.New(errs.Conflict, "webhook.secret_one")
		}
		for _, old := range have[1:] {
			if err := endSecret(ctx, tx, old.ID, now); err != nil {
				return err
			}
		}
		return s.record(ctx, tx, now, a, "end_secret", id, "")
	})
}
