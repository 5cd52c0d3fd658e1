package db

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// ErrNoCopy is returned by Copy on an engine that has no bulk protocol.
var ErrNoCopy = errors.New("db: COPY is PostgreSQL's")

// Copy writes n rows into a table by PostgreSQL's COPY, inside the transaction; row gives the values of row i in the order of columns. It breaks off at
// the first row that breaks a constraint. On SQLite it is ErrNoCopy.
func (t *Tx) Copy(ctx context.Context, table string, columns []string, n int, row func(i int) ([]any, error)) error {
	if t.d.dialect != Postgres {
		return ErrNoCopy
	}
	return t.conn.Raw(func(driver any) error {
		c, ok := driver.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("db: COPY over %T", driver)
		}
		_, err := c.Conn().CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromSlice(n, row))
		return err
	})
}
