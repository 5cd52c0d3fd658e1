package crash

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// shared is what all tests of the package use: the program and one filled data folder to copy.
var shared struct {
	dir      string
	build    sync.Once
	bin      string
	template sync.Once
	filled   string
	err      error
}

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "tongban-crash")
	if err != nil {
		panic(err)
	}
	shared.dir = dir
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// program builds the server once and gives the path of its binary.
func program(t *testing.T) string {
	t.Helper()
	shared.build.Do(func() {
		shared.bin = filepath.Join(shared.dir, "tongban")
		cmd := exec.Command("go", "build", "-o", shared.bin, "tongban/cmd/tongban")
		if out, err := cmd.CombinedOutput(); err != nil {
			shared.err = fmt.Errorf("go build: %w\n%s", err, out)
		}
	})
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.bin
}

// template gives a data folder in which the demo city has been loaded; it is copied, never run on.
func template(t *testing.T) string {
	t.Helper()
	program(t)
	shared.template.Do(func() {
		shared.filled = filepath.Join(shared.dir, "filled")
		s := &server{t: t, dir: shared.filled}
		s.start()
		s.stop()
	})
	if _, err := os.Stat(shared.filled); err != nil {
		t.Fatal("the filled data folder could not be made: ", err)
	}
	return shared.filled
}

// copyOf copies the filled data folder.
func copyOf(t *testing.T, filled string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	copyTo(t, filled, dir)
	return dir
}

func copyTo(t *testing.T, filled, dir string) {
	t.Helper()
	if err := os.CopyFS(dir, os.DirFS(filled)); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error { // os.CopyFS widens rights; keys are nobody else's to read
		if err != nil || d.IsDir() {
			return errors.Join(err, os.Chmod(path, 0o700)) //nolint:gosec // a folder must be entered
		}
		return os.Chmod(path, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// server is one running program on a data folder.
type server struct {
	t      testing.TB
	dir    string
	db     string   // --db, or empty for SQLite in the folder
	before []string // a command that runs the program, e.g. strace
	log    string   // file of its output; empty: beside the folder
	cmd    *exec.Cmd
	base   string
	gone   chan struct{} // closed when the process has ended
	starts int
}

// launch starts the process and does not wait for it to be ready.
func (s *server) launch() {
	s.t.Helper()
	addr := freeAddr(s.t)
	args := append(append([]string{}, s.before...), shared.bin, "demo", "--addr", addr, "--data", s.dir)
	if s.db != "" {
		args = append(args, "--db", s.db)
	}
	s.starts++
	log, err := os.OpenFile(s.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	_, _ = fmt.Fprintf(log, "--- start %d\n", s.starts)
	s.cmd = exec.Command(args[0], args[1:]...) //nolint:gosec // our own binary
	s.cmd.Stdout, s.cmd.Stderr = log, log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // one signal reaches all of it
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.base, s.gone = "http://"+addr, make(chan struct{})
	go func(cmd *exec.Cmd, gone chan struct{}) {
		_ = cmd.Wait()
		_ = log.Close()
		close(gone)
	}(s.cmd, s.gone)
	s.t.Cleanup(s.kill)
}

func (s *server) logFile() string {
	if s.log != "" {
		return s.log
	}
	return s.dir + ".log"
}

// start starts the process and waits until it takes requests.
func (s *server) start() {
	s.t.Helper()
	s.launch()
	s.ready(time.Minute)
}

// ready polls /readyz.
func (s *server) ready(limit time.Duration) {
	s.t.Helper()
	err := poll(limit, func() error {
		select {
		case <-s.gone:
			return fatal{errors.New("the server ended by itself")}
		default:
		}
		return s.answers("/readyz")
	})
	if err != nil {
		s.t.Fatalf("not ready: %v\n%s", err, s.tail())
	}
}

func (s *server) answers(path string) error {
	r, err := plain.Get(s.base + path)
	if err != nil {
		return err
	}
	_ = r.Body.Close()
	if r.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %d", path, r.StatusCode)
	}
	return nil
}

// kill ends the process as a power cut would: SIGKILL, no chance to finish anything.
func (s *server) kill() { s.signal(syscall.SIGKILL) }

// stop asks the process to end and waits for it.
func (s *server) stop() { s.signal(syscall.SIGTERM) }

func (s *server) signal(sig syscall.Signal) {
	select {
	case <-s.gone:
		return
	default:
	}
	_ = syscall.Kill(-s.cmd.Process.Pid, sig)
	select {
	case <-s.gone:
	case <-time.After(30 * time.Second):
		_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
		<-s.gone
		s.t.Errorf("the server did not end on %v\n%s", sig, s.tail())
	}
}

// alive fails the test when the process has ended by itself.
func (s *server) alive() {
	s.t.Helper()
	select {
	case <-s.gone:
		s.t.Fatalf("the server ended by itself\n%s", s.tail())
	default:
	}
}

// tail is the end of the server's log.
func (s *server) tail() string {
	b, err := os.ReadFile(s.logFile())
	if err != nil {
		return err.Error()
	}
	var lines []string
	for _, l := range strings.Split(string(b), "\n") {
		if !strings.HasPrefix(l, "  person") && !strings.HasPrefix(l, "  staff") {
			lines = append(lines, l)
		}
	}
	return strings.Join(lines[max(0, len(lines)-40):], "\n")
}

func freeAddr(t testing.TB) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// fatal is an error no further try can mend.
type fatal struct{ error }

// poll tries until fn succeeds or the limit has passed; it gives the last error.
func poll(limit time.Duration, fn func() error) error {
	end := time.Now().Add(limit)
	for {
		err := fn()
		var f fatal
		if err == nil || errors.As(err, &f) || time.Now().After(end) {
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
}
