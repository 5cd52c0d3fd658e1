// Package dbtest gives every store test real databases: an own SQLite file, and an own PostgreSQL database when the environment variable
// TONGBAN_TEST_PG names a server (./check full starts one with dbtest/withpg). Only tests import it.
package dbtest

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"tongban/internal/base/db"
	"tongban/internal/base/ident"
)

// ServerVar names the environment variable with the URL of the PostgreSQL server to test on.
const ServerVar = "TONGBAN_TEST_PG"

// Each runs fn on a fresh migrated SQLite database and, where a server is named, on a fresh migrated PostgreSQL database.
func Each(t *testing.T, rooms []db.Room, fn func(t *testing.T, d *db.DB)) {
	t.Helper()
	if os.Getenv("TONGBAN_TEST_ISOLATION") == "" { // SQLite has one isolation, and has been tested on it
		t.Run("sqlite", func(t *testing.T) { fn(t, SQLite(t, rooms...)) })
	}
	if os.Getenv(ServerVar) == "" {
		return
	}
	t.Run("postgres", func(t *testing.T) { fn(t, Postgres(t, rooms...)) })
}

// SQLite opens a fresh migrated file in the test's own folder.
func SQLite(t testing.TB, rooms ...db.Room) *db.DB {
	t.Helper()
	d := open(t, "sqlite:"+liteFile(t, rooms))
	relax(t, d)
	return d
}

// Postgres makes a fresh migrated database on the named server and drops it afterwards; it skips, loudly, when no server is named.
func Postgres(t testing.TB, rooms ...db.Room) *db.DB {
	t.Helper()
	s := server(t)
	return open(t, copied(t, s, pgTemplate(t, s, rooms)))
}

// PostgresURL makes an empty database on the named server and gives its address.
func PostgresURL(t testing.TB) string {
	t.Helper()
	return copied(t, server(t), "template0")
}

// server is the server's address.
func server(t testing.TB) string {
	t.Helper()
	s := os.Getenv(ServerVar)
	if s == "" {
		if os.Getenv("TONGBAN_FULL") != "" {
			t.Fatal(ServerVar + " names no server: run it as ./check full does, beside dbtest/withpg")
		}
		t.Skipf("no PostgreSQL: %s is not set; run ./check full", ServerVar)
	}
	return s
}

// copied makes a database that is a copy of another one, and drops it when the test ends.
func copied(t testing.TB, server, of string) string {
	t.Helper()
	admin := func(q string) error {
		c, err := sql.Open("pgx", server)
		if err != nil {
			return err
		}
		defer c.Close()
		_, err = c.ExecContext(context.Background(), q)
		return err
	}
	name := "t" + strings.ReplaceAll(ident.New(), "-", "")
	if err := admin("CREATE DATABASE " + name + " TEMPLATE " + of + " STRATEGY FILE_COPY"); err != nil { // a third of the time of copying through the log
		t.Fatalf("create database on %s: %v", ServerVar, err)
	}
	t.Cleanup(func() {
		if err := admin("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)"); err != nil {
			t.Errorf("drop database: %v", err)
		}
	})
	return at(t, server, name)
}

// at is the address of another database of the server.
func at(t testing.TB, server, name string) string {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	q := u.Query()
	q.Set("tongban_unsafe", "1")
	u.RawQuery = q.Encode()
	return u.String()
}

func open(t testing.TB, url string) *db.DB {
	t.Helper()
	o := db.Options{MaxConns: 8}
	if os.Getenv("TONGBAN_TEST_ISOLATION") == "repeatable_read" {
		o.Isolation = sql.LevelRepeatableRead
	}
	d, err := db.Open(t.Context(), url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// Count gives the number of rows of a table that meet a condition ("" for all).
func Count(t testing.TB, d *db.DB, table, where string, args ...any) int {
	t.Helper()
	q := "SELECT COUNT(*) FROM " + table
	if where != "" {
		q += " WHERE " + where
	}
	var n int
	if err := d.R().QueryRowContext(context.Background(), q, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", q, err)
	}
	return n
}

// WantCounts fails the test unless each table holds exactly so many rows.
func WantCounts(t testing.TB, d *db.DB, want map[string]int) {
	t.Helper()
	for table, n := range want {
		if got := Count(t, d, table, ""); got != n {
			t.Errorf("%s: %s", table, fmt.Sprintf("%d rows, want %d", got, n))
		}
	}
}
