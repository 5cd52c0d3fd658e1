package catalog

import (
	"testing"
	"time"

	"tongban/internal/base/db"
)

func TestTransactionsOfAListStayShort(t *testing.T) {
	p := paceOf(db.SQLite)
	cost := func(row time.Duration, list int) (longest time.Duration, waits int) {
		held := time.Duration(0)
		for done := 0; done < list; {
			n := p.rows
			took := time.Duration(n) * row
			longest = max(longest, took)
			held += took
			if w := p.wrote(n, took); w >= 100*time.Millisecond {
				if held > heldAtMost+longest {
					t.Errorf("the writer was kept for %v", held)
				}
				held, waits = 0, waits+1
			}
			done += n
		}
		return longest, waits
	}
	if _, waits := cost(20*time.Microsecond, 100_000); p.rows != 2000 || waits == 0 {
		t.Errorf("cheap rows: %d at once, %d breaths", p.rows, waits)
	}
	p = paceOf(db.SQLite)
	if longest, waits := cost(450*time.Microsecond, 100_000); longest > 250*time.Millisecond || p.rows != pieceRows || waits < 40 {
		t.Errorf("dear rows: %v, %d at once, %d breaths", longest, p.rows, waits)
	}
	if w := func() time.Duration { p := paceOf(db.Postgres); return p.wrote(5000, time.Minute) }(); w != 0 {
		t.Errorf("PostgreSQL waits %v", w)
	}
}

func TestABatchIsWrittenInPieces(t *testing.T) {
	b := judgedBatch{last: true, long: true, rows: make([]*judged, 2*pieceRows+7), parts: [][]byte{{1}, {2}, {3}}}
	rows, parts := 0, []byte{}
	for i := 0; ; i++ {
		p := b.piece(pieceRows)
		rows += len(p.rows)
		for _, x := range p.parts {
			parts = append(parts, x...)
		}
		if !p.long || p.last != (i == 2) || len(p.rows) > pieceRows {
			t.Errorf("piece %d: last %v, %d rows", i, p.last, len(p.rows))
		}
		if p.last {
			break
		}
	}
	if rows != 2*pieceRows+7 || string(parts) != "\x01\x02\x03" {
		t.Errorf("%d rows, %v", rows, parts)
	}
	if p := (&judgedBatch{last: true}).piece(500); !p.last {
		t.Error("an empty batch at the end is lost")
	}
}
