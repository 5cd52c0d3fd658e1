package db_test

import (
	"context"
	"errors"
	"testing"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
)

// TestCopyStandsInTheTransaction: what was copied is there after the commit and gone after a rollback.
func TestCopyStandsInTheTransaction(t *testing.T) {
	dbtest.Each(t, rooms(t), func(t *testing.T, d *db.DB) {
		broken := errors.New("broken off")
		load := func(id string, after error) error {
			return d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				err := tx.Copy(ctx, "try_counter", []string{"id", "n", "doc", "raw", "live"}, 3, func(i int) ([]any, error) {
					return []any{id + string(rune('a'+i)), int64(i), `{"n":1}`, []byte{1}, true}, nil
				})
				if err != nil {
					return err
				}
				return after
			})
		}
		err := load("x", nil)
		if d.Dialect() != db.Postgres {
			if !errors.Is(err, db.ErrNoCopy) {
				t.Fatalf("SQLite copied: %v", err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := load("y", broken); !errors.Is(err, broken) {
			t.Fatal(err)
		}
		if err := load("x", nil); !db.Unique(err) {
			t.Fatalf("copied twice: %v", err)
		}
		if n := dbtest.Count(t, d, "try_counter", "true"); n != 3 {
			t.Errorf("%d rows, want 3", n)
		}
	})
}

// TestAStatementForOneEngineOnly: a migration may hold lines the other engine does not run.
func TestAStatementForOneEngineOnly(t *testing.T) {
	dbtest.Each(t, rooms(t), func(t *testing.T, d *db.DB) {
		have := map[db.Dialect]string{db.SQLite: "try_lite", db.Postgres: "try_post"}
		for dialect, table := range have {
			_, err := d.R().QueryContext(t.Context(), `SELECT id FROM `+table)
			if (err == nil) != (dialect == d.Dialect()) {
				t.Errorf("%v: %s: %v", d.Dialect(), table, err)
			}
		}
	})
}
