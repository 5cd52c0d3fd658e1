package app_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tongban/internal/base/dbtest"
	"tongban/internal/cli"
	"tongban/internal/domain/archive"
)

// TestADeliveredCaseIsArchivedAndVerifiedOffline follows a real case over HTTP into the archive: applied for, decided, delivered, packed by a job,
// seen by the auditor, taken away, and judged by the command that knows nothing but the file and the root certificate.
func TestADeliveredCaseIsArchivedAndVerifiedOffline(t *testing.T) {
	each(t, func(t *testing.T, c *city) {
		he := c.as(t, "person:19900000103")
		_, number, _ := elderCard(t, he, "archive-0001")
		c.settle(t)
		href := he.Get("/my/licences", 200).Find(`a[href^="/my/licences/"]`).First().AttrOr("href", "")
		he.Get(strings.TrimSuffix(href, "/pdf")+"/pdf", 200)
		for deadline := time.Now().Add(30 * time.Second); dbtest.Count(t, c.DB, "archive_package", "state = 'ready'") == 0; time.Sleep(50 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("no package: waits for %q", first(t, c, `SELECT MAX(failure) FROM archive_package`))
			}
		}
		list := c.as(t, "staff:bai-lu").Get("/archive", 200).Wants(number, "检测通过").Lacks("贺怀仁")
		page := list.Find(`a[href^="/archive/packages/"]`).First().AttrOr("href", "")
		auditor := c.as(t, "staff:bai-lu")
		auditor.Get(page, 200).Wants("真实性", "licence/01.pdf").Lacks("贺怀仁")
		file := auditor.Get(page+"/file", 200)

		dir := t.TempDir()
		write := func(name string, b []byte) string {
			p := filepath.Join(dir, name)
			if err := os.WriteFile(p, b, 0o600); err != nil {
				t.Fatal(err)
			}
			return p
		}
		ca := write("ca.pem", c.Keys.TrustPEM())
		verify := func(path string, more ...string) (int, string) {
			var out, bad bytes.Buffer
			return cli.Main(append([]string{"verify", path}, more...), strings.NewReader(""), &out, &bad), out.String() + bad.String()
		}
		if status, said := verify(write("p.zip", file.Raw), "--trust", ca); status != 0 || !strings.Contains(said, "真实性  Authenticity") || !strings.Contains(said, number) || strings.Contains(said, "✗") {
			t.Errorf("verified with %d:\n%s", status, said)
		}
		if status, said := verify(write("p.zip", file.Raw)); status != 1 || !strings.Contains(said, "No trusted root") {
			t.Errorf("without a root %d:\n%s", status, said)
		}
		bad := bytes.Clone(file.Raw)
		bad[len(bad)/2] ^= 1
		if status, said := verify(write("p.zip", bad), "--trust", ca, "--json"); status != 1 || !strings.Contains(said, `"ok":false`) {
			t.Errorf("altered %d:\n%s", status, said)
		}
		if status, _ := verify(write("p.zip", []byte("PK\x03\x04")), "--trust", ca); status != 1 {
			t.Errorf("cut off: %d", status)
		}
		if s, err := archive.Examine(t.Context(), bytes.NewReader(file.Raw), archive.Trust{Roots: [][]byte{c.Keys.TrustPEM()}}); err != nil || s.Manifest.Case.Rounds != 1 || s.Manifest.Case.Result != "grant" {
			t.Errorf("%+v %v", s.Manifest.Case, err)
		}
	})
}
