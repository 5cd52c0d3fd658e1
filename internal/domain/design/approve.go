package design

import (
	"context"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/job"
	"tongban/internal/base/packfile"
	"tongban/internal/domain/pack"
)

// Withheld is the error of a change that its findings keep from going on. It wraps errs.Invalid "design.findings".
type Withheld struct {
	Problems []packfile.Problem
	err      error
}

// Error is the refusal's.
func (w *Withheld) Error() string { return w.err.Error() }

// Unwrap gives the refusal.
func (w *Withheld) Unwrap() error { return w.err }

func withheld(ps []packfile.Problem) error {
	if len(ps) == 0 {
		return nil
	}
	return &Withheld{Problems: ps, err: errs.New(errs.Invalid, "design.findings", errs.P{"n": len(ps)})}
}

// Check gives everything that keeps a change from being published, at once: the rooms' findings on the pack as the change leaves it, and files
// that were published by others meanwhile.
func (s *Service) Check(ctx context.Context, a authz.Actor, id string) ([]packfile.Problem, error) {
	c, err := s.open(ctx, a, id)
	if err != nil {
		return nil, err
	}
	_, ps, err := s.check(ctx, c)
	return ps, err
}

// check gives the change as the pack room takes it, laid over what is loaded now, with its findings.
func (s *Service) check(ctx context.Context, c Change) (pack.Change, []packfile.Problem, error) {
	var over pack.Change
	if c.Act != Publish || c.Ended() { // what is published is no longer held against what it became
		return over, nil, nil
	}
	fs, err := filesOf(ctx, s.db.R(), c.ID)
	if err != nil {
		return over, nil, err
	}
	p, err := s.present(ctx, c)
	if err != nil {
		return over, nil, err
	}
	over = laid(c, p, fs)
	over.Gives = func(context.Context, *db.Tx, string, string) error { // publishing says how
		return errs.New(errs.Internal, "base.internal")
	}
	ps := outdated(fs, p)
	taken, err := s.foreign(ctx, c, fs)
	if err != nil {
		return over, nil, err
	}
	ps = append(ps, taken...)
	more, err := s.packs.CheckChange(ctx, over)
	return over, append(ps, more...), err
}

// outdated finds files whose pack text is no longer what the change took over.
func outdated(fs []File, p pack.Pack) []packfile.Problem {
	var ps []packfile.Problem
	for _, f := range fs {
		data, has := find(p.Files, f.Path)
		if has == f.New || has && string(data) != string(f.Was) {
			ps = append(ps, packfile.Problem{File: f.Path, Line: 1, Key: "design.outdated"})
		}
	}
	return ps
}

// Rebase notes that the author has seen what the pack says now about a file of the change: the change's own text, or with keep false the pack's,
// stands on it.
func (s *Service) Rebase(ctx context.Context, a authz.Actor, id, path string, rev int, keep bool) error {
	c, err := s.edit(ctx, a, id)
	if err != nil {
		return err
	}
	f, own, err := fileOf(ctx, s.db.R(), id, path)
	if err != nil {
		return err
	}
	if !own || f.Rev != rev {
		return errs.New(errs.Conflict, "design.moved", errs.P{"path": path})
	}
	p, err := s.present(ctx, c)
	if err != nil {
		return err
	}
	data, has := find(p.Files, path)
	f.Was, f.New = data, !has
	if !keep {
		f.Content = data
	}
	now := s.now()
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := touch(ctx, tx, id, now); err != nil {
			return err
		}
		if !keep && !has {
			err = dropFile(ctx, tx, id, path, rev)
		} else {
			err = rebase(ctx, tx, id, f)
		}
		if err != nil {
			return err
		}
		return audit.Tx(ctx, tx, now, s.entry(a, "rebase", c, path))
	})
}

// move is one act on a change: it writes the new state, the history, the record.
func (s *Service) move(ctx context.Context, a authz.Actor, was, is Change, act, reason string, more func(ctx context.Context, tx *db.Tx) error) error {
	now := s.now()
	is.Changed = now
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := turn(ctx, tx, was, is); err != nil {
			return err
		}
		if err := addStep(ctx, tx, is.ID, Step{Act: act, By: a.StaffID, At: now, From: was.State, To: is.State, Reason: reason}); err != nil {
			return err
		}
		if more != nil {
			if err := more(ctx, tx); err != nil {
				return err
			}
		}
		return audit.Tx(ctx, tx, now, s.entry(a, act, is, string(is.State)))
	})
}

// turning opens a change for an act of an item officer, as it is and as the act leaves it.
func (s *Service) turning(ctx context.Context, a authz.Actor, id string, from []State, to State) (was, is Change, err error) {
	if err = mayEdit(a); err != nil {
		return was, is, err
	}
	if was, err = s.open(ctx, a, id); err != nil {
		return was, is, err
	}
	is, err = was.next(from, to)
	return was, is, err
}

// Submit sends a draft to the second person. Findings keep it: *Withheld; files that alter nothing too: errs.Conflict "design.nothing".
func (s *Service) Submit(ctx context.Context, a authz.Actor, id string) error {
	c, is, err := s.turning(ctx, a, id, []State{Draft}, Second)
	if err != nil {
		return err
	}
	fs, err := filesOf(ctx, s.db.R(), id)
	if err != nil {
		return err
	}
	if c.Act == Publish && !slices.ContainsFunc(fs, File.Alters) {
		return errs.New(errs.Conflict, "design.nothing")
	}
	_, ps, err := s.check(ctx, c)
	if err != nil {
		return err
	}
	if err := withheld(ps); err != nil {
		return err
	}
	is.Sender, is.Second, is.Legal, is.Effective = a.StaffID, "", "", time.Time{}
	is.Seal = sealOf(c, fs)
	return s.move(ctx, a, c, is, "send", "", nil)
}

// Second passes a change on to legal review, by an item officer who had no hand in it.
func (s *Service) Second(ctx context.Context, a authz.Actor, id, note string) error {
	c, is, err := s.turning(ctx, a, id, []State{Second}, Legal)
	if err != nil {
		return err
	}
	if err := c.apart(s.same(ctx), a.StaffID, c.Sender); err != nil {
		return err
	}
	is.Second = a.StaffID
	return s.move(ctx, a, c, is, "second", strings.TrimSpace(note), nil)
}

// Legal approves a change (法制审核), by a legal reviewer who is neither an author nor the second person.
func (s *Service) Legal(ctx context.Context, a authz.Actor, id, note string) error {
	if a.StaffID == "" || !a.May(authz.LegalReview) {
		return errs.New(errs.Forbidden, "base.forbidden")
	}
	c, err := s.open(ctx, a, id)
	if err != nil {
		return err
	}
	is, err := c.next([]State{Legal}, Approved)
	if err != nil {
		return err
	}
	if err := c.apart(s.same(ctx), a.StaffID, c.Sender, c.Second); err != nil {
		return err
	}
	is.Legal = a.StaffID
	return s.move(ctx, a, c, is, "legal", strings.TrimSpace(note), nil)
}

func (s *Service) same(ctx context.Context) func(x, y string) bool {
	return func(x, y string) bool { return s.org.SamePerson(ctx, x, y) }
}

// Refuse sends a change back to be a draft, with a reason; everything in it stays. Whoever could pass it on may refuse it.
func (s *Service) Refuse(ctx context.Context, a authz.Actor, id, reason string) error {
	c, err := s.open(ctx, a, id)
	if err != nil {
		return err
	}
	is, err := c.next([]State{Second, Legal}, Draft)
	if err != nil {
		return err
	}
	need := authz.CatalogEdit
	if c.State == Legal {
		need = authz.LegalReview
	}
	if !a.May(need) {
		return errs.New(errs.Forbidden, "base.forbidden")
	}
	if err := c.apart(s.same(ctx), a.StaffID, c.Sender); err != nil {
		return err
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		return errs.Fields("design.invalid", []errs.Field{{Path: "reason", Key: "design.need_reason"}})
	}
	is.Second, is.Legal, is.Seal = "", "", ""
	return s.move(ctx, a, c, is, "refuse", reason, nil)
}

// TakeBack makes a change a draft again, by an item officer: to go on with it before it is published. Whoever approved it will look at it again.
func (s *Service) TakeBack(ctx context.Context, a authz.Actor, id string) error {
	c, is, err := s.turning(ctx, a, id, []State{Second, Legal, Approved, Scheduled}, Draft)
	if err != nil {
		return err
	}
	is.Second, is.Legal, is.Seal, is.Effective = "", "", "", time.Time{}
	return s.move(ctx, a, c, is, "back", "", nil)
}

// Drop ends a change that is not published; it can still be read.
func (s *Service) Drop(ctx context.Context, a authz.Actor, id string) error {
	c, is, err := s.turning(ctx, a, id, []State{Draft, Second, Legal, Approved, Scheduled}, Dropped)
	if err != nil {
		return err
	}
	return s.move(ctx, a, c, is, "drop", "", nil)
}

// Schedule sets when an approved change is published; errs.Invalid unless at lies ahead, within a year.
func (s *Service) Schedule(ctx context.Context, a authz.Actor, id string, when time.Time) error {
	c, is, err := s.turning(ctx, a, id, []State{Approved, Scheduled}, Scheduled)
	if err != nil {
		return err
	}
	now := s.now()
	if !when.After(now) || when.After(now.AddDate(1, 0, 0)) {
		return errs.Fields("design.invalid", []errs.Field{{Path: "at", Key: "design.bad_time"}})
	}
	is.Effective = when
	return s.move(ctx, a, c, is, "schedule", "", func(ctx context.Context, tx *db.Tx) error {
		return job.MoveTx(ctx, tx, now, job.Spec{Kind: PublishKind, Key: c.ID, Args: publishArgs{c.ID}, Due: when})
	})
}
