package db

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"time"
)

// Tx is an open write transaction. Only Tx and TxQueue make one.
type Tx struct {
	tx   *sql.Tx
	conn *sql.Conn
	d    *DB
}

type txKey struct{}

// ErrNested is returned when a write transaction is asked for inside another one: ask first, then write.
var ErrNested = errors.New("db: write transaction inside a write transaction")

// patience is how long a transaction is run again before it gives up: numbers without gaps are rows that all acts of an agency wait for.
const patience = 10 * time.Second

// lane lets those that failed once go one after the other, so that they meet only newcomers; who waited a second goes without it.
const laneWait = time.Second

// Tx runs fn in one write transaction: serializable on PostgreSQL, the single writer on SQLite. It is run again on a serialization
// failure, so fn must have no effect but on tx. Correctness must rest on WHERE clauses and unique constraints all the same.
func (d *DB) Tx(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	return d.run(ctx, d.isolation, fn)
}

// TxQueue is Tx at READ COMMITTED, for claims, outbox and counters, where every statement stands for itself.
func (d *DB) TxQueue(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	return d.run(ctx, sql.LevelReadCommitted, fn)
}

func (d *DB) run(ctx context.Context, level sql.IsolationLevel, fn func(context.Context, *Tx) error) error {
	if ctx.Value(txKey{}) == d {
		return ErrNested
	}
	giveUp := time.After(patience)
	for i := 0; ; i++ {
		leave := d.enter(ctx, i)
		err := d.once(ctx, level, fn)
		leave()
		if err == nil || !retryable(err) {
			return Classify(err)
		}
		select {
		case <-giveUp:
			return Classify(err)
		case <-ctx.Done():
			return Classify(ctx.Err())
		case <-time.After(time.Millisecond + rand.N(time.Duration(min(i+1, 20))*time.Millisecond)): //nolint:gosec // not a secret
		}
	}
}

// enter waits for the lane on every try but the first, and gives what leaves it.
func (d *DB) enter(ctx context.Context, try int) (leave func()) {
	if try == 0 {
		return func() {}
	}
	select {
	case d.lane <- struct{}{}:
		return func() { <-d.lane }
	case <-ctx.Done():
	case <-time.After(laneWait):
	}
	return func() {}
}

func (d *DB) once(ctx context.Context, level sql.IsolationLevel, fn func(context.Context, *Tx) error) (err error) {
	var o *sql.TxOptions
	if d.dialect == Postgres {
		o = &sql.TxOptions{Isolation: level}
	}
	conn, err := d.write.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	tx, err := conn.BeginTx(ctx, o)
	if err != nil {
		return err
	}
	defer func() {
		if p := recover(); p != nil {
			_ = tx.Rollback()
			panic(p)
		}
	}()
	if err := fn(context.WithValue(ctx, txKey{}, d), &Tx{tx, conn, d}); err != nil {
		_ = tx.Rollback()
		return err
	}
	return tx.Commit()
}

// ExecContext runs a statement inside the transaction.
func (t *Tx) ExecContext(ctx context.Context, q string, args ...any) (Result, error) {
	return t.tx.ExecContext(ctx, q, args...)
}

// QueryContext reads inside the transaction.
func (t *Tx) QueryContext(ctx context.Context, q string, args ...any) (*Rows, error) {
	return t.tx.QueryContext(ctx, q, args...)
}

// QueryRowContext reads one row inside the transaction.
func (t *Tx) QueryRowContext(ctx context.Context, q string, args ...any) *Row {
	return t.tx.QueryRowContext(ctx, q, args...)
}

// Exec1 runs a statement that must change exactly one row; otherwise it returns miss. It is the compare-and-set of the house: the
// expected old state stands in the WHERE clause.
func (t *Tx) Exec1(ctx context.Context, miss error, q string, args ...any) error {
	r, err := t.tx.ExecContext(ctx, q, args...)
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return miss
}

// Dialect says which engine the transaction runs on.
func (t *Tx) Dialect() Dialect { return t.d.dialect }

// DB is the database of the transaction.
func (t *Tx) DB() *DB { return t.d }
