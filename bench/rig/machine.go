package rig

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

func Say(format string, args ...any) {
	_, _ = fmt.Fprintf(os.Stderr, time.Now().UTC().Format("15:04:05 ")+format+"\n", args...)
}

// Memory is what the process takes, in MB: Resident as the system counts it, Peak since the last call of Fresh.
type Memory struct {
	Resident int64 `json:"resident_mb"`
	Peak     int64 `json:"peak_mb"`
	Heap     int64 `json:"heap_mb"`
}

// MemoryNow measures after a collection. The generator and the clients of the measurement are part of it.
func MemoryNow() Memory {
	peak := Status("/proc/self/status", "VmHWM:")
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return Memory{Resident: Status("/proc/self/status", "VmRSS:") >> 10, Peak: peak >> 10, Heap: int64(m.HeapAlloc >> 20)} //nolint:gosec // far below
}

// Fresh forgets the peak so far.
func Fresh() { _ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o600) }

// Status reads one line of the system's tables, in KB; 0 where there is none.
func Status(file, line string) int64 {
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

func Load1() float64 {
	b, _ := os.ReadFile("/proc/loadavg")
	f := strings.Fields(string(b) + " 0")
	v, _ := strconv.ParseFloat(f[0], 64)
	return v
}

// UsedBy is the processor time of a server's processes that still run; 0 for pid 0.
func UsedBy(pid int) time.Duration {
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

// Used is the processor time of this process so far.
func Used() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
