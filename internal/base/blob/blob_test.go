package blob_test

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tongban/internal/base/blob"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/vault"
)

func store(t *testing.T) (*blob.Store, string) {
	t.Helper()
	dir := t.TempDir()
	s, err := blob.Open(dir, vault.New(vault.NewKeys()))
	if err != nil {
		t.Fatal(err)
	}
	return s, dir
}

func fileOf(t *testing.T, dir, id string) string {
	t.Helper()
	found, _ := filepath.Glob(filepath.Join(dir, "*", id))
	if len(found) != 1 {
		t.Fatalf("file %s: found %v", id, found)
	}
	return found[0]
}

func TestEverySizeComesBack(t *testing.T) {
	s, dir := store(t)
	for _, n := range []int{0, 1, 65535, 65536, 65537, 131072, 300000} {
		plain := make([]byte, n)
		for i := range plain {
			plain[i] = byte(rand.Uint32()) //nolint:gosec // test data
		}
		ref, err := s.Put(t.Context(), bytes.NewReader(plain), "application/pdf", 1<<20)
		if err != nil || ref.Size != int64(n) {
			t.Fatalf("Put %d bytes: %+v, %v", n, ref, err)
		}
		if got, err := s.Bytes(ref.ID); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d bytes came back as %d, %v", n, len(got), err)
		}
		if raw, _ := os.ReadFile(fileOf(t, dir, ref.ID)); n > 100 && bytes.Contains(raw, plain[:50]) {
			t.Error("stored readable")
		}
	}
}

func TestAlteredCutOrMixedFilesFail(t *testing.T) {
	s, dir := store(t)
	ref, err := s.Put(t.Context(), bytes.NewReader(make([]byte, 200000)), "application/pdf", 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	path := fileOf(t, dir, ref.ID)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	frame := 65536 + 16
	head := len(raw) - 200000 - 4*16
	swapped := bytes.Clone(raw)
	copy(swapped[head:], raw[head+frame:head+2*frame])
	copy(swapped[head+frame:], raw[head:head+frame])
	flipped := bytes.Clone(raw)
	flipped[len(raw)-1] ^= 1
	for name, bad := range map[string][]byte{"flipped": flipped, "cut at a frame": raw[:head+2*frame], "cut": raw[:len(raw)-5], "swapped": swapped, "empty": nil} {
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Bytes(ref.ID); err == nil {
			t.Errorf("%s file was read without an error", name)
		}
	}
}

func TestTooLargeOrBrokenLeavesNothing(t *testing.T) {
	s, dir := store(t)
	if _, err := s.Put(t.Context(), bytes.NewReader(make([]byte, 101)), "x", 100); errs.KindOf(err) != errs.TooLarge {
		t.Errorf("101 of 100 bytes = %v", err)
	}
	broken := io.MultiReader(bytes.NewReader(make([]byte, 99999)), failing{})
	if _, err := s.Put(t.Context(), broken, "x", 1<<20); err == nil {
		t.Error("an upload that broke off was stored")
	}
	found, _ := filepath.Glob(filepath.Join(dir, "*", "*"))
	if len(found) != 0 {
		t.Errorf("left behind: %v", found)
	}
	if _, err := s.Get("../../etc/passwd"); errs.KindOf(err) != errs.NotFound {
		t.Errorf("path as id = %v", err)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestSweepTakesOnlyOldFilesNobodyKeeps(t *testing.T) {
	dbtest.Each(t, []db.Room{blob.Schema}, func(t *testing.T, d *db.DB) {
		s, _ := store(t)
		now := time.Now()
		put := func() blob.Ref {
			r, err := s.Put(t.Context(), bytes.NewReader([]byte("x")), "text/plain", 10)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		kept, lost := put(), put()
		if err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return s.KeepTx(ctx, tx, now, kept, "cases:1") }); err != nil {
			t.Fatal(err)
		}
		if n, err := s.Sweep(t.Context(), d, now.Add(-24*time.Hour)); n != 0 || err != nil {
			t.Errorf("swept %d young files, %v", n, err)
		}
		if n, err := s.Sweep(t.Context(), d, now.Add(time.Hour)); n != 1 || err != nil {
			t.Errorf("swept %d, %v, want 1", n, err)
		}
		if _, err := s.Bytes(kept.ID); err != nil {
			t.Error("a kept file was swept")
		}
		if _, err := s.Get(lost.ID); errs.KindOf(err) != errs.NotFound {
			t.Error("an orphan stayed")
		}
	})
}

func TestSniffGoesByContent(t *testing.T) {
	for in, want := range map[string]string{"%PDF-1.7\n": "pdf", "MZ\x90\x00\x03": "", "PK\x03\x04": "", "\x89PNG\r\n\x1a\n": "png", "<html><script>": "", "买卖": "txt"} {
		if got, _ := blob.Sniff([]byte(in)); got != want {
			t.Errorf("Sniff(%q) = %q, want %q", in, got, want)
		}
	}
}
