package directory

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/base/job"
	"tongban/internal/engine/clock"
)

func itoa(n int) string { return strconv.Itoa(n) }

// followDays is how many working days adopters have to follow where the author says nothing else. No law sets it.
const followDays = 20

// FollowBy is the day until which adopters follow a change of a day, in working days.
func (s *Service) FollowBy(ctx context.Context, effective string) string {
	if !isDate(effective) {
		return ""
	}
	r, err := clock.Deadline(midnight(effective), clock.Period{N: followDays, Unit: clock.Workday}, nil, s.org.Calendar(ctx))
	if err != nil {
		return ""
	}
	return dayOf(r.Due)
}

// Change gives one change; errs.NotFound if there is none. Those who may look at the catalogue may look at it.
func (s *Service) Change(ctx context.Context, a authz.Actor, id string) (Change, error) {
	if err := may(a, authz.CatalogSee); err != nil {
		return Change{}, err
	}
	return changeOf(ctx, s.db.R(), id)
}

// Changes lists changes of a state ("" for all), newest first; next is the After of the next page, or "".
func (s *Service) Changes(ctx context.Context, a authz.Actor, state, after string, limit int) (out []Change, next string, err error) {
	if err := may(a, authz.CatalogSee); err != nil {
		return nil, "", err
	}
	if out, err = changesIn(ctx, s.db.R(), state, after, limit+1); err == nil && len(out) > limit {
		out, next = out[:limit], out[limit-1].ID
	}
	return out, next, err
}

// Waiting counts the changes of a state.
func (s *Service) Waiting(ctx context.Context, state string) (int, error) {
	return countChanges(ctx, s.db.R(), state)
}

// Save makes a draft (no ID) or saves one of one's own; it may be incomplete. Items that are changed are taken as they stand now. Errors: errs.Forbidden
// for another's draft or an office that does not keep the directory, errs.Conflict "directory.moved_meanwhile" when Rev is old.
func (s *Service) Save(ctx context.Context, a authz.Actor, c Change) (Change, error) {
	if err := s.mayKeep(ctx, a, authz.DirectoryEdit); err != nil {
		return c, err
	}
	n, err := s.snap(ctx)
	if err != nil {
		return c, err
	}
	act := "save"
	if c.ID == "" {
		act, c.ID, c.Author, c.Agency, c.Acts, c.Rev = "draft", ident.New(), a.StaffID, a.AgencyID, nil, 0
	} else {
		was, err := changeOf(ctx, s.db.R(), c.ID)
		if err != nil {
			return c, err
		}
		if err := cmp.Or(own(a, was), stillOpen(was)); err != nil {
			return c, err
		}
		c.Author, c.Agency, c.Acts = was.Author, was.Agency, was.Acts
	}
	if _, ok := shapes[c.Kind]; !ok {
		return c, errs.Fields("directory.invalid", findings{{Path: "kind", Key: "directory.bad_kind"}})
	}
	c.tidy(n)
	c.State, c.Second, c.Legal = Draft, "", ""
	return c, s.step(ctx, a, &c, act, "")
}

// tidy trims what was typed and fixes the versions the change is made of.
func (c *Change) tidy(n *snapshot) {
	c.Reason = strings.TrimSpace(c.Reason)
	for i, r := range c.Of {
		r.Code = strings.ToUpper(strings.TrimSpace(r.Code))
		if b, ok := n.at(r.Code); ok {
			r.Version = b.Version
		}
		c.Of[i] = r
	}
	for i := range c.Items {
		b := &c.Items[i]
		for _, p := range []*string{&b.Code, &b.LocalCode, &b.Name, &b.MainItem, &b.SubItem, &b.Department, &b.ResultName, &b.Explain} {
			*p = strings.TrimSpace(*p)
		}
		b.Code = strings.ToUpper(b.Code)
	}
}

func own(a authz.Actor, c Change) error {
	if c.Author == a.StaffID {
		return nil
	}
	return errs.New(errs.Forbidden, "directory.not_author")
}

// ownOf is own for a change that may not have been found.
func ownOf(a authz.Actor, c Change) error {
	if c.ID == "" {
		return nil
	}
	return own(a, c)
}

func stillOpen(c Change) error {
	if c.Open() {
		return nil
	}
	return errs.New(errs.Conflict, "directory.not_open")
}

// step writes a change after an act, with its audit record. The act is noted on the change.
func (s *Service) step(ctx context.Context, a authz.Actor, c *Change, act, note string) error {
	now := s.now()
	c.Acts = append(slices.Clone(c.Acts), Act{By: a.StaffID, At: now, Act: act, Note: note})
	err := s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := putChange(ctx, tx, now, *c); err != nil {
			return err
		}
		if c.State == Approved {
			if err := job.MoveTx(ctx, tx, now, job.Spec{Kind: EffectKind, Key: c.ID, Args: effectArgs{c.ID}, Due: midnight(c.Effective)}); err != nil {
				return err
			}
		}
		return audit.Tx(ctx, tx, now, s.entry(a, "directory."+act, "directory-change:"+c.ID, strings.Join(c.Codes(), ",")))
	})
	if err == nil {
		c.Rev++
	}
	return err
}

// Check gives everything that keeps a change from being sent on, by field.
func (s *Service) Check(ctx context.Context, c Change) error {
	n, err := s.snap(ctx)
	if err != nil {
		return err
	}
	return errs.Fields("directory.invalid", c.check(n.at, dayOf(s.now())))
}

// Submit sends one's own draft to the second item officer. errs.Invalid with everything that is wrong.
func (s *Service) Submit(ctx context.Context, a authz.Actor, id string, rev int64) error {
	c, err := s.moved(ctx, a, id, rev, authz.DirectoryEdit)
	if err := cmp.Or(ownOf(a, c), err); err != nil {
		return err
	}
	if err := cmp.Or(stillOpen(c), s.keepsCodes(ctx, a, c.Codes()), s.Check(ctx, c)); err != nil {
		return err
	}
	c.State = Auditing
	return s.step(ctx, a, &c, "submit", "")
}

// moved reads a change for an act on it: the actor's office keeps the directory, and nobody was faster.
func (s *Service) moved(ctx context.Context, a authz.Actor, id string, rev int64, p authz.Permission) (Change, error) {
	if err := s.mayKeep(ctx, a, p); err != nil {
		return Change{}, err
	}
	c, err := changeOf(ctx, s.db.R(), id)
	if err == nil && c.Rev != rev {
		err = errMoved()
	}
	return c, err
}

// Audit is the 编制 audit by a second item officer of an office that keeps the directory. Without approval the change goes back with the note.
func (s *Service) Audit(ctx context.Context, a authz.Actor, id string, rev int64, approve bool, note string) error {
	c, err := s.moved(ctx, a, id, rev, authz.DirectoryEdit)
	if err != nil {
		return err
	}
	if c.State != Auditing {
		return errs.New(errs.Conflict, "directory.not_waiting")
	}
	if c.Author == a.StaffID {
		return errs.New(errs.Forbidden, "directory.own_change")
	}
	if !approve {
		return s.refuse(ctx, a, c, note)
	}
	if err := cmp.Or(s.keepsCodes(ctx, a, c.Codes()), s.Check(ctx, c)); err != nil {
		return err
	}
	c.State, c.Second = Reviewing, a.StaffID
	return s.step(ctx, a, &c, "audit", strings.TrimSpace(note))
}

// Review is the 法制 audit by legal review of an agency of a city or above. Approved, the change becomes effective on its day.
func (s *Service) Review(ctx context.Context, a authz.Actor, id string, rev int64, approve bool, note string) error {
	c, err := s.moved(ctx, a, id, rev, authz.LegalReview)
	if err != nil {
		return err
	}
	if c.State != Reviewing {
		return errs.New(errs.Conflict, "directory.not_waiting")
	}
	if c.Author == a.StaffID || c.Second == a.StaffID {
		return errs.New(errs.Forbidden, "directory.own_change")
	}
	if !approve {
		return s.refuse(ctx, a, c, note)
	}
	if err := s.Check(ctx, c); err != nil {
		return err
	}
	c.State, c.Legal = Approved, a.StaffID
	return s.step(ctx, a, &c, "legal", strings.TrimSpace(note))
}

func (s *Service) refuse(ctx context.Context, a authz.Actor, c Change, note string) error {
	if strings.TrimSpace(note) == "" {
		return errs.Fields("directory.invalid", findings{{Path: "note", Key: "directory.refuse_why"}})
	}
	c.State, c.Second, c.Legal = Refused, "", ""
	return s.step(ctx, a, &c, "refuse", strings.TrimSpace(note))
}

// Drop ends one's own change that is not effective yet.
func (s *Service) Drop(ctx context.Context, a authz.Actor, id string, rev int64) error {
	c, err := s.moved(ctx, a, id, rev, authz.DirectoryEdit)
	if err := cmp.Or(ownOf(a, c), err); err != nil {
		return err
	}
	if c.State == Effective || c.State == Dropped {
		return errs.New(errs.Conflict, "directory.not_open")
	}
	c.State = Dropped
	return s.step(ctx, a, &c, "drop", "")
}

// effectAt is when a change becomes effective, for pages.
func (c Change) effectAt() time.Time { return midnight(c.Effective) }
