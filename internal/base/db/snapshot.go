package db

import (
	"context"
	"database/sql"
	"errors"
	"strings"
)

// ErrUsePgDump says that a PostgreSQL database is backed up by its own tools.
var ErrUsePgDump = errors.New("db: back PostgreSQL up with pg_dump")

// Snapshot writes a consistent copy of a SQLite database to a new file while others go on writing; on PostgreSQL it is ErrUsePgDump.
func (d *DB) Snapshot(ctx context.Context, path string) error {
	if d.dialect != SQLite {
		return ErrUsePgDump
	}
	c, err := sql.Open("sqlite", liteDSN(strings.TrimPrefix(d.url, "sqlite:"))) // neither pool will do: one is busy writing, the other may not write
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.ExecContext(ctx, `VACUUM INTO ?`, path)
	return Classify(err)
}
