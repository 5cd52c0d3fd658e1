package dbtest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"tongban/internal/base/db"
)

// Migrating is most of what a small test takes, and every test of a package does the same: it is done once, and tests get copies.

// migrated are SQLite files that were migrated once, by their fingerprint.
var migrated = struct {
	sync.Mutex
	files map[string][]byte
}{files: map[string][]byte{}}

// fingerprint tells sets of migrations apart: the names of the rooms in their order, and every file.
func fingerprint(t testing.TB, rooms []db.Room) string {
	t.Helper()
	h := sha256.New()
	for _, r := range rooms {
		_, _ = fmt.Fprintf(h, "room %s\n", r.Name)
		err := fs.WalkDir(r.Files, "migrations", func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			b, err := fs.ReadFile(r.Files, path)
			_, _ = fmt.Fprintf(h, "%s %d\n%s", path, len(b), b)
			return err
		})
		if err != nil {
			t.Fatalf("migrations of %s: %v", r.Name, err)
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:24]
}

// liteFile puts a migrated file into the test's own folder.
func liteFile(t testing.TB, rooms []db.Room) string {
	t.Helper()
	key := fingerprint(t, rooms)
	migrated.Lock()
	defer migrated.Unlock()
	if migrated.files[key] == nil {
		path := filepath.Join(t.TempDir(), "template.db")
		migrate(t, "sqlite:"+path, rooms)
		b, err := os.ReadFile(path) //nolint:gosec // a file of this test
		if err != nil {
			t.Fatal(err)
		}
		if left, err := os.Stat(path + "-wal"); err == nil && left.Size() > 0 {
			t.Fatalf("%d bytes of the migrated file are still in its log", left.Size())
		}
		migrated.files[key] = b
	}
	path := filepath.Join(t.TempDir(), "t.db")
	if err := os.WriteFile(path, migrated.files[key], 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// migrate makes the tables of the rooms in an empty database and closes it.
func migrate(t testing.TB, url string, rooms []db.Room) {
	t.Helper()
	d, err := db.Open(t.Context(), url, db.Options{MaxConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	relax(t, d)
	if err := d.Migrate(t.Context(), rooms...); err != nil {
		t.Fatal(err)
	}
}

// relax lets SQLite acknowledge before the disk has it: these databases end with their test. What must outlive a power cut is tried in e2e/crash.
func relax(t testing.TB, d *db.DB) {
	t.Helper()
	if d.Dialect() != db.SQLite {
		return
	}
	if _, err := d.Raw().ExecContext(t.Context(), "PRAGMA synchronous = OFF"); err != nil { // the writer is one connection
		t.Fatal(err)
	}
}

// pgTemplate gives the name of a migrated database on the server to copy; packages of a run share it. It is finished under another name,
// so that nobody ever copies half of one.
func pgTemplate(t testing.TB, server string, rooms []db.Room) string {
	t.Helper()
	name := "template_" + fingerprint(t, rooms)
	ctx := context.Background()
	pool, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	c, err := pool.Conn(ctx)
	if err != nil {
		t.Fatalf("open %s: %v", ServerVar, err)
	}
	defer c.Close() // ends the lock too
	do := func(q string) {
		t.Helper()
		if _, err := c.ExecContext(ctx, q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	sum := sha256.Sum256([]byte(name))
	do(fmt.Sprintf("SELECT pg_advisory_lock(%d)", int64(binary.BigEndian.Uint64(sum[:])))) //nolint:gosec // any number does
	var there bool
	if err := c.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)", name).Scan(&there); err != nil {
		t.Fatal(err)
	}
	if there {
		return name
	}
	do("DROP DATABASE IF EXISTS " + name + "_new WITH (FORCE)")
	do("CREATE DATABASE " + name + "_new TEMPLATE template0")
	migrate(t, at(t, server, name+"_new"), rooms)
	do("ALTER DATABASE " + name + "_new WITH ALLOW_CONNECTIONS false") // who is connected stands in the way of copying
	do("ALTER DATABASE " + name + "_new RENAME TO " + name)
	return name
}
