package design

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
)

const fileColumns = `path, rev, content, removed, had, was, by_staff, at_ms`

func scanFile(r *db.Rows) (File, error) {
	var f File
	var had bool
	var when int64
	err := r.Scan(&f.Path, &f.Rev, &f.Content, &f.Removed, &had, &f.Was, &f.By, &when)
	f.Kind, f.Key = KindOf(f.Path)
	f.New, f.At = !had, db.Instant(when)
	return f, err
}

func filesOf(ctx context.Context, q db.Q, id string) ([]File, error) {
	return db.All(ctx, q, scanFile, `SELECT `+fileColumns+` FROM design_file WHERE change_id = $1 ORDER BY path`, id)
}

// fileOf gives a change's own file; found is false when it has none of this path.
func fileOf(ctx context.Context, q db.Q, id, path string) (f File, found bool, err error) {
	missing := errs.New(errs.NotFound, "design.no_file", errs.P{"path": path})
	f, err = db.One(ctx, q, missing, scanFile, `SELECT `+fileColumns+` FROM design_file WHERE change_id = $1 AND path = $2`, id, path)
	if errs.Is(err, "design.no_file") {
		return File{}, false, nil
	}
	return f, err == nil, err
}

func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// putFile writes a file over a revision: 0 makes it. errs.Conflict "design.moved" when another revision is there.
func putFile(ctx context.Context, tx *db.Tx, id string, rev int, f File) error {
	moved := errs.New(errs.Conflict, "design.moved", errs.P{"path": f.Path})
	if rev == 0 {
		return tx.Exec1(ctx, moved, `INSERT INTO design_file (change_id, path, rev, content, removed, had, was, by_staff, at_ms) VALUES ($1, $2, 1, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (change_id, path) DO NOTHING`, id, f.Path, blob(f.Content), f.Removed, !f.New, blob(f.Was), f.By, db.Millis(f.At))
	}
	return tx.Exec1(ctx, moved, `UPDATE design_file SET content = $1, removed = $2, by_staff = $3, at_ms = $4, rev = rev + 1 WHERE change_id = $5 AND path = $6 AND rev = $7`,
		blob(f.Content), f.Removed, f.By, db.Millis(f.At), id, f.Path, rev)
}

// rebase notes that a file's author has seen what the pack says now.
func rebase(ctx context.Context, tx *db.Tx, id string, f File) error {
	return tx.Exec1(ctx, errs.New(errs.Conflict, "design.moved", errs.P{"path": f.Path}),
		`UPDATE design_file SET had = $1, was = $2, content = $3, rev = rev + 1 WHERE change_id = $4 AND path = $5 AND rev = $6`, !f.New, blob(f.Was), blob(f.Content), id, f.Path, f.Rev)
}

func dropFile(ctx context.Context, tx *db.Tx, id, path string, rev int) error {
	return tx.Exec1(ctx, errs.New(errs.Conflict, "design.moved", errs.P{"path": path}), `DELETE FROM design_file WHERE change_id = $1 AND path = $2 AND rev = $3`, id, path, rev)
}

// sealOf is the hash of what a change holds: files, what they stand on, and what it does.
func sealOf(c Change, fs []File) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s|%s|%s|%s|%s\n", c.Act, c.Pack, c.Item, c.Instead, c.Reason)
	for _, f := range fs {
		fmt.Fprintf(h, "%d:%s|%v|%v|%d:", len(f.Path), f.Path, f.Removed, f.New, len(f.Content))
		h.Write(f.Content)
	}
	return hex.EncodeToString(h.Sum(nil))
}
