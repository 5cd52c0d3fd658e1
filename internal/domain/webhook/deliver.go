package webhook

import (
	"context"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/event"
	"tongban/internal/base/ident"
)

// Delivery is one event for one subscription.
type Delivery struct {
	ID, Sub, EventID, Topic string
	CaseID, CaseNo          string
	Replay                  string // of a replay; empty the first time
	State                   string
	Attempts                int
	Made, Next, Ended       time.Time
	Status                  int
	Why                     string

	expire, lease time.Time
}

// The states of a delivery.
const (
	Waiting = "waiting"
	Sending = "sending"
	Done    = "done"
	Dead    = "dead"   // parked: not taken for three days
	Resent  = "resent" // was parked and has been queued again
)

// Attempt is one POST and what came of it.
type Attempt struct {
	ID       string
	Delivery string // empty for a test message
	At       time.Time
	Took     time.Duration
	Status   int
	Why      string
	Text     string // first characters of the answer
}

// clientOff is how long messages for a system that is suspended wait before anybody looks again.
const clientOff = 10 * time.Minute

// The reasons that are not of a POST.
const (
	whyExpired = "expired" // three days passed before it could be tried (again)
	whyLost    = "lost"    // the event is not there any more
)

// deliver sends a claimed delivery and writes what came of it.
func (s *Service) deliver(ctx context.Context, t Target, d Delivery) error {
	if t.Client != "" {
		if _, active, err := s.Client(ctx, t.Client); err != nil || !active {
			return s.putOff(ctx, d, s.Now().Add(clientOff), "client")
		}
	}
	e, err := event.Find(ctx, s.DB.R(), d.EventID)
	if db.NoRows(err) {
		return s.park(ctx, d, whyLost)
	}
	if err != nil {
		return err
	}
	body, err := s.body(e)
	if err != nil {
		return s.park(ctx, d, whyLost)
	}
	at, err := s.post(ctx, t.Subscription, d.EventID, body)
	if err != nil {
		return err
	}
	at.Delivery = d.ID
	return s.outcome(ctx, t, d, at)
}

// post signs and sends; the error is ours, what the target did stands in the attempt.
func (s *Service) post(ctx context.Context, x Subscription, id string, body []byte) (Attempt, error) {
	now := s.Now()
	secrets, err := secretsOf(ctx, s.DB.R(), x.ID, now)
	if err != nil {
		return Attempt{}, err
	}
	sig, err := s.signatures(secrets, id, now, body)
	if err != nil {
		return Attempt{}, err
	}
	got := s.Send.Post(ctx, Message{URL: x.URL, ID: id, At: now, Signature: sig, Body: body})
	return Attempt{ID: ident.New(), At: now, Took: s.Now().Sub(now), Status: got.Status, Why: got.Why, Text: got.Text}, nil
}

// outcome writes an attempt, the delivery's new state and how the target does, together.
func (s *Service) outcome(ctx context.Context, t Target, d Delivery, at Attempt) error {
	now := s.Now()
	d.Status, d.Why, d.State, d.Next, d.Ended = at.Status, at.Why, Done, now, now
	if at.Why != "" {
		d.State, d.Next, d.Ended = Waiting, now.Add(s.backoff(d.Attempts)), time.Time{}
		if !d.Next.Before(d.expire) {
			d.State, d.Ended = Dead, now
		}
	}
	return s.DB.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.insertAttempt(ctx, tx, t.ID, at); err != nil {
			return err
		}
		ours, err := settle(ctx, tx, d)
		if err != nil {
			return err
		}
		if at.Why != "" {
			if !ours { // another node took over after our lease; its outcome counts
				return nil
			}
			return s.failed(ctx, tx, t, now, at.Why)
		}
		if err := healthy(ctx, tx, t.ID, now); err != nil || t.Health.PausedSince.IsZero() {
			return err
		}
		return hurry(ctx, tx, t.ID, now)
	})
}

// park gives a delivery up without an attempt.
func (s *Service) park(ctx context.Context, d Delivery, why string) error {
	d.State, d.Why, d.Ended = Dead, why, s.Now()
	return s.DB.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := settle(ctx, tx, d)
		return err
	})
}

// putOff gives a delivery back untried.
func (s *Service) putOff(ctx context.Context, d Delivery, until time.Time, why string) error {
	d.State, d.Why, d.Next, d.Attempts = Waiting, why, until, d.Attempts-1
	return s.DB.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := settle(ctx, tx, d)
		return err
	})
}

// failed counts a failure; the last of too many in a row pauses the target.
func (s *Service) failed(ctx context.Context, tx *db.Tx, t Target, now time.Time, why string) error {
	if t.Health.PausedSince.IsZero() && t.Health.Failures+1 >= s.PauseAfter {
		s.Log.Warn("webhook target paused", "subscription", t.ID, "agency", t.Agency, "why", why)
	}
	wait := min(time.Minute<<min(t.Health.probes, 5), probeMost)
	return unhealthy(ctx, tx, t.ID, now, now.Add(s.spread(wait)), s.PauseAfter, why)
}

const probeMost = 30 * time.Minute

// steps are the pauses after the first, second … failed attempt; the last goes on.
var steps = []time.Duration{
	5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 6 * time.Hour,
}

func (s *Service) backoff(attempt int) time.Duration {
	return s.spread(steps[min(max(attempt, 1), len(steps))-1])
}

// spread makes a pause up to a fifth shorter or longer, so that what failed together does not come again together.
func (s *Service) spread(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.8 + 0.4*s.Jitter()))
}

// Try sends a test message to a target, whatever its state, and tells what came of it; it counts neither as failure nor as success.
func (s *Service) Try(ctx context.Context, a authz.Actor, id string) (Attempt, error) {
	x, err := s.own(ctx, a, id)
	if err != nil {
		return Attempt{}, err
	}
	message := ident.New()
	body, err := s.testBody(message, x.ID)
	if err != nil {
		return Attempt{}, err
	}
	at, err := s.post(ctx, x, message, body)
	if err != nil {
		return at, err
	}
	return at, s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.insertAttempt(ctx, tx, id, at); err != nil {
			return err
		}
		return s.record(ctx, tx, at.At, a, "test", id, "")
	})
}
