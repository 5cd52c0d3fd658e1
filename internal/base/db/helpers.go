package db

import (
	"context"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"

	"tongban/internal/base/errs"
)

// In gives n placeholders for an IN list, beginning with number start: In(3, 2) is "$3,$4". An IN over nothing is "NULL", true for no row.
func In(start, n int) string {
	if n == 0 {
		return "NULL"
	}
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(start + i))
	}
	return b.String()
}

// Args turns strings into query arguments.
func Args(ss []string, more ...any) []any {
	out := make([]any, 0, len(ss)+len(more))
	out = append(out, more...)
	for _, s := range ss {
		out = append(out, s)
	}
	return out
}

// All runs a query and scans every row with scan.
func All[T any](ctx context.Context, q Q, scan func(*Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, Classify(err)
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, Classify(rows.Err())
}

// One runs a query for one row; missing gives the error when there is none.
func One[T any](ctx context.Context, q Q, missing error, scan func(*Rows) (T, error), query string, args ...any) (T, error) {
	all, err := All(ctx, q, scan, query, args...)
	if err == nil && len(all) == 0 {
		err = missing
	}
	if err != nil {
		var none T
		return none, err
	}
	return all[0], nil
}

// Cursor makes an opaque keyset cursor of sort keys.
func Cursor(keys ...string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Join(keys, "\x00")))
}

// ParseCursor undoes Cursor; n is the number of keys. The empty string gives nil. A cursor of another shape is errs.BadRequest.
func ParseCursor(s string, n int) ([]string, error) {
	if s == "" {
		return nil, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	keys := strings.Split(string(b), "\x00")
	if err != nil || len(keys) != n {
		return nil, errs.New(errs.BadRequest, "base.cursor", errs.P{"value": s})
	}
	return keys, nil
}

// NoRows reports whether err says that there was no row.
func NoRows(err error) bool { return errors.Is(err, ErrNoRows) }
