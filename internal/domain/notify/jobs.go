package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
)

// The kinds of this room's jobs.
const (
	SendKind   = "notify.sms"
	ReportKind = "notify.report"
)

type sendArgs struct {
	ID string `json:"id"`
	N  int    `json:"n,omitempty"` // how often a report was asked for
}

// Workers are the room's workers by kind, for package app to register.
func (s *Service) Workers() map[string]job.Worker {
	return map[string]job.Worker{SendKind: s.send, ReportKind: s.ask}
}

// unsureTries is how often a provider that may have taken a message is asked again before another gets it: a person then may read it twice,
// which is better than not at all.
const unsureTries = 3

// Codes of ours for messages that failed.
const (
	codeLate       = "too_late"
	codeNoProvider = "no_provider"
	codeUnreadable = "unreadable"
)

func (s *Service) send(ctx context.Context, j job.Job) error {
	var a sendArgs
	if err := json.Unmarshal(j.Args, &a); err != nil {
		return job.Permanent(err)
	}
	m, err := find(ctx, s.db.R(), a.ID)
	if errs.KindOf(err) == errs.NotFound {
		return job.Permanent(err)
	}
	if err != nil || m.state != Queued {
		return err
	}
	if m.until > 0 && s.now().UnixMilli() > m.until {
		return s.fail(ctx, m, m.provider, codeLate)
	}
	sms, err := s.sms(m)
	if err != nil {
		return errors.Join(job.Permanent(err), s.fail(ctx, m, "", codeUnreadable))
	}
	return s.hand(ctx, j, m, sms)
}

func (s *Service) sms(m row) (SMS, error) {
	b, err := s.open(m.id, m.body)
	if err != nil {
		return SMS{}, err
	}
	phone, err := s.vault.OpenText("notify_message.phone."+m.id, m.phone)
	return SMS{ID: m.id, Phone: phone, Template: m.template, Sign: b.Sign, Text: b.SMS, Params: b.Params}, err
}

// hand tries the gateways in turn, beginning with the one that may already have the message.
func (s *Service) hand(ctx context.Context, j job.Job, m row, sms SMS) error {
	var failed []error
	last := codeNoProvider
	for _, g := range s.order(m.provider, j.Attempt) {
		id, err := g.Send(ctx, sms)
		if err == nil {
			return s.handed(ctx, m, g.Name(), id)
		}
		failed = append(failed, fmt.Errorf("%s: %w", g.Name(), err))
		var se *SendError
		if !errors.As(err, &se) {
			continue
		}
		last = se.Code
		if se.Permanent {
			return s.fail(ctx, m, g.Name(), se.Code)
		}
		if se.Unsure && j.Attempt < unsureTries {
			failed = append(failed, s.remember(ctx, m, g.Name()))
			break
		}
	}
	if j.Attempt >= j.Tries {
		failed = append(failed, s.fail(ctx, m, "", last))
	}
	if len(failed) == 0 {
		return errors.New("no provider of text messages is set up")
	}
	return errors.Join(failed...)
}

// order puts the gateway that may have the message first, while it is worth asking again.
func (s *Service) order(provider string, attempt int) []Gateway {
	i := slices.IndexFunc(s.gateways, func(g Gateway) bool { return g.Name() == provider })
	if i <= 0 {
		return s.gateways
	}
	if attempt > unsureTries {
		return s.gateways
	}
	out := []Gateway{s.gateways[i]}
	return append(append(out, s.gateways[:i]...), s.gateways[i+1:]...)
}

// remember notes which provider may have the message.
func (s *Service) remember(ctx context.Context, m row, provider string) error {
	return s.db.TxQueue(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := move(ctx, tx, m.id, progress{state: Queued, provider: provider, at: s.now()}, Queued, Queued)
		return err
	})
}

// askAfter are the pauses between questions about a message of which no report came in.
var askAfter = []time.Duration{2 * time.Minute, 10 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour}

// handed notes that a provider took the message. If its report was faster, the row is left as the report made it.
func (s *Service) handed(ctx context.Context, m row, provider, providerID string) error {
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := s.now()
		ok, err := move(ctx, tx, m.id, progress{state: Sent, provider: provider, providerID: providerID, at: now}, Queued, Queued)
		if err != nil || !ok {
			return err
		}
		return s.askLater(ctx, tx, now, sendArgs{ID: m.id})
	})
}

func (s *Service) askLater(ctx context.Context, tx *db.Tx, now time.Time, a sendArgs) error {
	if a.N >= len(askAfter) {
		return nil
	}
	return job.EnqueueTx(ctx, tx, now, job.Spec{Kind: ReportKind, Key: fmt.Sprintf("%s:%d", a.ID, a.N), Args: a, Due: now.Add(askAfter[a.N])})
}

// ask asks the provider what became of a message.
func (s *Service) ask(ctx context.Context, j job.Job) error {
	var a sendArgs
	if err := json.Unmarshal(j.Args, &a); err != nil {
		return job.Permanent(err)
	}
	m, err := find(ctx, s.db.R(), a.ID)
	if errs.KindOf(err) == errs.NotFound {
		return job.Permanent(err)
	}
	if err != nil || m.state != Sent {
		return err
	}
	i := slices.IndexFunc(s.gateways, func(g Gateway) bool { return g.Name() == m.provider })
	if i < 0 {
		return nil // the provider is no longer in use; the message stays sent
	}
	r, err := s.gateways[i].Report(ctx, m.id)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if r.State == Delivered || r.State == Failed {
			return s.end(ctx, tx, r)
		}
		return s.askLater(ctx, tx, s.now(), sendArgs{ID: a.ID, N: a.N + 1})
	})
}

// end writes a report's outcome. A report may come before our own note that the provider took the message.
func (s *Service) end(ctx context.Context, tx *db.Tx, r Report) error {
	if r.State != Delivered && r.State != Failed {
		return nil
	}
	m, err := find(ctx, tx, r.MessageID)
	if errs.KindOf(err) == errs.NotFound || err == nil && m.channel != bySMS {
		return nil
	}
	if err != nil {
		return err
	}
	return s.close(ctx, tx, m, progress{state: r.State, provider: r.Provider, providerID: r.ProviderID, problem: clip(r.Problem, 60), at: s.now()})
}

func (s *Service) fail(ctx context.Context, m row, provider, code string) error {
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return s.close(ctx, tx, m, progress{state: Failed, provider: provider, problem: clip(code, 60), at: s.now()})
	})
}

// close ends a text message, once.
func (s *Service) close(ctx context.Context, tx *db.Tx, m row, p progress) error {
	ok, err := move(ctx, tx, m.id, p, Queued, Sent)
	if err != nil || !ok || p.state != Failed {
		return err
	}
	return event.Publish(ctx, tx, p.at, FailedEvent{MessageID: m.id, Key: m.key})
}
