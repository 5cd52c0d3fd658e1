package credit

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
)

// AskRepair applies for the repair of an entry of one's own: the consequences are made good, and text says how. One application at a time:
// errs.Conflict credit.asked_already.
func (s *Service) AskRepair(ctx context.Context, a authz.Actor, entryID, text string) error {
	subjects, err := s.subjectsOf(ctx, a)
	if err != nil {
		return err
	}
	e, err := s.entry(ctx, s.d.DB.R(), entryID)
	if err != nil {
		return err
	}
	if !slices.Contains(subjects, e.subject) {
		return notFound()
	}
	if e.State != Active {
		return errs.New(errs.Conflict, "credit.not_active")
	}
	if text, err = words("text", text); err != nil {
		return err
	}
	now := s.d.Now()
	r := Repair{ID: ident.New(), EntryID: e.ID, Text: text, At: now, State: Asked, personID: a.PersonID}
	err = s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.putRepairTx(ctx, tx, r); err != nil {
			return err
		}
		if err := s.record(ctx, tx, a, audit.Entry{Act: "credit.ask_repair", Object: "credit:" + e.ID, Subject: e.subject}); err != nil {
			return err
		}
		return event.Publish(ctx, tx, now, RepairAskedEvent{ID: r.ID, Entry: e.ID})
	})
	if db.Unique(err) {
		return errs.New(errs.Conflict, "credit.asked_already")
	}
	return err
}

func words(path, text string) (string, error) {
	text = strings.TrimSpace(text)
	if n := utf8.RuneCountInString(text); n < minWords || n > maxWords {
		return text, errs.Fields("credit.incomplete", []errs.Field{{Path: path, Key: "credit.words_missing", Params: errs.P{"min": minWords, "max": maxWords}}})
	}
	return text, nil
}

// DecideRepair answers an application for repair, by the agency that entered the person; for one of a list, by any agency with the right, which has
// seen what the authority of the list says. A grant ends the entry; the person is told either way.
func (s *Service) DecideRepair(ctx context.Context, a authz.Actor, entryID string, grant bool, answer string) error {
	e, err := s.Entry(ctx, a, entryID)
	if err != nil {
		return err
	}
	if e.Repair == nil || e.Repair.State != Asked {
		return errs.New(errs.Conflict, "credit.nothing_asked")
	}
	if answer, err = words("answer", answer); err != nil {
		return err
	}
	now, r := s.d.Now(), *e.Repair
	r.Answer, r.Decided, r.State = answer, now, Refused
	template, act := "credit.repair_refused", "credit.refuse_repair"
	var told event.Event = RepairRefusedEvent{e.ID}
	if grant {
		r.State, template, act, told = Granted, "credit.repaired", "credit.grant_repair", RepairedEvent{e.ID}
	}
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.decideRepairTx(ctx, tx, r, a.Name()); err != nil {
			return err
		}
		if grant {
			if err := endTx(ctx, tx, e.ID, Repaired, now); err != nil {
				return err
			}
		}
		to := e
		to.personID = r.personID
		if err := s.tellTx(ctx, tx, now, to, template, "", map[string]string{"reason": answer}); err != nil {
			return err
		}
		if err := s.record(ctx, tx, a, audit.Entry{Act: act, Object: "credit:" + e.ID, Subject: e.subject}); err != nil {
			return err
		}
		return event.Publish(ctx, tx, now, told)
	})
}
