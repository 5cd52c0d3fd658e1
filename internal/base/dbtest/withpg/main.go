// Command withpg runs a command beside a private PostgreSQL server whose address it puts into TONGBAN_TEST_PG, and stops the server afterwards.
//
//	go run ./internal/base/dbtest/withpg [-fsync] COMMAND [ARG ...]
//
// Without -fsync its files lie in memory where there is room. It finds the binaries under /usr/lib/postgresql and drops to an unprivileged user when started as root.
package main

import (
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"sort"
	"strconv"
	"syscall"
)

type cluster struct {
	dir, bin string
	port     int
	cred     *syscall.Credential
}

func main() {
	fsync := flag.Bool("fsync", false, "keep fsync on, for benchmarks and crash tests")
	flag.Parse()
	code, err := run(*fsync, flag.Args())
	if err != nil {
		_, _ = os.Stderr.WriteString("withpg: " + err.Error() + "\n")
		code = 1
	}
	os.Exit(code)
}

func run(fsync bool, args []string) (int, error) {
	if len(args) == 0 {
		return 2, errors.New("no command given")
	}
	c, err := newCluster(fsync)
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(c.dir)
	if err := c.start(fsync); err != nil {
		return 1, err
	}
	defer func() { _ = c.run("pg_ctl", "-D", c.dir+"/data", "-m", "immediate", "-w", "stop") }()
	cmd := exec.Command(args[0], args[1:]...) //nolint:gosec // it runs what the developer typed
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), fmt.Sprintf("TONGBAN_TEST_PG=postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", c.port))
	err = cmd.Run()
	var ee *exec.ExitError
	if errors.As(err, &ee) {
		return ee.ExitCode(), nil
	}
	return 0, err
}

func newCluster(fsync bool) (*cluster, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return nil, errors.New("no PostgreSQL binaries under /usr/lib/postgresql; install them with: apt-get install -y postgresql")
	}
	sort.Strings(found)
	dir, err := os.MkdirTemp(place(fsync), "tongban-pg")
	if err != nil {
		return nil, err
	}
	c := &cluster{dir: dir, bin: filepath.Dir(found[len(found)-1])}
	if os.Getuid() == 0 {
		if err := c.dropRoot(); err != nil {
			return nil, err
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c.port = l.Addr().(*net.TCPAddr).Port
	return c, l.Close()
}

// room is what the memory of shared files must have free to hold the databases of tests: 3 GiB.
const room = 3 << 30

// place is where the server's files go: without fsync nothing is meant to outlive the run, and a database is copied in memory in a twentieth of
// the time a busy disk takes.
func place(fsync bool) string {
	const memory = "/dev/shm"
	var st syscall.Statfs_t
	if fsync || syscall.Statfs(memory, &st) != nil || st.Bavail*uint64(st.Bsize) < room { //nolint:gosec // a block has some bytes
		return ""
	}
	return memory
}

func (c *cluster) dropRoot() error {
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return err
		}
	}
	uid, _ := strconv.ParseUint(u.Uid, 10, 32)
	gid, _ := strconv.ParseUint(u.Gid, 10, 32)
	c.cred = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return os.Chown(c.dir, int(uid), int(gid)) //nolint:gosec // both came from 32 bits
}

func (c *cluster) start(fsync bool) error {
	if err := c.run("initdb", "-D", c.dir+"/data", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"); err != nil {
		return fmt.Errorf("initdb: %w", err)
	}
	opts := fmt.Sprintf("-p %d -k %s -c listen_addresses=127.0.0.1 -c max_connections=120", c.port, c.dir)
	if !fsync {
		opts += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_wal_size=256MB"
	}
	return c.run("pg_ctl", "-D", c.dir+"/data", "-w", "-l", c.dir+"/log", "-o", opts, "start")
}

func (c *cluster) run(name string, args ...string) error {
	x := exec.Command(filepath.Join(c.bin, name), args...) //nolint:gosec // fixed names under the found folder
	x.Dir = c.dir
	if c.cred != nil {
		x.SysProcAttr = &syscall.SysProcAttr{Credential: c.cred}
	}
	return x.Run()
}
