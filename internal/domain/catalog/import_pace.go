package catalog

import (
	"context"
	"time"

	"tongban/internal/base/db"
)

// How a list shares the one writer of SQLite with everybody else, who may sit in another process and then tries again from time to time, every 100 ms at the
// latest (sqlite3_busy_timeout), without ever standing in a queue.
const (
	longestWrite = 120 * time.Millisecond // what a transaction should take; a slow disk doubles it before the next is smaller
	heldAtMost   = 800 * time.Millisecond // of the writer, before others have it for a breath
	breath       = 110 * time.Millisecond // long enough for whoever tries again to come in
	pieceRows    = 250                    // findings are compressed for so many rows, the smallest piece that is written
)

// pace says how many rows the next transaction takes.
type pace struct {
	most, rows int
	alone      bool // PostgreSQL, where writers do not keep each other out
	held       time.Duration
}

func paceOf(d db.Dialect) pace {
	return pace{most: batchOf(d), rows: firstPiece(d), alone: d == db.Postgres}
}

// firstPiece is small on SQLite until it is known what a row costs.
func firstPiece(d db.Dialect) int {
	if d == db.Postgres {
		return batchOf(d)
	}
	return 2 * pieceRows
}

// wrote learns from a transaction of n rows, and says how long to leave the writer to others.
func (p *pace) wrote(n int, took time.Duration) time.Duration {
	if p.alone {
		return 0
	}
	if n >= p.rows || took > longestWrite {
		fits := 2 * p.rows
		if took > 0 {
			fits = min(fits, int(int64(n)*int64(longestWrite)/int64(took)))
		}
		p.rows = min(max(fits/pieceRows*pieceRows, pieceRows), p.most)
	}
	if p.held += took; p.held < heldAtMost {
		return 0
	}
	p.held = 0
	return breath
}

// breathe waits; the reading goes on meanwhile.
func breathe(ctx context.Context, d time.Duration) {
	if d == 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// piece takes from a batch what one transaction writes.
func (b *judgedBatch) piece(rows int) judgedBatch {
	n := min(max(rows/pieceRows, 1), len(b.parts))
	if n == len(b.parts) || rows >= len(b.rows) {
		out := *b
		b.rows, b.parts = nil, nil
		return out
	}
	at := n * pieceRows
	out := judgedBatch{rows: b.rows[:at], parts: b.parts[:n], long: b.long}
	b.rows, b.parts = b.rows[at:], b.parts[n:]
	return out
}
