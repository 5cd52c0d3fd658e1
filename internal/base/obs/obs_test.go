package obs_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/obs"
)

func TestMetricsNeedTheToken(t *testing.T) {
	m := obs.NewMetrics()
	m.Observe("GET /items", 200, 3*time.Millisecond)
	for auth, want := range map[string]int{"": 401, "Bearer wrong": 401, "Bearer right": 200} {
		r := httptest.NewRequest("GET", "/metrics", nil)
		r.Header.Set("Authorization", auth)
		w := httptest.NewRecorder()
		m.Handler("right").ServeHTTP(w, r)
		if w.Code != want || (want == 200) != strings.Contains(w.Body.String(), `tongban_requests_total{route="GET /items",status="200"} 1`) {
			t.Errorf("%q = %d", auth, w.Code)
		}
	}
}

func TestReadyFollowsTheCheck(t *testing.T) {
	var broken error
	r := obs.NewReady(func(context.Context) error { return broken })
	ask := func() int {
		w := httptest.NewRecorder()
		r.ServeHTTP(w, httptest.NewRequest("GET", "/readyz", nil))
		return w.Code
	}
	if ask() != 503 {
		t.Error("ready before it was set")
	}
	r.Set(true)
	if ask() != 200 {
		t.Error("not ready after it was set")
	}
	broken = errors.New("away")
	if ask() != 503 {
		t.Error("ready without a database")
	}
}
