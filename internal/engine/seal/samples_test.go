package seal_test

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tongban/internal/engine/cnid"
	"tongban/internal/engine/pdf"
	"tongban/internal/engine/seal"
)

var update = flag.Bool("update", false, "make docs/samples anew, with a new authority")

const samples = "../../../docs/samples/"

// sampleLayout is a fictional licence of the fictional city 清澜市.
func sampleLayout(id string) pdf.Layout {
	label, value := "#7a1f1f", "#1a1a1a"
	l := pdf.Layout{Title: "食品经营许可证", Paper: "A4L", Watermark: "测试", NoPageNumbers: true, Blocks: []pdf.Block{
		{Kind: "frame", X: 12, Y: 12, W: 273, H: 186, Color: label},
		{Kind: "field", X: 20, Y: 26, W: 257, H: 16, Text: "食品经营许可证", Size: 34, Bold: true, Align: "center", Color: label},
		{Kind: "field", X: 20, Y: 44, W: 257, Text: "（样例 · 测试 · 不具法律效力）", Size: 12, Align: "center", Color: "#595959"},
	}}
	for i, row := range [][2]string{
		{"经营者名称", "清澜市云岸小馆餐饮有限公司"},
		{"经营场所", "清澜市滨河区望江路18号1层101室"},
		{"主体业态", "餐饮服务经营者（小餐饮）"},
		{"经营项目", "热食类食品制售；冷食类食品制售（仅限简单处理）；自制饮品制售"},
		{"许可证编号", "JY29901000000017"},
		{"有效期至", "2099年12月31日"},
		{"证照标识", id},
	} {
		y := 60 + 13*float64(i)
		l.Blocks = append(l.Blocks,
			pdf.Block{Kind: "field", X: 28, Y: y, W: 36, H: 8, Text: row[0], Size: 14, Color: label},
			pdf.Block{Kind: "field", X: 66, Y: y, W: 196, H: 12, Text: row[1], Size: 14, Color: value})
	}
	return pdf.Layout{Title: l.Title, Paper: l.Paper, Watermark: l.Watermark, NoPageNumbers: true, Blocks: append(l.Blocks,
		pdf.Block{Kind: "qr", X: 28, Y: 154, W: 30, QR: "https://verify.qinglan.example/verify?id=" + id, Text: "扫码核验"},
		pdf.Block{Kind: "field", X: 176, Y: 166, W: 92, Text: "发证机关：清澜市市场监督管理局", Size: 14, Align: "center"},
		pdf.Block{Kind: "field", X: 176, Y: 175, W: 92, Text: "2026年3月2日", Size: 14, Align: "center"},
		pdf.Block{Kind: "seal", X: 201, Y: 152, W: 42, Text: "清澜市市场监督管理局", Purpose: "电子证照专用章", Test: true},
	)}
}

// makeSamples writes the sample licence and its authority; the authority's key is thrown away.
func makeSamples(t *testing.T) {
	t.Helper()
	end := time.Date(2100, 12, 31, 0, 0, 0, 0, time.UTC)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	code := "11990100000000001" // region 990100 does not exist
	code += string(cnid.CreditCodeCheck(code))
	id, err := cnid.LicenceID(code+"001", code, "2026SAMPLE0001", "001")
	must(err)
	ca, err := seal.NewCA("清澜市电子印章测试根（样例）", from, end, true, nil)
	must(err)
	key, chain, err := ca.Issue("清澜市市场监督管理局电子证照专用章", "清澜市市场监督管理局", from, end)
	must(err)
	s, err := seal.NewSoftSigner(key, chain, nil)
	must(err)
	in, err := pdf.Render(sampleLayout(id), pdf.Meta{Title: "食品经营许可证（样例）", Author: "清澜市市场监督管理局", Subject: id, Created: t0, ID: id})
	must(err)
	out, err := seal.SignPDF(in, s, t0, seal.Info{ID: id, Kind: "食品经营许可证", ValidUntil: "2099-12-31", Test: true})
	must(err)
	must(os.WriteFile(samples+"food-licence.pdf", out, 0o644)) //nolint:gosec // public by purpose
	must(os.WriteFile(samples+"ca.pem", ca.CertPEM(), 0o644))  //nolint:gosec // public by purpose
}

func TestSamples(t *testing.T) {
	if *update {
		makeSamples(t)
	}
	file, err := os.ReadFile(samples + "food-licence.pdf")
	if err != nil {
		t.Fatal(err)
	}
	caPEM, err := os.ReadFile(samples + "ca.pem")
	if err != nil {
		t.Fatal(err)
	}
	trust, err := seal.NewTrust(caPEM)
	if err != nil {
		t.Fatal(err)
	}
	if r := seal.Verify(file, trust, time.Date(2099, 12, 31, 12, 0, 0, 0, time.UTC), nil); r.Status != seal.Valid || !r.Test || r.ValidUntil != "2099-12-31" {
		t.Errorf("sample: %+v", r)
	}
	if r := seal.Verify(file, trust, time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC), nil); r.Status != seal.Expired {
		t.Errorf("sample in 2100: %+v", r)
	}
}

// TestOpenSSLAgrees runs the script of docs/samples, which knows nothing of this package.
func TestOpenSSLAgrees(t *testing.T) {
	for _, tool := range []string{"openssl", "xxd", "awk"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("TONGBAN_FULL") != "" {
				t.Fatal("the full check needs " + tool)
			}
			t.Skipf("SKIPPED: %s is not installed; the signature is not checked by a second implementation", tool)
		}
	}
	if out, err := exec.CommandContext(t.Context(), "openssl", "version").Output(); err != nil || strings.HasPrefix(string(out), "OpenSSL 1.") {
		if os.Getenv("TONGBAN_FULL") != "" {
			t.Fatal("the full check needs openssl 3")
		}
		t.Skipf("SKIPPED: openssl 3 is needed, found %s", out)
	}
	w, stranger := newWorld(t, caName, true), newWorld(t, caName, true)
	sub, err := w.ca.NewSubCA("清澜市电子印章测试中级", from, until)
	if err != nil {
		t.Fatal(err)
	}
	key, chain, err := sub.Issue("章", "清澜市市场监督管理局", from, until)
	if err != nil {
		t.Fatal(err)
	}
	deep := w
	if deep.signer, err = seal.NewSoftSigner(key, chain, nil); err != nil {
		t.Fatal(err)
	}
	fresh := w.sign(t, plain(t), licenceInfo(t))
	content, padding, signature := bytes.Clone(fresh), bytes.Clone(fresh), bytes.Clone(fresh)
	content[20] ^= 1
	hole := holeForm.FindSubmatchIndex(fresh)
	padding[hole[3]-1] = '1'
	end := hole[2] + len(bytes.TrimRight(fresh[hole[2]:hole[3]], "0"))
	signature[end-9] ^= 1
	dir := t.TempDir()
	for _, c := range []struct {
		name string
		file []byte
		ca   []byte
		good bool
	}{
		{"fresh", fresh, w.ca.CertPEM(), true},
		{"with an intermediate authority", deep.sign(t, plain(t), seal.Info{}), w.ca.CertPEM(), true},
		{"changed content", content, w.ca.CertPEM(), false},
		{"changed padding", padding, w.ca.CertPEM(), false},
		{"changed signature", signature, w.ca.CertPEM(), false},
		{"appended", append(bytes.Clone(fresh), '\n'), w.ca.CertPEM(), false},
		{"another authority of the same name", fresh, stranger.ca.CertPEM(), false},
		{"not signed", plain(t), w.ca.CertPEM(), false},
	} {
		pdfName, caFile := filepath.Join(dir, "x.pdf"), filepath.Join(dir, "ca.pem")
		if err := os.WriteFile(pdfName, c.file, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(caFile, c.ca, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), "sh", samples+"verify-openssl.sh", pdfName, caFile).CombinedOutput()
		if (err == nil) != c.good {
			t.Errorf("%s: %v\n%s", c.name, err, out)
		}
		if r := seal.Verify(c.file, mustTrust(t, c.ca), t0, nil); (r.Status == seal.Valid) != c.good {
			t.Errorf("%s: we say %s", c.name, r.Status)
		}
	}
}

func mustTrust(t *testing.T, ca []byte) *seal.Trust {
	t.Helper()
	trust, err := seal.NewTrust(ca)
	if err != nil {
		t.Fatal(err)
	}
	return trust
}
