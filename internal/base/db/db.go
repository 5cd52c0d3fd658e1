package db

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"
	_ "modernc.org/sqlite"             // driver "sqlite"
)

// Dialect is the engine behind a DB.
type Dialect string

// The two engines.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// Rows and Row are database/sql's, named here so that store files need no second import.
type (
	Rows   = sql.Rows
	Row    = sql.Row
	Result = sql.Result
)

// ErrNoRows is returned by Row.Scan when there is no row.
var ErrNoRows = sql.ErrNoRows

// Q is what a store function needs to read: a pool or an open transaction.
type Q interface {
	QueryContext(ctx context.Context, query string, args ...any) (*Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *Row
}

// DB is one database: a write pool and a read pool (the same pool on PostgreSQL).
type DB struct {
	dialect   Dialect
	write     *sql.DB
	read      *sql.DB
	isolation sql.IsolationLevel
	lane      chan struct{} // of transactions that are run again
	url       string
}

// Options are the few things a deployment or a test may set.
type Options struct {
	MaxConns  int                // PostgreSQL pool size; 0 = 16
	Isolation sql.IsolationLevel // of Tx on PostgreSQL; 0 = serializable
}

// Open opens "sqlite:PATH" or "postgres://…" and checks that it answers. On PostgreSQL it refuses a server that runs with fsync off, unless
// the URL says tongban_unsafe=1 (tests): nothing acknowledged may be lost.
func Open(ctx context.Context, rawURL string, o Options) (*DB, error) {
	switch {
	case strings.HasPrefix(rawURL, "sqlite:"):
		return openSQLite(ctx, strings.TrimPrefix(rawURL, "sqlite:"))
	case strings.HasPrefix(rawURL, "postgres://"), strings.HasPrefix(rawURL, "postgresql://"):
		return openPostgres(ctx, rawURL, o)
	}
	return nil, fmt.Errorf("database URL must begin with sqlite: or postgres://")
}

func openSQLite(ctx context.Context, path string) (*DB, error) {
	dsn := liteDSN(path) + "&_txlock=immediate"
	w, err := sql.Open("sqlite", dsn+writerCache)
	if err != nil {
		return nil, err
	}
	w.SetMaxOpenConns(1)
	r, err := sql.Open("sqlite", dsn+"&_pragma=query_only(1)")
	if err != nil {
		return nil, err
	}
	r.SetMaxOpenConns(8)
	r.SetMaxIdleConns(8)
	d := &DB{dialect: SQLite, write: w, read: r, url: "sqlite:" + path}
	if err := w.PingContext(ctx); err != nil {
		return nil, fmt.Errorf("open %s: %w", path, Classify(err))
	}
	return d, nil
}

// writerCache is what the one writer may keep of the pages it changes, 32 MiB: SQLite's own 2 MiB make long imports write them early and again.
const writerCache = "&_pragma=cache_size(-32768)"

// liteDSN opens a file with synchronous(FULL): every commit is on the disk before it is acknowledged.
func liteDSN(path string) string {
	name := strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
	return "file:" + name + "?_pragma=journal_mode(WAL)&_pragma=busy_timeout(10000)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=temp_store(MEMORY)"
}

func openPostgres(ctx context.Context, rawURL string, o Options) (*DB, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, fmt.Errorf("database URL cannot be read: %w", err)
	}
	q := u.Query()
	unsafe := q.Get("tongban_unsafe") == "1"
	q.Del("tongban_unsafe")
	if q.Get("tongban_isolation") == "repeatable_read" { // engines whose SERIALIZABLE is that, and tests of it
		o.Isolation = sql.LevelRepeatableRead
	}
	q.Del("tongban_isolation")
	u.RawQuery = q.Encode()
	p, err := sql.Open("pgx", u.String())
	if err != nil {
		return nil, err
	}
	if o.MaxConns == 0 {
		o.MaxConns = 16
	}
	p.SetMaxOpenConns(o.MaxConns)
	p.SetMaxIdleConns(o.MaxConns)
	p.SetConnMaxIdleTime(5 * time.Minute)
	if o.Isolation == 0 {
		o.Isolation = sql.LevelSerializable
	}
	d := &DB{dialect: Postgres, write: p, read: p, isolation: o.Isolation, url: rawURL, lane: make(chan struct{}, 1)}
	if err := p.PingContext(ctx); err != nil {
		return nil, fmt.Errorf("open database: %w", Classify(err))
	}
	if unsafe {
		return d, nil
	}
	return d, d.mustBeDurable(ctx)
}

func (d *DB) mustBeDurable(ctx context.Context) error {
	for _, name := range []string{"fsync", "full_page_writes", "synchronous_commit"} {
		var v string
		if err := d.read.QueryRowContext(ctx, "SHOW "+name).Scan(&v); err != nil {
			return Classify(err)
		}
		if v == "off" {
			return fmt.Errorf("PostgreSQL runs with %s=off: acknowledged cases could be lost; switch it on", name)
		}
	}
	return nil
}

// Dialect says which engine this is.
func (d *DB) Dialect() Dialect { return d.dialect }

// URL is the address it was opened with; it may hold a password and must not be logged.
func (d *DB) URL() string { return d.url }

// Close closes both pools.
func (d *DB) Close() error {
	if d.read != d.write {
		_ = d.read.Close()
	}
	return d.write.Close()
}

// Ping reports whether the database answers; errs.Unavailable if not.
func (d *DB) Ping(ctx context.Context) error { return Classify(d.read.PingContext(ctx)) }

// R is the read side. Errors are classified, except those of Row.Scan: pass them to Classify.
func (d *DB) R() Q { return reader{d} }

type reader struct{ d *DB }

func (r reader) QueryContext(ctx context.Context, q string, args ...any) (*Rows, error) {
	rows, err := r.d.read.QueryContext(ctx, q, args...)
	return rows, Classify(err)
}

func (r reader) QueryRowContext(ctx context.Context, q string, args ...any) *Row {
	return r.d.read.QueryRowContext(ctx, q, args...)
}

// Raw is the write pool itself, for migrations and backup; rooms never use it.
func (d *DB) Raw() *sql.DB { return d.write }

// SkipLocked is the claim fragment: PostgreSQL workers pass over rows another one holds; SQLite has one writer and needs nothing.
func (d *DB) SkipLocked() string {
	if d.dialect == Postgres {
		return " FOR UPDATE SKIP LOCKED"
	}
	return ""
}
