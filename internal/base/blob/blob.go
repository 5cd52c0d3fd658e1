// Package blob stores files outside the database: encrypted in frames, written and synced before the row that names them is committed, and
// swept when no row does within a day. It owns blob_file. Rooms keep the id and call KeepTx in the transaction that uses the file.
package blob

import (
	"bytes"
	"context"
	"embed"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/emmansun/gmsm/sm3"

	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/base/vault"
)

//go:embed migrations/*.sql
var files embed.FS

// Schema is the tables of the store.
var Schema = db.Room{Name: "blob", Files: files}

// Ref names a stored file.
type Ref struct {
	ID   string
	Size int64
	SM3  string // hex of the SM3 of the plain bytes; keep it sealed or keyed where the file is personal
	MIME string
}

// Store is a folder of encrypted files.
type Store struct {
	dir string
	v   *vault.Vault
}

// Open uses a folder, making it if needed.
func Open(dir string, v *vault.Vault) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return &Store{dir: dir, v: v}, nil
}

func (s *Store) path(id string) string { return filepath.Join(s.dir, id[len(id)-2:], id) }

// Put stores what r gives, at most limit bytes, and returns after it is on the disk. More bytes are errs.TooLarge, a full disk is errs.Full;
// in both cases nothing stays behind.
func (s *Store) Put(ctx context.Context, r io.Reader, mime string, limit int64) (Ref, error) {
	ref := Ref{ID: ident.New(), MIME: mime}
	path := s.path(ref.ID)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return ref, diskError(err)
	}
	f, err := os.OpenFile(path+".part", os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return ref, diskError(err)
	}
	sum := sm3.New()
	in := &limited{ctx: ctx, r: io.TeeReader(r, sum), left: limit, limit: limit}
	err = encrypt(f, in, s.v, ref.ID)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(path+".part", path)
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		_ = os.Remove(path + ".part")
		return ref, diskError(err)
	}
	ref.Size, ref.SM3 = limit-in.left, hex.EncodeToString(sum.Sum(nil))
	return ref, nil
}

// limited fails with errs.TooLarge at the first byte too many, and when ctx ends.
type limited struct {
	ctx         context.Context
	r           io.Reader
	left, limit int64
}

func (l *limited) Read(p []byte) (int, error) {
	if err := l.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := l.r.Read(p)
	if errors.Is(err, io.ErrUnexpectedEOF) { // the sender broke off; io.ReadFull would take it for the file's end
		return n, errs.Wrap(errCut, errs.BadRequest, "base.upload_cut")
	}
	if l.left -= int64(n); l.left < 0 {
		return 0, errs.New(errs.TooLarge, "base.too_large", errs.P{"max": Human(l.limit)})
	}
	return n, err
}

var errCut = errors.New("blob: the upload broke off")

func diskError(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return errs.Wrap(err, errs.Full, "base.disk_full")
	}
	return err
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Get opens a file for reading; errs.NotFound if it is not there. An altered file fails while it is read.
func (s *Store) Get(id string) (io.ReadCloser, error) {
	if !ident.Valid(id) {
		return nil, errs.New(errs.NotFound, "base.not_found")
	}
	f, err := os.Open(s.path(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errs.New(errs.NotFound, "base.not_found")
	}
	if err != nil {
		return nil, err
	}
	r, err := decrypt(f, s.v, id)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return struct {
		io.Reader
		io.Closer
	}{r, f}, nil
}

// Bytes reads a whole small file.
func (s *Store) Bytes(id string) ([]byte, error) {
	r, err := s.Get(id)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var b bytes.Buffer
	_, err = b.ReadFrom(r)
	return b.Bytes(), err
}

// KeepTx writes the row that keeps a file from being swept; owner is "<room>:<record id>".
func (s *Store) KeepTx(ctx context.Context, tx *db.Tx, now time.Time, ref Ref, owner string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO blob_file (id, size, sm3, mime, owner, created_ms) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING`,
		ref.ID, ref.Size, s.v.Blind("blob.sm3", ref.SM3), ref.MIME, owner, now.UnixMilli())
	return err
}

// DropTx forgets a file; the sweep removes it.
func (s *Store) DropTx(ctx context.Context, tx *db.Tx, id string) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM blob_file WHERE id = $1`, id)
	return err
}

// Sweep removes files older than a time that no row keeps, and gives their number.
func (s *Store) Sweep(ctx context.Context, d *db.DB, before time.Time) (int, error) {
	removed := 0
	err := filepath.WalkDir(s.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		st, err := e.Info()
		if err != nil || !st.ModTime().Before(before) {
			return err
		}
		var n int
		if err := d.R().QueryRowContext(ctx, `SELECT COUNT(*) FROM blob_file WHERE id = $1`, e.Name()).Scan(&n); err != nil {
			return db.Classify(err)
		}
		if n == 0 {
			removed++
			return os.Remove(path)
		}
		return nil
	})
	return removed, err
}
