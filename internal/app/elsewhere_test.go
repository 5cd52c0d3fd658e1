package app_test

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/signedcall"
)

// TestOtherSystemsAreConnectedAndSeen: the security administrator connects a system and gets its key once; what it sends is taken with its signature only,
// and what cannot be applied stands before the operator.
func TestOtherSystemsAreConnectedAndSeen(t *testing.T) {
	c := startCity(t, "sqlite")
	sec := c.as(t, "staff:qin-zhuo")
	sec.Post("/admin/elsewhere", url.Values{"key": {"Bad Key"}, "name": {"育儿补贴系统"}, "url": {"http://127.0.0.1:1/api"}}, 422).Wants("小写字母")
	page := sec.Post("/admin/elsewhere", url.Values{"key": {"childcare"}, "name": {"育儿补贴系统"}, "url": {"http://127.0.0.1:1/api"}}, 200)
	secret := strings.TrimSpace(page.Find("#secret").Text())
	if len(secret) < 20 {
		t.Fatalf("the key is %q", secret)
	}
	sec.Get("/admin/elsewhere", 200).Wants("育儿补贴系统").Lacks(secret)

	path := "/api/v1/elsewhere/childcare/events"
	say := func(key, body string) int {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.base+path, bytes.NewReader([]byte(body)))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		signedcall.Sign(r, path, "childcare", []byte(key), []byte(body), time.Now())
		res, err := (&http.Client{}).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		return res.StatusCode
	}
	body := `{"message_id":"m-0001","case_no":"nowhere","kind":"accepted","at":"2026-03-02T10:00:00+08:00"}`
	if st := say("wrong", body); st != http.StatusUnauthorized {
		t.Errorf("with a wrong key: %d", st)
	}
	for range 2 {
		if st := say(secret, body); st != http.StatusAccepted {
			t.Errorf("signed: %d", st)
		}
	}
	op := c.as(t, "staff:shi-lei")
	p := op.Get("/ops/elsewhere", 200).Wants("m-0001", "这个办件不存在")
	action := p.Find(`form[action^="/ops/elsewhere/in/"]`).First().AttrOr("action", "")
	op.Post(action, url.Values{"act": {"again"}}, 409).Wants("这个办件不存在")
	op.Post(action, url.Values{"act": {"drop"}}, 200).Wants("已经放弃").Lacks("m-0001")
	op.Post("/ops/elsewhere/systems/childcare/reconcile", url.Values{}, 503).Wants("连不上")
	op.Get("/ops/elsewhere", 200).Wants("连不上")
}
