package factor_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"

	"tongban/internal/base/dbtest"
	"tongban/internal/base/errs"
	"tongban/internal/domain/factor"
)

// authority issues certificates for tests.
type authority struct {
	t    testing.TB
	cert *smx509.Certificate
	key  crypto.Signer
}

func newKey(t testing.TB, kind string) crypto.Signer {
	t.Helper()
	var k crypto.Signer
	var err error
	switch kind {
	case factor.SM2:
		k, err = sm2.GenerateKey(rand.Reader)
	case factor.RSA:
		k, err = rsa.GenerateKey(rand.Reader, 2048)
	case "RSA-1024":
		k, err = rsa.GenerateKey(rand.Reader, 1024)
	case "P-384":
		k, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	default:
		k, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	must(t, err)
	return k
}

func newAuthority(t testing.TB, kind string) *authority {
	a := &authority{t: t, key: newKey(t, kind)}
	tpl := &smx509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{Country: []string{"CN"}, CommonName: "清澜测试根 " + kind}, NotBefore: start.AddDate(-2, 0, 0), NotAfter: start.AddDate(8, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: smx509.KeyUsageCertSign | smx509.KeyUsageCRLSign,
	}
	der, err := smx509.CreateCertificate(rand.Reader, tpl, tpl, a.key.Public(), a.key)
	must(t, err)
	a.cert, err = smx509.ParseCertificate(der)
	must(t, err)
	return a
}

func (a *authority) pem() []byte { return toPEM(a.cert.Raw) }

func toPEM(der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}) }

var serial int64 = 100

// issue makes a person's certificate; set changes what it says.
func (a *authority) issue(pub crypto.PublicKey, set ...func(*smx509.Certificate)) []byte {
	a.t.Helper()
	serial++
	tpl := &smx509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{Country: []string{"CN"}, CommonName: "王小梅", SerialNumber: "33010219900307122X"},
		NotBefore: start.AddDate(-1, 0, 0), NotAfter: start.AddDate(1, 0, 0), KeyUsage: smx509.KeyUsageDigitalSignature,
	}
	for _, f := range set {
		f(tpl)
	}
	der, err := smx509.CreateCertificate(rand.Reader, tpl, a.cert, pub, a.key)
	must(a.t, err)
	return der
}

func signText(t testing.TB, k crypto.Signer, text string) []byte {
	t.Helper()
	var sig []byte
	var err error
	switch k := k.(type) {
	case *sm2.PrivateKey:
		sig, err = k.Sign(rand.Reader, []byte(text), sm2.NewSM2SignerOption(true, nil))
	default:
		h := sha256.Sum256([]byte(text))
		sig, err = k.Sign(rand.Reader, h[:], crypto.SHA256)
	}
	must(t, err)
	return sig
}

func TestCertificatesOfThreeAlgorithmsSignIn(t *testing.T) {
	for _, kind := range []string{factor.RSA, factor.ECDSA, factor.SM2} {
		t.Run(kind, func(t *testing.T) {
			a := newAuthority(t, kind)
			w := newWorld(t, dbtest.SQLite(t, all...), func(d *factor.Deps) { d.Roots = [][]byte{a.pem()} })
			k := newKey(t, kind)
			der := a.issue(k.Public())
			try := func(cert []byte, sign func(text string) []byte) (factor.Certificate, error) {
				ask, err := w.s.CertChallenge(t.Context())
				must(t, err)
				if strings.ContainsAny(ask.Text, "\n") || !strings.Contains(ask.Text, site) {
					t.Errorf("text %q", ask.Text)
				}
				c, err := w.s.FinishCert(t.Context(), ask.ID, cert, sign(ask.Text))
				if _, again := w.s.FinishCert(t.Context(), ask.ID, cert, sign(ask.Text)); !errs.Is(again, "factor.challenge_gone") {
					t.Errorf("the same challenge again: %v", again)
				}
				return c, err
			}
			right := func(text string) []byte { return signText(t, k, text) }
			for name, cert := range map[string][]byte{"PEM": toPEM(der), "DER": der, "base64": []byte(base64.StdEncoding.EncodeToString(der)), "PEM with root": append(toPEM(der), a.pem()...)} {
				c, err := try(cert, right)
				if err != nil || c.Name != "王小梅" || c.Number != "33010219900307122X" || c.Algorithm != kind || len(c.Fingerprint) != 64 {
					t.Errorf("%s: %+v, %v", name, c, err)
				}
			}
			for name, sign := range map[string]func(string) []byte{
				"base64": func(s string) []byte { return []byte(base64.StdEncoding.EncodeToString(right(s)) + "\n") },
				"hex":    func(s string) []byte { return []byte(hex.EncodeToString(right(s))) },
			} {
				if _, err := try(der, sign); err != nil {
					t.Errorf("signature as %s: %v", name, err)
				}
			}
			for name, sign := range map[string]func(string) []byte{
				"another key":  func(s string) []byte { return signText(t, newKey(t, kind), s) },
				"another text": func(s string) []byte { return right(s + "\n") },
				"nothing":      func(string) []byte { return nil },
				"altered":      func(s string) []byte { b := right(s); b[len(b)-1] ^= 1; return b },
			} {
				if _, err := try(der, sign); !errs.Is(err, "factor.cert_signature") {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
}

func TestOtherFormsOfSignatures(t *testing.T) {
	rsaCA, ecCA := newAuthority(t, factor.RSA), newAuthority(t, "P-384")
	w := newWorld(t, dbtest.SQLite(t, all...), func(d *factor.Deps) { d.Roots = [][]byte{append(rsaCA.pem(), ecCA.pem()...)} })
	rk, ek, sk := newKey(t, factor.RSA).(*rsa.PrivateKey), newKey(t, "P-384").(*ecdsa.PrivateKey), newKey(t, factor.SM2)
	for name, c := range map[string]struct {
		der  []byte
		sign func(text []byte) []byte
	}{
		"RSA-PSS": {rsaCA.issue(rk.Public()), func(text []byte) []byte {
			h := sha256.Sum256(text)
			sig, err := rsa.SignPSS(rand.Reader, rk, crypto.SHA256, h[:], nil)
			must(t, err)
			return sig
		}},
		"P-384 with SHA-384, plain numbers": {ecCA.issue(ek.Public()), func(text []byte) []byte {
			h := sha512.Sum384(text)
			r, s, err := ecdsa.Sign(rand.Reader, ek, h[:])
			must(t, err)
			return append(r.FillBytes(make([]byte, 48)), s.FillBytes(make([]byte, 48))...)
		}},
		"SM2 under an RSA authority": {rsaCA.issue(sk.Public()), func(text []byte) []byte { return signText(t, sk, string(text)) }},
	} {
		ask, err := w.s.CertChallenge(t.Context())
		must(t, err)
		if _, err := w.s.FinishCert(t.Context(), ask.ID, c.der, c.sign([]byte(ask.Text))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCertificatesThatAreRefused(t *testing.T) {
	a, stranger := newAuthority(t, factor.SM2), newAuthority(t, factor.SM2)
	crl, err := smx509.CreateRevocationList(rand.Reader, &smx509.RevocationList{
		Number: big.NewInt(1), ThisUpdate: start.Add(-time.Hour), NextUpdate: start.AddDate(0, 0, 7),
		RevokedCertificateEntries: []smx509.RevocationListEntry{{SerialNumber: big.NewInt(666), RevocationTime: start.Add(-time.Hour)}},
	}, a.cert, a.key)
	must(t, err)
	list := filepath.Join(t.TempDir(), "crl.pem")
	must(t, os.WriteFile(list, pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: crl}), 0o600))
	w := newWorld(t, dbtest.SQLite(t, all...), func(d *factor.Deps) { d.Roots, d.CRLs = [][]byte{a.pem()}, factor.CRLFiles(list) })
	k := newKey(t, factor.SM2)
	with := func(f func(*smx509.Certificate)) []byte { return a.issue(k.Public(), f) }
	flipped := a.issue(k.Public())
	flipped[len(flipped)/2] ^= 1
	for name, c := range map[string]struct {
		cert []byte
		want string
	}{
		"fine":             {a.issue(k.Public()), ""},
		"of a stranger":    {stranger.issue(k.Public()), "factor.cert_untrusted"},
		"signed by itself": {newAuthority(t, factor.ECDSA).cert.Raw, "factor.cert_usage"},
		"the root":         {a.cert.Raw, "factor.cert_usage"},
		"ended":            {with(func(c *smx509.Certificate) { c.NotAfter = start.Add(-time.Second) }), "factor.cert_expired"},
		"not yet":          {with(func(c *smx509.Certificate) { c.NotBefore = start.Add(time.Minute) }), "factor.cert_not_yet"},
		"for encryption":   {with(func(c *smx509.Certificate) { c.KeyUsage = smx509.KeyUsageKeyEncipherment }), "factor.cert_usage"},
		"a server's":       {with(func(c *smx509.Certificate) { c.ExtKeyUsage = []smx509.ExtKeyUsage{smx509.ExtKeyUsageServerAuth} }), "factor.cert_usage"},
		"for mail":         {with(func(c *smx509.Certificate) { c.ExtKeyUsage = []smx509.ExtKeyUsage{smx509.ExtKeyUsageEmailProtection} }), ""},
		"revoked":          {with(func(c *smx509.Certificate) { c.SerialNumber = big.NewInt(666) }), "factor.cert_revoked"},
		"a weak key":       {a.issue(newKey(t, "RSA-1024").Public()), "factor.cert_weak"},
		"altered":          {flipped, "factor.cert_"},
		"nothing":          {nil, "factor.cert_unreadable"},
		"junk":             {[]byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), "factor.cert_unreadable"},
		"a key":            {[]byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), "factor.cert_unreadable"},
		"too long":         {make([]byte, 70_000), "factor.cert_unreadable"},
	} {
		_, err := w.s.ReadCert(t.Context(), c.cert)
		if (err == nil) != (c.want == "") || err != nil && !strings.HasPrefix(errs.As(err).Key, c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	w.now = start.AddDate(0, 0, 8)
	if _, err := w.s.ReadCert(t.Context(), a.issue(k.Public())); !errs.Is(err, "factor.cert_crl") {
		t.Errorf("with an overdue list: %v", err)
	}
	must(t, os.Remove(list))
	if _, err := w.s.ReadCert(t.Context(), a.issue(k.Public())); !errs.Is(err, "factor.cert_crl") {
		t.Errorf("without the list: %v", err)
	}
	if _, err := factor.New(factor.Deps{PublicURL: site, Roots: [][]byte{toPEM(a.issue(k.Public()))}}); err == nil {
		t.Error("a person's certificate was taken for an authority")
	}
	off := newWorld(t, w.d)
	if _, err := off.s.CertChallenge(t.Context()); !errs.Is(err, "factor.cert_off") || off.s.TakesCertificates() {
		t.Errorf("without authorities: %v", err)
	}
}

func TestTheHoldersNumberIsFoundWhereAuthoritiesPutIt(t *testing.T) {
	a := newAuthority(t, factor.ECDSA)
	w := newWorld(t, dbtest.SQLite(t, all...), func(d *factor.Deps) { d.Roots = [][]byte{a.pem()} })
	k := newKey(t, factor.ECDSA)
	str := func(tag int, s string) []byte {
		b, err := asn1.Marshal(asn1.RawValue{Tag: tag, Bytes: []byte(s)})
		must(t, err)
		return b
	}
	choice, err := asn1.Marshal(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: str(asn1.TagPrintableString, "110105194912310021")})
	must(t, err)
	ext := func(oid asn1.ObjectIdentifier, value []byte) func(*smx509.Certificate) {
		return func(c *smx509.Certificate) {
			c.ExtraExtensions, c.Subject.SerialNumber = []pkix.Extension{{Id: oid, Value: value}}, ""
		}
	}
	for name, c := range map[string]struct {
		set  func(*smx509.Certificate)
		want string
	}{
		"identity code":       {ext(asn1.ObjectIdentifier{1, 2, 156, 10260, 4, 1, 1}, choice), "110105194912310021"},
		"older identity code": {ext(asn1.ObjectIdentifier{1, 2, 86, 11, 7, 1}, str(asn1.TagUTF8String, "11010519491231002x")), "11010519491231002X"},
		"bare text":           {ext(asn1.ObjectIdentifier{1, 2, 86, 11, 7, 1}, []byte("11010519491231002X")), "11010519491231002X"},
		"credit code":         {ext(asn1.ObjectIdentifier{1, 2, 156, 10260, 4, 1, 5}, str(asn1.TagPrintableString, "91330100MA27XXXX0A")), "91330100MA27XXXX0A"},
		"organisation": {func(c *smx509.Certificate) {
			c.Subject.SerialNumber = ""
			c.Subject.ExtraNames = []pkix.AttributeTypeAndValue{{Type: asn1.ObjectIdentifier{2, 5, 4, 97}, Value: "91330100MA27XXXX0A"}}
		}, "91330100MA27XXXX0A"},
		"no number":     {func(c *smx509.Certificate) { c.Subject.SerialNumber = "<script>" }, ""},
		"deep nonsense": {ext(asn1.ObjectIdentifier{1, 2, 86, 11, 7, 1}, []byte(strings.Repeat("\xa0\x80", 50))), ""},
	} {
		got, err := w.s.ReadCert(t.Context(), a.issue(k.Public(), c.set))
		if err != nil || got.Number != c.want {
			t.Errorf("%s: %q, %v; want %q", name, got.Number, err, c.want)
		}
	}
}

func TestACertificateIsBoundToOneAccount(t *testing.T) {
	a := newAuthority(t, factor.SM2)
	w := newWorld(t, dbtest.SQLite(t, all...), func(d *factor.Deps) {
		d.Roots = [][]byte{a.pem()}
		d.MayHold = func(_ context.Context, _ string, c factor.Certificate) error {
			if c.Number != "33010219900307122X" {
				return errs.New(errs.Forbidden, "factor.cert_other")
			}
			return nil
		}
	})
	k := newKey(t, factor.SM2)
	der := a.issue(k.Public())
	bind := func(who string, der []byte) error {
		ask, err := w.s.BeginCertificate(t.Context(), who)
		must(t, err)
		if _, err := w.s.FinishCert(t.Context(), ask.ID, der, signText(t, k, ask.Text)); !errs.Is(err, "factor.challenge_gone") {
			t.Errorf("signed in with a text for binding: %v", err)
		}
		ask, err = w.s.BeginCertificate(t.Context(), who)
		must(t, err)
		_, err = w.s.AddCertificate(t.Context(), person, who, ask.ID, der, signText(t, k, ask.Text))
		return err
	}
	must(t, bind(owner, der))
	if err := bind(other, der); !errs.Is(err, "factor.cert_known") {
		t.Errorf("bound twice: %v", err)
	}
	if err := bind(owner, a.issue(k.Public(), func(c *smx509.Certificate) { c.Subject.SerialNumber = "330102199003071225" })); !errs.Is(err, "factor.cert_other") {
		t.Errorf("somebody else's: %v", err)
	}
	m, err := w.s.Methods(t.Context(), owner)
	if err != nil || len(m.Certificates) != 1 || m.Certificates[0].Name != "王小梅" {
		t.Fatalf("%+v, %v", m, err)
	}
	if who, err := w.s.OwnerOfCert(t.Context(), m.Certificates[0].Fingerprint); who != owner || err != nil {
		t.Errorf("%q, %v", who, err)
	}
	if n := dbtest.Count(t, w.d, "factor_certificate", "CAST(facts AS TEXT) LIKE '%330102%'"); n != 0 {
		t.Error("the number is readable")
	}
	must(t, w.s.RemoveCertificate(t.Context(), person, owner, m.Certificates[0].ID))
}

// OpenSSL makes keys, certificates and signatures by itself; what it makes must be understood.
func TestOpenSSLSignatures(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		if os.Getenv("TONGBAN_FULL") != "" {
			t.Fatal("openssl is not installed")
		}
		t.Skip("no openssl")
	}
	dir := t.TempDir()
	run := func(args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "openssl", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("openssl %v: %v\n%s", args, err, out)
		}
	}
	run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "3650", "-subj", "/C=CN/CN=OpenSSL root", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(dir, name))
		must(t, err)
		return b
	}
	for kind, newkey := range map[string][]string{"RSA": {"-newkey", "rsa:2048"}, "ECDSA": {"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"}} {
		run(append([]string{"req", "-new", "-nodes", "-keyout", "p.key", "-out", "p.csr", "-utf8", "-subj", "/C=CN/CN=王小梅/serialNumber=33010219900307122X"}, newkey...)...)
		run("x509", "-req", "-in", "p.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30", "-out", "p.pem")
		leaf, err := smx509.ParseCertificatePEM(read("p.pem"))
		must(t, err)
		w := newWorld(t, dbtest.SQLite(t, all...), func(d *factor.Deps) { d.Roots = [][]byte{read("ca.pem")} })
		w.now = leaf.NotBefore.Add(time.Hour)
		ask, err := w.s.CertChallenge(t.Context())
		must(t, err)
		must(t, os.WriteFile(filepath.Join(dir, "text"), []byte(ask.Text), 0o600))
		run("dgst", "-sha256", "-sign", "p.key", "-out", "sig", "text")
		c, err := w.s.FinishCert(t.Context(), ask.ID, read("p.pem"), read("sig"))
		if err != nil || c.Algorithm != kind || c.Name != "王小梅" {
			t.Errorf("%s: %+v, %v", kind, c, err)
		}
	}
}
