package bureau

import (
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"time"
)

// message is what Tongban sends.
type message struct {
	ID     string          `json:"message_id"`
	Kind   string          `json:"kind"`
	At     time.Time       `json:"at"`
	CaseID string          `json:"case_id"`
	CaseNo string          `json:"case_no"`
	Round  int             `json:"round"`
	Case   json.RawMessage `json:"case"`
}

// handed is the part of a case this system looks at.
type handed struct {
	ItemName  string `json:"item_name"`
	Applicant struct {
		Name string `json:"name"`
	} `json:"applicant"`
}

// message takes a submission, a corrected one or a withdrawal. The same message again is answered the same and does nothing.
func (s *Server) message(w http.ResponseWriter, r *http.Request, body []byte) {
	var m message
	if err := json.Unmarshal(body, &m); err != nil || m.ID == "" || m.CaseID == "" {
		http.Error(w, "unreadable", http.StatusBadRequest)
		return
	}
	switch err := s.take(r, m); {
	case errors.Is(err, errEarly):
		http.Error(w, "the submission has not come yet", http.StatusConflict) // Tongban tries again
	case errors.Is(err, errUnknown):
		http.Error(w, "unknown kind", http.StatusUnprocessableEntity)
	case err != nil:
		http.Error(w, "database", http.StatusInternalServerError)
	default:
		w.WriteHeader(http.StatusOK)
	}
}

var (
	errEarly   = errors.New("early")
	errUnknown = errors.New("unknown kind")
)

func (s *Server) take(r *http.Request, m message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ctx := r.Context()
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	res, err := tx.ExecContext(ctx, `INSERT INTO message (id) VALUES (?) ON CONFLICT DO NOTHING`, m.ID)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	var h handed
	switch m.Kind {
	case "submitted":
		if err := json.Unmarshal(m.Case, &h); err != nil {
			return errUnknown
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO file (case_id, case_no, item, applicant, round, state, last_seq, content, came) VALUES (?, ?, ?, ?, ?, 'submitted', 0, ?, ?)
			ON CONFLICT DO NOTHING`, m.CaseID, m.CaseNo, h.ItemName, h.Applicant.Name, m.Round, string(m.Case), m.At.Format(time.RFC3339))
	case "resubmitted":
		err = changed(tx.ExecContext(ctx, `UPDATE file SET round = ?, state = 'submitted', content = ? WHERE case_id = ?`, m.Round, string(m.Case), m.CaseID))
	case "withdrawn", "delivered":
		err = changed(tx.ExecContext(ctx, `UPDATE file SET state = ? WHERE case_id = ?`, m.Kind, m.CaseID))
	default:
		return errUnknown
	}
	if err != nil {
		return err
	}
	return tx.Commit()
}

func changed(res sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return errEarly
}

// cases lists what we have, for the daily comparison.
func (s *Server) cases(w http.ResponseWriter, r *http.Request, body []byte) {
	var q struct {
		After string `json:"after"`
	}
	type row struct {
		CaseID  string `json:"case_id"`
		CaseNo  string `json:"case_no"`
		Round   int    `json:"round"`
		State   string `json:"state"`
		LastSeq int64  `json:"last_seq"`
	}
	const page = 500
	var out struct {
		Cases []row  `json:"cases"`
		Next  string `json:"next,omitempty"`
	}
	if err := json.Unmarshal(body, &q); err != nil {
		http.Error(w, "unreadable", http.StatusBadRequest)
		return
	}
	rows, err := s.db.QueryContext(r.Context(), `SELECT case_id, case_no, round, state, last_seq FROM file WHERE case_id > ? ORDER BY case_id LIMIT ?`, q.After, page)
	if err != nil {
		http.Error(w, "database", http.StatusInternalServerError)
		return
	}
	defer rows.Close()
	for rows.Next() {
		var x row
		if err := rows.Scan(&x.CaseID, &x.CaseNo, &x.Round, &x.State, &x.LastSeq); err != nil {
			http.Error(w, "database", http.StatusInternalServerError)
			return
		}
		out.Cases = append(out.Cases, x)
	}
	if rows.Err() != nil {
		http.Error(w, "database", http.StatusInternalServerError)
		return
	}
	if len(out.Cases) == page {
		out.Next = out.Cases[page-1].CaseID
	}
	answer(w, out)
}

// events gives the events of a case after a number again.
func (s *Server) events(w http.ResponseWriter, r *http.Request, body []byte) {
	var q struct {
		CaseID string `json:"case_id"`
		After  int64  `json:"after"`
	}
	if err := json.Unmarshal(body, &q); err != nil {
		http.Error(w, "unreadable", http.StatusBadRequest)
		return
	}
	rows, err := s.db.QueryContext(r.Context(), `SELECT body FROM event WHERE case_id = ? AND seq > ? ORDER BY seq`, q.CaseID, q.After)
	if err != nil {
		http.Error(w, "database", http.StatusInternalServerError)
		return
	}
	defer rows.Close()
	var out struct {
		Events []json.RawMessage `json:"events"`
	}
	for rows.Next() {
		var b string
		if err := rows.Scan(&b); err != nil {
			http.Error(w, "database", http.StatusInternalServerError)
			return
		}
		out.Events = append(out.Events, json.RawMessage(b))
	}
	if rows.Err() != nil {
		http.Error(w, "database", http.StatusInternalServerError)
		return
	}
	answer(w, out)
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // a caller that went away asks again
}
