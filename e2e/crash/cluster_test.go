package crash

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"sort"
	"strconv"
	"syscall"
	"testing"
)

// cluster is a PostgreSQL server of a test's own, which it may stop and start.
type cluster struct {
	t        *testing.T
	bin, dir string
	port     string
	cred     *syscall.Credential
}

// newCluster makes a server that does not run yet; it skips, loudly, where PostgreSQL is not installed.
func newCluster(t *testing.T) *cluster {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		if os.Getenv("TONGBAN_FULL") != "" {
			t.Fatal("no PostgreSQL under /usr/lib/postgresql (Debian package postgresql)")
		}
		t.Skip("SKIPPED: no PostgreSQL under /usr/lib/postgresql; apt-get install -y postgresql")
	}
	sort.Strings(found)
	dir, err := os.MkdirTemp("", "tongban-crash-pg") // its own folder: the server's user must be able to reach it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	_, port, _ := net.SplitHostPort(freeAddr(t))
	c := &cluster{t: t, bin: filepath.Dir(found[len(found)-1]), dir: dir, port: port}
	if os.Getuid() == 0 {
		c.dropRoot()
	}
	c.must(c.run("initdb", "-D", c.dir+"/data", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"))
	t.Cleanup(c.stop)
	return c
}

// dropRoot: PostgreSQL refuses to run as root.
func (c *cluster) dropRoot() {
	u, err := user.Lookup("postgres")
	if err != nil {
		u, err = user.Lookup("nobody")
	}
	c.must(err)
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	c.must(err)
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	c.must(err)
	c.cred = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	c.must(os.Chown(c.dir, int(uid), int(gid))) //nolint:gosec // both came from 32 bits
}

// start runs the server with settings such as "fsync=off".
func (c *cluster) start(settings ...string) {
	c.t.Helper()
	opts := fmt.Sprintf("-p %s -k %s -c listen_addresses=127.0.0.1", c.port, c.dir)
	for _, s := range settings {
		opts += " -c " + s
	}
	c.must(c.run("pg_ctl", "-D", c.dir+"/data", "-w", "-l", c.dir+"/log", "-o", opts, "start"))
}

// stop cuts every connection.
func (c *cluster) stop() {
	_ = c.run("pg_ctl", "-D", c.dir+"/data", "-m", "immediate", "-w", "stop")
}

func (c *cluster) url() string {
	return "postgres://postgres@127.0.0.1:" + c.port + "/postgres?sslmode=disable"
}

func (c *cluster) run(name string, args ...string) error {
	x := exec.Command(filepath.Join(c.bin, name), args...) //nolint:gosec // fixed names under the found folder
	x.Dir = c.dir
	if c.cred != nil {
		x.SysProcAttr = &syscall.SysProcAttr{Credential: c.cred}
	}
	return x.Run()
}

func (c *cluster) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal("PostgreSQL: ", err)
	}
}
