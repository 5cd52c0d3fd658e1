package gateway_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"tongban/internal/domain/notify"
	"tongban/internal/domain/notify/gateway"
	"tongban/internal/fake/smsgate"
)

const secret = "0123456789abcdef-shared"

func TestWhatAFailureMeans(t *testing.T) {
	now := func() time.Time { return time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC) }
	late := func() time.Time { return now().Add(6 * time.Minute) }
	fake := smsgate.New(smsgate.Config{App: "app", Secret: secret, Now: now})
	srv := httptest.NewServer(fake)
	defer srv.Close()
	closed := httptest.NewServer(fake)
	closed.Close()
	good := gateway.Config{Name: "one", URL: srv.URL, App: "app", Secret: secret, Timeout: 200 * time.Millisecond}
	for name, c := range map[string]struct {
		change func(*gateway.Config)
		how    smsgate.Behaviour
		phone  string
		now    func() time.Time
		want   notify.SendError
	}{
		"nobody there":    {change: func(c *gateway.Config) { c.URL = closed.URL }, want: notify.SendError{Code: "network"}},
		"too slow":        {how: smsgate.Behaviour{Wait: time.Minute}, want: notify.SendError{Code: "network", Unsure: true}},
		"broken answer":   {how: smsgate.Behaviour{Drop: true}, want: notify.SendError{Code: "network", Unsure: true}},
		"too busy":        {how: smsgate.Behaviour{Status: 429, Code: "busy"}, want: notify.SendError{Code: "busy"}},
		"behind a proxy":  {how: smsgate.Behaviour{Status: 504}, want: notify.SendError{Code: "http_504", Unsure: true}},
		"wrong secret":    {change: func(c *gateway.Config) { c.Secret = "another-secret-of-length" }, want: notify.SendError{Code: "signature"}},
		"wrong account":   {change: func(c *gateway.Config) { c.App = "other" }, want: notify.SendError{Code: "app"}},
		"clock is off":    {now: late, want: notify.SendError{Code: "timestamp"}},
		"no mobile phone": {phone: "12345", want: notify.SendError{Code: "phone", Permanent: true}},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, clock, phone := good, now, "19900000031"
			if c.change != nil {
				c.change(&cfg)
			}
			if c.now != nil {
				clock = c.now
			}
			if c.phone != "" {
				phone = c.phone
			}
			fake.Behave(c.how)
			_, err := gateway.New(cfg, clock).Send(context.Background(), notify.SMS{ID: name, Phone: phone, Template: "case.accepted"})
			var got *notify.SendError
			if !errors.As(err, &got) || got.Code != c.want.Code || got.Permanent != c.want.Permanent || got.Unsure != c.want.Unsure {
				t.Errorf("Send = %+v, want %+v", err, c.want)
			}
		})
	}
	fake.Behave(smsgate.Behaviour{})
	g := gateway.New(good, now)
	id, err := g.Send(t.Context(), notify.SMS{ID: "m1", Phone: "19900000031"})
	if again, e := g.Send(t.Context(), notify.SMS{ID: "m1", Phone: "19900000031"}); err != nil || e != nil || again != id {
		t.Errorf("sent twice: %s and %s, %v, %v", id, again, err, e)
	}
	if r, err := g.Report(t.Context(), "m1"); err != nil || r.State != notify.Delivered || r.ProviderID != id {
		t.Errorf("Report = %+v, %v", r, err)
	}
	if _, err := g.Report(t.Context(), "never sent"); err == nil {
		t.Error("a report on a message that was never sent")
	}
}

func TestConfigMustBeSafe(t *testing.T) {
	good := gateway.Config{Name: "one", URL: "https://sms.example.com/v1", App: "a", Secret: secret}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*gateway.Config){
		"plain http":   func(c *gateway.Config) { c.URL = "http://sms.example.com" },
		"no host":      func(c *gateway.Config) { c.URL = "sms" },
		"short secret": func(c *gateway.Config) { c.Secret = "short" },
		"no name":      func(c *gateway.Config) { c.Name = "" },
	} {
		c := good
		change(&c)
		if c.Check() == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}
