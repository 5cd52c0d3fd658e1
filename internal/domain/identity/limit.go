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

// The limits. Five failures in half an hour lock a staff account (GB/T 22239, 身份鉴别).
var (
	codesPerPhone  = limit{n: 10, window: 24 * time.Hour, gap: time.Minute}
	verifyTries    = limit{n: 5, window: 24 * time.Hour}
	passwordTries  = limit{n: 5, window: 30 * time.Minute}
	stashPerOrigin = limit{n: 60, window: time.Hour}
)

const originCodes = 30 // an hour

// seconds rounds up, for "in n seconds".
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// minutes rounds up.
func minutes(d time.Duration) int { return int((d + time.Minute - 1) / time.Minute) }
