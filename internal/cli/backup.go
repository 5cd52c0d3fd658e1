package cli

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"tongban/internal/base/db"
)

type backupCmd struct {
	place
	Out string `arg:"" help:"备份文件（.tar.gz），不能已存在。File to write (.tar.gz); must not exist."`
}

const dbName = "tongban.db"

// Run writes database and files, the database first: every file its rows name was written before them, so it is in the archive too.
func (c *backupCmd) Run(e *env) error {
	o, err := c.options()
	if err != nil {
		return err
	}
	d, err := db.Open(e.ctx, o.Database, db.Options{MaxConns: 2})
	if err != nil {
		return err
	}
	defer d.Close()
	if d.Dialect() != db.SQLite {
		return errors.New("PostgreSQL 数据库请用 pg_dump 备份，文件目录另行复制，步骤见 docs/operations.md。Back PostgreSQL up with pg_dump and copy the files folder; see docs/operations.md")
	}
	out, err := os.OpenFile(c.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	n, err := archive(e.ctx, d, o.FilesDir, out)
	err = errors.Join(err, out.Sync(), out.Close())
	if err != nil {
		return errors.Join(err, os.Remove(c.Out))
	}
	_, err = fmt.Fprintf(e.out, "已备份数据库和 %d 个文件到 %s。密钥不在其中，请另行妥善保管。\nBacked up the database and %d files to %s. Keys are not in it; keep them apart.\n", n, c.Out, n, c.Out)
	return err
}

func archive(ctx context.Context, d *db.DB, filesDir string, out io.Writer) (int, error) {
	tmp, err := os.MkdirTemp("", "tongban-backup")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(tmp)
	snap := filepath.Join(tmp, dbName)
	if err := d.Snapshot(ctx, snap); err != nil {
		return 0, err
	}
	z := gzip.NewWriter(out)
	t := tar.NewWriter(z)
	if err := put(t, snap, dbName); err != nil {
		return 0, err
	}
	n := 0
	err = filepath.WalkDir(filesDir, func(path string, de fs.DirEntry, err error) error {
		if err != nil || de.IsDir() || strings.HasSuffix(path, ".part") {
			return err
		}
		rel, err := filepath.Rel(filesDir, path)
		if err != nil {
			return err
		}
		n++
		return put(t, path, "files/"+filepath.ToSlash(rel))
	})
	return n, errors.Join(err, t.Close(), z.Close())
}

func put(t *tar.Writer, path, name string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return err
	}
	if err := t.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: st.Size(), ModTime: st.ModTime()}); err != nil {
		return err
	}
	_, err = io.Copy(t, f)
	return err
}

type restoreCmd struct {
	In   string `arg:"" help:"备份文件。Backup file." type:"existingfile"`
	Data string `help:"要恢复到的空目录。Empty folder to restore into." required:"" type:"path"`
}

// Run unpacks a backup into an empty folder; keys are put there by hand.
func (c *restoreCmd) Run(e *env) error {
	if found, err := os.ReadDir(c.Data); err == nil && hasData(found) {
		return fmt.Errorf("%s 里已有数据，不会覆盖；请换一个空目录。It holds data already and is not overwritten; choose an empty folder", c.Data)
	}
	f, err := os.Open(c.In)
	if err != nil {
		return err
	}
	defer f.Close()
	n, err := unpack(f, c.Data)
	if err != nil {
		return fmt.Errorf("备份文件不完整或不是本程序的备份 (broken, or not a backup of ours): %w", err)
	}
	_, err = fmt.Fprintf(e.out, "已恢复 %d 个文件到 %s。请把密钥放到 %s 后再启动。\nRestored %d files to %s. Put the keys into %s before starting.\n", n, c.Data, filepath.Join(c.Data, "keys"), n, c.Data, filepath.Join(c.Data, "keys"))
	return err
}

// hasData lets a folder through that holds nothing but keys.
func hasData(found []fs.DirEntry) bool {
	for _, d := range found {
		if d.Name() != "keys" {
			return true
		}
	}
	return false
}

func unpack(in io.Reader, dir string) (int, error) {
	z, err := gzip.NewReader(in)
	if err != nil {
		return 0, err
	}
	t := tar.NewReader(z)
	for n := 0; ; n++ {
		h, err := t.Next()
		if errors.Is(err, io.EOF) && n > 0 {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		if !filepath.IsLocal(h.Name) || h.Typeflag != tar.TypeReg || h.Name != dbName && !strings.HasPrefix(h.Name, "files/") {
			return n, fmt.Errorf("unexpected entry %q", h.Name)
		}
		if err := write(filepath.Join(dir, filepath.FromSlash(h.Name)), t); err != nil {
			return n, err
		}
	}
}

func write(path string, r io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r) //nolint:gosec // a backup of ours, restored by its operator
	return errors.Join(err, f.Sync(), f.Close())
}
