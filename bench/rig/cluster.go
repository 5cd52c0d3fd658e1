package rig

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// Cluster is a PostgreSQL server of the command's own.
type Cluster struct {
	dir, bin string
	Port     int
	cred     *syscall.Credential
	settings []string
}

// SettingsFor are what the manual recommends for a server of this much memory that mostly reads; everything that keeps data safe stays on.
func SettingsFor(memory int64, slow int) []string {
	mb := func(n int64) string { return strconv.FormatInt(n>>20, 10) + "MB" }
	out := []string{
		"shared_buffers=" + mb(min(memory/6, 4<<30)), "effective_cache_size=" + mb(memory/2), "work_mem=16MB", "maintenance_work_mem=" + mb(min(memory/24, 1<<30)),
		"max_wal_size=8GB", "checkpoint_timeout=15min", "wal_compression=on", "random_page_cost=1.1", "jit=off", "max_connections=60",
	}
	if slow > 0 {
		out = append(out, "session_preload_libraries=auto_explain", "auto_explain.log_min_duration="+strconv.Itoa(slow), "auto_explain.log_analyze=on", "auto_explain.log_timing=off", "auto_explain.log_buffers=on", "log_min_duration_statement="+strconv.Itoa(slow), "log_checkpoints=on")
	}
	return out
}

// StartCluster starts the server whose data stand in dir, and makes it where there is none.
func StartCluster(ctx context.Context, dir string, settings []string) (*Cluster, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return nil, errors.New("no PostgreSQL binaries under /usr/lib/postgresql; install them with: apt-get install -y postgresql")
	}
	slices.Sort(found)
	c := &Cluster{dir: dir, bin: filepath.Dir(found[len(found)-1]), settings: settings}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if os.Getuid() == 0 {
		if err := c.dropRoot(); err != nil {
			return nil, err
		}
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c.Port = l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(dir, "data", "PG_VERSION")); err != nil {
		if err := c.run(ctx, "initdb", "-D", dir+"/data", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"); err != nil {
			return nil, err
		}
	}
	if pid := c.PID(); pid > 0 && syscall.Kill(pid, 0) == nil { // a run before was killed and left its server
		Say("stopping the server a run before left")
		if err := c.Stop(); err != nil {
			return nil, err
		}
	}
	opts := []string{"-p", strconv.Itoa(c.Port), "-k", dir, "-c", "listen_addresses=127.0.0.1"}
	for _, s := range settings {
		opts = append(opts, "-c", s)
	}
	return c, c.run(ctx, "pg_ctl", "-D", dir+"/data", "-w", "-t", "120", "-l", dir+"/log", "-o", strings.Join(opts, " "), "start")
}

// dropRoot lets another user run the server, which refuses root.
func (c *Cluster) dropRoot() error {
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return err
		}
	}
	uid, _ := strconv.ParseUint(u.Uid, 10, 32)
	gid, _ := strconv.ParseUint(u.Gid, 10, 32)
	c.cred = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	for d := filepath.Dir(c.dir); d != "/" && d != "."; d = filepath.Dir(d) {
		if i, err := os.Stat(d); err == nil && i.Mode().Perm()&0o001 == 0 {
			return fmt.Errorf("%s: the user %s of PostgreSQL may not pass through; choose another folder for -keep", d, u.Username)
		}
	}
	return os.Chown(c.dir, int(uid), int(gid)) //nolint:gosec // both came from 32 bits
}

func (c *Cluster) URL(name string) string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s?sslmode=disable", c.Port, name)
}

// PID is the server's process; 0 if it cannot be told.
func (c *Cluster) PID() int {
	b, _ := os.ReadFile(filepath.Join(c.dir, "data", "postmaster.pid")) //nolint:gosec // the server's own file
	first, _, _ := strings.Cut(string(b), "\n")
	n, _ := strconv.Atoi(strings.TrimSpace(first))
	return n
}

// Stop also writes everything out, so that the next start need not recover.
func (c *Cluster) Stop() error {
	return c.run(context.Background(), "pg_ctl", "-D", c.dir+"/data", "-m", "fast", "-w", "-t", "300", "stop")
}

func (c *Cluster) run(ctx context.Context, name string, args ...string) error {
	x := exec.CommandContext(ctx, filepath.Join(c.bin, name), args...) //nolint:gosec // fixed names under the found folder
	x.Dir = c.dir
	x.SysProcAttr = &syscall.SysProcAttr{Credential: c.cred, Setpgid: true} // an interrupt is for us: we stop the server in order
	if err := x.Run(); err != nil {
		return fmt.Errorf("%s: %w; its log is %s", name, err, filepath.Join(c.dir, "log"))
	}
	return nil
}
