package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func say(format string, args ...any) {
	_, _ = fmt.Fprintf(os.Stderr, time.Now().UTC().Format("15:04:05 ")+format+"\n", args...)
}

// memory is what the process takes, in MB: Resident as the system counts it, Peak since the last call of fresh.
type memory struct {
	Resident int64 `json:"resident_mb"`
	Peak     int64 `json:"peak_mb"`
	Heap     int64 `json:"heap_mb"`
}

// memoryNow measures after a collection. The generator and the clients of the measurement are part of it.
func memoryNow() memory {
	peak := status("/proc/self/status", "VmHWM:")
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return memory{Resident: status("/proc/self/status", "VmRSS:") >> 10, Peak: peak >> 10, Heap: int64(m.HeapAlloc >> 20)} //nolint:gosec // far below
}

// fresh forgets the peak so far.
func fresh() { _ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o600) }

// status reads one line of the system's tables, in KB; 0 where there is none.
func status(file, line string) int64 {
	b, err := os.ReadFile(file) //nolint:gosec // a file of the system
	if err != nil {
		return 0
	}
	for _, l := range strings.Split(string(b), "\n") {
		if v, ok := strings.CutPrefix(l, line); ok {
			n, _ := strconv.ParseInt(strings.Fields(v)[0], 10, 64)
			return n
		}
	}
	return 0
}

func load1() float64 {
	b, _ := os.ReadFile("/proc/loadavg")
	f := strings.Fields(string(b) + " 0")
	v, _ := strconv.ParseFloat(f[0], 64)
	return v
}

// usedBy is the processor time of a server's processes that still run; 0 for pid 0.
func usedBy(pid int) time.Duration {
	if pid == 0 {
		return 0
	}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	ticks := int64(0)
	for _, file := range stats {
		b, err := os.ReadFile(file) //nolint:gosec // a file of the system
		_, rest, ok := strings.Cut(string(b), ") ")
		f := strings.Fields(rest)
		if err != nil || !ok || len(f) < 13 || f[1] != strconv.Itoa(pid) {
			continue
		}
		for _, x := range f[11:13] {
			n, _ := strconv.ParseInt(x, 10, 64)
			ticks += n
		}
	}
	return time.Duration(ticks) * time.Second / 100 // of a hundredth of a second each
}

// used is the processor time of this process so far.
func used() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
