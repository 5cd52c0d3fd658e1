// Package bureau is a small system of another authority that cases are pushed to: it keeps them in its own SQLite database, its officers work on them on
// its own page, and it tells Tongban what they did. It shows what such a system must do: check signatures, know repeated messages, number its events for
// each case, send them until they are taken, and answer what the daily comparison asks.
package bureau

import (
	"context"
	"database/sql"
	"net/http"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the database driver
)

// Config says who we are and where Tongban is.
type Config struct {
	Key      string // as registered with Tongban
	Secret   string
	Platform string // address of Tongban, without a slash at the end
	Now      func() time.Time
	Client   *http.Client
}

// Server is the system. It is safe for concurrent use.
type Server struct {
	Config
	db   *sql.DB
	mu   sync.Mutex // one writer: SQLite
	seen map[string]time.Time
	mux  *http.ServeMux
}

const schema = `
CREATE TABLE IF NOT EXISTS file (case_id TEXT PRIMARY KEY, case_no TEXT NOT NULL, item TEXT NOT NULL, applicant TEXT NOT NULL, round INTEGER NOT NULL, state TEXT NOT NULL,
  last_seq INTEGER NOT NULL, content TEXT NOT NULL, came TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS message (id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS event (case_id TEXT NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL, sent INTEGER NOT NULL, PRIMARY KEY (case_id, seq));`

// Open opens the database and makes the server.
func Open(ctx context.Context, path string, c Config) (*Server, error) {
	db, err := sql.Open("sqlite", path+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(wal)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, schema); err != nil {
		_ = db.Close()
		return nil, err
	}
	s := &Server{Config: c, db: db, seen: map[string]time.Time{}, mux: http.NewServeMux()}
	s.mux.HandleFunc("POST /api/messages", s.signed(s.message))
	s.mux.HandleFunc("POST /api/cases", s.signed(s.cases))
	s.mux.HandleFunc("POST /api/events", s.signed(s.events))
	s.mux.HandleFunc("GET /{$}", s.desk)
	s.mux.HandleFunc("POST /act", s.act)
	return s, nil
}

// Close closes the database.
func (s *Server) Close() error { return s.db.Close() }

// ServeHTTP refuses posts that other sites' pages send; Tongban's requests carry no Origin and pass.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	http.NewCrossOriginProtection().Handler(s.mux).ServeHTTP(w, r)
}
