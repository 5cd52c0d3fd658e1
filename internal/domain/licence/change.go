package licence

import (
	"context"
	"strings"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/engine/cnid"
)

// The kinds of changes that are no state of their own; the others are called as the state they lead to.
const (
	KindIssue    = "issue"
	KindChange   = "change"       // 变更
	KindRenew    = "renew"        // 延续
	KindDeemed   = "deemed_renew" // 视为准予延续（行政许可法 50）
	KindRectify  = "rectify"      // 更正
	KindRestored = "restored"     // 暂扣期满发还
)

// Change is one dated step in the life of a licence. Ground is the letter of the law it rests on, Reason and Basis its words; At is when it takes effect,
// which may lie before it was written down. Other is the licence before or after it, where one took the other's place.
type Change struct {
	ID, LicenceID, Kind    string
	From, To               State
	At, Recorded           time.Time
	By                     string // authz Actor.Name(); empty: system
	Ground, Reason, Basis  string
	CaseID, PaperID, Other string
}

// ChangeTx moves a licence to another state by an act of an agency, with its reason, in the caller's transaction. At is now unless given. It returns
// errs.Conflict "licence.state" when the law knows no such step, and errs.Invalid "licence.reason" without a reason.
func (s *Service) ChangeTx(ctx context.Context, tx *db.Tx, now time.Time, id string, c Change) error {
	if strings.TrimSpace(c.Reason) == "" {
		return errs.New(errs.Invalid, "licence.reason")
	}
	l, err := s.get(ctx, tx, id)
	if err != nil {
		return err
	}
	from := l.On(Today(now))
	if !from.CanBecome(c.To) {
		return errs.New(errs.Conflict, "licence.state", stateParams(from, c.To))
	}
	if c.At.IsZero() {
		c.At = now
	}
	if err := s.moveState(ctx, tx, c.At, l, c.To, c.Reason); err != nil {
		return err
	}
	c.LicenceID, c.From, c.Kind, c.By = id, from, string(c.To), or(c.By, "system")
	if c.To == Valid {
		c.Kind = KindRestored
	}
	if err := s.putChange(ctx, tx, now, c); err != nil {
		return err
	}
	return s.moved(ctx, tx, now, l, from, c.To, c.By)
}

// moved records a new state for everybody who may want to know.
func (s *Service) moved(ctx context.Context, tx *db.Tx, now time.Time, l Licence, from, to State, by string) error {
	entry := audit.Entry{Actor: by, Act: "licence." + string(to), Object: "licence:" + l.ID, Subject: l.Subject, Agency: l.AgencyKey}
	if err := audit.Tx(ctx, tx, now, entry); err != nil {
		return err
	}
	if err := insertUse(ctx, tx, Use{LicenceID: l.ID, How: UseState, Detail: string(to), By: by, At: now}); err != nil {
		return err
	}
	return event.Publish(ctx, tx, now, StateEvent{l.ID, l.CaseID, string(from), string(to)})
}

// SetStateTx is ChangeTx with nothing but a reason.
func (s *Service) SetStateTx(ctx context.Context, tx *db.Tx, now time.Time, id string, to State, reason, by string) error {
	return s.ChangeTx(ctx, tx, now, id, Change{To: to, Reason: reason, By: by})
}

// SetState is SetStateTx in a transaction of its own, at the present time.
func (s *Service) SetState(ctx context.Context, id string, to State, reason, by string) error {
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return s.SetStateTx(ctx, tx, s.d.Now(), id, to, reason, by)
	})
}

// RevokeTx is SetStateTx to Revoked (行政许可法 69).
func (s *Service) RevokeTx(ctx context.Context, tx *db.Tx, now time.Time, id, reason, by string) error {
	return s.SetStateTx(ctx, tx, now, id, Revoked, reason, by)
}

// Replace says which licence takes another's place. What Values leave out stays as it was on the one before.
type Replace struct {
	Issue
	Previous      string    // id
	Kind          string    // KindChange, KindRenew, KindDeemed or KindRectify
	FromEnd       bool      // of a renewal: the new term follows on the end of the old one, instead of beginning with the decision
	At            time.Time // when it takes effect in law; zero: now
	Reason, Basis string
	PaperID       string
}

// ReplaceTx issues a licence in the place of one that is in force, in the caller's transaction: it has the same number, its identifier counts one version
// on, and the old one is superseded and leads to it. A change or correction ends when the old one would have; a renewal adds the like term, also to
// one that has just run out. Again for the same case it gives the same licence. Errors: errs.Conflict "licence.state" when the old one is not in force,
// "licence.other_holder", errs.Invalid "licence.other_type", and those of IssueTx.
func (s *Service) ReplaceTx(ctx context.Context, tx *db.Tx, now time.Time, r Replace) (Licence, error) {
	old, err := s.get(ctx, tx, r.Previous)
	if err != nil {
		return Licence{}, err
	}
	if r.Kind != KindRectify && old.State == Superseded {
		if l, err := s.follower(ctx, tx, old.ID); err != nil || l.CaseID == r.CaseID {
			return l, err
		}
	}
	t, err := newest(ctx, tx, old.Type)
	if err != nil {
		return Licence{}, err
	}
	from := old.On(Today(now))
	switch {
	case r.TypeKey != old.Type:
		return Licence{}, errs.New(errs.Invalid, "licence.other_type", errs.P{"type": old.TypeName})
	case s.subject(r.HolderNumber) != old.Subject:
		return Licence{}, errs.New(errs.Conflict, "licence.other_holder", errs.P{"type": old.TypeName})
	case from != Valid && (from != Expired || !r.renews()):
		return Licence{}, errs.New(errs.Conflict, "licence.state", stateParams(from, Superseded))
	}
	l, err := s.next(old, t, r, now)
	if err != nil {
		return Licence{}, err
	}
	return l, s.replace(ctx, tx, now, old, from, l, t.Exclusive, r)
}

func (r Replace) renews() bool { return r.Kind == KindRenew || r.Kind == KindDeemed }

// next is the licence that follows on another.
func (s *Service) next(old Licence, t Type, r Replace, now time.Time) (Licence, error) {
	l := s.draft(t, r.Issue, now)
	l.Number, l.Edition, l.Previous = old.Number, old.Edition+1, old.ID
	for k, v := range old.Fields {
		if l.Fields[k] == "" {
			l.Fields[k] = v
		}
	}
	switch {
	case !r.renews():
		l.ValidUntil = old.ValidUntil
		if r.Kind == KindRectify {
			l.ValidFrom = old.ValidFrom
		}
	case r.FromEnd && old.ValidUntil != "":
		l.ValidUntil = t.Validity.Until(dayAfter(old.ValidUntil, now))
	}
	parts, err := cnid.ParseLicenceID(old.Identifier)
	if err != nil {
		return Licence{}, err
	}
	l.Identifier, err = cnid.LicenceID(parts.Type, r.Agency.Code, parts.Serial, threeDigits(atoi(parts.Version)+1))
	return l, err
}

func dayAfter(date string, other time.Time) time.Time {
	d, err := time.ParseInLocation(time.DateOnly, date, beijing)
	if err != nil {
		return other
	}
	return d.AddDate(0, 0, 1)
}

// replace writes both: first the old one steps aside, since of some types only one may be in force.
func (s *Service) replace(ctx context.Context, tx *db.Tx, now time.Time, old Licence, from State, l Licence, sole bool, r Replace) error {
	at, by := r.At, or(r.By, "system")
	if at.IsZero() {
		at = now
	}
	if err := s.moveState(ctx, tx, at, old, Superseded, r.Reason); err != nil {
		return err
	}
	if err := s.insert(ctx, tx, l, sole); err != nil {
		return err
	}
	c := Change{LicenceID: old.ID, Kind: r.Kind, From: from, To: Superseded, At: at, By: by, Reason: r.Reason, Basis: r.Basis, CaseID: r.CaseID, PaperID: r.PaperID, Other: l.ID}
	if err := s.putChange(ctx, tx, now, c); err != nil {
		return err
	}
	c.LicenceID, c.From, c.To, c.Other = l.ID, "", Valid, old.ID
	if err := s.putChange(ctx, tx, now, c); err != nil {
		return err
	}
	if err := s.moved(ctx, tx, now, old, from, Superseded, by); err != nil {
		return err
	}
	return s.tell(ctx, tx, now, l, by)
}

// Last gives the licence that stands at the end of those that took each other's place, from any of them.
func (s *Service) Last(ctx context.Context, id string) (Licence, error) {
	l, err := s.Get(ctx, id)
	for n := 0; err == nil && l.State == Superseded && n < maxEditions; n++ {
		l, err = s.follower(ctx, s.d.DB.R(), l.ID)
	}
	return l, err
}

// maxEditions bounds a walk along licences that took each other's place: an identifier counts no further.
const maxEditions = 999

// Follower gives the licence that took another's place; errs.NotFound if none did.
func (s *Service) Follower(ctx context.Context, id string) (Licence, error) {
	return s.follower(ctx, s.d.DB.R(), id)
}
