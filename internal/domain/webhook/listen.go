package webhook

import (
	"context"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/event"
)

// listener names the room's listeners: prefix and topic.
const listener = "webhook."

// Keep is how long a delivery is tried before it is parked.
const Keep = 72 * time.Hour

// Listeners hear of every topic that may be subscribed to.
func (s *Service) Listeners() []event.Listener {
	var out []event.Listener
	for _, topic := range TopicNames() {
		out = append(out, event.Listener{Name: listener + topic, Topic: topic, Handle: s.fanOut})
	}
	return out
}

// fanOut queues an event for every subscription that wants it, in the transaction in which it is heard of.
func (s *Service) fanOut(ctx context.Context, tx *db.Tx, e event.Stored) error {
	f, err := factsOf(e)
	if err != nil { // unreadable now and for ever; the event itself stays where it is
		s.Log.Error("webhook: event cannot be read", "event", e.ID, "topic", e.Topic, "err", err)
		return nil
	}
	subs, err := s.hearing(ctx, tx, f.Agency)
	if err != nil {
		return err
	}
	now := s.Now()
	for _, x := range subs {
		if !s.wants(ctx, x, e.Topic, f) {
			continue
		}
		if err := queue(ctx, tx, x.ID, e, f, "", now, now.Add(Keep)); err != nil {
			return err
		}
	}
	return nil
}
