package event

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"tongban/internal/base/db"
	"tongban/internal/base/job"
)

// Listener reacts to one topic. Name is unique and never changes: it stands in event_seen. Handle works in tx only.
type Listener struct {
	Name, Topic string
	Handle      func(ctx context.Context, tx *db.Tx, s Stored) error
}

// Bus delivers events to listeners.
type Bus struct {
	d      *db.DB
	topics map[string][]Listener
}

// NewBus makes a bus. Two listeners of one name are a mistake of the wiring and panic.
func NewBus(d *db.DB, ls ...Listener) *Bus {
	b := &Bus{d: d, topics: map[string][]Listener{}}
	names := map[string]bool{}
	for _, l := range ls {
		if names[l.Name] {
			panic("event: two listeners named " + l.Name)
		}
		names[l.Name] = true
		b.topics[l.Topic] = append(b.topics[l.Topic], l)
	}
	return b
}

// Deliver is the worker for DeliverKind. A listener that fails does not hold up the others; the job is tried again for it alone.
func (b *Bus) Deliver(ctx context.Context, j job.Job) error {
	var a deliverArgs
	if err := json.Unmarshal(j.Args, &a); err != nil {
		return job.Permanent(err)
	}
	s, err := find(ctx, b.d.R(), a.ID)
	if err != nil {
		return err
	}
	var failed []error
	for _, l := range b.topics[s.Topic] {
		if err := b.one(ctx, l, s); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", l.Name, err))
		}
	}
	return errors.Join(failed...)
}

func (b *Bus) one(ctx context.Context, l Listener, s Stored) error {
	return b.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		first, err := markSeen(ctx, tx, s.ID, l.Name)
		if err != nil || !first {
			return err
		}
		return l.Handle(ctx, tx, s)
	})
}
