package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"

	"tongban/internal/base/errs"
)

// SQLite's primary and extended result codes that we tell apart (https://sqlite.org/rescode.html).
const (
	liteBusy, liteLocked, liteIO, liteFull, liteCantOpen, liteReadOnly = 5, 6, 10, 13, 14, 8
	liteUnique, litePrimaryKey                                         = 2067, 1555
)

// Unique reports whether err is the violation of a unique constraint or primary key.
func Unique(err error) bool {
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		return pe.Code == "23505"
	}
	var se *sqlite.Error
	return errors.As(err, &se) && (se.Code() == liteUnique || se.Code() == litePrimaryKey)
}

func retryable(err error) bool {
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		return pe.Code == "40001" || pe.Code == "40P01"
	}
	var se *sqlite.Error
	return errors.As(err, &se) && se.Code()&0xff == liteBusy
}

// Classify turns a driver's error into errs.Unavailable or errs.Full where that is what it means; other errors pass unchanged.
func Classify(err error) error {
	if err == nil || errors.Is(err, sql.ErrNoRows) || errs.As(err) != nil {
		return err
	}
	var se *sqlite.Error
	if errors.As(err, &se) {
		return classifyLite(err, se.Code()&0xff)
	}
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		return classifyPG(err, pe.Code)
	}
	var ne *net.OpError
	var ce *pgconn.ConnectError
	switch {
	case errors.As(err, &ne), errors.As(err, &ce), errors.Is(err, driver.ErrBadConn), errors.Is(err, sql.ErrConnDone),
		errors.Is(err, context.DeadlineExceeded), strings.Contains(err.Error(), "conn closed"), strings.Contains(err.Error(), "unexpected EOF"):
		return errs.Wrap(err, errs.Unavailable, "base.unavailable")
	}
	return err
}

func classifyLite(err error, code int) error {
	switch code {
	case liteFull:
		return errs.Wrap(err, errs.Full, "base.disk_full")
	case liteIO:
		if strings.Contains(err.Error(), "no space") {
			return errs.Wrap(err, errs.Full, "base.disk_full")
		}
		return errs.Wrap(err, errs.Unavailable, "base.unavailable")
	case liteBusy, liteLocked, liteCantOpen, liteReadOnly:
		return errs.Wrap(err, errs.Unavailable, "base.unavailable")
	}
	return err
}

func classifyPG(err error, code string) error {
	switch {
	case code == "53100":
		return errs.Wrap(err, errs.Full, "base.disk_full")
	case strings.HasPrefix(code, "08"), strings.HasPrefix(code, "57P"), code == "53300", code == "40001", code == "40P01":
		return errs.Wrap(err, errs.Unavailable, "base.unavailable")
	}
	return err
}
