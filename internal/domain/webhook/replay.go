package webhook

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
	"tongban/internal/base/job"
)

// Replay is a wish to have events again.
type Replay struct {
	ID, Sub     string
	OnlyDead    bool // what is parked
	From, Until time.Time
	Found       int
	State       string // running, done
	By          string // staff id
	Made        time.Time

	next time.Time
}

// ReplayKind is the kind of the jobs that queue what is to be sent again.
const ReplayKind = "webhook.replay"

const (
	longestReplay = 90 * 24 * time.Hour
	replaySpan    = 10 * time.Minute // of events queued in one transaction
	replayBatch   = 200              // parked deliveries queued in one transaction
	replaySteps   = 50               // transactions of one job
)

// Page is a part of a list; Next is where to go on, empty at the end.
type Page struct {
	Deliveries []Delivery
	Next       string
}

// Filter narrows the list of deliveries.
type Filter struct {
	State  string
	CaseNo string
	After  string
	Limit  int
}

func errNoDelivery() error { return errs.New(errs.NotFound, "webhook.no_delivery") }

// Deliveries lists what was sent or waits, newest first.
func (s *Service) Deliveries(ctx context.Context, a authz.Actor, id string, f Filter) (Page, error) {
	if _, err := s.own(ctx, a, id); err != nil {
		return Page{}, err
	}
	if f.Limit < 1 || f.Limit > 100 {
		f.Limit = 50
	}
	after, err := db.ParseCursor(f.After, 1)
	if err != nil {
		return Page{}, err
	}
	before := ""
	if after != nil {
		before = after[0]
	}
	ds, err := listed(ctx, s.DB.R(), id, f.State, f.CaseNo, before, f.Limit+1)
	p := Page{Deliveries: ds}
	if len(ds) > f.Limit {
		p.Deliveries, p.Next = ds[:f.Limit], db.Cursor(ds[f.Limit-1].ID)
	}
	return p, err
}

// Delivery gives one with its attempts, newest first.
func (s *Service) Delivery(ctx context.Context, a authz.Actor, id, delivery string) (Delivery, []Attempt, error) {
	if _, err := s.own(ctx, a, id); err != nil {
		return Delivery{}, nil, err
	}
	d, err := findDelivery(ctx, s.DB.R(), id, delivery)
	if err != nil {
		return d, nil, err
	}
	as, err := s.attemptsOf(ctx, s.DB.R(), d.ID)
	return d, as, err
}

// Again queues one delivery that was taken or parked once more; it gives the new one's id. One that is still waiting is errs.Conflict.
func (s *Service) Again(ctx context.Context, a authz.Actor, id, delivery string) error {
	if _, err := s.own(ctx, a, id); err != nil {
		return err
	}
	now := s.Now()
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		d, err := findDelivery(ctx, tx, id, delivery)
		if err != nil {
			return err
		}
		if d.State == Waiting || d.State == Sending {
			return errs.New(errs.Conflict, "webhook.still_waiting")
		}
		if err := again(ctx, tx, d, ident.New(), now); err != nil {
			return err
		}
		return s.record(ctx, tx, now, a, "again", id, "")
	})
}

// again queues a copy of a delivery; a parked one counts no longer as parked.
func again(ctx context.Context, tx *db.Tx, d Delivery, replay string, now time.Time) error {
	e := event.Stored{ID: d.EventID, Topic: d.Topic}
	if err := queue(ctx, tx, d.Sub, e, facts{CaseID: d.CaseID, CaseNo: d.CaseNo}, replay, now, now.Add(Keep)); err != nil {
		return err
	}
	return unpark(ctx, tx, d.ID)
}

// Replay queues events again: all that the subscription wants, as it is now, from a time on, also those from before it was made; or only what is
// parked. Work is done by a job. The error is webhook.invalid, field from.
func (s *Service) Replay(ctx context.Context, a authz.Actor, id string, from time.Time, onlyDead bool) (Replay, error) {
	if _, err := s.own(ctx, a, id); err != nil {
		return Replay{}, err
	}
	now := s.Now()
	if !onlyDead && (from.After(now) || from.Before(now.Add(-longestReplay))) {
		return Replay{}, errs.Fields("webhook.invalid", []errs.Field{{Path: "from", Key: "webhook.from_bad", Params: errs.P{"days": int(longestReplay.Hours() / 24)}}})
	}
	r := Replay{ID: ident.New(), Sub: id, OnlyDead: onlyDead, From: from, Until: now, State: "running", By: a.StaffID, Made: now, next: from}
	return r, s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		open, err := replaysOf(ctx, tx, id, 1)
		if err != nil {
			return err
		}
		if len(open) > 0 && open[0].State == "running" {
			return errs.New(errs.Conflict, "webhook.replay_running")
		}
		if err := insertReplay(ctx, tx, r); err != nil {
			return err
		}
		if err := enqueue(ctx, tx, now, r, 0); err != nil {
			return err
		}
		what := "dead"
		if !onlyDead {
			what = from.UTC().Format(time.RFC3339)
		}
		return s.record(ctx, tx, now, a, "replay", id, what)
	})
}

// Replays lists the last ones, newest first.
func (s *Service) Replays(ctx context.Context, a authz.Actor, id string) ([]Replay, error) {
	if _, err := s.own(ctx, a, id); err != nil {
		return nil, err
	}
	return replaysOf(ctx, s.DB.R(), id, 20)
}

type replayArgs struct {
	ID   string `json:"id"`
	Step int    `json:"step"`
}

func enqueue(ctx context.Context, tx *db.Tx, now time.Time, r Replay, step int) error {
	return job.EnqueueTx(ctx, tx, now, job.Spec{Kind: ReplayKind, Key: r.ID + ":" + strconv.Itoa(step), Args: replayArgs{r.ID, step}, Tries: 50})
}

// Workers are the room's jobs.
func (s *Service) Workers() map[string]job.Worker {
	return map[string]job.Worker{ReplayKind: s.replayJob}
}

// replayJob queues some of what is to be sent again, and arms the next job where there is more. Each transaction moves the replay on, so that a job
// that runs twice queues nothing twice.
func (s *Service) replayJob(ctx context.Context, j job.Job) error {
	var a replayArgs
	if err := json.Unmarshal(j.Args, &a); err != nil {
		return job.Permanent(err)
	}
	for range replaySteps {
		more, err := s.replayStep(ctx, a.ID)
		if err != nil || !more {
			return err
		}
	}
	return s.DB.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		return enqueue(ctx, tx, s.Now(), Replay{ID: a.ID}, a.Step+1)
	})
}

func (s *Service) replayStep(ctx context.Context, id string) (more bool, err error) {
	err = s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		more = false
		r, err := findReplay(ctx, tx, id)
		if err != nil || r.State != "running" {
			return err
		}
		step := s.replayEvents
		if r.OnlyDead {
			step = s.replayDead
		}
		next, err := step(ctx, tx, &r)
		if err != nil {
			return err
		}
		if more = !next.IsZero(); !more {
			r.State = "done"
		} else {
			r.next = next
		}
		return moveReplay(ctx, tx, r)
	})
	return more, err
}

func (s *Service) replayEvents(ctx context.Context, tx *db.Tx, r *Replay) (time.Time, error) {
	x, err := s.find(ctx, tx, r.Sub)
	if err != nil {
		return time.Time{}, err
	}
	es, next, err := event.Page(ctx, tx, TopicNames(), r.next, r.Until, replaySpan)
	if err != nil {
		return time.Time{}, err
	}
	now := s.Now()
	for _, e := range es {
		f, err := factsOf(e)
		if err != nil || x.Agency != f.Agency && !x.Wide || !s.wants(ctx, x, e.Topic, f) {
			continue
		}
		if err := queue(ctx, tx, x.ID, e, f, r.ID, now, now.Add(Keep)); err != nil {
			return time.Time{}, err
		}
		r.Found++
	}
	return next, nil
}

func (s *Service) replayDead(ctx context.Context, tx *db.Tx, r *Replay) (time.Time, error) {
	ds, err := parked(ctx, tx, r.Sub, r.Until, replayBatch)
	if err != nil || len(ds) == 0 {
		return time.Time{}, err
	}
	for _, d := range ds {
		if err := again(ctx, tx, d, r.ID, s.Now()); err != nil {
			return time.Time{}, err
		}
	}
	r.Found += len(ds)
	return r.Until, nil
}
