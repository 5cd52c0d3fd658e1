package identity

import (
	"context"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

// tries is one try to prove something, counted before the proof is looked at, so that many at once cannot pass a delay together.
type tries struct {
	account string // key of the account's count, or empty
	shared  []string
}

// attempt counts a try on an account ("" where it is not known yet), from an address and its network. From a device of which the owner has
// signed in before, only that device's own count is kept: strangers who try at the account can neither slow nor lock its owner out.
// Errors: TooMany "identity.login_locked" (half an hour and more) or "identity.try_later".
func (s *Service) attempt(ctx context.Context, account, owner string, from From) (tries, error) {
	t := tries{}
	known, err := s.knownDevice(ctx, s.d.R(), owner, from.Device)
	if err != nil {
		return t, err
	}
	type counted struct {
		key string
		b   backoff
	}
	var all []counted
	if account != "" {
		t.account = "try:" + s.v.Blind("account", account)
		if known != "" {
			t.account += ":" + known
		}
		all = append(all, counted{t.account, accountTries})
	}
	if known == "" && from.Origin != "" {
		address, net := "try.address:"+s.v.Blind("origin", from.Origin), "try.network:"+s.v.Blind("network", network(from.Origin))
		t.shared = []string{address, net}
		all = append(all, counted{address, addressTries}, counted{net, networkTries})
	}
	return t, s.d.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, c := range all {
			if wait, err := try(ctx, tx, s.now(), c.key, c.b); err != nil || wait > 0 {
				return orTooMany(err, wait)
			}
		}
		return nil
	})
}

func orTooMany(err error, wait time.Duration) error {
	switch {
	case err != nil:
		return err
	case wait >= 10*time.Minute:
		return errs.New(errs.TooMany, "identity.login_locked", errs.P{"minutes": minutes(wait), "seconds": seconds(wait)})
	}
	return errs.New(errs.TooMany, "identity.try_later", errs.P{"seconds": seconds(wait)})
}

// passed ends the account's count and takes this try out of the shared ones; others' failures stay there.
func (s *Service) passed(ctx context.Context, t tries) error {
	return s.d.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		if t.account != "" {
			if err := forget(ctx, tx, t.account); err != nil {
				return err
			}
		}
		for _, key := range t.shared {
			if err := giveBack(ctx, tx, key); err != nil {
				return err
			}
		}
		return nil
	})
}

// mayText keeps the limits of what text messages cost: a growing gap and ten a day to a phone, so many an hour to an address and its network, so
// many a day in all, with an alarm in the log. A known device has a count of its own and is not held up by what strangers used up.
func (s *Service) mayText(ctx context.Context, now time.Time, phone, known string, from From) error {
	key := s.codeKey(phone, known)
	var spent int
	err := s.d.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		wait, err := try(ctx, tx, now, key, phoneCodes)
		if err != nil || wait > 0 {
			return orCodeWait(err, wait)
		}
		spent, err = s.takeShared(ctx, tx, now, known, from)
		return err
	})
	if limit := s.deps.CodesPerDay; err == nil && (spent == limit*8/10 || spent == limit) {
		s.log.Error("text messages of the day", "sent", spent, "limit", limit)
	}
	return err
}

func (s *Service) codeKey(phone, known string) string {
	if known != "" {
		known = ":" + known
	}
	return "code:" + s.phoneKey(phone) + known
}

// codeWorked ends the count of codes that a device of the owner asked for: it was they who read them.
func (s *Service) codeWorked(ctx context.Context, phone, owner string, from From) error {
	known, err := s.knownDevice(ctx, s.d.R(), owner, from.Device)
	if err != nil || known == "" {
		return err
	}
	return s.d.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error { return forget(ctx, tx, s.codeKey(phone, known)) })
}

func (s *Service) takeShared(ctx context.Context, tx *db.Tx, now time.Time, known string, from From) (spent int, err error) {
	type counted struct {
		key string
		limit
	}
	day := "code.day"
	all := []counted{{day, limit{n: s.deps.CodesPerDay, window: 24 * time.Hour}}}
	if from.Origin != "" && known == "" {
		all = []counted{
			{"origin:" + s.v.Blind("origin", from.Origin), limit{n: s.deps.CodesPerOrigin, window: time.Hour}},
			{"network:" + s.v.Blind("network", network(from.Origin)), limit{n: s.deps.CodesPerNetwork, window: time.Hour}},
			all[0],
		}
	}
	for _, c := range all {
		wait, err := take(ctx, tx, now, c.key, c.limit)
		if wait > 0 && c.key == day {
			s.log.Error("text messages of the day are used up", "limit", c.n)
			if known != "" {
				continue
			}
			return 0, errs.New(errs.Unavailable, "identity.code_budget")
		}
		if err != nil || wait > 0 {
			return 0, orCodeWait(err, wait)
		}
	}
	return used(ctx, tx, day)
}

func orCodeWait(err error, wait time.Duration) error {
	switch {
	case err != nil:
		return err
	case wait > time.Hour:
		return errs.New(errs.TooMany, "identity.code_day", errs.P{"seconds": seconds(wait)})
	}
	return errs.New(errs.TooMany, "identity.code_wait", errs.P{"seconds": seconds(wait)})
}
