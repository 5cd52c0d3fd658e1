package seal_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emmansun/gmsm/pkcs7"
	"github.com/emmansun/gmsm/smx509"

	"tongban/internal/base/errs"
	"tongban/internal/engine/cnid"
	"tongban/internal/engine/pdf"
	"tongban/internal/engine/seal"
)

var (
	t0    = time.Date(2026, 3, 2, 9, 0, 0, 0, time.FixedZone("CST", 8*3600))
	from  = t0.AddDate(-1, 0, 0)
	until = t0.AddDate(9, 0, 0)
)

const caName = "清澜市电子印章测试根"

// world is one authority, one agency's key and the trust in them.
type world struct {
	ca     *seal.Authority
	signer *seal.SoftSigner
	trust  *seal.Trust
}

func newWorld(t testing.TB, name string, test bool) world {
	t.Helper()
	ca, err := seal.NewCA(name, from, until, test, nil)
	if err != nil {
		t.Fatal(err)
	}
	key, cert, err := ca.Issue("电子证照专用章", "清澜市市场监督管理局", from, until)
	if err != nil {
		t.Fatal(err)
	}
	s, err := seal.NewSoftSigner(key, cert, nil)
	if err != nil {
		t.Fatal(err)
	}
	trust, err := seal.NewTrust(ca.CertPEM())
	if err != nil {
		t.Fatal(err)
	}
	return world{ca, s, trust}
}

func plain(t testing.TB) []byte {
	t.Helper()
	out, err := pdf.Render(pdf.Layout{NoPageNumbers: true}, pdf.Meta{Title: "空", Created: t0, ID: "x"})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func licenceInfo(t testing.TB) seal.Info {
	t.Helper()
	id, err := cnid.LicenceID("11100000000013338W050", "11100000000013338W", "202603020001", "001")
	if err != nil {
		t.Fatal(err)
	}
	return seal.Info{ID: id, Kind: "食品经营许可证", ValidUntil: "2031-03-01", Test: true}
}

func (w world) sign(t testing.TB, in []byte, info seal.Info) []byte {
	t.Helper()
	out, err := seal.SignPDF(in, w.signer, t0, info)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func last(r seal.Report) seal.Check { return r.Checks[len(r.Checks)-1] }

func TestStatuses(t *testing.T) {
	w, stranger, namesake := newWorld(t, caName, true), newWorld(t, "别处的根", false), newWorld(t, caName, true)
	info := licenceInfo(t)
	file := w.sign(t, plain(t), info)
	register := func(state string, found bool, err error) seal.StateLookup {
		return func(id string, sum [32]byte) (string, bool, error) {
			if id != info.ID || sum != seal.Digest(file) {
				t.Errorf("register asked for %q %x", id, sum)
			}
			return state, found, err
		}
	}
	none, err := seal.NewTrust()
	if err != nil {
		t.Fatal(err)
	}
	endOfLastDay := time.Date(2031, 3, 1, 15, 59, 59, 0, time.UTC) // 23:59:59 in China
	for _, c := range []struct {
		name   string
		file   []byte
		trust  *seal.Trust
		at     time.Time
		state  seal.StateLookup
		status string
		check  string
	}{
		{"offline", file, w.trust, t0, nil, seal.Valid, "revocation"},
		{"in force", file, w.trust, t0, register("valid", true, nil), seal.Valid, "revocation"},
		{"revoked", file, w.trust, t0, register("revoked", true, nil), seal.Revoked, "revocation"},
		{"revoked and expired", file, w.trust, endOfLastDay.Add(time.Second), register("cancelled", true, nil), seal.Revoked, "revocation"},
		{"not in the register", file, w.trust, t0, register("", false, nil), seal.Unknown, "revocation"},
		{"register away", file, w.trust, t0, register("", false, errors.New("down")), seal.Unknown, "revocation"},
		{"last second", file, w.trust, endOfLastDay, nil, seal.Valid, "revocation"},
		{"expired", file, w.trust, endOfLastDay.Add(time.Second), nil, seal.Expired, "revocation"},
		{"clock too early", file, w.trust, t0.Add(-time.Hour), nil, seal.Unknown, "signing_time"},
		{"nobody trusted", file, none, t0, nil, seal.Unknown, "chain"},
		{"nil trust", file, nil, t0, nil, seal.Unknown, "chain"},
		{"stranger trusted", file, stranger.trust, t0, nil, seal.Unknown, "chain"},
		{"another CA of the same name", namesake.sign(t, plain(t), info), w.trust, t0, nil, seal.Forged, "chain"},
		{"not signed", plain(t), w.trust, t0, nil, seal.Unknown, "signed"},
		{"not a PDF", []byte("hello"), w.trust, t0, nil, seal.Unknown, "signed"},
		{"empty", nil, w.trust, t0, nil, seal.Unknown, "signed"},
		{"paper", w.sign(t, plain(t), seal.Info{}), w.trust, t0, func(string, [32]byte) (string, bool, error) { return "", false, nil }, seal.Valid, "revocation"},
	} {
		r := seal.Verify(c.file, c.trust, c.at, c.state)
		if r.Status != c.status || last(r).Name != c.check {
			t.Errorf("%s: %s at %+v", c.name, r.Status, last(r))
		}
	}
	r := seal.Verify(file, w.trust, t0, nil)
	if !r.Test || r.LicenceID != info.ID || r.Kind != info.Kind || r.ValidUntil != "2031-03-01" || r.Agency != "清澜市市场监督管理局" || !r.SignedAt.Equal(t0) ||
		!last(r).OK || last(r).Detail != "not checked (offline)" {
		t.Errorf("report = %+v", r)
	}
	raw, err := json.Marshal(r)
	if err != nil || !regexp.MustCompile(`^\{"status":"valid","test":true,"checks":\[\{"name":"signed","ok":true,"detail":"`).Match(raw) {
		t.Errorf("JSON = %s, %v", raw, err)
	}
	if q := seal.Verify(stranger.sign(t, plain(t), seal.Info{}), stranger.trust, t0, nil); q.Test || q.Status != seal.Valid {
		t.Errorf("a real authority's paper: %+v", q)
	}
}

// TestEveryBitCounts flips each bit of each byte of a small signed file, with trust and without: the answer is always forged.
func TestEveryBitCounts(t *testing.T) {
	w := newWorld(t, caName, true)
	file := w.sign(t, plain(t), licenceInfo(t))
	if r := seal.Verify(file, w.trust, t0, nil); r.Status != seal.Valid {
		t.Fatalf("untouched: %+v", r)
	}
	t.Logf("%d bits", len(file)*8)
	for i := range file {
		for bit := range 8 {
			file[i] ^= 1 << bit
			r := seal.Verify(file, w.trust, t0, nil)
			if r.Status != seal.Forged {
				t.Fatalf("byte %d (%q) bit %d: %s %+v", i, file[i]^1<<bit, bit, r.Status, last(r))
			}
			file[i] ^= 1 << bit
		}
	}
}

// TestBytesOfALicence flips a random bit in every ninth byte of a page with font and seal, and in every byte of a signature whose chain
// has an intermediate authority.
func TestBytesOfALicence(t *testing.T) {
	w := newWorld(t, caName, true)
	sub, err := w.ca.NewSubCA("清澜市电子印章测试中级", from, until)
	if err != nil {
		t.Fatal(err)
	}
	key, chain, err := sub.Issue("电子证照专用章", "清澜市市场监督管理局", from, until)
	if err != nil {
		t.Fatal(err)
	}
	if w.signer, err = seal.NewSoftSigner(key, chain, nil); err != nil {
		t.Fatal(err)
	}
	in, err := pdf.Render(pdf.Layout{Watermark: "测试", Blocks: []pdf.Block{{Kind: "title", Text: "证"}}}, pdf.Meta{Created: t0, ID: "y"})
	if err != nil {
		t.Fatal(err)
	}
	file := w.sign(t, in, licenceInfo(t))
	if r := seal.Verify(file, w.trust, t0, nil); r.Status != seal.Valid || !r.Test {
		t.Fatalf("untouched: %+v", r)
	}
	rnd := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // repeatable on purpose
	for i := 0; i < len(file); i++ {
		bit := byte(1) << rnd.IntN(8)
		if i >= len(in) {
			bit = 1 // turns a hexadecimal digit into another one
		}
		file[i] ^= bit
		for _, trust := range []*seal.Trust{w.trust, nil} {
			if r := seal.Verify(file, trust, t0, nil); r.Status != seal.Forged {
				t.Fatalf("byte %d bit %x: %s %+v", i, bit, r.Status, last(r))
			}
		}
		file[i] ^= bit
		if i < len(in)-9 {
			i += 8
		}
	}
}

var holeForm = regexp.MustCompile(`/Contents<([0-9a-f]+)>`)

// withCMS replaces the CMS by another one, padding included.
func withCMS(file []byte, change func(der []byte) []byte) []byte {
	m := holeForm.FindSubmatchIndex(file)
	raw, _ := hex.DecodeString(string(file[m[2]:m[3]]))
	n := 4 + int(raw[2])<<8 + int(raw[3])
	out := bytes.Clone(file)
	for i := m[2]; i < m[3]; i++ {
		out[i] = '0'
	}
	hex.Encode(out[m[2]:], change(bytes.Clone(raw[:n])))
	return out
}

func TestAttacks(t *testing.T) {
	w, other := newWorld(t, caName, true), newWorld(t, "别处的根", false)
	in := plain(t)
	file := w.sign(t, in, licenceInfo(t))
	second := w.sign(t, in, seal.Info{})
	replace := func(old, new string) []byte { return bytes.Replace(file, []byte(old), []byte(new), 1) }
	hole := holeForm.FindSubmatchIndex(file)
	br := regexp.MustCompile(`/ByteRange\[0 (\d+) (\d+) (\d+)\]`).FindSubmatch(file)
	tail, _ := strconv.Atoi(string(br[3]))
	for name, forged := range map[string][]byte{
		"byte appended":           append(bytes.Clone(file), '\n'),
		"incremental update":      append(bytes.Clone(file), "5 0 obj\n<</Type/Page>>\nendobj\nxref\n5 1\n0000000000 00000 n \ntrailer\n<</Size 20/Root 1 0 R/Prev 1>>\nstartxref\n9\n%%EOF\n"...),
		"object before the seal":  replace("%%EOF\n", "%%EOF\n7 0 obj\n<<>>\nendobj\n"),
		"prefix":                  append([]byte("%PDF-1.4\n"), file...),
		"second signature":        append(bytes.Clone(file), second[len(in):]...),
		"range shorter":           replace(string(br[0]), strings.Replace(string(br[0]), string(br[3]), "0000000"+strconv.Itoa(tail - 7)[:3], 1)),
		"range from elsewhere":    replace(string(br[0]), strings.Replace(string(br[0]), "[0 ", "[1 ", 1)),
		"two ranges":              replace("/ByteRange", "/ByteRange[0 0 0 0]/ByteRange"),
		"upper-case hex":          append(append(bytes.Clone(file[:hole[2]]), bytes.ToUpper(file[hole[2]:hole[3]])...), file[hole[3]:]...),
		"white space in the hole": append(append(bytes.Clone(file[:hole[3]-2]), "  "...), file[hole[3]:]...),
		"data in the padding":     append(append(bytes.Clone(file[:hole[3]-2]), "01"...), file[hole[3]:]...),
		"signature of another":    withCMS(file, func([]byte) []byte { b, _ := hex.DecodeString(string(holeForm.FindSubmatch(second)[1])); return b }),
		"BER length":              withCMS(file, func(d []byte) []byte { return append([]byte{0x30, 0x83, 0, d[2], d[3]}, d[4:]...) }),
		"trailing element":        withCMS(file, func(d []byte) []byte { return append(d, 5, 0) }),
		"no CMS":                  withCMS(file, func([]byte) []byte { return nil }),
		"no licence data":         regexp.MustCompile(`/TongbanLicence<[0-9a-f]*>`).ReplaceAll(file, []byte("/TongbanLicence<>")),
		"signature removed":       append(bytes.Clone(file[:hole[0]]), "/Contents<>>>\nendobj\n%%EOF\n"...),
		"cut in the hole":         bytes.Clone(file[:hole[2]+100]),
		"cut at the end":          bytes.Clone(file[:len(file)-1]),
		"doubled":                 append(bytes.Clone(file), file...),
		"bomb inside":             replace("%%EOF\n", "%%EOF\n9 0 obj\n<</Filter/FlateDecode/Length 9>>stream\n"+strings.Repeat("\x00", 1<<20)+"\nendstream endobj\n"),
	} {
		if bytes.Equal(forged, file) {
			t.Fatalf("%s changes nothing", name)
		}
		for _, trust := range []*seal.Trust{w.trust, other.trust, nil} {
			if r := seal.Verify(forged, trust, t0, nil); r.Status != seal.Forged {
				t.Errorf("%s: %s %+v", name, r.Status, last(r))
			}
		}
	}
	if r := seal.Verify(file[:len(in)], w.trust, t0, nil); r.Status != seal.Unknown {
		t.Errorf("the file before signing: %+v", r)
	}
	huge := append(bytes.Repeat([]byte("0 "), 32<<20), "/ByteRange"...)
	if r := seal.Verify(huge, w.trust, t0, nil); r.Status == seal.Valid {
		t.Error("64 MB of nothing is valid")
	}
	foreign := []byte("%PDF-1.4\n<</Type /Sig/SubFilter/adbe.pkcs7.detached/ByteRange[0 1 2 3]/Contents<30820102>>>")
	if r := seal.Verify(foreign, w.trust, t0, nil); r.Status != seal.Unknown {
		t.Errorf("another system's RSA signature: %+v", r)
	}
}

// TestCanonicalOnly changes the CMS in ways that other libraries take for valid.
func TestCanonicalOnly(t *testing.T) {
	w := newWorld(t, caName, true)
	file := w.sign(t, plain(t), seal.Info{})
	m := holeForm.FindSubmatchIndex(file)
	content := append(bytes.Clone(file[:m[0]+len("/Contents")]), file[m[1]:]...)
	var der []byte
	withCMS(file, func(d []byte) []byte { der = d; return d })
	p7, err := pkcs7.Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := smx509.NewCertPool()
	root, err := smx509.ParseCertificatePEM(w.ca.CertPEM())
	if err != nil {
		t.Fatal(err)
	}
	pool.AddCert(root)
	p7.Content = content
	if err := p7.VerifyWithChain(pool); err != nil {
		t.Fatalf("an independent CMS reader refuses our signature: %v", err)
	}
	// Another key of the same authority signs the same bytes in another CMS: good for that reader, not ours.
	keyPEM, certPEM, err := w.ca.Issue("电子证照专用章", "清澜市市场监督管理局", from, until)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(keyPEM)
	key, err := smx509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := smx509.ParseCertificatePEM(certPEM)
	if err != nil {
		t.Fatal(err)
	}
	sd, err := pkcs7.NewSMSignedData(content)
	if err != nil {
		t.Fatal(err)
	}
	if err := sd.AddSigner(leaf, key, pkcs7.SignerInfoConfig{}); err != nil {
		t.Fatal(err)
	}
	sd.Detach()
	again, err := sd.Finish()
	if err != nil {
		t.Fatal(err)
	}
	if r := seal.Verify(withCMS(file, func([]byte) []byte { return again }), w.trust, t0, nil); r.Status != seal.Forged || last(r).Name != "cms" {
		t.Errorf("a CMS of another shape: %s %+v", r.Status, last(r))
	}
}

func TestSignRefuses(t *testing.T) {
	w := newWorld(t, caName, true)
	in := plain(t)
	for name, c := range map[string]struct {
		in   []byte
		at   time.Time
		info seal.Info
		key  string
	}{
		"not a PDF":           {[]byte("x"), t0, seal.Info{}, "seal.unsupported_pdf"},
		"signed already":      {w.sign(t, in, seal.Info{}), t0, seal.Info{}, "seal.unsupported_pdf"},
		"stream of others":    {append(bytes.Clone(in), "\n"...), t0, seal.Info{}, "seal.unsupported_pdf"},
		"certificate too new": {in, from.Add(-time.Second), seal.Info{}, "seal.certificate_not_valid"},
		"certificate too old": {in, until.Add(time.Second), seal.Info{}, "seal.certificate_not_valid"},
		"bad identifier":      {in, t0, seal.Info{ID: "1.2.156.3005.2.X"}, "seal.bad_info"},
		"bad day":             {in, t0, seal.Info{ValidUntil: "2031-02-30"}, "seal.bad_info"},
	} {
		if _, err := seal.SignPDF(c.in, w.signer, c.at, c.info); !errs.Is(err, c.key) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestKeysAndCertificates(t *testing.T) {
	w, other := newWorld(t, caName, true), newWorld(t, "别处的根", false)
	caKey, err := w.ca.KeyPEM()
	if err != nil {
		t.Fatal(err)
	}
	back, err := seal.LoadCA(caKey, w.ca.CertPEM(), nil)
	if err != nil {
		t.Fatal(err)
	}
	key, cert, err := back.Issue("章", "局", from, until)
	if err != nil {
		t.Fatal(err)
	}
	s, err := seal.NewSoftSigner(key, cert, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r := seal.Verify((world{signer: s}).sign(t, plain(t), seal.Info{}), w.trust, t0, nil); r.Status != seal.Valid || !r.Test {
		t.Errorf("key of a reloaded CA: %+v", r)
	}
	if _, err := seal.NewSoftSigner(key, other.ca.CertPEM(), nil); !errs.Is(err, "seal.key_mismatch") {
		t.Errorf("foreign certificate: %v", err)
	}
	if _, err := seal.NewSoftSigner([]byte("x"), cert, nil); !errs.Is(err, "seal.bad_key") {
		t.Errorf("no key: %v", err)
	}
	for _, p := range [][]byte{nil, []byte("x"), key, cert} {
		if _, err := seal.NewTrust(p); !errs.Is(err, "seal.bad_certificate") {
			t.Errorf("NewTrust(%.20q) = %v", p, err)
		}
	}
	// The root's own key is not for documents.
	rootSigner, err := seal.NewSoftSigner(caKey, w.ca.CertPEM(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if r := seal.Verify((world{signer: rootSigner}).sign(t, plain(t), seal.Info{}), w.trust, t0, nil); r.Status != seal.Forged {
		t.Errorf("signed by the root itself: %+v", r)
	}
}

// FuzzVerify puts anything into the hole of a file that is otherwise whole: only the signature itself is valid, and nothing crashes.
func FuzzVerify(f *testing.F) {
	w := newWorld(f, caName, true)
	file := w.sign(f, plain(f), seal.Info{})
	var good []byte
	withCMS(file, func(d []byte) []byte { good = d; return d })
	f.Add(good)
	f.Add([]byte{0x30, 0x82, 0, 0})
	f.Fuzz(func(t *testing.T, der []byte) {
		if len(der) > 4096 {
			return
		}
		r := seal.Verify(withCMS(file, func([]byte) []byte { return der }), w.trust, t0, nil)
		if same := bytes.Equal(bytes.TrimRight(der, "\x00"), bytes.TrimRight(good, "\x00")); (r.Status == seal.Valid) != same || r.Status == seal.Unknown {
			t.Errorf("%s for %x", r.Status, der)
		}
	})
}
