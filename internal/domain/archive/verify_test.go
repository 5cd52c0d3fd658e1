package archive_test

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/dbtest"
	"tongban/internal/domain/archive"
	"tongban/internal/domain/paper"
)

type actor = authz.Actor

// raw gives what stands on the disk for a stored file.
func (k *kit) raw(id string) []byte {
	k.t.Helper()
	b, err := os.ReadFile(k.path(id))
	k.ok(err)
	return b
}

func (k *kit) path(id string) string {
	k.t.Helper()
	found, _ := filepath.Glob(filepath.Join(k.dir, "*", id))
	if len(found) != 1 {
		k.t.Fatalf("%s: %v", id, found)
	}
	return found[0]
}

// One byte changed anywhere is found: every byte outside the contents, and of each content its first, last and some between.
func TestAFlippedByteIsFoundAnywhere(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t, rooms...))
	_, b := k.archived("0001")
	if cs := k.judge(b); !cs.OK() {
		t.Fatalf("sound package: %+v", cs)
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	k.ok(err)
	content := make([]bool, len(b)) // bytes that need not all be tried
	for _, f := range z.File {
		off, err := f.DataOffset()
		k.ok(err)
		size := int64(f.UncompressedSize64) //nolint:gosec // small
		if strings.HasSuffix(f.Name, ".sig") || strings.HasSuffix(f.Name, ".pem") {
			continue // all of them
		}
		for i := int64(1); i < size-1; i++ {
			content[off+i] = i%1009 != 0
		}
	}
	tried := 0
	for i := range b {
		if content[i] {
			continue
		}
		bad := bytes.Clone(b)
		bad[i] ^= 1 << (i % 8)
		tried++
		if cs := k.judge(bad); cs.OK() {
			t.Errorf("byte %d of %d (%q) changed, and nobody notices", i, len(b), b[max(0, i-8):min(len(b), i+8)])
		}
	}
	t.Logf("%d of %d bytes tried", tried, len(b))
	for name, bad := range map[string][]byte{"cut": b[:len(b)-1], "longer": append(bytes.Clone(b), 0), "half": b[:len(b)/2], "empty": nil, "before": append([]byte{0}, b...)} {
		if k.judge(bad).OK() {
			t.Errorf("%s is taken for sound", name)
		}
	}
}

// rebuilt writes a package anew with Go's own ZIP writer, changed by f.
func (k *kit) rebuilt(b []byte, f func(name string, body []byte) (string, []byte)) []byte {
	k.t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	k.ok(err)
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, x := range z.File {
		r, err := x.Open()
		k.ok(err)
		body, err := io.ReadAll(r)
		k.ok(err)
		name, body := f(x.Name, body)
		if name == "" {
			continue
		}
		p, err := w.Create(name)
		k.ok(err)
		_, err = p.Write(body)
		k.ok(err)
	}
	k.ok(w.Close())
	return out.Bytes()
}

// unpacked writes a package into a folder.
func (k *kit) unpacked(b []byte) string {
	k.t.Helper()
	dir := k.t.TempDir()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	k.ok(err)
	k.ok(os.CopyFS(dir, z))
	return dir
}

func (k *kit) judgeFolder(dir string) archive.Checks {
	k.t.Helper()
	s, err := archive.ExamineFolder(k.t.Context(), os.DirFS(dir), k.trust())
	k.ok(err)
	return archive.Judge(s)
}

func TestWhatEachCheckFinds(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t, rooms...))
	_, b := k.archived("0001")
	if cs := k.judgeFolder(k.unpacked(b)); !cs.OK() {
		t.Fatalf("unpacked: %+v", cs)
	}
	for name, c := range map[string]struct {
		change     func(dir string) error
		check, key string
	}{
		"a file less": {func(d string) error { return os.Remove(filepath.Join(d, "opinions/001.json")) }, archive.Complete, "archive.missing"},
		"a file more": {func(d string) error { return os.WriteFile(filepath.Join(d, "opinions/002.json"), []byte("{}"), 0o600) }, archive.Complete, "archive.extra"},
		"other text":  {func(d string) error { return os.WriteFile(filepath.Join(d, "opinions/001.json"), []byte("{}"), 0o600) }, archive.Authentic, "archive.changed"},
		"emptied":     {func(d string) error { return os.WriteFile(filepath.Join(d, "log/visits.json"), nil, 0o600) }, archive.Usable, "archive.empty"},
		"no JSON":     {func(d string) error { return os.WriteFile(filepath.Join(d, "case.json"), []byte("{"), 0o600) }, archive.Usable, "archive.unreadable"},
		"cut paper":   {func(d string) error { return os.Truncate(filepath.Join(d, "papers/01-grant.pdf"), 3000) }, archive.Usable, "archive.cut_off"},
		"forged paper": {func(d string) error {
			p := filepath.Join(d, "papers/01-grant.pdf")
			x, err := os.ReadFile(p)
			if err == nil {
				x[200] ^= 1
				err = os.WriteFile(p, x, 0o600)
			}
			return err
		}, archive.Authentic, "archive.bad_seal"},
		"events": {func(d string) error {
			p := filepath.Join(d, "log/events.json")
			x, err := os.ReadFile(p)
			if err == nil {
				err = os.WriteFile(p, bytes.Replace(x, []byte(`"accepted"`), []byte(`"received"`), 1), 0o600)
			}
			return err
		}, archive.Authentic, "archive.chain_broken"},
		"a program": {func(d string) error {
			return os.WriteFile(filepath.Join(d, "materials/0001.pdf"), []byte("%PDF-1.4 /S /Launch /F (x) %%EOF"), 0o600)
		}, archive.Secure, "archive.active"},
		"something else": {func(d string) error {
			return os.WriteFile(filepath.Join(d, "materials/0001.pdf"), []byte("MZ\x90\x00\x03 x"), 0o600)
		}, archive.Secure, "archive.unknown_content"},
		"another manifest": {func(d string) error {
			p := filepath.Join(d, "manifest.json")
			x, err := os.ReadFile(p)
			if err == nil {
				err = os.WriteFile(p, bytes.Replace(x, []byte(`"永久"`), []byte(`"10年"`), 1), 0o600)
			}
			return err
		}, archive.Authentic, "archive.bad_signature"},
	} {
		dir := k.unpacked(b)
		k.ok(c.change(dir))
		if cs := k.judgeFolder(dir); cs.OK() || !found(cs, c.check, c.key) {
			t.Errorf("%s: %+v", name, cs)
		}
	}
	same := func(n string, x []byte) (string, []byte) { return n, x }
	if cs := k.judge(k.rebuilt(b, same)); cs.OK() {
		t.Error("a package zipped anew is taken for the original")
	}
}

func TestWhoSignedIsJudgedByTheRootsAlone(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t, rooms...))
	_, b := k.archived("0001")
	other, err := paper.NewKeyring(filepath.Join(t.TempDir(), "keys"))
	k.ok(err)
	k.ok(other.EnsureCA("清澜市电子印章测试根", k.at, true)) // the same name, another key
	for name, roots := range map[string][][]byte{"nobody": nil, "an impostor's root": {other.TrustPEM()}} {
		s, err := archive.Examine(t.Context(), bytes.NewReader(b), archive.Trust{Roots: roots, Now: k.at})
		k.ok(err)
		if cs := archive.Judge(s); cs.OK() || !found(cs, archive.Authentic, "archive.cert_unknown") {
			t.Errorf("%s: %+v", name, cs)
		}
	}
	s, err := archive.Examine(t.Context(), bytes.NewReader(b), archive.Trust{Roots: [][]byte{k.ring.TrustPEM()}, Now: k.at.Add(-24 * time.Hour)})
	k.ok(err)
	if cs := archive.Judge(s); !found(cs, archive.Authentic, "archive.future") {
		t.Errorf("made in the future: %+v", cs)
	}
	if cs := k.judge(b); !found(cs, archive.Authentic, "archive.test_keys") {
		t.Error("test keys are not named")
	}
}

// openssl, which knows nothing of this program, verifies signature, certificate and digests.
func TestOpenSSLVerifiesAPackage(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("SKIPPED: openssl is not installed; the signature is not checked by a second implementation")
	}
	if out, err := exec.CommandContext(t.Context(), "openssl", "version").Output(); err != nil || strings.HasPrefix(string(out), "OpenSSL 1.") {
		t.Skipf("SKIPPED: openssl 3 is needed, found %s", out)
	}
	k := newKit(t, dbtest.SQLite(t, rooms...))
	_, b := k.archived("0001")
	dir := k.unpacked(b)
	k.ok(os.WriteFile(filepath.Join(dir, "ca.pem"), k.ring.TrustPEM(), 0o600))
	ssl := func(args ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), "openssl", args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	pub, err := ssl("x509", "-in", "signer.pem", "-noout", "-pubkey")
	k.ok(err)
	k.ok(os.WriteFile(filepath.Join(dir, "pub.pem"), []byte(pub), 0o600))
	verify := []string{"dgst", "-sm3", "-verify", "pub.pem", "-sigopt", "distid:1234567812345678", "-signature", "manifest.sig", "manifest.json"}
	if out, err := ssl(verify...); err != nil {
		t.Errorf("signature: %v\n%s", err, out)
	}
	if out, err := ssl("verify", "-CAfile", "ca.pem", "-no-CApath", "-no-CAstore", "-no_check_time", "-vfyopt", "distid:1234567812345678", "signer.pem"); err != nil {
		t.Errorf("certificate: %v\n%s", err, out)
	}
	m, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	k.ok(err)
	out, err := ssl("dgst", "-sm3", "-r", "papers/01-grant.pdf")
	if digest, _, _ := strings.Cut(out, " "); err != nil || len(digest) != 64 || !bytes.Contains(m, []byte(digest)) {
		t.Errorf("digest %s is not in the manifest, %v", out, err)
	}
	m[len(m)/2] ^= 1
	k.ok(os.WriteFile(filepath.Join(dir, "manifest.json"), m, 0o600))
	if _, err := ssl(verify...); err == nil {
		t.Error("openssl takes a changed manifest")
	}
}

// zeros is a PDF of a length, made while it is read.
type zeros struct{ left, size int64 }

func (z *zeros) Read(p []byte) (int, error) {
	if z.left == 0 {
		return 0, io.EOF
	}
	n := int(min(int64(len(p)), z.left))
	clear(p[:n])
	if z.left == z.size {
		copy(p, "%PDF-1.4\n")
	}
	if z.left -= int64(n); z.left == 0 && n >= 6 {
		copy(p[n-6:], "%%EOF\n")
	}
	return n, nil
}

// Three materials of 100 MB are packed, sealed, examined and given out without being held.
func TestLargeMaterialsAtConstantMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 600 MB")
	}
	k := newKit(t, dbtest.SQLite(t, rooms...))
	d := k.granted("0001")
	for _, id := range []string{"b1", "b2", "b3"} {
		d.Files = append(d.Files, k.stream(id, "plan", &zeros{100 << 20, 100 << 20}, "application/pdf"))
	}
	k.w.dossiers["0001"] = d
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	stop, done := make(chan struct{}), make(chan uint64)
	go func() {
		most := uint64(0)
		for {
			select {
			case <-stop:
				done <- most
				return
			case <-time.After(20 * time.Millisecond):
				runtime.ReadMemStats(&now)
				most = max(most, now.HeapInuse)
			}
		}
	}()
	k.over(d, concluded)
	k.drain()
	pg, err := k.List(t.Context(), archivist, archive.Filter{})
	k.ok(err)
	if len(pg.Packages) != 1 || !pg.Packages[0].Sound || pg.Packages[0].Size < 300<<20 {
		t.Fatalf("%+v", pg.Packages)
	}
	run, err := k.Recheck(t.Context(), auditor, pg.Packages[0].ID)
	k.ok(err)
	close(stop)
	most := <-done
	if !run.Sound || most > before.HeapInuse+48<<20 {
		t.Errorf("sound %v, %d MB above the start", run.Sound, (most-before.HeapInuse)>>20)
	}
	t.Logf("heap at most %d MB for %d MB of materials", most>>20, pg.Packages[0].Size>>20)
}

// The monthly examination finds what happened to the stored package, tells it once, and goes on.
func TestTheJobFindsADamagedPackage(t *testing.T) {
	each(t, func(t *testing.T, k *kit) {
		bad, _ := k.archived("0001")
		good, _ := k.archived("0002")
		raw := k.raw(bad.BlobID)
		raw[len(raw)/2] ^= 1
		k.ok(os.WriteFile(k.path(bad.BlobID), raw, 0o600))
		k.ok(k.Schedule(t.Context()))
		k.drain()
		if n := dbtest.Count(t, k.d, "archive_check", ""); n != 2 {
			t.Fatalf("examined again on the same day: %d", n)
		}
		k.at = k.at.AddDate(0, 0, 31)
		k.drain()
		if n := dbtest.Count(t, k.d, "event_event", "topic = 'archive.unsound'"); n != 1 {
			t.Errorf("told %d times", n)
		}
		pg, err := k.List(t.Context(), auditor, archive.Filter{State: archive.Unsound})
		k.ok(err)
		if len(pg.Packages) != 1 || pg.Packages[0].ID != bad.ID {
			t.Fatalf("%+v", pg.Packages)
		}
		v, err := k.Package(t.Context(), auditor, bad.ID)
		k.ok(err)
		if len(v.Runs) != 2 || v.Runs[0].Sound || !found(v.Runs[0].Checks, archive.Authentic, "archive.store_unreadable") {
			t.Errorf("%+v", v.Runs)
		}
		if v, err := k.Package(t.Context(), auditor, good.ID); err != nil || len(v.Runs) != 2 || !v.Sound {
			t.Errorf("the other one: %+v %v", v.Runs, err)
		}
		k.at = k.at.AddDate(0, 0, 31)
		k.drain()
		if n := dbtest.Count(t, k.d, "event_event", "topic = 'archive.unsound'"); n != 1 {
			t.Errorf("told again: %d", n)
		}
	})
}

// A signature that is genuine over a manifest that lists too little is still incomplete.
func TestAnIncompleteCaseIsFound(t *testing.T) {
	k := newKit(t, dbtest.SQLite(t, rooms...))
	d := k.granted("0001")
	d.Decision = nil
	d.Events = append(d.Events[:2:2], d.Events[3])
	k.w.dossiers["0001"] = d
	k.w.papers = map[string][]byte{}
	k.over(d, concluded)
	k.drain()
	pg, err := k.List(t.Context(), archivist, archive.Filter{})
	k.ok(err)
	v, err := k.Package(t.Context(), archivist, pg.Packages[0].ID)
	k.ok(err)
	for _, key := range []string{"archive.owed", "archive.no_paper", "archive.event_gap"} {
		if v.Sound || !found(v.Runs[0].Checks, archive.Complete, key) {
			t.Errorf("%s is not found: %+v", key, v.Runs[0].Checks)
		}
	}
	if !v.Runs[0].Checks[0].OK {
		t.Errorf("authenticity: %+v", v.Runs[0].Checks[0])
	}
}

func TestPathsThatLeadOutAreRefused(t *testing.T) {
	for p, want := range map[string]bool{
		"log/events.json": true, "materials/0001.pdf": true, "../x": false, "/etc/passwd": false, "a/../b": false, "a//b": false, "": false, "A.json": false, "a\\b": false, "中.json": false, "./a": false,
	} {
		if got := archive.PlainPath(p); got != want {
			t.Errorf("%q: %v", p, got)
		}
	}
}
