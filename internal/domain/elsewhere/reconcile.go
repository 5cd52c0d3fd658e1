package elsewhere

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"tongban/internal/base/audit"
	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/job"
	"tongban/internal/domain/cases"
	"tongban/internal/engine/clock"
)

const (
	compareBack  = 30 * 24 * time.Hour // how long a case that is over is compared
	comparePage  = 500
	comparePages = 2000 // of the other side: a list that does not end is refused
	lookAgain    = 10 * time.Minute
	reconcileTry = 30 // with pauses of up to an hour: a day
)

type runArgs struct {
	System string `json:"system"`
	Day    string `json:"day"`
	Again  bool   `json:"again,omitempty"` // looks whether what was asked for has come
}

// Schedule sets the daily comparison up; package app calls it at the start. Doing it again changes nothing.
func (s *Service) Schedule(ctx context.Context) error {
	return s.enqueue(ctx, job.Spec{Kind: jobDaily, Key: day(s.Now()), Args: struct{}{}})
}

func day(t time.Time) string { return t.In(clock.Shanghai).Format(time.DateOnly) }

// nightly is when both sides are compared: at half past one, when the other side's day is closed.
func nightly(now time.Time) time.Time {
	y, m, d := now.In(clock.Shanghai).Date()
	return time.Date(y, m, d+1, 1, 30, 0, 0, clock.Shanghai)
}

func (s *Service) daily(ctx context.Context) error {
	now := s.Now()
	all, err := s.systems(ctx)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		next := nightly(now)
		if err := job.EnqueueTx(ctx, tx, now, job.Spec{Kind: jobDaily, Key: day(next), Args: struct{}{}, Due: next}); err != nil {
			return err
		}
		for _, x := range all {
			if x.Disabled {
				continue
			}
			a := runArgs{System: x.Key, Day: day(now)}
			if err := job.EnqueueTx(ctx, tx, now, job.Spec{Kind: jobReconcile, Key: x.Key + ":" + a.Day, Args: a, Tries: reconcileTry}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) reconcileJob(ctx context.Context, j job.Job) error {
	var a runArgs
	if err := json.Unmarshal(j.Args, &a); err != nil {
		return job.Permanent(err)
	}
	_, err := s.reconcile(ctx, a)
	return err
}

// Reconcile compares both sides now, at an operator's wish.
func (s *Service) Reconcile(ctx context.Context, a authz.Actor, system string) (Run, error) {
	now := s.Now()
	err := s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return audit.Tx(ctx, tx, now, s.entry(a, "reconcile", "system:"+system))
	})
	if err != nil {
		return Run{}, err
	}
	return s.reconcile(ctx, runArgs{System: system, Day: day(now)})
}

// Theirs is a case as the other side lists it.
type Theirs struct {
	CaseID  string `json:"case_id"`
	CaseNo  string `json:"case_no"`
	Round   int    `json:"round"`
	State   string `json:"state"`
	LastSeq int64  `json:"last_seq"` // of its events; 0 when it counts none
}

// reconcile finds what one side has and the other has not, asks again for what was lost or late, and leaves the rest to people.
func (s *Service) reconcile(ctx context.Context, a runArgs) (Run, error) {
	run := Run{System: a.System, Day: a.Day, Started: s.Now()}
	sys, err := s.system(ctx, a.System)
	if err != nil {
		return run, ignoreMissing(err)
	}
	theirs, err := s.theirList(ctx, sys)
	if err != nil {
		run.Reason, _, _ = reason(err)
		return run, errors.Join(err, s.ended(ctx, a, run, nil))
	}
	run.Theirs = len(theirs)
	var found []Difference
	after := ""
	for {
		page, err := s.Cases.HandledIn(ctx, sys.Key, run.Started.Add(-compareBack), after, comparePage)
		if err != nil {
			return run, err
		}
		for _, c := range page {
			run.Ours++
			ds, asked, err := s.compare(ctx, sys, c, theirs)
			if err != nil {
				return run, err
			}
			found, run.Asked = append(found, ds...), run.Asked+asked
			delete(theirs, c.ID)
		}
		if len(page) < comparePage {
			break
		}
		after = page[len(page)-1].ID
	}
	found = append(found, s.strangers(ctx, sys, theirs)...)
	run.Found, run.Ended = len(found), s.Now()
	return run, s.ended(ctx, a, run, found)
}

func (s *Service) ended(ctx context.Context, a runArgs, run Run, found []Difference) error {
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if !a.Again {
			if err := putRunTx(ctx, tx, run); err != nil {
				return err
			}
		}
		if run.Ended.IsZero() { // not reached: what was open stays open
			return nil
		}
		for _, d := range found {
			d.System, d.Seen = run.System, run.Ended
			if err := putDifferenceTx(ctx, tx, d); err != nil {
				return err
			}
		}
		if err := closeDifferencesTx(ctx, tx, run.System, db.Millis(run.Ended)); err != nil || run.Asked == 0 || a.Again {
			return err
		}
		a.Again = true
		key := a.System + ":" + a.Day + ":" + fmt.Sprint(run.Ended.Unix())
		return job.EnqueueTx(ctx, tx, run.Ended, job.Spec{Kind: jobReconcile, Key: key, Args: a, Due: run.Ended.Add(lookAgain)})
	})
}

// theirList reads the other side's cases, page by page.
func (s *Service) theirList(ctx context.Context, sys System) (map[string]Theirs, error) {
	out, after := map[string]Theirs{}, ""
	for range comparePages {
		var page struct {
			Cases []Theirs `json:"cases"`
			Next  string   `json:"next"`
		}
		if err := s.ask(ctx, sys, PathCases, map[string]string{"after": after}, &page); err != nil {
			return nil, err
		}
		for _, t := range page.Cases {
			out[t.CaseID] = t
		}
		if page.Next == "" || page.Next == after {
			return out, nil
		}
		after = page.Next
	}
	return nil, errs.New(errs.Unavailable, "elsewhere.answered_badly")
}

func (s *Service) ask(ctx context.Context, sys System, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	status, answer, err := s.Line.Post(ctx, sys, path, body)
	switch {
	case err != nil:
		return errs.Wrap(err, errs.Unavailable, "elsewhere.line_down")
	case status != 200 || json.Unmarshal(answer, out) != nil:
		return errs.New(errs.Unavailable, "elsewhere.answered_badly")
	}
	return nil
}

// compare finds how the sides differ on one case, and asks again for what that shows to be lost.
func (s *Service) compare(ctx context.Context, sys System, c cases.Case, theirs map[string]Theirs) (found []Difference, asked int, err error) {
	out, err := s.outOfCase(ctx, sys.Key, c.ID)
	if err != nil {
		return nil, 0, err
	}
	in, err := s.inOfCase(ctx, sys.Key, c.ID)
	if err != nil {
		return nil, 0, err
	}
	t, known := theirs[c.ID]
	ours := sideOf(c)
	differ := func(kind, here, there string) {
		found = append(found, Difference{CaseID: c.ID, CaseNo: c.CaseNo, Kind: kind, Ours: here, Theirs: there})
	}
	switch {
	case !known:
		differ(DiffUnknownThere, ours, "")
		asked, err = s.resend(ctx, out, OutSubmitted, OutResubmitted, OutWithdrawn)
	case ours == OutWithdrawn && t.State != OutWithdrawn:
		differ(DiffWithdrawn, ours, t.State)
		asked, err = s.resend(ctx, out, OutWithdrawn)
	case ours == OutDelivered && t.State == string(cases.Decided): // opened on line, and they have not heard of it
		differ(DiffState, ours, t.State)
		asked, err = s.resend(ctx, out, OutDelivered)
	case t.Round < c.Round:
		differ(DiffRound, fmt.Sprint(c.Round), fmt.Sprint(t.Round))
		asked, err = s.resend(ctx, out, OutResubmitted)
	}
	if err != nil || !known {
		return found, asked, err
	}
	if n := heard(in); t.LastSeq > n {
		differ(DiffMissing, fmt.Sprint(n), fmt.Sprint(t.LastSeq))
		more, err := s.fetch(ctx, sys, c.ID, n)
		return found, asked + more, err
	}
	if len(found) == 0 && ours != "" && ours != t.State {
		differ(DiffState, ours, t.State)
	}
	return found, asked, nil
}

// resend lets messages that count as taken, and are not there, be sent once more.
func (s *Service) resend(ctx context.Context, out []Out, kinds ...string) (int, error) {
	n := 0
	for _, o := range out {
		for _, k := range kinds {
			if o.Kind != k || o.State != Sent {
				continue
			}
			o.State, o.Since = Waiting, s.Now()
			if err := s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return setOutTx(ctx, tx, o, Sent) }); err != nil {
				return n, err
			}
			if err := s.wake(ctx, jobPush, o.ID); err != nil {
				return n, err
			}
			n++
		}
	}
	return n, nil
}

// fetch asks for the events of a case after a number; those that have come are known by their message.
func (s *Service) fetch(ctx context.Context, sys System, caseID string, after int64) (int, error) {
	var page struct {
		Events []json.RawMessage `json:"events"`
	}
	if err := s.ask(ctx, sys, PathEvents, map[string]any{"case_id": caseID, "after": after}, &page); err != nil {
		return 0, err
	}
	n := 0
	for _, e := range page.Events {
		t, err := s.Take(ctx, sys, e)
		if err != nil {
			return n, err
		}
		if !t.Again {
			n++
		}
	}
	return n, nil
}

// strangers are cases the other side lists and we did not: old ones, or such as we never gave it.
func (s *Service) strangers(ctx context.Context, sys System, theirs map[string]Theirs) []Difference {
	var out []Difference
	for id, t := range theirs {
		c, err := s.Cases.Head(ctx, id)
		if err == nil && c.HandledBy == sys.Key {
			continue
		}
		out = append(out, Difference{CaseID: id, CaseNo: t.CaseNo, Kind: DiffUnknownHere, Theirs: t.State})
	}
	return out
}

// sideOf is a case's state in the words both sides share.
func sideOf(c cases.Case) string {
	switch c.State {
	case cases.Reviewing:
		return string(cases.Accepted)
	case cases.Certified:
		return string(cases.Decided)
	case cases.Concluded:
		return string(cases.Delivered)
	case cases.Archived:
		if c.Delivered.IsZero() {
			return "" // how it ended is not in its head
		}
		return string(cases.Delivered)
	}
	return string(c.State)
}
