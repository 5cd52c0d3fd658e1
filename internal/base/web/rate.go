package web

import (
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// rates is a token bucket an address and route. It lives in memory: each node counts for itself.
type rates struct {
	mu    sync.Mutex
	now   func() time.Time
	all   map[string]*bucket
	swept time.Time
}

type bucket struct {
	l    *rate.Limiter
	used time.Time
}

func newRates(now func() time.Time) *rates {
	return &rates{now: now, all: map[string]*bucket{}, swept: now()}
}

// take gives 0, or the seconds to wait.
func (r *rates) take(key string, perMinute int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	if now.Sub(r.swept) > time.Minute {
		for k, b := range r.all {
			if now.Sub(b.used) > 5*time.Minute {
				delete(r.all, k)
			}
		}
		r.swept = now
	}
	b := r.all[key]
	if b == nil {
		b = &bucket{l: rate.NewLimiter(rate.Limit(float64(perMinute)/60), perMinute)}
		r.all[key] = b
	}
	b.used = now
	res := b.l.ReserveN(now, 1)
	wait := res.DelayFrom(now)
	if wait == 0 {
		return 0
	}
	res.CancelAt(now)
	return int(math.Ceil(wait.Seconds()))
}
