package ldap_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/domain/identity/ldap"
)

const slapd, slapadd = "/usr/sbin/slapd", "/usr/sbin/slapadd"

// The server accepts a bind with a name and no password as nobody (bind_anon_cred), and nothing that is not encrypted.
const serverConf = `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile %[1]s/pid
argsfile %[1]s/args
TLSCertificateFile %[1]s/cert.pem
TLSCertificateKeyFile %[1]s/key.pem
security ssf=112
allow bind_anon_cred
database mdb
suffix dc=example
directory %[1]s/data
maxsize 8388608
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="cn=finder,dc=example" read by * none
`

const entries = `dn: dc=example
objectClass: dcObject
objectClass: organization
o: example
dc: example

dn: cn=finder,dc=example
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: finder
userPassword: find-secret

dn: ou=people,dc=example
objectClass: organizationalUnit
ou: people

dn: ou=others,dc=example
objectClass: organizationalUnit
ou: others

dn: uid=suqing,ou=people,dc=example
objectClass: inetOrgPerson
uid: suqing
cn: Su Qing
sn: Su
userPassword: right horse

dn: uid=odd\2C(name)*,ou=people,dc=example
objectClass: inetOrgPerson
uid: odd,(name)*
cn: Odd
sn: Odd
userPassword: odd secret

dn: uid=twice,ou=people,dc=example
objectClass: inetOrgPerson
uid: twice
cn: One
sn: One
userPassword: same secret

dn: uid=twice,ou=others,dc=example
objectClass: inetOrgPerson
uid: twice
cn: Two
sn: Two
userPassword: same secret
`

type server struct {
	plain, secure string // addresses
	roots         *x509.CertPool
}

// start runs a private OpenLDAP for the test. Without one the test is skipped, but for the full check, which must have it.
func start(t *testing.T) server {
	t.Helper()
	if _, err := os.Stat(slapd); err != nil {
		if os.Getenv("TONGBAN_FULL") == "1" {
			t.Fatalf("the full check needs %s (package slapd): %v", slapd, err)
		}
		t.Skipf("NOT TESTED against a real directory: %s is missing, install slapd", slapd)
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	s := server{plain: "ldap://" + free(t), secure: "ldaps://" + free(t), roots: certificate(t, dir)}
	write(t, dir, "conf", fmt.Sprintf(serverConf, dir))
	write(t, dir, "ldif", entries)
	conf := filepath.Join(dir, "conf")
	if out, err := exec.CommandContext(t.Context(), slapadd, "-q", "-f", conf, "-l", filepath.Join(dir, "ldif")).CombinedOutput(); err != nil {
		t.Fatalf("slapadd: %v\n%s", err, out)
	}
	cmd := exec.Command(slapd, "-d", "0", "-h", s.plain+" "+s.secure, "-f", conf) //nolint:noctx // it ends with the test
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		if err := <-ended; err == nil {
			t.Error("slapd had ended by itself")
		}
	})
	limit := time.After(20 * time.Second)
	for _, address := range []string{s.plain, s.secure} {
		_, host, _ := strings.Cut(address, "://")
		for {
			if c, err := net.Dial("tcp", host); err == nil { //nolint:noctx // loopback
				_ = c.Close()
				break
			}
			select {
			case err := <-ended:
				ended <- err
				t.Fatalf("slapd ended: %v\n%s", err, said.String())
			case <-limit:
				t.Fatal("slapd does not listen")
			case <-time.After(10 * time.Millisecond):
			}
		}
	}
	return s
}

func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed at once
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// certificate makes the server's own certificate for 127.0.0.1 and gives whom to trust.
func certificate(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "directory"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2090, 1, 1, 0, 0, 0, 0, time.UTC),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	own := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	write(t, dir, "cert.pem", own)
	write(t, dir, "key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: plain})))
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(own))
	return pool
}

func (s server) search(address string) ldap.Config {
	return ldap.Config{URL: address, Roots: s.roots, BindDN: "cn=finder,dc=example", Password: "find-secret", Base: "dc=example", Filter: "(&(objectClass=person)(uid=%s))"}
}

func open(t *testing.T, c ldap.Config) *ldap.Directory {
	t.Helper()
	d, err := ldap.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestAgainstOpenLDAP(t *testing.T) {
	s := start(t)
	template := ldap.Config{URL: s.plain, Roots: s.roots, DN: "uid=%s,ou=people,dc=example"}
	for name, d := range map[string]*ldap.Directory{"StartTLS": open(t, s.search(s.plain)), "LDAPS": open(t, s.search(s.secure)), "by name": open(t, template)} {
		searched := name != "by name" // a template cannot tell who is unknown
		for _, c := range []struct {
			login, password string
			known, ok       bool
		}{
			{"suqing", "right horse", true, true},
			{" suqing ", "right horse", true, true},
			{"suqing", "wrong", searched, false},
			{"suqing", "", searched, false}, // this server would say yes
			{"suqing", "right horse\x00", searched, false},
			{"nobody", "right horse", false, false},
			{"odd,(name)*", "odd secret", true, true},
			{"*", "right horse", false, false},
			{"suqing)(uid=*", "right horse", false, false},
			{"suqing)(|(uid=*", "right horse", false, false},
			{"suqing,ou=people", "right horse", false, false},
			{"", "right horse", false, false},
			{"suqing\x00", "right horse", false, false},
			{strings.Repeat("x", 10_000), "right horse", false, false},
		} {
			known, ok, err := d.Check(t.Context(), c.login, c.password)
			if err != nil || known != c.known || ok != c.ok {
				t.Errorf("%s: %.40q with %q = %v, %v, %v; want %v, %v", name, c.login, c.password, known, ok, err, c.known, c.ok)
			}
		}
	}
	// Two entries of one login: nobody knows who signs in.
	if known, ok, err := open(t, s.search(s.plain)).Check(t.Context(), "twice", "same secret"); known || ok || err != nil {
		t.Errorf("a login found twice: %v, %v, %v", known, ok, err)
	}
}

func TestADirectoryThatCannotBeAskedSaysNeitherYesNorNo(t *testing.T) {
	s := start(t)
	wrongAccount, stranger := s.search(s.plain), s.search(s.secure)
	wrongAccount.Password = "old"
	stranger.Roots = x509.NewCertPool()
	plainStranger := s.search(s.plain)
	plainStranger.Roots = x509.NewCertPool()
	for name, c := range map[string]ldap.Config{
		"the searching account is refused": wrongAccount, "an unknown certificate": stranger, "an unknown certificate after StartTLS": plainStranger,
		"nothing listens": s.search("ldap://" + free(t)),
	} {
		known, ok, err := open(t, c).Check(t.Context(), "suqing", "right horse")
		if known || ok || !errs.Is(err, "identity.directory_away") || errs.KindOf(err) != errs.Unavailable {
			t.Errorf("%s: %v, %v, %v", name, known, ok, err)
		}
	}
}

// TestADeafServerIsLeft: a server that takes the connection and says nothing.
func TestADeafServerIsLeft(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // ends with the test
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	for _, scheme := range []string{"ldap://", "ldaps://"} {
		d := open(t, ldap.Config{URL: scheme + l.Addr().String(), DN: "uid=%s,dc=example", Timeout: 100 * time.Millisecond})
		done := make(chan error, 1)
		go func() {
			_, _, err := d.Check(context.Background(), "suqing", "right horse")
			done <- err
		}()
		select {
		case err := <-done:
			if errs.KindOf(err) != errs.Unavailable {
				t.Errorf("%s: %v", scheme, err)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("%s: still waiting", scheme)
		}
	}
}

func TestAConfigurationThatCannotWorkIsRefused(t *testing.T) {
	for name, c := range map[string]ldap.Config{
		"no address":             {DN: "uid=%s"},
		"another scheme":         {URL: "http://x", DN: "uid=%s"},
		"no way to find":         {URL: "ldap://x"},
		"a filter without login": {URL: "ldap://x", Base: "dc=x", Filter: "(uid=admin)"},
		"a broken filter":        {URL: "ldap://x", Base: "dc=x", Filter: "(uid=%s"},
		"a name without login":   {URL: "ldap://x", DN: "uid=admin"},
		"search without secret":  {URL: "ldap://x", Base: "dc=x", Filter: "(uid=%s)", BindDN: "cn=finder"},
	} {
		if _, err := ldap.New(c); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}
