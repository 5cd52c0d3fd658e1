package event

import (
	"context"
	"embed"
	"encoding/json"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/ident"
	"tongban/internal/base/job"
)

//go:embed migrations/*.sql
var files embed.FS

// Schema is the outbox's tables.
var Schema = db.Room{Name: "event", Files: files}

// Event is a typed fact; Topic is "<room>.<what>".
type Event interface{ Topic() string }

// Stored is an event as a listener gets it.
type Stored struct {
	ID, Topic string
	At        time.Time
	Data      json.RawMessage
}

// Decode reads a stored event back into its type.
func Decode[E Event](s Stored) (E, error) {
	var e E
	err := json.Unmarshal(s.Data, &e)
	return e, err
}

// DeliverKind is the kind of the jobs that carry events to listeners.
const DeliverKind = "event.deliver"

type deliverArgs struct {
	ID string `json:"id"`
}

// Publish writes an event and the job that delivers it, in the caller's transaction.
func Publish(ctx context.Context, tx *db.Tx, now time.Time, e Event) error {
	data, err := json.Marshal(e)
	if err != nil {
		return err
	}
	id := ident.New()
	if _, err := tx.ExecContext(ctx, `INSERT INTO event_event (id, topic, data, at_ms) VALUES ($1, $2, $3, $4)`, id, e.Topic(), string(data), now.UnixMilli()); err != nil {
		return err
	}
	return job.EnqueueTx(ctx, tx, now, job.Spec{Kind: DeliverKind, Key: id, Args: deliverArgs{id}, Tries: 100})
}

func find(ctx context.Context, q db.Q, id string) (Stored, error) {
	s := Stored{ID: id}
	var data string
	var at int64
	err := q.QueryRowContext(ctx, `SELECT topic, data, at_ms FROM event_event WHERE id = $1`, id).Scan(&s.Topic, &data, &at)
	s.Data, s.At = json.RawMessage(data), time.UnixMilli(at)
	return s, db.Classify(err)
}

// markSeen notes the delivery; false means that this listener has had the event.
func markSeen(ctx context.Context, tx *db.Tx, id, listener string) (bool, error) {
	r, err := tx.ExecContext(ctx, `INSERT INTO event_seen (event_id, listener) VALUES ($1, $2) ON CONFLICT (event_id, listener) DO NOTHING`, id, listener)
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n == 1, err
}
