package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// program runs the reader maker's own program, which prints one line for the card that lies there.
type program struct{ args []string }

const readTimeout = 20 * time.Second

// Read runs it once; any end but a good one means that no card was read.
func (p program) Read(ctx context.Context) (card, error) {
	ctx, stop := context.WithTimeout(ctx, readTimeout)
	defer stop()
	out, err := exec.CommandContext(ctx, p.args[0], p.args[1:]...).Output() //nolint:gosec // named by who starts the agent
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return card{}, errNoCard
	}
	if err != nil {
		return card{}, err
	}
	return parseLine(strings.TrimSpace(string(out)))
}

// parseLine reads name|sex|nation|birth|address|number|agency|validity, where validity is 20190102-20390102 or 20190102-长期.
func parseLine(line string) (card, error) {
	parts := strings.Split(line, "|")
	if len(parts) != 8 {
		return card{}, fmt.Errorf("the reader's program printed %d parts, not 8", len(parts))
	}
	c := card{Name: parts[0], Sex: parts[1], Nation: parts[2], Address: parts[4], Number: parts[5], Agency: parts[6]}
	from, to, _ := strings.Cut(parts[7], "-")
	var err error
	if c.Birth, err = date(parts[3]); err != nil {
		return card{}, err
	}
	if c.ValidFrom, err = date(from); err != nil || to == "长期" {
		return c, err
	}
	c.ValidUntil, err = date(to)
	return c, err
}

func date(s string) (string, error) {
	t, err := time.Parse("20060102", strings.NewReplacer(".", "", "-", "").Replace(strings.TrimSpace(s)))
	return t.Format(time.DateOnly), err
}
