package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// server is a demo server under measurement, in a process of its own.
type server struct {
	cmd   *exec.Cmd
	base  string
	ready time.Duration // from the start of the process to the first 200 of /readyz
}

const startLimit = 2 * time.Minute

// serve starts the demo over a data folder and waits until it is ready.
func serve(ctx context.Context, bin, data string) (*server, error) {
	addr, err := freeAddr(ctx)
	if err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Clean(data + ".log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	s := &server{cmd: exec.CommandContext(ctx, bin, "demo", "--addr", addr, "--data", data), base: "http://" + addr} //nolint:gosec // our own binary
	s.cmd.Stdout, s.cmd.Stderr = log, log
	began := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	c := &http.Client{Timeout: time.Second}
	for time.Since(began) < startLimit {
		if ok(ctx, c, s.base+"/readyz") {
			s.ready = time.Since(began)
			return s, nil
		}
		time.Sleep(2 * time.Millisecond)
	}
	return nil, errors.Join(errors.New("the server was not ready in time, see "+log.Name()), s.stop())
}

func freeAddr(ctx context.Context) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func ok(ctx context.Context, c *http.Client, url string) bool {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	a, err := c.Do(r)
	if err != nil {
		return false
	}
	_ = a.Body.Close()
	return a.StatusCode == http.StatusOK
}

// stop ends the server the polite way and waits for it.
func (s *server) stop() error {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	t := time.AfterFunc(20*time.Second, func() { _ = s.cmd.Process.Kill() })
	defer t.Stop()
	return s.cmd.Wait()
}

// rss is the resident memory of the server in MB, as the kernel counts it.
func (s *server) rss() float64 {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "VmRSS:" {
			kb, _ := strconv.ParseFloat(f[1], 64)
			return kb / 1024
		}
	}
	return 0
}

// cpu is the processor time the server has used so far. The kernel counts it in hundredths of a second.
func (s *server) cpu() time.Duration {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	_, rest, _ := strings.Cut(string(b), ") ")
	f := strings.Fields(rest)
	if len(f) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(f[11])
	sys, _ := strconv.Atoi(f[12])
	return time.Duration(user+sys) * 10 * time.Millisecond
}
