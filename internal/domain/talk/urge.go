package talk

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
	"tongban/internal/base/job"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/clock"
)

// Urge urges a case: the applicant from half of the period on, once in three working days; a supervisor of the region while none of supervision's waits for
// an answer. The same urge sent twice at once is one. Errors: talk.no_right, talk.urge_closed, talk.urge_yours, talk.urge_paused, talk.urge_early{date}, talk.urge_again{date},
// talk.urge_waits{date}, talk.too_long{max}.
func (s *Service) Urge(ctx context.Context, a authz.Actor, caseID, reason string) (Urge, error) {
	st, err := s.d.Cases.Standing(ctx, a, caseID)
	if err != nil {
		return Urge{}, err
	}
	if reason, err = words("reason", reason, MaxReason, ""); err != nil {
		return Urge{}, err
	}
	had, err := s.urges(ctx, caseID)
	if err != nil {
		return Urge{}, err
	}
	// The same words from the same hand within a minute are a second press of the button.
	twice := slices.IndexFunc(had, func(u Urge) bool {
		return u.author == a.Name() && u.Reason == reason && s.now().Sub(u.At) < time.Minute
	})
	if twice >= 0 {
		return had[twice], nil
	}
	if err := s.urgeable(ctx, st, had); err != nil {
		return Urge{}, err
	}
	u := Urge{ID: ident.New(), CaseID: caseID, Side: Applicant, Reason: reason, At: s.now(), Mine: true, author: a.Name(), onBehalf: a.OnBehalf(), agency: st.Case.Agency, region: st.Case.Region}
	if st.Supervises {
		u.Side, u.onBehalf = Watcher, ""
	}
	for _, x := range had {
		if x.Side == u.Side {
			u.ord++
		}
	}
	u.ord++
	if u.Due, err = s.later(ctx, u.At, s.d.Rules.Urge.Answer); err != nil {
		return Urge{}, err
	}
	err = s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return s.urgeTx(ctx, tx, a, st, u) })
	if db.Unique(err) { // the other tab was faster
		all, err := s.urges(ctx, caseID)
		i := slices.IndexFunc(all, func(x Urge) bool { return x.Side == u.Side && x.ord == u.ord })
		if err != nil || i < 0 {
			return Urge{}, err
		}
		return all[i], nil
	}
	return u, err
}

func (s *Service) urgeTx(ctx context.Context, tx *db.Tx, a authz.Actor, st cases.Standing, u Urge) error {
	if err := s.putUrgeTx(ctx, tx, u); err != nil {
		return err
	}
	p := errs.P{"due": u.Due}
	if err := s.notifyTx(ctx, tx, s.havers(ctx, st), note{kind: NoticeUrge, ref: "urge:" + u.ID, words: p}, st.Case); err != nil {
		return err
	}
	if err := s.notifyTx(ctx, tx, s.heads(ctx, st), note{kind: NoticeHead, ref: "urge:" + u.ID, words: p}, st.Case); err != nil {
		return err
	}
	err := job.EnqueueTx(ctx, tx, u.At, job.Spec{Kind: urgeDueKind, Key: u.ID, Args: urgeArgs{u.ID}, Due: u.Due.Add(time.Second)})
	if err != nil {
		return err
	}
	if err := event.Publish(ctx, tx, u.At, UrgedEvent{fact(st.Case, u.author, u.At), u.ID, u.Side, u.Due}); err != nil {
		return err
	}
	return s.acted(ctx, tx, a, st, "talk.urge")
}

// urgeable says why this reader may not urge the case now; nil when they may.
func (s *Service) urgeable(ctx context.Context, st cases.Standing, had []Urge) error {
	switch {
	case !st.Own && !st.Supervises || st.Own && !st.Writes:
		return noRight()
	case !st.Case.State.Open():
		return errs.New(errs.Conflict, "talk.urge_closed")
	case st.Case.State == cases.Correction:
		return errs.New(errs.Conflict, "talk.urge_yours")
	}
	if st.Supervises {
		if i := slices.IndexFunc(had, func(u Urge) bool { return u.Side == Watcher && u.Open() }); i >= 0 {
			return errs.New(errs.Conflict, "talk.urge_waits", errs.P{"date": day(had[i].Due)})
		}
		return nil
	}
	return s.ripe(ctx, st.Case, had)
}

// ripe: an applicant may urge from half of the promised period on, or when it has passed, and not again for a while.
func (s *Service) ripe(ctx context.Context, c cases.Case, had []Urge) error {
	now, cal := s.now(), s.d.Org.Calendar(ctx)
	var last time.Time
	for _, u := range had {
		if u.Side == Applicant && u.At.After(last) {
			last = u.At
		}
	}
	if !last.IsZero() {
		next, err := clock.Deadline(last, s.d.Rules.Urge.Every, nil, cal)
		if err != nil {
			return err
		}
		if !now.After(next.Due) {
			return errs.New(errs.Conflict, "talk.urge_again", errs.P{"date": day(next.Due.Add(time.Second)), "n": s.d.Rules.Urge.Every.N})
		}
	}
	due := c.Clock.Due()
	switch {
	case c.Clock.Paused:
		return errs.New(errs.Conflict, "talk.urge_paused")
	case due.IsZero():
		return errs.New(errs.Conflict, "talk.urge_closed")
	case now.After(due):
		return nil
	}
	if from := halfway(began(c), due, cal); now.Before(from) {
		return errs.New(errs.Conflict, "talk.urge_early", errs.P{"date": day(from)})
	}
	return nil
}

// began is when the period that runs now began.
func began(c cases.Case) time.Time {
	switch {
	case !c.Decided.IsZero():
		return c.Decided
	case !c.Accepted.IsZero():
		return c.Accepted
	case !c.Received.IsZero():
		return c.Received
	}
	return c.Submitted
}

// halfway is the first day on which half of the working days between two instants, rounded up, have begun.
func halfway(from, due time.Time, cal clock.Calendar) time.Time {
	all := clock.WorkdaysBetween(from, due, cal)
	y, m, d := from.In(clock.Shanghai).Date()
	at := time.Date(y, m, d, 0, 0, 0, 0, clock.Shanghai)
	for at.Before(due) && 2*clock.WorkdaysBetween(from, at, cal) < all {
		at = at.AddDate(0, 0, 1)
	}
	return at
}

// Answer answers an urge in words, by staff who have to do with the case. Answering again with the same words changes nothing. Errors: talk.no_right,
// talk.answer_missing, talk.too_long{max}, talk.urge_over.
func (s *Service) Answer(ctx context.Context, a authz.Actor, caseID, urgeID, text string) error {
	st, err := s.d.Cases.Standing(ctx, a, caseID)
	if err != nil {
		return err
	}
	if !st.Handles {
		return noRight()
	}
	if text, err = words("answer", text, MaxAnswer, "talk.answer_missing"); err != nil {
		return err
	}
	u, err := s.urge(ctx, urgeID)
	if err != nil {
		return err
	}
	if u.CaseID != caseID {
		return notFound()
	}
	if u.answerer == a.Name() && u.Answer == text {
		return nil
	}
	now := s.now()
	return s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.answerTx(ctx, tx, u.ID, text, a.Name(), now); err != nil {
			return err
		}
		if u.Side == Applicant {
			err = s.tell(ctx, tx, st, "case.urge_answered", u.ID, map[string]string{"reason": text})
		} else {
			err = s.notifyTx(ctx, tx, []string{staffID(u.author)}, note{kind: NoticeAnswered, ref: "answer:" + u.ID, link: "/supervision/cases/" + caseID + "/talk"}, st.Case)
		}
		if err != nil {
			return err
		}
		if err := event.Publish(ctx, tx, now, UrgeAnsweredEvent{fact(st.Case, a.Name(), now), u.ID, now.Sub(u.At)}); err != nil {
			return err
		}
		return s.acted(ctx, tx, a, st, "talk.urge_answer")
	})
}

// urgesFor gives the urges of a case as the reader may know them: an applicant sees their own side's.
func (s *Service) urgesFor(ctx context.Context, a authz.Actor, st cases.Standing) ([]Urge, error) {
	all, err := s.urges(ctx, st.Case.ID)
	if err != nil {
		return nil, err
	}
	if st.Own {
		all = slices.DeleteFunc(all, func(u Urge) bool { return u.Side != Applicant })
	}
	for i := range all {
		u := &all[i]
		u.Mine = u.author == a.Name()
		u.Who = s.officerName(ctx, st, u.author)
		if u.Who == "" {
			u.Who = st.Case.Applicant
		}
		if u.answerer != "" {
			u.By = s.officerName(ctx, st, u.answerer)
		}
	}
	return all, nil
}

const urgeDueKind = "talk.urge_due"

type urgeArgs struct {
	Urge string `json:"urge"`
}

// urgeDue looks whether an urge was answered in time. The end of the case is an answer too.
func (s *Service) urgeDue(ctx context.Context, j job.Job) error {
	var args urgeArgs
	if err := json.Unmarshal(j.Args, &args); err != nil {
		return job.Permanent(err)
	}
	u, err := s.urge(ctx, args.Urge)
	if errs.KindOf(err) == errs.NotFound {
		return nil
	}
	if err != nil || !u.Open() || !u.Missed.IsZero() {
		return err
	}
	st, err := s.d.Cases.Standing(ctx, authz.System, u.CaseID)
	if err != nil {
		return err
	}
	now := s.now()
	err = s.d.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if !st.Case.State.Open() {
			return overtakenTx(ctx, tx, u.CaseID, now)
		}
		return s.missedTx(ctx, tx, st, u, now)
	})
	if errs.Is(err, "talk.urge_over") { // answered meanwhile
		return nil
	}
	return err
}

func (s *Service) missedTx(ctx context.Context, tx *db.Tx, st cases.Standing, u Urge, now time.Time) error {
	if err := missTx(ctx, tx, u.ID, now); err != nil {
		return err
	}
	n := note{kind: NoticeMissed, ref: "missed:" + u.ID, words: errs.P{"due": u.Due}}
	if err := s.notifyTx(ctx, tx, s.heads(ctx, st), n, st.Case); err != nil {
		return err
	}
	n.link = "/supervision/cases/" + u.CaseID + "/talk"
	if err := s.notifyTx(ctx, tx, s.supervisors(ctx, st), n, st.Case); err != nil {
		return err
	}
	var posts []string
	for _, t := range st.Tasks {
		posts = append(posts, t.Post)
	}
	if err := event.Publish(ctx, tx, now, UrgeUnansweredEvent{fact(st.Case, system, now), u.ID, u.Side, u.Due, posts}); err != nil {
		return err
	}
	return s.acted(ctx, tx, authz.System, st, "talk.urge_unanswered")
}
