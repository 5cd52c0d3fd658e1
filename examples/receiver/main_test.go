package main

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"tongban/internal/domain/webhook"
)

// TestReceiver takes messages signed by the platform's own code.
func TestReceiver(t *testing.T) {
	now := time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)
	oldKey, newKey := "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
	body := `{"specversion":"1.0","id":"e1","type":"cases.accepted","subject":"c1","time":"2026-03-02T01:00:00Z","data":{"case_id":"c1","state":"accepted"}}`
	signed := func(secret string, at time.Time) string {
		s, err := webhook.Sign(secret, "e1", at, []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for _, c := range []struct {
		name, body string
		at         time.Time
		sig        string
		status     int
	}{
		{"good", body, now, signed(oldKey, now), http.StatusNoContent},
		{"again", body, now, signed(oldKey, now), http.StatusNoContent},
		{"two secrets", body, now, signed(newKey, now) + " " + signed(oldKey, now), http.StatusNoContent},
		{"altered", strings.Replace(body, "accepted", "refused", 1), now, signed(oldKey, now), http.StatusUnauthorized},
		{"other secret", body, now, signed(newKey, now), http.StatusUnauthorized},
		{"old", body, now.Add(-time.Hour), signed(oldKey, now.Add(-time.Hour)), http.StatusUnauthorized},
		{"another time", body, now.Add(time.Minute), signed(oldKey, now), http.StatusUnauthorized},
		{"unsigned", body, now, "", http.StatusUnauthorized},
	} {
		var got []message
		r := &receiver{secrets: []string{oldKey}, now: func() time.Time { return now }, seen: map[string]time.Time{}, handle: func(m message) { got = append(got, m) }}
		if c.name == "again" {
			r.seen["e1"] = now
		}
		req := httptest.NewRequest(http.MethodPost, "/events", strings.NewReader(c.body))
		req.Header.Set("webhook-id", "e1")
		req.Header.Set("webhook-timestamp", strconv.FormatInt(c.at.Unix(), 10))
		req.Header.Set("webhook-signature", c.sig)
		w := httptest.NewRecorder()
		r.ServeHTTP(w, req)
		want := c.status == http.StatusNoContent && c.name != "again"
		if w.Code != c.status || (len(got) == 1) != want {
			t.Errorf("%s: %d %s, handled %v", c.name, w.Code, w.Body, got)
		}
	}
}
