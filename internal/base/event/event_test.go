package event_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"testing"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
)

type accepted struct{ CaseID string }

func (accepted) Topic() string { return "cases.accepted" }

func TestEveryListenerTakesEffectOnce(t *testing.T) {
	dbtest.Each(t, []db.Room{job.Schema, event.Schema}, func(t *testing.T, d *db.DB) {
		now := time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)
		clock := func() time.Time { return now }
		fails := true
		got := map[string]int{}
		r := job.NewRunner(d, clock, slog.New(slog.NewTextHandler(io.Discard, nil)))
		bus := event.NewBus(d,
			event.Listener{Name: "steady", Topic: "cases.accepted", Handle: func(_ context.Context, _ *db.Tx, s event.Stored) error {
				e, err := event.Decode[accepted](s)
				got["steady "+e.CaseID]++
				return err
			}},
			event.Listener{Name: "shaky", Topic: "cases.accepted", Handle: func(context.Context, *db.Tx, event.Stored) error {
				if fails {
					return errors.New("away")
				}
				got["shaky"]++
				return nil
			}},
			event.Listener{Name: "deaf", Topic: "cases.decided", Handle: func(context.Context, *db.Tx, event.Stored) error { got["deaf"]++; return nil }})
		r.Handle(event.DeliverKind, bus.Deliver)
		if err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return event.Publish(ctx, tx, now, accepted{"c1"}) }); err != nil {
			t.Fatal(err)
		}
		_ = d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error { // rolled back: nobody must hear of it
			_ = event.Publish(ctx, tx, now, accepted{"c2"})
			return errors.New("no")
		})
		for range 3 {
			if err := r.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			now = now.Add(time.Hour)
			fails = false
		}
		if got["steady c1"] != 1 || got["shaky"] != 1 || len(got) != 2 {
			t.Errorf("deliveries = %v", got)
		}
		dbtest.WantCounts(t, d, map[string]int{"event_event": 1, "event_seen": 2})
	})
}
