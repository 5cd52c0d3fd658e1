package notifyweb_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/event"
	"tongban/internal/base/job"
	"tongban/internal/base/vault"
	"tongban/internal/base/web"
	"tongban/internal/base/webtest"
	"tongban/internal/domain/notify"
	"tongban/internal/domain/notify/gateway"
	"tongban/internal/domain/notify/notifyweb"
	"tongban/internal/fake/smsgate"
)

const secret = "0123456789abcdef-shared"

type house struct {
	d      *db.DB
	notify *notify.Service
	fake   *smsgate.Server
	runner *job.Runner
	person string
	url    string
}

func now() time.Time { return time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC) }

func open(t *testing.T) *house {
	t.Helper()
	h := &house{d: dbtest.SQLite(t, job.Schema, event.Schema, notify.Schema), fake: smsgate.New(smsgate.Config{App: "tongban", Secret: secret, Now: now})}
	provider := httptest.NewServer(h.fake)
	t.Cleanup(provider.Close)
	g := gateway.New(gateway.Config{Name: "one", URL: provider.URL, App: "tongban", Secret: secret}, now)
	log := slog.New(slog.DiscardHandler)
	h.notify = notify.New(notify.Deps{DB: h.d, Vault: vault.New(vault.NewKeys()), Now: now, Log: log, Gateways: []notify.Gateway{g}})
	h.runner = job.NewRunner(h.d, now, log)
	for k, w := range h.notify.Workers() {
		h.runner.Handle(k, w)
	}
	site := web.New(web.Config{Log: log, Now: time.Now, Actor: func(*http.Request) (authz.Actor, error) {
		if h.person == "" {
			return authz.Actor{}, nil
		}
		return authz.Actor{PersonID: h.person, Roles: []authz.Role{authz.Person}}, nil
	}})
	site.Add(notifyweb.New(h.notify, g).Routes()...)
	srv := httptest.NewServer(site.Handler())
	t.Cleanup(srv.Close)
	h.url = srv.URL
	return h
}

func (h *house) send(t *testing.T, key, phone string) {
	t.Helper()
	err := h.d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return h.notify.SendTx(ctx, tx, now(), notify.Message{
			Template: "case.accepted", Key: key, To: notify.To{Person: "p1", Phone: phone}, Link: "/my/cases/1",
			Data: map[string]string{"item": "老年优待证", "case_no": key, "due": "3月12日", "agency": "区民政局"},
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestInboxAndReading(t *testing.T) {
	h := open(t)
	c := webtest.Visit(t, h.url)
	c.Get("/my/messages", 401)
	h.person = "p1"
	c.Get("/my/messages", 200).Wants("还没有消息")
	for i := range 25 {
		h.send(t, fmt.Sprintf("QL26-%06d", i), "")
	}
	p := c.Get("/my/messages", 200)
	if n := p.Find("tbody tr").Length(); n != 20 {
		t.Fatalf("%d messages on the first page", n)
	}
	rest := p.Follow("下一页")
	if n := rest.Find("tbody tr").Length(); n != 5 {
		t.Errorf("%d messages on the second page", n)
	}
	m := p.Follow("已受理")
	m.Wants("QL26-000024", "2026-03-02 12:00", "区民政局")
	if m.Find("a[href='/my/cases/1']").Length() != 1 {
		t.Error("no link to the case")
	}
	if n := h.notify.Unread(t.Context(), "p1"); n != 24 {
		t.Errorf("%d unread after opening one", n)
	}
	c.Get("/my/messages", 200).Submit("form[action='/my/messages/read']", nil, 200).Wants("全部标为已读")
	if n := h.notify.Unread(t.Context(), "p1"); n != 0 {
		t.Errorf("%d unread after marking all", n)
	}
	h.person = "p2"
	c.Get(m.URL.Path, 404)
	h.person = "p1"
	c.Lang = "en"
	c.Get(m.URL.Path, 200).Wants("Accepted", "promises a result")
}

func (h *house) post(t *testing.T, body []byte, signature string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.url+"/hooks/sms", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Signature", signature)
	resp, err := (&http.Client{}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

func TestDeliveryReportsComeInOnceAndSigned(t *testing.T) {
	h := open(t)
	h.send(t, "QL26-1", "19900000031")
	if err := h.runner.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	body, sig := h.fake.Delivery(h.fake.Sent()[0].RequestID)
	for name, c := range map[string]struct {
		body, sig string
		want      int
	}{
		"forged":   {strings.Replace(string(body), "delivered", "failed", 1), sig, 403},
		"unsigned": {string(body), "", 403},
		"other":    {strings.Replace(string(body), "tongban", "other", 1), sig, 403},
		"not JSON": {"delivered", sig, 400},
	} {
		if got := h.post(t, []byte(c.body), c.sig); got != c.want {
			t.Errorf("%s = %d, want %d", name, got, c.want)
		}
	}
	if n := dbtest.Count(t, h.d, "notify_message", "state = 'sent'"); n != 1 {
		t.Error("a refused report changed the message")
	}
	if got := h.post(t, body, sig); got != 200 {
		t.Errorf("a good report = %d", got)
	}
	if got := h.post(t, body, sig); got != 409 {
		t.Errorf("the same report again = %d", got)
	}
	if n := dbtest.Count(t, h.d, "notify_message", "channel = 'sms' AND state = 'delivered'"); n != 1 {
		t.Error("the message is not delivered")
	}
}

func TestTheProviderCallsBackByItself(t *testing.T) {
	h := open(t)
	done := make(chan struct{}, 1)
	h.fake.SetCallback(h.url+"/hooks/sms", &http.Client{Transport: told{done}})
	h.send(t, "QL26-2", "19900000031")
	if err := h.runner.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-done
	if n := dbtest.Count(t, h.d, "notify_message", "channel = 'sms' AND state = 'delivered'"); n != 1 {
		t.Error("the message is not delivered")
	}
}

// told tells when a report has been answered.
type told struct{ done chan struct{} }

func (c told) RoundTrip(r *http.Request) (*http.Response, error) {
	defer func() { c.done <- struct{}{} }()
	return http.DefaultTransport.RoundTrip(r)
}
