package app_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/domain/webhook"
)

// TestSystemHearsOfACase files an application as a person does and waits until the department's system has heard of it, in order and signed.
func TestSystemHearsOfACase(t *testing.T) {
	c := startCity(t, "sqlite")
	var mu sync.Mutex
	var types []string
	var secret string
	system := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var m struct{ Type string }
		_ = json.Unmarshal(body, &m)
		mu.Lock()
		defer mu.Unlock()
		if sent := r.Header.Get("webhook-timestamp"); secret == "" || sent == "" || r.Header.Get("webhook-signature") == "" {
			t.Errorf("unsigned: %v", r.Header)
		}
		types = append(types, m.Type)
	}))
	defer system.Close()
	token := must[string](t, "sign in")(c.Demo().SignIn(t.Context(), "staff", "fang-yuan"))
	him := must[authz.Actor](t, "actor")(c.Identity.Actor(t.Context(), token))
	mu.Lock()
	var err error
	_, secret, err = c.Webhook.Create(t.Context(), him, webhook.Subscription{Agency: "civil", URL: system.URL, Name: "社会救助系统", Topics: []string{webhook.AllTopics}})
	mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	elderCard(t, c.as(t, "person:19900000103"), "hooks-0001")
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		mu.Lock()
		got := slices.Clone(types)
		mu.Unlock()
		if slices.Contains(got, "cases.certified") {
			if want := []string{"cases.submitted", "cases.accepted", "cases.decided", "cases.certified"}; !slices.Equal(slices.DeleteFunc(got, func(s string) bool { return !slices.Contains(want, s) }), want) {
				t.Errorf("heard %v", got)
			}
			return
		}
	}
	t.Errorf("heard only %v", types)
}
