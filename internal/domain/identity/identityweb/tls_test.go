package identityweb_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/web"
	"tongban/internal/domain/factor"
	"tongban/internal/domain/identity"
)

// ca issues certificates that are valid on the test's day.
type ca struct {
	t    *testing.T
	at   time.Time
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newCA(t *testing.T, name string, at time.Time) *ca {
	t.Helper()
	c := &ca{t: t, at: at}
	made := c.issue(&x509.Certificate{Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign}, 24*365)
	c.key = made.PrivateKey.(*ecdsa.PrivateKey)
	c.cert = made.Leaf
	return c
}

func (c *ca) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.cert.Raw})
}

// issue makes a key and its certificate; the first one of an authority is its own.
func (c *ca) issue(tpl *x509.Certificate, hours int) tls.Certificate {
	c.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		c.t.Fatal(err)
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		c.t.Fatal(err)
	}
	tpl.SerialNumber, tpl.NotBefore, tpl.NotAfter = serial, c.at.Add(-time.Hour*48), c.at.Add(time.Duration(hours)*time.Hour)
	parent, signer := c.cert, c.key
	if parent == nil {
		parent, signer = tpl, key
	}
	der, err := x509.CreateCertificate(rand.Reader, tpl, parent, key.Public(), signer)
	if err != nil {
		c.t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		c.t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

func (c *ca) person(name, number string, hours int) tls.Certificate {
	return c.issue(&x509.Certificate{
		Subject: pkix.Name{CommonName: name, SerialNumber: number}, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, hours)
}

// serveTLS serves the site as the real server does on the address that asks for certificates, and gives that address and the pool that trusts it.
func (k *kit) serveTLS(t *testing.T) (address string, pool *x509.CertPool) {
	t.Helper()
	host := newCA(t, "服务器测试根", k.now())
	server := host.issue(&x509.Certificate{
		Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"}, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, 24)
	key, err := x509.MarshalPKCS8PrivateKey(server.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for name, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: server.Certificate[0]}, keyFile: {Type: "PRIVATE KEY", Bytes: key}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- web.ServeCertificates(ctx, l, certFile, keyFile, k.site.Handler()) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	pool = x509.NewCertPool()
	pool.AddCert(host.cert)
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return "https://localhost:" + port, pool
}

func TestClientCertificatesOnARealListener(t *testing.T) {
	day := time.Date(2026, 11, 21, 1, 0, 0, 0, time.UTC)
	trusted, foreign := newCA(t, "清澜测试根", day), newCA(t, "别处的根", day)
	k := newKit(t, func(d *identity.Deps) {
		f, err := factor.New(factor.Deps{
			DB: d.DB, Vault: d.Vault, Now: d.Now, Log: d.Log, PublicURL: "https://qinglan.example", SiteName: "清澜政务", Roots: [][]byte{trusted.pem()},
			Cost: factor.Cost{Memory: 64, Time: 1, Lanes: 1},
		})
		if err != nil {
			t.Fatal(err)
		}
		d.Factors = f
	})
	address, pool := k.serveTLS(t)
	browser := func(certs ...tls.Certificate) *http.Client {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, Time: k.now, Certificates: certs, MinVersion: tls.VersionTLS12}}
		t.Cleanup(transport.CloseIdleConnections)
		return &http.Client{Jar: jar, Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	ask := func(c *http.Client, method, path string, head ...string) (int, string, string, error) {
		req, err := http.NewRequestWithContext(t.Context(), method, address+path, strings.NewReader(url.Values{"next": {"/strong"}}.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for i := 0; i+1 < len(head); i += 2 {
			req.Header.Set(head[i], head[i+1])
		}
		res, err := c.Do(req)
		if err != nil {
			return 0, "", "", err
		}
		defer func() { _ = res.Body.Close() }()
		body, err := io.ReadAll(res.Body)
		return res.StatusCode, res.Header.Get("Location"), string(body), err
	}
	const door = "/sign-in/certificate/tls"
	own := trusted.person(lin, linNumber, 24)
	nobody := browser()
	if st, _, _, err := ask(nobody, "GET", "/sign-in"); st != 200 || err != nil {
		t.Errorf("a browser without a certificate: %d %v", st, err)
	}
	for name, c := range map[string]*http.Client{
		"no certificate":     nobody,
		"a foreign one":      browser(foreign.person(lin, linNumber, 24)),
		"an expired one":     browser(trusted.person(lin, linNumber, -24)),
		"a server's":         browser(trusted.issue(&x509.Certificate{Subject: pkix.Name{CommonName: lin, SerialNumber: linNumber}, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}, 24)),
		"one of nobody here": browser(trusted.person(lin, "", 24)),
	} {
		if st, to, _, err := ask(c, "POST", door); st != 422 || to != "" || err != nil {
			t.Errorf("%s: %d %s %v", name, st, to, err)
		}
	}
	stolen := own
	stolen.PrivateKey = foreign.key
	if st, _, _, err := ask(browser(stolen), "POST", door); err == nil {
		t.Errorf("a certificate without its key: %d", st)
	}
	c := browser(own)
	if st, _, page, err := ask(c, "GET", door); st != 200 || err != nil || !strings.Contains(page, "form") {
		t.Errorf("page: %d %v", st, err)
	}
	if st, _, _, _ := ask(c, "POST", door, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"); st != 403 {
		t.Errorf("from another site: %d", st)
	}
	if st, to, page, err := ask(c, "POST", door); st != 303 || to != "/strong" || err != nil {
		t.Fatalf("%d %s %v %s", st, to, err, page)
	}
	if st, _, page, _ := ask(c, "GET", "/api/v1/me"); st != 200 || !strings.Contains(page, `"level":4`) || !strings.Contains(page, "林*满") {
		t.Errorf("%d %s", st, page)
	}
}
