package db_test

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"sync"
	"testing"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
)

//go:embed testdata
var files embed.FS

func rooms(t *testing.T) []db.Room {
	t.Helper()
	sub, err := fs.Sub(files, "testdata")
	if err != nil {
		t.Fatal(err)
	}
	return []db.Room{{Name: "try", Files: sub}}
}

func insert(ctx context.Context, tx *db.Tx, id string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO try_counter (id, n, doc, raw, live) VALUES ($1, 0, $2, $3, true)`, id, `{"n":1}`, []byte{1})
	return err
}

// Blind read-modify-write is what loses updates; Tx must lose none.
func TestTxLosesNoUpdate(t *testing.T) {
	dbtest.Each(t, rooms(t), func(t *testing.T, d *db.DB) {
		if err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return insert(ctx, tx, "a") }); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 25 {
					if err := d.Tx(t.Context(), increment); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if n := dbtest.Count(t, d, "try_counter", "n = 100"); n != 1 {
			t.Error("updates were lost")
		}
	})
}

func increment(ctx context.Context, tx *db.Tx) error {
	var n int64
	if err := tx.QueryRowContext(ctx, `SELECT n FROM try_counter WHERE id = $1`, "a").Scan(&n); err != nil {
		return err
	}
	return tx.Exec1(ctx, errors.New("row is gone"), `UPDATE try_counter SET n = $1 WHERE id = $2`, n+1, "a")
}

func TestUniqueRollbackAndNesting(t *testing.T) {
	dbtest.Each(t, rooms(t), func(t *testing.T, d *db.DB) {
		err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			if err := insert(ctx, tx, "a"); err != nil {
				return err
			}
			return insert(ctx, tx, "a")
		})
		if !db.Unique(err) {
			t.Errorf("second insert = %v, want a unique violation", err)
		}
		dbtest.WantCounts(t, d, map[string]int{"try_counter": 0})
		err = d.Tx(t.Context(), func(ctx context.Context, _ *db.Tx) error {
			return d.TxQueue(ctx, func(context.Context, *db.Tx) error { return nil })
		})
		if !errors.Is(err, db.ErrNested) {
			t.Errorf("nested Tx = %v", err)
		}
		miss := errs.New(errs.Conflict, "base.conflict")
		err = d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return tx.Exec1(ctx, miss, `UPDATE try_counter SET n = 1 WHERE id = 'nobody'`)
		})
		if !errors.Is(err, miss) {
			t.Errorf("Exec1 on no row = %v", err)
		}
	})
}

func TestAClosedDatabaseIsUnavailable(t *testing.T) {
	if _, err := db.Open(t.Context(), "postgres://nobody@127.0.0.1:1/x?connect_timeout=1", db.Options{}); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("unreachable server = %v", err)
	}
	if _, err := db.Open(t.Context(), "mysql://x", db.Options{}); err == nil {
		t.Error("an unknown scheme was accepted")
	}
}

func TestCursorRoundTrip(t *testing.T) {
	keys, err := db.ParseCursor(db.Cursor("2026", "甲"), 2)
	if err != nil || keys[1] != "甲" {
		t.Errorf("ParseCursor = %v, %v", keys, err)
	}
	if _, err := db.ParseCursor("!!", 2); errs.KindOf(err) != errs.BadRequest {
		t.Errorf("broken cursor = %v", err)
	}
}

func TestSnapshotWhileOthersWrite(t *testing.T) {
	d := dbtest.SQLite(t, rooms(t)...)
	if err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return insert(ctx, tx, "a") }); err != nil {
		t.Fatal(err)
	}
	path := t.TempDir() + "/copy.db"
	err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error { // a writer is at work and not done
		if err := insert(ctx, tx, "b"); err != nil {
			return err
		}
		return d.Snapshot(ctx, path)
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := db.Open(t.Context(), "sqlite:"+path, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if n := dbtest.Count(t, c, "try_counter", ""); n != 1 {
		t.Errorf("the copy holds %d rows, want the committed one", n)
	}
}
