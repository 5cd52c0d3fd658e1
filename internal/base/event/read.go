package event

import (
	"context"
	"time"

	"tongban/internal/base/db"
)

// Find reads one event; errs as [db.Classify] gives them, db.NoRows if there is none.
func Find(ctx context.Context, q db.Q, id string) (Stored, error) { return find(ctx, q, id) }

// Behind gives the id of the oldest event of some topics whose listener has not had it yet although its delivery is due before until, or "" if the
// listeners are up to date. The listener of a topic is named prefix + topic. Ids are in the order in which events were published, so whoever must
// keep that order waits with everything that is not older than this.
func Behind(ctx context.Context, q db.Q, topics []string, prefix string, until time.Time) (string, error) {
	var id string
	err := q.QueryRowContext(ctx, `SELECT COALESCE(MIN(e.id), '') FROM job_job j JOIN event_event e ON e.id = SUBSTR(j.id, $1)
		WHERE j.state IN ('ready', 'run') AND j.due_ms <= $2 AND j.kind = $3 AND e.topic IN (`+db.In(5, len(topics))+`)
		AND NOT EXISTS (SELECT 1 FROM event_seen s WHERE s.event_id = e.id AND s.listener = $4 || e.topic)`,
		db.Args(topics, len(DeliverKind)+2, until.UnixMilli(), DeliverKind, prefix)...).Scan(&id)
	return id, db.Classify(err)
}

// Page gives the events of topics from a time until before another, oldest first, for no longer than a span counted from the first that is found;
// next is the time to go on from, zero when there are no more.
func Page(ctx context.Context, q db.Q, topics []string, from, until time.Time, span time.Duration) (found []Stored, next time.Time, err error) {
	if len(topics) == 0 || !from.Before(until) {
		return nil, time.Time{}, nil
	}
	in := " topic IN (" + db.In(3, len(topics)) + ") AND at_ms >= $1 AND at_ms < $2"
	var first int64
	err = q.QueryRowContext(ctx, `SELECT COALESCE(MIN(at_ms), -1) FROM event_event WHERE`+in, db.Args(topics, from.UnixMilli(), until.UnixMilli())...).Scan(&first)
	if err != nil || first < 0 {
		return nil, time.Time{}, db.Classify(err)
	}
	end := min(first+span.Milliseconds(), until.UnixMilli())
	found, err = db.All(ctx, q, func(r *db.Rows) (Stored, error) {
		var s Stored
		var data string
		var at int64
		err := r.Scan(&s.ID, &s.Topic, &data, &at)
		s.Data, s.At = []byte(data), time.UnixMilli(at)
		return s, err
	}, `SELECT id, topic, CAST(data AS TEXT), at_ms FROM event_event WHERE`+in+` ORDER BY id`, db.Args(topics, first, end)...)
	if end < until.UnixMilli() {
		next = time.UnixMilli(end)
	}
	return found, next, err
}
