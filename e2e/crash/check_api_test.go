package crash

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// checkAPI compares what the server answers now with what it acknowledged before.
func checkAPI(t *testing.T, w *world) {
	t.Helper()
	for _, c := range w.clients { // before the papers are opened: that delivers the result, of which people are told too
		if strings.HasPrefix(c.name, "person:") && !c.firm {
			checkInbox(t, w, c)
		}
	}
	for _, d := range w.drafts {
		if d.id == "" {
			continue
		}
		if err := d.asTold(); err != nil {
			t.Errorf("case %s of %s (%s): %v", d.id, d.owner.name, d.item, err)
		}
		for _, u := range d.uploads {
			a, err := d.owner.get("/my/cases/" + d.id + "/files/" + u.id)
			if err != nil || a.status != 200 || sha256.Sum256(a.body) != u.sum {
				t.Errorf("case %s: file %s: status %d, %d bytes, not those that were sent (%v)", d.id, u.id, a.status, len(a.body), err)
			}
		}
	}
}

func (d *draft) asTold() error {
	if d.receipt.CaseNo == "" {
		return d.draftAsTold()
	}
	var doc struct {
		Case struct {
			CaseNo  string `json:"case_no"`
			State   string `json:"state"`
			Version int64  `json:"version"`
			Licence string `json:"licence"`
		} `json:"case"`
		QueryCode string            `json:"query_code"`
		Answers   []json.RawMessage `json:"answers"`
		Papers    []struct {
			Act, Href string
			Ready     bool
		} `json:"papers"`
	}
	if err := d.owner.getInto("/api/v1/cases/"+d.id, &doc); err != nil {
		return err
	}
	if doc.Case.CaseNo != d.receipt.CaseNo || doc.QueryCode != d.receipt.QueryCode || doc.Case.State != d.state || doc.Case.Version != d.version {
		return fmt.Errorf("is %+v %s, acknowledged %+v state %s version %d", doc.Case, doc.QueryCode, d.receipt, d.state, d.version)
	}
	if d.licence != "" && doc.Case.Licence != d.licence {
		return fmt.Errorf("licence %q, acknowledged %q", doc.Case.Licence, d.licence)
	}
	var again receipt
	if err := d.owner.getInto("/api/v1/cases/"+d.id+"/receipt", &again); err != nil {
		return err
	}
	if again.CaseNo != d.receipt.CaseNo || again.QueryCode != d.receipt.QueryCode {
		return fmt.Errorf("receipt %+v, acknowledged %+v", again, d.receipt)
	}
	if d.state != "correction" { // what is typed under correction is shown when it is sent
		all := fmt.Sprintf("%s", doc.Answers)
		for _, k := range []string{"live_address", "shop_name"} {
			if v, ok := d.values[k].(string); ok && !strings.Contains(all, v) {
				return fmt.Errorf("the answer %q is not there", v)
			}
		}
	}
	if len(doc.Papers) == 0 {
		return fmt.Errorf("no papers")
	}
	for _, p := range doc.Papers {
		a, err := d.owner.get(p.Href)
		if err != nil || !p.Ready || a.status != 200 || !isPDF(a.body) {
			return fmt.Errorf("paper %s: ready %v, status %d, %d bytes (%v)", p.Act, p.Ready, a.status, len(a.body), err)
		}
	}
	return nil
}

func isPDF(b []byte) bool {
	return bytes.HasPrefix(b, []byte("%PDF-")) && bytes.Contains(b[max(0, len(b)-32):], []byte("%%EOF"))
}

func (d *draft) draftAsTold() error {
	var doc struct {
		Version int64          `json:"version"`
		Form    map[string]any `json:"form"`
	}
	if err := d.owner.getInto("/api/v1/drafts/"+d.id, &doc); err != nil {
		return err
	}
	if doc.Version != d.version {
		return fmt.Errorf("draft at version %d, acknowledged %d", doc.Version, d.version)
	}
	for k, v := range d.values {
		if !agrees(doc.Form[k], plainJSON(v)) {
			return fmt.Errorf("answer %s is %v, acknowledged %v", k, doc.Form[k], v)
		}
	}
	return nil
}

func plainJSON(v any) any {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	var x any
	_ = json.Unmarshal(b, &x)
	return x
}

// agrees reports whether got holds all of want. A number may come back as its decimal text, a row of a table with its own id.
func agrees(got, want any) bool {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		for k, v := range w {
			ok = ok && agrees(g[k], v)
		}
		return ok
	case []any:
		g, ok := got.([]any)
		ok = ok && len(g) == len(w)
		for i := 0; ok && i < len(w); i++ {
			ok = agrees(g[i], w[i])
		}
		return ok
	}
	return fmt.Sprint(got) == fmt.Sprint(want)
}

var messageLink = regexp.MustCompile(`/my/messages/[0-9a-f-]{36}`)

// checkInbox counts the messages a person of one application sees: three once it is decided on the spot, none before.
func checkInbox(t *testing.T, w *world, c *client) {
	t.Helper()
	want := 0
	for _, d := range w.drafts {
		if d.owner == c && d.receipt.CaseNo != "" {
			want += 3 // received your application, granted, licence issued
		}
	}
	a, err := c.get("/my/messages")
	seen := map[string]bool{}
	for _, m := range messageLink.FindAllString(string(a.body), -1) {
		seen[m] = true
	}
	if err != nil || len(seen) != want {
		t.Errorf("%s sees %d messages, want %d (status %d, %v)", c.name, len(seen), want, a.status, err)
	}
}

// checkLicences has every licence judged by the command line, with the register at hand.
func checkLicences(t *testing.T, s *server, in *insider) {
	t.Helper()
	for _, r := range rowsOf(in, scanPair, `SELECT id, blob_id FROM licence_licence`) {
		b, err := in.a.Blobs.Bytes(r[1])
		if err != nil {
			t.Error(err)
			continue
		}
		file := filepath.Join(t.TempDir(), "licence.pdf")
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		args := []string{"verify", "--json", "--data", s.dir}
		if s.db != "" {
			args = append(args, "--db", s.db)
		}
		out, err := exec.Command(shared.bin, append(args, file)...).CombinedOutput() //nolint:gosec // our own binary
		if err != nil || !strings.Contains(string(out), `"status":"valid"`) {
			t.Errorf("licence %s: %v %s", r[0], err, out)
		}
	}
}
