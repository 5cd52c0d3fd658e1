package elsewhere

import (
	"context"
	"errors"
	"strings"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

// shown is how many messages of a kind operators see at once, the oldest first.
const shown = 200

// Stuck is what operators look at.
type Stuck struct {
	In      []In  // parked
	Out     []Out // parked
	Pending []Out // being tried
	Early   []In  // waiting for the ones before them
}

// Stuck lists what could not be sent or applied, and what waits.
func (s *Service) Stuck(ctx context.Context) (Stuck, error) {
	var x Stuck
	var err error
	if x.In, err = s.inInState(ctx, Parked, shown); err != nil {
		return x, err
	}
	if x.Out, err = s.outInState(ctx, Parked, shown); err != nil {
		return x, err
	}
	if x.Pending, err = s.outInState(ctx, Waiting, shown); err != nil {
		return x, err
	}
	x.Early, err = s.inInState(ctx, Waiting, shown)
	return x, err
}

// AgainIn applies a parked event again, by hand, whatever is missing before it; caseNo puts right which case it is about. What the case says against it
// is the error, and it stays parked.
func (s *Service) AgainIn(ctx context.Context, a authz.Actor, id, caseNo string) error {
	m, err := s.in(ctx, id)
	if err != nil {
		return err
	}
	if m.State != Parked {
		return errs.New(errs.Conflict, "elsewhere.not_parked")
	}
	if caseNo = strings.TrimSpace(caseNo); caseNo != "" {
		m.CaseID, m.CaseNo = "", caseNo
	}
	was := m.State
	m.State = Waiting
	if m.Kind == KindFiled {
		return s.fileAgain(ctx, a, m)
	}
	if err := s.resolve(ctx, &m); err != nil {
		return err
	}
	if m.State == Parked {
		return errs.New(errs.Conflict, m.Reason)
	}
	cause, err := s.one(ctx, &m)
	if err != nil {
		return err
	}
	all, err := s.inOfCase(ctx, m.System, m.CaseID)
	if err != nil {
		return err
	}
	if cause != nil {
		m.park(cause)
	} else {
		m.State, m.Reason, m.ReasonZH, m.ReasonEN, m.Gap, m.AppliedAt = Applied, "", "", "", gapBefore(all, m), s.Now()
	}
	if err := s.written(ctx, a, "apply_again", m, was); err != nil {
		return err
	}
	if cause != nil {
		return cause
	}
	return s.next(ctx, m)
}

// fileAgain files an application again that was parked.
func (s *Service) fileAgain(ctx context.Context, a authz.Actor, m In) error {
	cause, err := s.fileOne(ctx, &m)
	if err != nil {
		return err
	}
	if cause != nil {
		m.park(cause)
	} else {
		m.State, m.Reason, m.ReasonZH, m.ReasonEN, m.AppliedAt = Applied, "", "", "", s.Now()
	}
	return errors.Join(s.written(ctx, a, "apply_again", m, Parked), cause)
}

// DropIn gives an event up; those that waited for it go on.
func (s *Service) DropIn(ctx context.Context, a authz.Actor, id string) error {
	m, err := s.in(ctx, id)
	if err != nil {
		return err
	}
	was := m.State
	if was != Parked {
		return errs.New(errs.Conflict, "elsewhere.not_parked")
	}
	m.State = Dropped
	if err := s.written(ctx, a, "drop_event", m, was); err != nil {
		return err
	}
	return s.next(ctx, m)
}

func (s *Service) written(ctx context.Context, a authz.Actor, act string, m In, was string) error {
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := setInTx(ctx, tx, m, was); err != nil {
			return err
		}
		return audit.Tx(ctx, tx, s.Now(), s.entry(a, act, "message:"+m.ID))
	})
}

// next goes on with what waited for an event.
func (s *Service) next(ctx context.Context, m In) error {
	sys, err := s.system(ctx, m.System)
	if err != nil || m.CaseID == "" {
		return ignoreMissing(err)
	}
	return s.settle(ctx, sys, m.CaseID)
}

// AgainOut lets a parked message be tried again from now on, and what waited for it after it.
func (s *Service) AgainOut(ctx context.Context, a authz.Actor, id string) error {
	return s.setOut(ctx, a, id, "send_again", Waiting)
}

// DropOut gives a message up; what waited for it goes on.
func (s *Service) DropOut(ctx context.Context, a authz.Actor, id string) error {
	return s.setOut(ctx, a, id, "drop_message", Dropped)
}

func (s *Service) setOut(ctx context.Context, a authz.Actor, id, act, state string) error {
	o, err := s.out(ctx, id)
	if err != nil {
		return err
	}
	was := o.State
	if was != Parked {
		return errs.New(errs.Conflict, "elsewhere.not_parked")
	}
	o.State, o.Since = state, s.Now()
	err = s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := setOutTx(ctx, tx, o, was); err != nil {
			return err
		}
		return audit.Tx(ctx, tx, s.Now(), s.entry(a, act, "message:"+o.ID))
	})
	if err != nil {
		return err
	}
	all, err := s.outOfCase(ctx, o.System, o.CaseID)
	if err != nil {
		return err
	}
	for _, m := range all {
		if m.State == Waiting {
			return s.wake(ctx, jobPush, m.ID)
		}
	}
	return nil
}
