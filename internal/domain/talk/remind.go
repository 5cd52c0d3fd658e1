package talk

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/identity"
)

const remindKind = "talk.remind"

type remindArgs struct {
	Case string `json:"case"`
	Rule string `json:"rule"`
	Due  int64  `json:"due"` // Unix milliseconds of the deadline
}

// Workers are the room's jobs; both may run any number of times.
func (s *Service) Workers() map[string]job.Worker {
	return map[string]job.Worker{remindKind: s.remind, urgeDueKind: s.urgeDue}
}

// Listeners are what the room hears: deadlines, an opinion asked of another agency, and two accounts that turn out to be one person.
func (s *Service) Listeners() []event.Listener {
	return []event.Listener{
		{Name: "talk.near", Topic: cases.DueNearEvent{}.Topic(), Handle: func(ctx context.Context, tx *db.Tx, e event.Stored) error {
			x, err := event.Decode[cases.DueNearEvent](e)
			if err != nil {
				return err
			}
			return s.plan(ctx, tx, x.CaseID, x.Which, Near, x.Fact.Due)
		}},
		{Name: "talk.passed", Topic: cases.DuePassedEvent{}.Topic(), Handle: func(ctx context.Context, tx *db.Tx, e event.Stored) error {
			x, err := event.Decode[cases.DuePassedEvent](e)
			if err != nil {
				return err
			}
			return s.plan(ctx, tx, x.CaseID, x.Which, Passed, x.Fact.Due)
		}},
		{Name: "talk.consulted", Topic: cases.ConsultedEvent{}.Topic(), Handle: s.consulted},
		{Name: "talk.merged", Topic: identity.Merged{}.Topic(), Handle: func(ctx context.Context, tx *db.Tx, e event.Stored) error {
			m, err := event.Decode[identity.Merged](e)
			if err != nil {
				return err
			}
			return moveTx(ctx, tx, m.From, m.Into)
		}},
	}
}

// plan sets a job for each rule about a deadline: at once, or when its time after the deadline is over.
func (s *Service) plan(ctx context.Context, tx *db.Tx, caseID, which, when string, due time.Time) error {
	for _, r := range s.d.Rules.Reminders {
		if r.Clock != which || r.When != when {
			continue
		}
		at := s.now()
		if r.After != nil {
			var err error
			if at, err = s.later(ctx, due, *r.After); err != nil {
				return err
			}
		}
		args := remindArgs{caseID, r.Name, due.UnixMilli()}
		if err := job.EnqueueTx(ctx, tx, s.now(), job.Spec{Kind: remindKind, Key: caseID + ":" + r.Name + ":" + strconv.FormatInt(args.Due, 10), Args: args, Due: at}); err != nil {
			return err
		}
	}
	return nil
}

// remind tells who a rule names, unless the deadline has moved, the work is done or the case is over.
func (s *Service) remind(ctx context.Context, j job.Job) error {
	var args remindArgs
	if err := json.Unmarshal(j.Args, &args); err != nil {
		return job.Permanent(err)
	}
	rule, ok := s.d.Rules.named(args.Rule)
	if !ok { // rules were changed since
		return nil
	}
	st, err := s.d.Cases.Standing(ctx, authz.System, args.Case)
	if errs.KindOf(err) == errs.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	due := db.Instant(args.Due)
	if !st.Case.State.Open() || !dueOf(st.Case.Clock, rule.Clock).Equal(due) {
		return nil
	}
	told := s.told(ctx, st, rule)
	if len(told) == 0 {
		return nil
	}
	now := s.now()
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		fresh, err := putEscalationTx(ctx, tx, args.Case, Escalation{Rule: rule.Name, Clock: rule.Clock, Due: due, Told: told, At: now})
		if err != nil || !fresh {
			return err
		}
		return s.remindTx(ctx, tx, st, rule, due, told)
	})
}

func (s *Service) remindTx(ctx context.Context, tx *db.Tx, st cases.Standing, rule Rule, due time.Time, told []string) error {
	kind := NoticeNear
	if rule.When == Passed {
		kind = NoticePassed
	}
	n := note{kind: kind, ref: rule.Name + ":" + st.Case.ID + ":" + strconv.FormatInt(due.UnixMilli(), 10), words: errs.P{"due": due, "step": st.Case.StepName, "clock": rule.Clock}}
	if slices.Equal(rule.Tell, []string{Supervisor}) {
		n.link = "/supervision/cases/" + st.Case.ID + "/talk"
	}
	if err := s.notifyTx(ctx, tx, told, n, st.Case); err != nil {
		return err
	}
	if err := event.Publish(ctx, tx, s.now(), EscalatedEvent{fact(st.Case, system, s.now()), rule.Name, rule.Clock, rule.Tell, due}); err != nil {
		return err
	}
	return audit.Tx(ctx, tx, s.now(), audit.Entry{Actor: system, Act: "talk.remind", Object: "case:" + st.Case.ID, Subject: st.Subject, What: rule.Name})
}

func (s *Service) told(ctx context.Context, st cases.Standing, r Rule) []string {
	var out []string
	for _, who := range r.Tell {
		switch who {
		case Holder:
			out = append(out, s.havers(ctx, st)...)
		case Head:
			out = append(out, s.heads(ctx, st)...)
		case Supervisor:
			out = append(out, s.supervisors(ctx, st)...)
		}
	}
	return few(out)
}

// dueOf gives one deadline of a clock, as stored: to the millisecond.
func dueOf(c cases.Clock, which string) time.Time {
	switch {
	case which == "step":
		return c.StepDue
	case which == "promised":
		return c.PromisedDue
	case which == "special":
		return c.SpecialDue
	case (which == "receipt") == (c.Phase == cases.PhaseReceipt):
		return c.LegalDue
	}
	return time.Time{}
}
