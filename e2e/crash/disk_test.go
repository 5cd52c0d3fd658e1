package crash

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tongban/internal/base/db"
)

// TestSynchronousFull: every commit of SQLite is on the disk before it returns.
func TestSynchronousFull(t *testing.T) {
	d, err := db.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "tongban.db"), db.Options{}) // as the server does; tests open it without syncing
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for pragma, want := range map[string]string{"synchronous": "2", "journal_mode": "wal", "foreign_keys": "1"} {
		var got string
		if err := d.Raw().QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("PRAGMA %s = %s, %v; want %s", pragma, got, err, want)
		}
	}
	if d.Dialect() != db.SQLite {
		t.Error("not SQLite")
	}
}

// TestEveryAnswerIsOnTheDisk watches the system calls of the server: between the reading of a request and the writing of its acknowledgement
// the log of the database was written and synced, and a file before that.
func TestEveryAnswerIsOnTheDisk(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	trace := filepath.Join(t.TempDir(), "trace")
	watch := strace(t, trace)
	s := &server{t: t, dir: copyOf(t, template(t)), before: watch}
	s.start()
	w := newWorld(s, 7)
	if err := w.signIn(); err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(7, 7)) //nolint:gosec // the same requests each time
	keeper, elder := w.clientOf("person:19900000101"), w.clientOf("person:19900000103")
	d := w.begin(keeper, "food-licence-new", 12, 4)
	e := w.begin(elder, "elder-card", 3, 0)
	p := &pair{w: w}
	p.work(t, keeper, func() *call { return w.write(d, shopAnswers, []string{"business-licence", "id-card"}, rng) })
	p.work(t, elder, func() *call { return w.write(e, elderAnswers, []string{"id-card"}, rng) })
	p.open, p.keeper = w.begin(keeper, "food-licence-new", 1, 0), keeper
	p.work(t, keeper, func() *call {
		if len(p.open.history) == 2 {
			return nil
		}
		return w.write(p.open, shopAnswers, nil, rng)
	})
	for _, how := range []string{"", autosave} { // pages acknowledge with 303 and 200
		if a, err := p.page(how, "页面保存"+how); err != nil || !a.ok() {
			t.Fatalf("page: %d %v", a.status, err)
		}
	}
	s.stop()
	calls := readTrace(t, trace)
	seen := map[string]int{}
	for i, c := range calls {
		what := requestOf(c)
		if what == "" {
			continue
		}
		seen[what]++
		if err := durable(calls[i+1:], c.fd, what == "upload"); err != nil {
			t.Errorf("%s %d: %v", what, seen[what], err)
		}
	}
	for what, least := range map[string]int{"save": 15, "upload": 4, "submit": 2, "create": 3, "page": 2} {
		if seen[what] < least {
			t.Errorf("%d requests of kind %s in the trace, want %d at least", seen[what], what, least)
		}
	}
	t.Logf("synced before the answer: %v", seen)
}

// strace gives the command that watches a process; it skips, loudly, where that is not possible.
func strace(t *testing.T, out string) []string {
	t.Helper()
	path, err := exec.LookPath("strace")
	if err != nil {
		if os.Getenv("TONGBAN_FULL") != "" {
			t.Fatal("strace is not installed")
		}
		t.Skip("SKIPPED: the proof that answers wait for the disk needs strace; apt-get install -y strace")
	}
	watch := []string{path, "-f", "--seccomp-bpf", "-y", "-s", "160", "-o", out, "-e", "trace=read,write,writev,sendto,pwrite64,fsync,fdatasync,sync_file_range"}
	if msg, err := exec.Command(path, append(watch[1:], "true")...).CombinedOutput(); err != nil { //nolint:gosec // fixed arguments
		t.Skipf("SKIPPED: strace may not watch processes here: %v %s", err, msg)
	}
	return watch
}

// sysCall is one line of the trace: reads and syncs stand where they returned, writes where they began.
type sysCall struct{ name, fd, rest string }

var (
	whole   = regexp.MustCompile(`^(\d+) +(\w+)\((\d+<[^>]*>)(.*)$`)
	resumed = regexp.MustCompile(`^(\d+) +<\.\.\. (\w+) resumed>(.*)$`)
)

func readTrace(t *testing.T, path string) []sysCall {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []sysCall
	begun := map[string]sysCall{} // by thread
	for _, line := range strings.Split(string(b), "\n") {
		if m := resumed.FindStringSubmatch(line); m != nil {
			c := begun[m[1]]
			if c.name == m[2] && !writes(c.name) {
				c.rest += m[3]
				out = append(out, c)
			}
			continue
		}
		m := whole.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		c := sysCall{m[2], m[3], m[4]}
		if strings.HasSuffix(line, "<unfinished ...>") {
			begun[m[1]] = c
			if !writes(c.name) {
				continue
			}
		}
		out = append(out, c)
	}
	return out
}

func writes(name string) bool {
	return name == "write" || name == "writev" || name == "sendto" || name == "pwrite64"
}

var request = regexp.MustCompile(`"(POST|PUT) (/[^ "]*)`)

// requestOf says which of the watched requests a read has brought, if any.
func requestOf(c sysCall) string {
	if c.name != "read" {
		return ""
	}
	m := request.FindStringSubmatch(c.rest)
	if m == nil {
		return ""
	}
	path := m[2]
	switch {
	case m[1] == "PUT":
		return "save"
	case path == "/api/v1/drafts":
		return "create"
	case strings.HasSuffix(path, "/submit"):
		return "submit"
	case strings.Contains(path, "/materials/"):
		return "upload"
	case strings.HasPrefix(path, "/drafts/"):
		return "page"
	}
	return ""
}

// durable looks from a request to its answer on the same connection: the database's log was written and then synced in between, and a file synced
// before that. A job may have done so by chance in one of the windows, not in all of them.
func durable(calls []sysCall, conn string, file bool) error {
	var written, synced, fileSynced, inOrder bool
	for _, c := range calls {
		log := strings.HasSuffix(c.fd, ".db-wal>")
		switch {
		case c.fd == conn && writes(c.name) && strings.Contains(c.rest, `"HTTP/1.1 `):
			ok := strings.Contains(c.rest, "HTTP/1.1 20") || strings.Contains(c.rest, "HTTP/1.1 303")
			switch {
			case !ok:
				return fmt.Errorf("answered %s", c.rest)
			case !written || !synced:
				return fmt.Errorf("acknowledged before the log was on the disk (written %v, synced %v)", written, synced)
			case file && !inOrder:
				return fmt.Errorf("acknowledged before the file was on the disk (file synced %v)", fileSynced)
			}
			return nil
		case log && c.name == "pwrite64":
			written = true
		case log && (c.name == "fsync" || c.name == "fdatasync"):
			synced = synced || written // jobs write too, so what is written after that may not be ours
			inOrder = inOrder || fileSynced
		case c.name == "fsync" && strings.Contains(c.fd, "/files/") && strings.HasSuffix(c.fd, ".part>"):
			fileSynced = true
		}
	}
	return fmt.Errorf("no answer in the trace")
}
