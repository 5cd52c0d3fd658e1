package mandate

import (
	"context"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/domain/identity"
)

// Accept takes a mandate on. Who was named by a phone must also have the name the giver wrote. Errors: NotFound "mandate.none", Forbidden "base.level_needed" and
// "mandate.minor_self", Conflict "mandate.name_differs", "mandate.self", "mandate.duplicate", "mandate.helps_many", "mandate.moved", "mandate.over".
func (s *Service) Accept(ctx context.Context, a authz.Actor, id string) error {
	m, me, err := s.mine(ctx, a, id)
	if err != nil {
		return err
	}
	if a.Level < needLevel {
		return errLevel()
	}
	now := s.now()
	if err := acceptable(m, me, now); err != nil {
		return err
	}
	if s.minor(me.Birth) {
		return errs.New(errs.Forbidden, "mandate.minor_self")
	}
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		is := m
		is.HolderID, is.phoneKey = me.ID, ""
		if err := s.free(ctx, tx, now, is); err != nil {
			return err
		}
		if err := s.mayHelp(ctx, tx, now, is); err != nil {
			return err
		}
		if err := setActive(ctx, tx, now, m.ID, me.ID); err != nil {
			return err
		}
		if err := s.record(ctx, tx, now, a, "mandate.accept", m.ID, ""); err != nil {
			return err
		}
		return s.start(ctx, tx, now, is, "accepted", "holder")
	})
}

// acceptable is the pure part of accepting.
func acceptable(m Mandate, me identity.Person, now time.Time) error {
	switch why := Now(m, Facts{HolderDied: !me.Alive}, now); {
	case m.State == Active:
		return errMoved
	case why.over():
		return errs.New(errs.Conflict, "mandate.over")
	case m.ForKind == ForPerson && m.ForID == me.ID:
		return errs.New(errs.Conflict, "mandate.self")
	case m.HolderID == "" && me.Name != m.Named.Name:
		return errs.New(errs.Conflict, "mandate.name_differs")
	}
	return nil
}

// start tells that a mandate works, and sets its timers.
func (s *Service) start(ctx context.Context, tx *db.Tx, now time.Time, m Mandate, what, by string) error {
	if err := insertStep(ctx, tx, now, m.ID, what, by); err != nil {
		return err
	}
	if err := event.Publish(ctx, tx, now, Started{MandateID: m.ID, ForKind: m.ForKind, ForID: m.ForID, HolderID: m.HolderID}); err != nil {
		return err
	}
	if err := s.tell(ctx, tx, now, m.ID, toGiver, "mandate."+what); err != nil {
		return err
	}
	return s.timers(ctx, tx, now, m)
}

// End takes a mandate back, gives it up or declines it, whichever is the actor's to do. It needs no registry and no reason, so that nothing stands in its
// way. Errors: NotFound "mandate.none", Conflict "mandate.over".
func (s *Service) End(ctx context.Context, a authz.Actor, id string) (Why, error) {
	m, side, err := s.seen(ctx, a, id)
	if err != nil {
		return "", err
	}
	if m.State == Ended {
		return "", errs.New(errs.Conflict, "mandate.over")
	}
	why := Revoked
	if side == Holder {
		if why = Released; m.State == Asked {
			why = Refused
		}
	}
	now := s.now()
	return why, s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.record(ctx, tx, now, a, "mandate.end", m.ID, ""); err != nil {
			return err
		}
		return s.end(ctx, tx, now, m, why, string(side))
	})
}

// EndAccountTx ends what a person gave and held, when their account ends: taken back, given up or declined, whichever would have been theirs to do. What
// they appointed for a firm stays the firm's.
func (s *Service) EndAccountTx(ctx context.Context, tx *db.Tx, now time.Time, personID string) error {
	ms, err := ofPerson(ctx, tx, personID)
	if err != nil {
		return err
	}
	for _, m := range ms {
		why, by := Revoked, Giver
		if m.HolderID == personID {
			if why, by = Released, Holder; m.State == Asked {
				why = Refused
			}
		}
		if err := s.end(ctx, tx, now, m, why, string(by)); err != nil {
			return err
		}
	}
	return nil
}

// end writes that a mandate is over and tells the other side, or both if it ended by itself.
func (s *Service) end(ctx context.Context, tx *db.Tx, now time.Time, m Mandate, why Why, by string) error {
	if err := setEnded(ctx, tx, now, m.ID, m.State, why); err != nil {
		return err
	}
	if err := insertStep(ctx, tx, now, m.ID, string(why), by); err != nil {
		return err
	}
	if err := event.Publish(ctx, tx, now, EndedEvent{MandateID: m.ID, ForKind: m.ForKind, ForID: m.ForID, HolderID: m.HolderID, Why: why}); err != nil {
		return err
	}
	switch why {
	case Revoked:
		return s.tell(ctx, tx, now, m.ID, toHolder, "mandate.revoked")
	case Refused:
		return s.tell(ctx, tx, now, m.ID, toGiver, "mandate.refused")
	case Released:
		return s.tell(ctx, tx, now, m.ID, toGiver, "mandate.released")
	case Merged:
		return nil // nobody lost anything: another mandate of the same two stands
	}
	if err := s.tell(ctx, tx, now, m.ID, toGiver, "mandate.ended"); err != nil {
		return err
	}
	return s.tell(ctx, tx, now, m.ID, toHolder, "mandate.ended")
}

// Confirm keeps an agent whom an earlier legal representative appointed. Errors: NotFound, Forbidden "mandate.only_representative", Conflict, Unavailable.
func (s *Service) Confirm(ctx context.Context, a authz.Actor, id string) error {
	m, side, err := s.seen(ctx, a, id)
	if err != nil {
		return err
	}
	if side != Giver || m.Kind != Agent {
		return errNone
	}
	now := s.now()
	if Now(m, Facts{}, now).over() {
		return errs.New(errs.Conflict, "mandate.over")
	}
	f, err := s.represented(ctx, a)
	if err != nil {
		return err
	}
	return s.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := setConfirmed(ctx, tx, m.ID, s.subject(f.LegalPersonNumber)); err != nil {
			return err
		}
		if err := insertStep(ctx, tx, now, m.ID, "confirmed", "giver"); err != nil {
			return err
		}
		if err := s.record(ctx, tx, now, a, "mandate.confirm", m.ID, ""); err != nil {
			return err
		}
		return s.tell(ctx, tx, now, m.ID, toHolder, "mandate.confirmed")
	})
}
