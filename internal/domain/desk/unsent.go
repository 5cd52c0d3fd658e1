package desk

import (
	"context"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

// Unsent is what was typed into the form of an act and not sent.
type Unsent struct {
	Case    string              `json:"case"`
	Act     string              `json:"act"`
	Form    map[string][]string `json:"form"`
	Version int64               `json:"version"` // of the case when it was typed
	At      time.Time           `json:"at"`
}

// most is the longest unsent form in bytes of text: a correction notice over every field of a long form.
const most = 256 << 10

// Keep stores what stands in the form of an act now, in place of what was kept before.
func (s *Service) Keep(ctx context.Context, a authz.Actor, u Unsent) (time.Time, error) {
	me, err := owner(a)
	if err != nil {
		return time.Time{}, err
	}
	n := 0
	for k, vs := range u.Form {
		n += len(k)
		for _, v := range vs {
			n += len(v)
		}
	}
	if n > most {
		return time.Time{}, errs.New(errs.TooLarge, "desk.unsent_large")
	}
	u.At = s.now()
	return u.At, s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return s.putUnsentTx(ctx, tx, me, u) })
}

// Kept gives what was typed for an act on a case and not sent; ok is false when there is nothing.
func (s *Service) Kept(ctx context.Context, a authz.Actor, caseID, act string) (u Unsent, ok bool, err error) {
	me, err := owner(a)
	if err != nil {
		return u, false, err
	}
	us, err := s.unsent(ctx, me, caseID, act)
	if err != nil || len(us) == 0 {
		return u, false, err
	}
	return us[0], true, nil
}

// AllKept lists what an officer has typed and not sent, newest first; of one case where it is named.
func (s *Service) AllKept(ctx context.Context, a authz.Actor, caseID string) ([]Unsent, error) {
	me, err := owner(a)
	if err != nil {
		return nil, err
	}
	return s.unsent(ctx, me, caseID, "")
}

// Forget drops what was typed for an act: it was sent, or is not wanted any more.
func (s *Service) Forget(ctx context.Context, a authz.Actor, caseID, act string) error {
	me, err := owner(a)
	if err != nil {
		return err
	}
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return forgetTx(ctx, tx, me, caseID, act) })
}
