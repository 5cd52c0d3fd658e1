package identity

import (
	"time"
)

// limit is how often something may be done: n times in a window that begins with the first time, and not within gap of the last.
type limit struct {
	n      int
	window time.Duration
	gap    time.Duration
}

// The limits.
var (
	verifyTries    = limit{n: 5, window: 24 * time.Hour}
	faceTries      = limit{n: 10, window: 24 * time.Hour}
	stashPerOrigin = limit{n: 60, window: time.Hour}
	qrPerOrigin    = limit{n: 120, window: time.Hour}
)

const (
	originCodes  = 30    // text messages an hour for one network address
	networkCodes = 300   // and for its network
	dayCodes     = 20000 // a day in all
)

// backoff is a delay that grows with each try that came to nothing. A success ends the count, and so does a quiet time.
type backoff struct {
	free  int             // tries without any delay
	steps []time.Duration // after the first try beyond those, the second, …; the last holds for all further ones
	quiet time.Duration
}

// wait is how long to wait after the n-th try in a row.
func (b backoff) wait(n int) time.Duration {
	if n <= b.free || len(b.steps) == 0 {
		return 0
	}
	return b.steps[min(n-b.free, len(b.steps))-1]
}

// The delays. Five failures lock an account for half an hour (GB/T 22239, 身份鉴别), further ones longer. Many people share an address or a
// network, so those bear more; they stop whoever tries one password on every account.
var (
	accountTries = backoff{free: 2, steps: []time.Duration{15 * time.Second, time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour}, quiet: 24 * time.Hour}
	addressTries = backoff{free: 30, steps: []time.Duration{5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute}, quiet: time.Hour}
	networkTries = backoff{free: 200, steps: []time.Duration{5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute}, quiet: time.Hour}
	phoneCodes   = backoff{steps: []time.Duration{
		time.Minute, time.Minute, time.Minute, 2 * time.Minute, 2 * time.Minute, 5 * time.Minute, 5 * time.Minute, 10 * time.Minute, 10 * time.Minute, 24 * time.Hour,
	}, quiet: 24 * time.Hour}
)

// seconds rounds up, for "in n seconds".
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// minutes rounds up.
func minutes(d time.Duration) int { return int((d + time.Minute - 1) / time.Minute) }
