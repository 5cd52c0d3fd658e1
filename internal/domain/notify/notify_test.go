package notify_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/base/event"
	"tongban/internal/base/i18n"
	"tongban/internal/base/job"
	"tongban/internal/base/packfile"
	"tongban/internal/base/vault"
	"tongban/internal/domain/notify"
	"tongban/internal/domain/notify/gateway"
	"tongban/internal/fake/smsgate"
)

var rooms = []db.Room{job.Schema, event.Schema, notify.Schema}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.at }
func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// rig is the room with two providers, both real servers on the loopback.
type rig struct {
	*notify.Service
	t        *testing.T
	d        *db.DB
	clock    *clock
	runner   *job.Runner
	one, two *smsgate.Server
	gateways []*gateway.Gateway
}

const secret = "0123456789abcdef-shared"

func newRig(t *testing.T, d *db.DB) *rig {
	t.Helper()
	c := &clock{at: time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)}
	r := &rig{t: t, d: d, clock: c}
	provider := func(name string) *smsgate.Server {
		s := smsgate.New(smsgate.Config{App: "tongban-" + name, Secret: secret, Now: c.now})
		srv := httptest.NewServer(s)
		t.Cleanup(srv.Close)
		cfg := gateway.Config{Name: name, URL: srv.URL, App: "tongban-" + name, Secret: secret, Timeout: 2 * time.Second}
		if err := cfg.Check(); err != nil {
			t.Fatal(err)
		}
		r.gateways = append(r.gateways, gateway.New(cfg, c.now))
		return s
	}
	r.one, r.two = provider("one"), provider("two")
	log := slog.New(slog.DiscardHandler)
	r.Service = notify.New(notify.Deps{DB: d, Vault: vault.New(vault.NewKeys()), Now: c.now, Log: log, Gateways: []notify.Gateway{r.gateways[0], r.gateways[1]}})
	texts, err := r.SMSTexts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r.one.SetTexts(texts)
	r.two.SetTexts(texts)
	r.runner = job.NewRunner(d, c.now, log)
	for kind, w := range r.Workers() {
		r.runner.Handle(kind, w)
	}
	return r
}

func (r *rig) send(m notify.Message) {
	r.t.Helper()
	if err := r.d.Tx(r.t.Context(), func(ctx context.Context, tx *db.Tx) error { return r.SendTx(ctx, tx, r.clock.now(), m) }); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) drain() {
	r.t.Helper()
	if err := r.runner.Drain(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) wantState(state, where string) {
	r.t.Helper()
	if n := dbtest.Count(r.t, r.d, "notify_message", "channel = 'sms' AND state = $1 AND "+where, state); n != 1 {
		r.t.Errorf("%d text messages are %s with %s, want 1", n, state, where)
	}
}

func accepted(key string) notify.Message {
	return notify.Message{
		Template: "case.accepted", Key: key, To: notify.To{Person: "p1", Phone: "19900000031"}, Link: "/my/cases/1",
		Data: map[string]string{"item": "食品经营许可（新办）", "case_no": "QL26-000017", "due": "3月12日", "agency": "区市场监管局"},
	}
}

func TestAMessageIsWrittenOnceAndReachesInboxAndPhone(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		r.send(accepted("case:1:accepted"))
		r.send(accepted("case:1:accepted"))
		r.drain()
		if n := dbtest.Count(t, d, "job_job", "CAST(args AS TEXT) LIKE '%19900000031%' OR CAST(args AS TEXT) LIKE '%食品%'"); n != 0 {
			t.Error("a job's arguments hold personal data")
		}
		got := r.one.Sent()
		if len(got) != 1 || got[0].Phone != "19900000031" || got[0].Text != "【政务服务】您的食品经营许可（新办）（QL26-000017）已受理，承诺3月12日前办结。" || got[0].Sign != "政务服务" {
			t.Fatalf("the provider has %+v", got)
		}
		r.wantState(notify.Sent, "provider = 'one' AND provider_id = 'G00000001'")
		in, err := r.Inbox(t.Context(), "p1", "", 10)
		if err != nil || len(in) != 1 {
			t.Fatalf("Inbox = %+v, %v", in, err)
		}
		if in[0].Title(i18n.Chinese) != "已受理" || !strings.Contains(in[0].Text(i18n.Chinese), "区市场监管局") || !strings.Contains(in[0].Text(i18n.English), "QL26-000017") || in[0].Link != "/my/cases/1" {
			t.Errorf("message: %+v", in[0])
		}
	})
}

func TestInboxPagesAndReading(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		for _, k := range []string{"a", "b", "c"} {
			r.send(accepted(k))
		}
		first, err := r.Inbox(t.Context(), "p1", "", 2)
		if err != nil || len(first) != 2 || first[0].ID < first[1].ID {
			t.Fatalf("first page: %+v, %v", first, err)
		}
		rest, err := r.Inbox(t.Context(), "p1", first[1].ID, 2)
		if err != nil || len(rest) != 1 {
			t.Fatalf("second page: %+v, %v", rest, err)
		}
		if n := r.Unread(t.Context(), "p1"); n != 3 {
			t.Errorf("%d unread", n)
		}
		if err := r.MarkRead(t.Context(), "p2", rest[0].ID); err != nil || r.Unread(t.Context(), "p1") != 3 {
			t.Errorf("somebody else marked it: %v", err)
		}
		for range 2 {
			if err := r.MarkRead(t.Context(), "p1", rest[0].ID); err != nil || r.Unread(t.Context(), "p1") != 2 {
				t.Errorf("one read: %d unread, %v", r.Unread(t.Context(), "p1"), err)
			}
		}
		if err := r.MarkRead(t.Context(), "p1", ""); err != nil || r.Unread(t.Context(), "p1") != 0 {
			t.Errorf("all read: %d unread, %v", r.Unread(t.Context(), "p1"), err)
		}
		if _, err := r.Message(t.Context(), "p2", rest[0].ID); errs.KindOf(err) != errs.NotFound {
			t.Errorf("somebody else's message: %v", err)
		}
		err = d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return r.MovePersonTx(ctx, tx, "p1", "p2") })
		if m, e := r.Message(t.Context(), "p2", rest[0].ID); err != nil || e != nil || !m.Read {
			t.Errorf("after the merge: %+v, %v, %v", m, err, e)
		}
	})
}

func TestTextsAndNumbersAreUnreadableAtRest(t *testing.T) {
	d := dbtest.SQLite(t, rooms...)
	r := newRig(t, d)
	r.send(accepted("a"))
	r.drain()
	raw, err := os.ReadFile(strings.TrimPrefix(d.URL(), "sqlite:") + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"19900000031", "QL26-000017", "食品经营"} {
		if strings.Contains(string(raw), secret) {
			t.Errorf("%s stands readable in the database", secret)
		}
	}
	if !strings.Contains(string(raw), "case.accepted") {
		t.Error("the test looks in the wrong place")
	}
}

func TestTheSecondProviderTakesOver(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		r.one.Behave(smsgate.Behaviour{Status: 503})
		r.send(accepted("a"))
		r.drain()
		if len(r.one.Sent()) != 0 || len(r.two.Sent()) != 1 {
			t.Errorf("one has %d, two has %d", len(r.one.Sent()), len(r.two.Sent()))
		}
		r.wantState(notify.Sent, "provider = 'two'")
	})
}

func TestAProviderThatMayHaveItIsAskedAgainAndSendsOnce(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		r.one.Behave(smsgate.Behaviour{Drop: true})
		r.send(accepted("a"))
		r.drain()
		if len(r.one.Sent()) != 1 || len(r.two.Sent()) != 0 {
			t.Fatalf("one has %d, two has %d", len(r.one.Sent()), len(r.two.Sent()))
		}
		r.wantState(notify.Queued, "provider = 'one'")
		r.one.Behave(smsgate.Behaviour{})
		r.clock.add(5 * time.Second)
		r.drain()
		if len(r.one.Sent()) != 1 || len(r.two.Sent()) != 0 {
			t.Errorf("sent again: one has %d, two has %d", len(r.one.Sent()), len(r.two.Sent()))
		}
		r.wantState(notify.Sent, "provider = 'one' AND provider_id = 'G00000001'")
	})
}

func TestABadNumberFailsAtOnceAndIsTold(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		m := accepted("a")
		m.To.Phone = "0588-1234"
		r.send(m)
		r.drain()
		r.wantState(notify.Failed, "problem = 'phone'")
		if r.two.Calls() != 0 {
			t.Error("a number that cannot be right was tried at the second provider")
		}
		if n := dbtest.Count(t, d, "event_event", "topic = 'notify.failed'"); n != 1 {
			t.Errorf("%d events", n)
		}
	})
}

func TestNobodyTakesItUntilTheTriesAreOver(t *testing.T) {
	d := dbtest.SQLite(t, rooms...)
	r := newRig(t, d)
	r.one.Behave(smsgate.Behaviour{Status: 500})
	r.two.Behave(smsgate.Behaviour{Status: 401, Code: "account"})
	r.send(accepted("a"))
	for range 12 {
		r.drain()
		r.clock.add(2 * time.Hour)
	}
	r.wantState(notify.Failed, "problem = 'account'")
	if r.one.Calls() != 12 {
		t.Errorf("%d tries, want 12", r.one.Calls())
	}
}

func TestALateCodeIsNotSent(t *testing.T) {
	d := dbtest.SQLite(t, rooms...)
	r := newRig(t, d)
	r.send(notify.Message{Template: "sign_in.code", Key: "code:1", To: notify.To{Phone: "19900000031"}, Data: map[string]string{"code": "482913", "minutes": "5"}, Until: r.clock.now().Add(5 * time.Minute)})
	r.clock.add(6 * time.Minute)
	r.drain()
	r.wantState(notify.Failed, "problem = 'too_late'")
	if len(r.one.Sent()) != 0 {
		t.Error("it was sent all the same")
	}
	dbtest.WantCounts(t, d, map[string]int{"notify_message": 1})
}

func TestDeliveryReports(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		r.send(accepted("a"))
		r.drain()
		body, sig := r.one.Delivery(r.one.Sent()[0].RequestID)
		rep, err := r.gateways[0].Delivery(body, sig)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.gateways[1].Delivery(body, sig); !errs.Is(err, "notify.bad_report") {
			t.Errorf("a report for another account: %v", err)
		}
		if _, err := r.gateways[0].Delivery([]byte(strings.Replace(string(body), "delivered", "failed", 1)), sig); !errs.Is(err, "notify.bad_report") {
			t.Errorf("an altered report: %v", err)
		}
		if err := r.Take(t.Context(), rep); err != nil {
			t.Fatal(err)
		}
		if err := r.Take(t.Context(), rep); !errs.Is(err, "notify.replayed") {
			t.Errorf("the same report again: %v", err)
		}
		r.wantState(notify.Delivered, "done_ms > 0")
		r.clock.add(6 * time.Minute)
		if _, err := r.gateways[0].Delivery(body, sig); !errs.Is(err, "notify.bad_report") {
			t.Errorf("an old report: %v", err)
		}
		rep.Nonce, rep.State = "another-nonce", notify.Failed
		if err := r.Take(t.Context(), rep); err != nil {
			t.Error(err)
		}
		r.wantState(notify.Delivered, "done_ms > 0")
	})
}

func TestWithoutAReportTheProviderIsAsked(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		r.send(accepted("a"))
		r.drain()
		r.one.Behave(smsgate.Behaviour{Undone: true})
		r.wantState(notify.Sent, "provider = 'one'")
		r.clock.add(2 * time.Minute)
		r.drain()
		r.wantState(notify.Failed, "problem = 'absent'")
	})
}

func TestCheckSection(t *testing.T) {
	s := notify.New(notify.Deps{})
	const good = "messages:\n  - {key: case.accepted, title: 已受理, sms: '【清澜政务】{item}已受理', text: '{item}（{case_no}）', title_en: Accepted, text_en: '{item}'}\n"
	for name, c := range map[string]struct{ old, new, want string }{
		"fine":         {"", "", ""},
		"key":          {"case.accepted", "Accepted", "/messages/0/key notify.key_shape"},
		"place":        {"{case_no}", "{casse_no}", "/messages/0/text notify.unknown_place"},
		"code in case": {"（{case_no}）", "（{code}）", "/messages/0/text notify.unknown_place"},
		"long":         {"已受理', text", strings.Repeat("长", 300) + "', text", "/messages/0/sms notify.too_long"},
		"signature":    {"【清澜政务】", "", "/messages/0/sms notify.signature"},
		"no text":      {"'{item}（{case_no}）'", "''", "/messages/0/text notify.required"},
		"half English": {"text_en: '{item}'", "text_en: ''", "/messages/0/text_en notify.required"},
	} {
		var got string
		for _, p := range s.CheckSection(t.Context(), []packfile.File{{Path: "messages.yaml", Data: []byte(strings.Replace(good, c.old, c.new, 1))}}, nil) {
			got += p.Pointer + " " + p.Key
			if p.Line != 2 {
				t.Errorf("%s: line %d", name, p.Line)
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	own, err := os.ReadFile("messages.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if ps := s.CheckSection(t.Context(), []packfile.File{{Path: "messages.yaml", Data: own}}, nil); len(ps) != 0 {
		t.Errorf("the built-in messages: %+v", ps)
	}
}

func TestAPackReplacesTheBuiltInWords(t *testing.T) {
	dbtest.Each(t, rooms, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		pack := []packfile.File{{Path: "messages.yaml", Data: []byte("messages:\n  - {key: case.accepted, title: 受理了, text: '{item}', sms: ''}\n")}}
		for range 2 {
			if err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return r.LoadTx(ctx, tx, r.clock.now(), pack) }); err != nil {
				t.Fatal(err)
			}
		}
		if n := dbtest.Count(t, d, "notify_template", "version = 1"); n != 1 {
			t.Error("the same pack rewrote a template")
		}
		r.send(accepted("a"))
		in, err := r.Inbox(t.Context(), "p1", "", 1)
		if err != nil || in[0].Title(i18n.English) != "受理了" || dbtest.Count(t, d, "notify_message", "channel = 'sms'") != 0 {
			t.Errorf("Inbox = %+v, %v", in, err)
		}
		if !r.HasKey(t.Context(), "message", "case.accepted") || !r.HasKey(t.Context(), "message", "sign_in.code") || r.HasKey(t.Context(), "message", "case.none") {
			t.Error("HasKey is wrong")
		}
		err = d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return r.SendTx(ctx, tx, r.clock.now(), notify.Message{Template: "case.none", Key: "x", To: notify.To{Person: "p1"}})
		})
		if errs.KindOf(err) != errs.Internal {
			t.Errorf("a key nobody knows: %v", err)
		}
	})
}
