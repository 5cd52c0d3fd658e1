// Package db is the thin layer on database/sql under which one SQL text runs on SQLite and PostgreSQL: dialect, pools, transactions with
// retry, error classes, a few scanning helpers and migrations. It owns no tables but goose's version tables. Rooms use it in store*.go only.
//
// Rules it enforces: a write transaction is never opened inside another (SQLite would wait on itself for ever), and a database that is
// away, full or busy becomes an error of package errs that says so.
package db
