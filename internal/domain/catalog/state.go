package catalog

import (
	"context"
	"slices"
	"strings"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/i18n"
)

// The states of an item (list state).
const (
	InUse     = "1" // 在用
	Suspended = "2" // 暂停
	Cancelled = "3" // 取消
)

// State is whether an item can be applied for, and if not, why, since when and what to use instead.
type State struct {
	Code    string
	Reason  string
	Since   time.Time // the zero time for an item that was always in use
	Instead string    // key of another item, may be empty
}

// InUse reports whether applications are taken.
func (s State) InUse() bool { return s.Code == InUse || s.Code == "" }

const (
	minReason = 4
	maxReason = 500
)

// check gives what is wrong with a state somebody wants to set: errs.Invalid.
func (s State) check() error {
	n := len([]rune(strings.TrimSpace(s.Reason)))
	switch {
	case !slices.Contains([]string{InUse, Suspended, Cancelled}, s.Code):
		return errs.New(errs.Invalid, "catalog.state_unknown", errs.P{"state": s.Code})
	case s.Code != InUse && n < minReason:
		return errs.New(errs.Invalid, "catalog.state_reason")
	case n > maxReason:
		return errs.New(errs.Invalid, "catalog.state_reason_long", errs.P{"max": maxReason})
	}
	return nil
}

// State gives the state of an item; errs.NotFound if there is none.
func (s *Service) State(ctx context.Context, key string) (State, error) {
	h, err := s.held(ctx, key)
	if err != nil {
		return State{}, err
	}
	return h.state, nil
}

// TakesApplications gives errs.Conflict with the reason when an item is suspended or cancelled: nobody may begin or send a new application. Open cases
// go on with the version they were filed on.
func (s *Service) TakesApplications(ctx context.Context, key string) error {
	h, err := s.held(ctx, key)
	if err != nil || h.state.InUse() {
		return err
	}
	return errs.New(errs.Conflict, "catalog.halted", errs.P{"item": h.Name, "state": i18n.Key("catalog.state_" + h.state.Code), "reason": strings.TrimRight(h.state.Reason, "。.")})
}

// SetStateTx suspends or cancels an item, with the reason and what to use instead, or takes it into use again. No single person may: package design has
// it approved by others and calls this when the change is published, so the actor's rights are not asked for. errs.NotFound for no such item,
// errs.Conflict when it is in that state already, errs.Invalid for a state without a reason or an item that cannot be used instead.
func (s *Service) SetStateTx(ctx context.Context, tx *db.Tx, now time.Time, actor authz.Actor, key string, to State) error {
	if err := to.check(); err != nil {
		return err
	}
	was, err := lineOfKey(ctx, tx, key)
	switch {
	case err != nil:
		return err
	case was.version == 0:
		return errs.New(errs.NotFound, "catalog.no_item", errs.P{"key": key})
	case was.state == to.Code && was.reason == to.Reason && was.instead == to.Instead:
		return errs.New(errs.Conflict, "catalog.state_same")
	}
	if to.Instead != "" {
		if other, err := lineOfKey(ctx, tx, to.Instead); err != nil {
			return err
		} else if other.version == 0 || other.state != InUse || to.Instead == key {
			return errs.New(errs.Invalid, "catalog.state_instead", errs.P{"key": to.Instead})
		}
	}
	w := s.writer(tx, s.offices(ctx))
	if err := w.state(ctx, now, was, to); err != nil {
		return err
	}
	if err := event.Publish(ctx, tx, now, StateChanged{Item: key, State: to.Code}); err != nil {
		return err
	}
	return audit.Tx(ctx, tx, now, audit.Entry{
		Actor: actor.Name(), Act: "catalog.state_" + to.Code, Object: "item:" + key, Reason: to.Reason, Via: actor.Via, Agency: actor.AgencyID,
	})
}

// state moves a row to another state, with its counts and its words.
func (w *writer) state(ctx context.Context, now time.Time, was line, to State) error {
	all, err := itemsOf(ctx, w.tx, []string{was.key})
	if err != nil || len(all) == 0 {
		return err
	}
	l := was
	l.state, l.reason, l.stateMS, l.instead = to.Code, strings.TrimSpace(to.Reason), now.UnixMilli(), to.Instead
	if l.state == InUse {
		l.reason, l.instead = "", ""
	}
	it := all[0].Item
	w.find.complete(&it)
	l.completed = &it
	w.tally.count(was, -1)
	w.tally.count(l, 1)
	w.found(was, l)
	seq, err := w.nextSeq(ctx)
	if err != nil {
		return err
	}
	if err := putLine(ctx, w.tx, l, seq); err != nil {
		return err
	}
	return w.finish(ctx)
}
