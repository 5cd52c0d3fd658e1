package elsewhere

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/domain/cases"
)

// Listeners hear what the applicant does to a case that another system handles.
func (s *Service) Listeners() []event.Listener {
	on := func(kind string, e event.Event) event.Listener {
		return event.Listener{Name: "elsewhere." + kind, Topic: e.Topic(), Handle: func(ctx context.Context, tx *db.Tx, e event.Stored) error { return s.tell(ctx, tx, kind, e) }}
	}
	return []event.Listener{
		on(OutSubmitted, cases.SubmittedEvent{}), on(OutResubmitted, cases.ResubmittedEvent{}),
		on(OutWithdrawn, cases.WithdrawnEvent{}), on(OutDelivered, cases.DeliveredEvent{}),
	}
}

// tell writes the message an event calls for, and the job that sends it.
func (s *Service) tell(ctx context.Context, tx *db.Tx, kind string, e event.Stored) error {
	var f struct {
		cases.Fact
		Round int `json:"round"`
	}
	if err := json.Unmarshal(e.Data, &f); err != nil {
		return err
	}
	c, err := s.Cases.Head(ctx, f.CaseID)
	if errs.KindOf(err) == errs.NotFound {
		return nil
	}
	if err != nil || c.HandledBy == "" || strings.HasPrefix(f.By, "system:") { // they know what they did themselves
		return err
	}
	if f.Round == 0 {
		f.Round = c.Round
	}
	if kind == OutSubmitted {
		f.Round = 1
	}
	now := s.Now()
	o := Out{ID: e.ID, System: c.HandledBy, CaseID: c.ID, CaseNo: c.CaseNo, Kind: kind, Round: f.Round, At: f.At, State: Waiting, Created: now}
	if err := putOutTx(ctx, tx, o); err != nil {
		return err
	}
	return job.EnqueueTx(ctx, tx, now, job.Spec{Kind: jobPush, Key: o.ID, Args: idArgs{o.ID}, Tries: tries})
}

// push sends a message, after those of its case that come before it and before those that wait for it.
func (s *Service) push(ctx context.Context, id string) error {
	o, err := s.out(ctx, id)
	if err != nil || o.State != Waiting {
		return ignoreMissing(err)
	}
	sys, err := s.system(ctx, o.System)
	if errs.KindOf(err) == errs.NotFound || err == nil && sys.Disabled {
		return s.tried(ctx, o, System{Park: defaultPark}, errs.New(errs.Unavailable, "elsewhere.not_connected"), "")
	}
	if err != nil {
		return err
	}
	all, err := s.outOfCase(ctx, o.System, o.CaseID)
	if err != nil {
		return err
	}
	for _, m := range all {
		switch m.State {
		case Parked: // what comes after it must not overtake it; doing it again by hand sends the rest
			return nil
		case Waiting:
			if sent, err := s.send(ctx, sys, m); err != nil || !sent {
				return err
			}
		}
	}
	return nil
}

func ignoreMissing(err error) error {
	if errs.KindOf(err) == errs.NotFound {
		return nil
	}
	return err
}

// pushed is a message as it goes out.
type pushed struct {
	MessageID string        `json:"message_id"`
	Kind      string        `json:"kind"`
	At        time.Time     `json:"at"`
	CaseID    string        `json:"case_id"`
	CaseNo    string        `json:"case_no"`
	Round     int           `json:"round"`
	Case      *cases.Handed `json:"case,omitempty"`
}

// PathMessages, PathCases and PathEvents are where another system is asked, under its address.
const (
	PathMessages = "/messages"
	PathCases    = "/cases"
	PathEvents   = "/events"
)

// hopeless are HTTP answers that no further try can change: bad request, not found, too large, unprocessable.
var hopeless = map[int]bool{400: true, 404: true, 413: true, 422: true}

// send tries one message; false without an error means that it was parked. An error means that it is to be tried again.
func (s *Service) send(ctx context.Context, sys System, o Out) (bool, error) {
	p := pushed{MessageID: o.ID, Kind: o.Kind, At: o.At, CaseID: o.CaseID, CaseNo: o.CaseNo, Round: o.Round}
	if o.Kind == OutSubmitted || o.Kind == OutResubmitted {
		h, err := s.Cases.Hand(ctx, o.System, o.CaseID, o.Round)
		if err != nil {
			return false, err
		}
		p.Case = &h
	}
	body, err := json.Marshal(p)
	if err != nil {
		return false, err
	}
	status, _, err := s.Line.Post(ctx, sys, PathMessages, body)
	switch {
	case err != nil:
		return false, s.tried(ctx, o, sys, errs.Wrap(err, errs.Unavailable, "elsewhere.line_down"), "")
	case status/100 == 2:
		was := o.State
		o.State, o.Tries, o.Reason, o.Detail, o.SentAt = Sent, o.Tries+1, "", "", s.Now()
		return true, s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return ignoreMissing(setOutTx(ctx, tx, o, was)) })
	case hopeless[status]:
		// No further try can help: they have read it and will not take it.
		return false, s.tried(ctx, o, System{}, errs.New(errs.Invalid, "elsewhere.not_taken"), fmt.Sprintf("HTTP %d", status))
	}
	return false, s.tried(ctx, o, sys, errs.New(errs.Unavailable, "elsewhere.answered_badly"), fmt.Sprintf("HTTP %d", status))
}

// tried notes a try that failed; when a message has been tried for too long it is parked, and the job ends.
func (s *Service) tried(ctx context.Context, o Out, sys System, cause error, detail string) error {
	was, now := o.State, s.Now()
	key, _, _ := reason(cause)
	o.Tries, o.Reason, o.Detail = o.Tries+1, key, detail
	if parked := now.Sub(o.Since) >= sys.Park; parked {
		o.State, cause = Parked, nil
	}
	err := s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return ignoreMissing(setOutTx(ctx, tx, o, was)) })
	return errors.Join(err, cause)
}
