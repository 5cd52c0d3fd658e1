package crash

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestFullDisk fills the disk under people who type: they are told, nothing acknowledged is lost, and when there is room again the server goes on
// by itself.
func TestFullDisk(t *testing.T) {
	long(t)
	filled := template(t)
	disk := smallDisk(t, "48m")
	s := &server{t: t, dir: filepath.Join(disk, "data"), log: filepath.Join(t.TempDir(), "full.log")}
	copyTo(t, filled, s.dir)
	s.start()
	p := halfway(t, s)
	room := fill(t, disk)
	p.typeUntilFull(t)
	const typed = "磁盘满时写的店名"
	a, err := p.page("", typed+strings.Repeat("店", 60))
	wantTold(t, "the form's page", a, err, http.StatusInsufficientStorage, "base.disk_full")
	a, err = p.page(autosave, typed+strings.Repeat("店", 60))
	wantTold(t, "autosave", a, err, http.StatusInsufficientStorage, "base.disk_full")
	for name, k := range p.requests() {
		err := p.w.clientOf(k.who).try(k)
		var r refusal
		_ = errors.As(err, &r)
		wantTold(t, name, r.a, err, http.StatusInsufficientStorage, "base.disk_full")
	}
	if a, err := p.keeper.get("/drafts/" + p.open.id + "/form/premises"); err != nil || a.status != http.StatusOK {
		t.Errorf("reading on a full disk: %d %v", a.status, err)
	}
	s.alive()
	if err := os.Remove(room); err != nil {
		t.Fatal(err)
	}
	p.goesOn(t, typed)
	s.alive()
}

// smallDisk mounts a file system of its own; only root may.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("SKIPPED: a small disk cannot be mounted (%v); run as root in a place where mount is allowed", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

// fill takes all room that is left and gives the file to remove.
func fill(t *testing.T, disk string) string {
	t.Helper()
	path := filepath.Join(disk, "filler")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for n := 1 << 20; n > 0; {
		if _, err = f.Write(make([]byte, n)); err == nil {
			continue
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
		n /= 2
	}
	return path
}

// typeUntilFull saves the draft again and again, as its page does, until there is no room; the log of the database may have some left.
func (p *pair) typeUntilFull(t *testing.T) {
	t.Helper()
	for i := range 2000 {
		before := p.open.version
		a, err := p.page(autosave, fmt.Sprintf("第%d稿%s", i, strings.Repeat("饭", 60)))
		switch {
		case err != nil:
			t.Fatal(err)
		case a.status == http.StatusInsufficientStorage:
			t.Logf("full after %d saves", i)
			return
		case a.status != http.StatusOK:
			t.Fatalf("save %d on a nearly full disk: %d %s", i, a.status, a.body)
		}
		if err := p.open.moved(before+1, "save"); err != nil {
			t.Fatal(err)
		}
	}
	t.Fatal("the disk does not get full")
}

func uploaded(k *call, a answer) upload {
	var f struct {
		ID string `json:"id"`
	}
	_ = a.into(&f)
	body := k.body[strings.Index(string(k.body), "\r\n\r\n")+4:]
	body = body[:len(body)-len("\r\n--"+boundary+"--\r\n")]
	return upload{key: k.key, id: f.ID, sum: sha256.Sum256(body)}
}
