package bureau

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Act is something an officer of the bureau does to a case.
type Act struct {
	Kind string // received, accepted, correction, refused, suspended, resumed, decided, delivered
	By   string
	Data map[string]any
}

// after says from which states an act may be done, and the state after it.
var after = map[string]struct {
	from []string
	to   string
}{
	"received":   {[]string{"submitted"}, "received"},
	"accepted":   {[]string{"submitted", "received"}, "accepted"},
	"correction": {[]string{"submitted", "received"}, "correction"},
	"refused":    {[]string{"submitted", "received"}, "refused"},
	"suspended":  {[]string{"accepted"}, "suspended"},
	"resumed":    {[]string{"suspended"}, "accepted"},
	"decided":    {[]string{"accepted"}, "decided"},
	"delivered":  {[]string{"decided"}, "delivered"},
}

// ErrNotNow is an act the state of the case does not allow.
var ErrNotNow = errors.New("not in this state")

// Do does an act: the new state and the event that tells Tongban are written together.
func (s *Server) Do(ctx context.Context, caseID string, a Act) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	var no, state string
	var seq int64
	if err := tx.QueryRowContext(ctx, `SELECT case_no, state, last_seq FROM file WHERE case_id = ?`, caseID).Scan(&no, &state, &seq); err != nil {
		return err
	}
	rule, ok := after[a.Kind]
	may := false
	for _, f := range rule.from {
		may = may || f == state
	}
	if !ok || !may {
		return fmt.Errorf("%s in %s: %w", a.Kind, state, ErrNotNow)
	}
	seq++
	id := rand.Text()
	body, err := json.Marshal(map[string]any{
		"message_id": id, "case_id": caseID, "case_no": no, "seq": seq, "kind": a.Kind, "at": s.Now().UTC().Format(time.RFC3339Nano), "by": a.By, "data": a.Data,
	})
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE file SET state = ?, last_seq = ? WHERE case_id = ?`, rule.to, seq, caseID); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO event (case_id, seq, id, body, sent) VALUES (?, ?, ?, ?, 0)`, caseID, seq, id, string(body)); err != nil {
		return err
	}
	return tx.Commit()
}

// Event is one of our events on its way to Tongban.
type Event struct {
	CaseID string
	Seq    int64
	Body   []byte
}

// Unsent lists the events Tongban has not taken yet.
func (s *Server) Unsent(ctx context.Context) ([]Event, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT case_id, seq, body FROM event WHERE sent = 0 ORDER BY rowid`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Event
	for rows.Next() {
		var e Event
		var b string
		if err := rows.Scan(&e.CaseID, &e.Seq, &b); err != nil {
			return nil, err
		}
		e.Body = []byte(b)
		out = append(out, e)
	}
	return out, rows.Err()
}

// Post sends an event to Tongban. It may be sent any number of times.
func (s *Server) Post(ctx context.Context, e Event) error {
	res, err := s.ask(ctx, http.MethodPost, "/api/v1/elsewhere/"+s.Key+"/events", e.Body)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	if res.StatusCode != http.StatusAccepted {
		return fmt.Errorf("tongban answered %d", res.StatusCode)
	}
	return s.MarkSent(ctx, e)
}

// MarkSent notes that Tongban has an event.
func (s *Server) MarkSent(ctx context.Context, e Event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.db.ExecContext(ctx, `UPDATE event SET sent = 1 WHERE case_id = ? AND seq = ?`, e.CaseID, e.Seq)
	return err
}

// SendAll sends what Tongban has not taken, in order, until one fails.
func (s *Server) SendAll(ctx context.Context) error {
	es, err := s.Unsent(ctx)
	if err != nil {
		return err
	}
	for _, e := range es {
		if err := s.Post(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// State is where a case stands here; empty when we do not know it.
func (s *Server) State(ctx context.Context, caseID string) string {
	var st string
	if err := s.db.QueryRowContext(ctx, `SELECT state FROM file WHERE case_id = ?`, caseID).Scan(&st); err != nil {
		return ""
	}
	return st
}

// File fetches a material from Tongban.
func (s *Server) File(ctx context.Context, caseID, fileID string) ([]byte, error) {
	res, err := s.ask(ctx, http.MethodGet, "/api/v1/elsewhere/"+s.Key+"/cases/"+caseID+"/files/"+fileID, nil)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("tongban answered %d", res.StatusCode)
	}
	return io.ReadAll(res.Body)
}
