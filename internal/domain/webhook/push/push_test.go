package push

import (
	"context"
	"crypto/x509"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"testing"
	"time"

	"tongban/internal/domain/webhook"
)

// TestAllowed is the table of addresses: what is public may be reached, what is ours never, what is allowed only where it may be.
func TestAllowed(t *testing.T) {
	office := prefixes("10.20.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "fd12::/16")
	for _, c := range []struct {
		address             string
		public, whenAllowed bool
	}{
		{"8.8.8.8", true, true},
		{"223.5.5.5", true, true},
		{"2400:3200::1", true, true},
		{"127.0.0.1", false, true},
		{"127.8.9.1", false, true},
		{"0.0.0.0", false, false},
		{"0.1.2.3", false, false},
		{"10.20.3.4", false, true},
		{"10.21.3.4", false, false},
		{"172.16.0.1", false, false},
		{"172.31.255.255", false, false},
		{"172.32.0.1", true, true},
		{"192.168.1.1", false, false},
		{"100.64.0.1", false, false},
		{"100.100.100.200", false, false}, // metadata
		{"169.254.169.254", false, false}, // metadata, not even by an allow list
		{"192.0.0.192", false, false},
		{"192.0.2.1", false, false},
		{"198.18.0.1", false, false},
		{"198.51.100.7", false, false},
		{"203.0.113.7", false, false},
		{"224.0.0.1", false, false},
		{"240.0.0.1", false, false},
		{"255.255.255.255", false, false},
		{"::", false, false},
		{"::1", false, false},
		{"::ffff:127.0.0.1", false, true},
		{"::ffff:10.21.0.1", false, false},
		{"::ffff:169.254.169.254", false, false},
		{"::ffff:8.8.8.8", true, true},
		{"::10.0.0.1", false, false},
		{"64:ff9b::a00:1", false, false},
		{"64:ff9b::808:808", true, true},
		{"64:ff9b:1::1", false, false},
		{"2002:a00:1::1", false, false},
		{"2002:7f00:1::", false, true},
		{"2002:808:808::1", true, true},
		{"2001::1", false, false}, // Teredo
		{"2001:db8::1", false, false},
		{"fc00::1", false, false},
		{"fd12::1", false, true},
		{"fd00:ec2::254", false, false}, // metadata
		{"fe80::1", false, false},
		{"fe80::1%eth0", false, false},
		{"2400:3200::1%eth0", false, false},
		{"fec0::1", false, false},
		{"ff02::1", false, false},
		{"100::1", false, false},
	} {
		a := netip.MustParseAddr(c.address)
		if got := allowed(a, nil); got != c.public {
			t.Errorf("%s may be reached: %v", c.address, got)
		}
		if got := allowed(a, office); got != c.whenAllowed {
			t.Errorf("%s may be reached with an allow list: %v", c.address, got)
		}
	}
	if allowed(netip.Addr{}, office) {
		t.Error("no address may be reached")
	}
}

// names is a resolver whose answers change with every question.
func names(answers ...string) func(context.Context, string) ([]netip.Addr, error) {
	n := -1
	return func(context.Context, string) ([]netip.Addr, error) {
		n = min(n+1, len(answers)-1)
		var out []netip.Addr
		for _, f := range splitComma(answers[n]) {
			out = append(out, netip.MustParseAddr(f))
		}
		return out, nil
	}
}

func splitComma(s string) (out []string) {
	for len(s) > 0 {
		i := 0
		for i < len(s) && s[i] != ',' {
			i++
		}
		out = append(out, s[:i])
		s = s[min(i+1, len(s)):]
	}
	return out
}

// TestNamesThatLeadInside: one bad address among good ones is enough, and a name that answers otherwise the second time (rebinding) reaches nothing.
func TestNamesThatLeadInside(t *testing.T) {
	reached := 0
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached++ }))
	defer srv.Close()
	u, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	at := "http://hooks.example:" + u.Port() + "/"
	for name, c := range map[string]struct {
		resolve    func(context.Context, string) ([]netip.Addr, error)
		check, why string
	}{
		"inside":    {names("127.0.0.1"), "inside", "inside"},
		"mixed":     {names("8.8.8.8,127.0.0.1"), "inside", "inside"},
		"rebinding": {names("8.8.8.8", "127.0.0.1"), "", "inside"},
		"mapped":    {names("::ffff:127.0.0.1"), "inside", "inside"},
		"nowhere":   {names(""), "", "dns"},
	} {
		s := New(Config{HTTP: true, Timeout: time.Second, Resolve: c.resolve})
		if err := s.Check(t.Context(), at); errors.Is(err, errInside) != (c.check == "inside") {
			t.Errorf("%s: check %v", name, err)
		}
		if a := s.Post(t.Context(), webhook.Message{URL: at, ID: "e1", Body: []byte("{}")}); a.Why != c.why || a.Status != 0 {
			t.Errorf("%s: %+v", name, a)
		}
	}
	for _, literal := range []string{"http://127.0.0.1:" + u.Port(), "http://localhost:" + u.Port(), "http://[::ffff:127.0.0.1]:" + u.Port(), "http://127.1:" + u.Port(), "http://2130706433:" + u.Port(), "http://0x7f000001:" + u.Port(), "http://0:" + u.Port()} {
		if a := New(Config{HTTP: true, Timeout: time.Second}).Post(t.Context(), webhook.Message{URL: literal, ID: "e1"}); a.Why != "inside" && a.Why != "dns" {
			t.Errorf("%s: %+v", literal, a)
		}
	}
	if reached != 0 {
		t.Errorf("our own network was reached %d times", reached)
	}
	t.Setenv("HTTP_PROXY", srv.URL) // a proxy would look names up for us
	if a := New(Config{HTTP: true, Timeout: time.Second, Resolve: names("127.0.0.1")}).Post(t.Context(), webhook.Message{URL: at, ID: "e1"}); a.Why != "inside" || reached != 0 {
		t.Errorf("through a proxy: %+v", a)
	}
}

// TestTLS: outside demo only https, with a certificate that fits the name.
func TestTLS(t *testing.T) {
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("webhook-id") != "e1" || r.Header.Get("webhook-timestamp") != "1700000000" || r.Header.Get("webhook-signature") != "v1,x" || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("headers %v", r.Header)
		}
		w.WriteHeader(http.StatusAccepted)
	}))
	defer srv.Close()
	u, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(srv.Certificate())
	loop := prefixes("127.0.0.0/8")
	m := webhook.Message{URL: "https://example.com:" + u.Port() + "/", ID: "e1", At: time.Unix(1700000000, 0), Signature: "v1,x", Body: []byte("{}")}
	for name, c := range map[string]struct {
		config Config
		url    string
		status int
		why    string
	}{
		"good":          {Config{Allow: loop, Roots: pool, Resolve: names("127.0.0.1")}, m.URL, 202, ""},
		"other name":    {Config{Allow: loop, Roots: pool, Resolve: names("127.0.0.1")}, "https://other.example:" + u.Port() + "/", 0, "tls"},
		"unknown roots": {Config{Allow: loop, Resolve: names("127.0.0.1")}, m.URL, 0, "tls"},
		"plain":         {Config{Allow: loop, Resolve: names("127.0.0.1")}, "http://example.com:" + u.Port() + "/", 0, "inside"},
		"low port":      {Config{Allow: loop, Resolve: names("127.0.0.1")}, "https://example.com:22/", 0, "inside"},
		"nobody there":  {Config{Allow: loop, Roots: pool, Resolve: names("127.0.0.1")}, "https://example.com:1024/", 0, "connect"},
	} {
		m.URL = c.url
		c.config.Timeout = 2 * time.Second
		if a := New(c.config).Post(t.Context(), m); a.Status != c.status || a.Why != c.why {
			t.Errorf("%s: %+v", name, a)
		}
	}
}
