package webhook

import (
	"context"
	"sync"
	"time"

	"tongban/internal/base/event"
)

const (
	pause    = 300 * time.Millisecond // between looks for work
	targets  = 32                     // served at once by one node
	perSend  = 4                      // messages under way to one target from one node, each of another case
	lease    = 2 * time.Minute        // of a claimed delivery; a POST takes seconds
	lateJobs = 2 * time.Hour          // how long the delivery of an event to listeners may be put off after a failure, and more
)

// Run sends what is due until ctx ends. Any number of nodes may. A target that hangs holds up nobody else's messages.
func (s *Service) Run(ctx context.Context) {
	p := &pump{s: s, busy: map[string]bool{}, slots: make(chan struct{}, targets)}
	for ctx.Err() == nil {
		if err := p.look(ctx); err != nil && ctx.Err() == nil {
			s.Log.Warn("webhooks", "err", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
	p.wg.Wait()
}

// Drain sends until nothing is due; for tests and commands.
func (s *Service) Drain(ctx context.Context) error {
	p := &pump{s: s, busy: map[string]bool{}, slots: make(chan struct{}, targets)}
	for {
		p.sent = 0
		if err := p.look(ctx); err != nil {
			return err
		}
		p.wg.Wait()
		if p.sent == 0 {
			return nil
		}
	}
}

type pump struct {
	s     *Service
	slots chan struct{}
	wg    sync.WaitGroup

	mu   sync.Mutex
	busy map[string]bool
	sent int
}

// look begins to serve every target that something is due for and that is not being served yet.
func (p *pump) look(ctx context.Context) error {
	if err := p.s.expire(ctx, p.s.Now()); err != nil {
		return err
	}
	subs, err := p.s.due(ctx, p.s.DB.R(), p.s.Now())
	if err != nil {
		return err
	}
	for _, t := range subs {
		if !p.begin(t.ID) {
			continue
		}
		p.wg.Go(func() {
			p.slots <- struct{}{}
			n, err := p.s.serve(context.WithoutCancel(ctx), ctx, t.ID)
			<-p.slots
			if err != nil {
				p.s.Log.Warn("webhook", "subscription", t.ID, "err", err)
			}
			p.end(t.ID, n)
		})
	}
	return nil
}

func (p *pump) begin(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.busy[id] {
		return false
	}
	p.busy[id] = true
	return true
}

func (p *pump) end(id string, n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.busy, id)
	p.sent += n
}

// serve sends to one target until nothing is due for it, it is paused, or stop ends; messages under way are finished on ctx.
func (s *Service) serve(ctx, stop context.Context, id string) (sent int, err error) {
	for stop.Err() == nil {
		// Everything older than an event that the room has not heard of yet may go; the rest waits, so that a case's events cannot overtake each other.
		behind, err := event.Behind(ctx, s.DB.R(), TopicNames(), listener, s.Now().Add(lateJobs))
		if err != nil {
			return sent, err
		}
		t, batch, err := s.claimDue(ctx, id, behind)
		if err != nil || len(batch) == 0 {
			return sent, err
		}
		var wg sync.WaitGroup
		for _, d := range batch {
			wg.Go(func() {
				if err := s.deliver(ctx, t, d); err != nil {
					s.Log.Warn("webhook: outcome not written; it will be sent again", "delivery", d.ID, "err", err)
				}
			})
		}
		wg.Wait()
		sent += len(batch)
	}
	return sent, nil
}

// claimDue takes deliveries of a target: some of different cases, or one to probe a paused target with.
func (s *Service) claimDue(ctx context.Context, id, behind string) (Target, []Delivery, error) {
	all, err := s.targets(ctx, s.DB.R(), id)
	if err != nil || len(all) == 0 || all[0].State != On {
		return Target{}, nil, err
	}
	t, now := all[0], s.Now()
	if !t.Health.PausedSince.IsZero() {
		if now.Before(t.Health.Probe) {
			return t, nil, nil
		}
		got, err := s.claim(ctx, t, behind, now, 1)
		return t, got, err
	}
	got, err := s.claim(ctx, t, behind, now, perSend)
	return t, got, err
}
