package cli

import (
	"fmt"
	"runtime/debug"

	"tongban/internal/engine/clock"
)

type clockCmd struct{}

func (clockCmd) Run(e *env) error { return clock.Explain(e.in, e.out, clock.Embedded()) }

type versionCmd struct{}

func (versionCmd) Run(e *env) error {
	_, err := fmt.Fprintf(e.out, "tongban %s\n", Version())
	return err
}

// Version is the version of this build: the module's, and the commit it was built from when the build recorded it.
func Version() string {
	v := "0.1.0"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			v += " " + s.Value[:12]
		}
	}
	return v + " " + info.GoVersion
}
