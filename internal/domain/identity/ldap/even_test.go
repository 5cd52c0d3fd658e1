package ldap

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// Whoever times the answers must not learn which logins there are.
func TestNoAnswerButAYesComesBeforeItsTime(t *testing.T) {
	const least = 400 * time.Millisecond
	for name, c := range map[string]struct {
		takes     time.Duration
		known, ok bool
		want      time.Duration
	}{
		"an unknown login":       {5 * time.Millisecond, false, false, least},
		"a wrong password":       {120 * time.Millisecond, true, false, least},
		"a right one":            {120 * time.Millisecond, true, true, 120 * time.Millisecond},
		"a server that is slow":  {time.Second, true, false, time.Second},
		"one that comes at once": {0, false, false, least},
	} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			known, ok, err := even(t.Context(), least, func() (bool, bool, error) { time.Sleep(c.takes); return c.known, c.ok, nil })
			if took := time.Since(began); took != c.want || known != c.known || ok != c.ok || err != nil {
				t.Errorf("%s: after %v: %v %v %v", name, took, known, ok, err)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		stop()
		began := time.Now()
		if _, _, _ = even(ctx, least, func() (bool, bool, error) { return false, false, nil }); time.Since(began) != 0 {
			t.Error("who has gone is waited for")
		}
	})
}
