// Package archtest is the plan of the house as a table that fails the build: which folder may import which. It parses imports only.
package archtest

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "tongban/"

// floors lists every folder with Go code and what of ours it may import. A trailing slash means the folder and everything below it.
// A folder in no line fails: a new room is a decision.
var floors = []struct {
	folder string
	may    []string
}{
	{"cmd/tongban", []string{"internal/cli"}},
	{"internal/cli", []string{"internal/app", "internal/base/", "internal/engine/", "internal/domain/", "packs"}},
	{"internal/app", []string{"internal/", "packs"}},
	{"packs", nil},
	{"internal/archtest", nil},
	{"bench/", []string{"internal/", "packs", "bench", "bench/rig"}},
	{"docs/", nil},
	{"e2e/", []string{"internal/", "packs"}},
	{"examples/vertical", []string{"examples/vertical/bureau"}},
	{"examples/", nil},

	// The foundation: nothing above it.
	{"internal/base/errs", nil},
	{"internal/base/ident", nil},
	{"internal/base/vault", nil},
	{"internal/base/config", nil},
	{"internal/base/authz", nil},
	{"internal/base/signedcall", []string{"internal/base/ident"}},
	{"internal/base/i18n", []string{"internal/base/errs"}},
	{"internal/base/packfile", []string{"internal/base/errs"}},
	{"internal/base/db", []string{"internal/base/errs"}},
	{"internal/base/dbtest", []string{"internal/base/db", "internal/base/ident"}},
	{"internal/base/dbtest/withpg", nil},
	{"internal/base/job", []string{"internal/base/db", "internal/base/ident"}},
	{"internal/base/event", []string{"internal/base/db", "internal/base/ident", "internal/base/job"}},
	{"internal/base/audit", []string{"internal/base/db", "internal/base/ident"}},
	{"internal/base/blob", []string{"internal/base/db", "internal/base/errs", "internal/base/ident", "internal/base/vault"}},
	{"internal/base/obs", []string{"internal/base/ident"}},
	{"internal/base/ui", []string{"internal/base/errs", "internal/base/i18n"}},
	{"internal/base/web", []string{"internal/base/authz", "internal/base/blob", "internal/base/errs", "internal/base/i18n", "internal/base/ident"}},
	{"internal/base/idem", []string{"internal/base/db", "internal/base/errs", "internal/base/vault", "internal/base/web"}},
	{"internal/base/sheet", nil},
	{"internal/base/webtest", []string{"internal/base/"}},

	// The tools: pure law and logic.
	{"internal/engine/", []string{"internal/base/errs", "internal/engine/"}},

	// Small real servers that stand in for outside systems.
	{"internal/fake/", []string{"internal/base/", "internal/engine/"}},

	// The rooms, from the bottom up: each may use those above its line.
	{"internal/domain/formweb", below()},
	{"internal/domain/org", below()},
	{"internal/domain/notify", below("org")},
	{"internal/domain/notify/gateway", below("notify")},
	{"internal/domain/factor", below("org", "notify")},
	{"internal/domain/identity", below("org", "notify", "factor")},
	{"internal/domain/identity/ldap", []string{"internal/base/"}},
	{"internal/domain/identity/face", []string{"internal/base/", "internal/domain/identity"}},
	{"internal/domain/mandate", below("org", "notify", "factor", "identity")},
	{"internal/domain/federation/rp", []string{"internal/base/", "internal/domain/federation"}},
	{"internal/domain/sso/backchannel", []string{"internal/base/"}},
	{"internal/domain/factor/common", nil},
	{"internal/domain/federation", below("org", "notify", "factor", "identity")},
	{"internal/domain/sso", below("org", "notify", "factor", "identity", "mandate")},
	{"internal/domain/privacy", below("org", "notify", "factor", "identity", "mandate")},
	{"internal/domain/catalog/item", []string{"internal/base/", "internal/engine/"}},
	{"internal/domain/catalog/rule", []string{"internal/base/", "internal/engine/", "internal/domain/catalog/item"}},
	{"internal/domain/catalog/list", []string{"internal/base/", "internal/engine/", "internal/domain/catalog/item"}},
	{"internal/domain/catalog/search", []string{"internal/base/", "internal/engine/", "internal/domain/catalog/item"}},
	{"internal/domain/directory", append(below("org", "notify"), "internal/domain/catalog/item")},
	{"internal/domain/catalog", append(below("org", "notify", "identity", "directory"), "internal/domain/catalog/")},
	{"internal/domain/paper", below("org", "notify", "identity", "catalog", "catalog/item")},
	{"internal/domain/licence", below("org", "notify", "identity", "catalog", "paper")},
	{"internal/domain/credit", below("org", "notify", "identity", "paper")},
	{"internal/domain/desk", below("org")},
	{"internal/domain/cases", below("formweb", "desk", "org", "notify", "identity", "catalog", "catalog/item", "paper", "licence", "credit")},
	{"internal/domain/counter", below("org", "identity", "catalog", "cases")},
	{"internal/domain/rating", below("org", "notify", "identity", "catalog", "paper", "licence", "cases")},
	{"internal/domain/supervision", below("org", "notify", "identity", "catalog", "paper", "licence", "cases", "rating", "talk")},
	{"internal/domain/report", below("org", "notify", "identity", "catalog", "paper", "licence", "cases", "rating", "supervision")},
	{"internal/domain/archive", below("org", "notify", "identity", "catalog", "paper", "licence", "cases")},
	{"internal/domain/talk", below("org", "notify", "identity", "cases")},
	{"internal/domain/webhook", below("org", "cases", "talk")},
	{"internal/domain/webhook/push", []string{"internal/base/", "internal/domain/webhook"}},
	{"internal/domain/pack", below("org", "notify", "identity", "catalog", "catalog/rule", "paper", "licence", "cases", "rating", "supervision")},
	{"internal/domain/elsewhere/line", []string{"internal/base/", "internal/domain/elsewhere"}},
	{"internal/domain/govstack", below("org", "catalog", "cases")},
	{"internal/domain/elsewhere", below("org", "notify", "identity", "catalog", "paper", "licence", "cases")},
	{"internal/domain/design", below("formweb", "org", "notify", "identity", "directory", "catalog", "catalog/item", "catalog/rule", "paper", "licence", "cases", "pack")},
	{"internal/domain/portal", below("org", "notify", "identity", "catalog", "paper", "licence", "cases", "rating", "supervision", "pack")},
}

func below(rooms ...string) []string {
	out := []string{"internal/base/", "internal/engine/"}
	for _, r := range rooms {
		out = append(out, "internal/domain/"+r)
	}
	return out
}

type pkg struct {
	dir     string
	file    string
	test    bool
	imports []string
}

func sources(t *testing.T) []pkg {
	t.Helper()
	var out []pkg
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel("../..", path)
		if d.IsDir() {
			if name := d.Name(); rel != "." && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "testdata" || rel == "tools" || rel == "data") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		p := pkg{dir: filepath.ToSlash(filepath.Dir(rel)), file: filepath.ToSlash(rel), test: strings.HasSuffix(path, "_test.go")}
		for _, i := range f.Imports {
			name, _ := strconv.Unquote(i.Path.Value)
			p.imports = append(p.imports, name)
		}
		out = append(out, p)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// webOf gives the room of a web folder: internal/domain/cases/deskweb is a web of internal/domain/cases.
func webOf(dir string) (room string, ok bool) {
	parts := strings.Split(dir, "/")
	if len(parts) == 4 && parts[1] == "domain" && strings.HasSuffix(parts[3], "web") {
		return strings.Join(parts[:3], "/"), true
	}
	return "", false
}

func allowed(dir string) ([]string, bool) {
	if room, ok := webOf(dir); ok {
		may, found := allowed(room)
		return append(slices.Clone(may), room), found
	}
	for _, f := range floors {
		if dir == f.folder || strings.HasSuffix(f.folder, "/") && strings.HasPrefix(dir+"/", f.folder) {
			return f.may, true
		}
	}
	return nil, false
}

func TestArrowsPointDown(t *testing.T) {
	for _, p := range sources(t) {
		may, found := allowed(p.dir)
		if !found {
			t.Errorf("%s is on no floor: add it to the table with a decision", p.file)
			continue
		}
		if p.test { // tests may build a real neighbourhood
			continue
		}
		for _, name := range p.imports {
			of, ours := strings.CutPrefix(name, module)
			if !ours {
				continue
			}
			ok := slices.ContainsFunc(may, func(m string) bool {
				return of == m || strings.HasSuffix(m, "/") && strings.HasPrefix(of, m)
			})
			if !ok {
				t.Errorf("%s imports %s, which its floor does not allow", p.file, of)
			}
		}
	}
}

// outward are the packages of rooms that ask outside systems over HTTP; they hold no SQL.
var outward = []string{"internal/domain/notify/gateway", "internal/domain/identity/face", "internal/domain/federation/rp", "internal/domain/sso/backchannel", "internal/domain/elsewhere/line", "internal/domain/webhook/push"}

// TestSQLAndHTTPKeepApart: database/sql only in base/db; SQL text only in store files; net/http not in a room's own package.
func TestSQLAndHTTPKeepApart(t *testing.T) {
	for _, p := range sources(t) {
		if p.test {
			continue
		}
		_, isWeb := webOf(p.dir)
		room := strings.HasPrefix(p.dir, "internal/domain/") && !isWeb
		base := filepath.Base(p.file)
		for _, name := range p.imports {
			if name == "database/sql" && !strings.HasPrefix(p.dir, "examples/") && !strings.HasPrefix(p.dir, "internal/base/db") && !strings.HasPrefix(base, "store") {
				t.Errorf("%s imports database/sql", p.file)
			}
			if name == "net/http" && room && !slices.Contains(outward, p.dir) && p.file != "internal/domain/identity/registry.go" {
				t.Errorf("%s imports net/http: pages and endpoints live in the room's web folder", p.file)
			}
		}
	}
}

func TestSQLStandsInStoreFilesOnly(t *testing.T) {
	for _, p := range sources(t) {
		if p.test || !strings.HasPrefix(p.dir, "internal/domain/") || strings.HasPrefix(filepath.Base(p.file), "store") {
			continue
		}
		b, err := os.ReadFile(filepath.Join("../..", p.file))
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"SELECT ", "INSERT INTO ", "DELETE FROM ", " SET "} {
			if i := strings.Index(string(b), "`"+word); i >= 0 {
				t.Errorf("%s holds SQL (%q); move it to store*.go", p.file, word)
			}
		}
	}
}

// TestEveryPackageSaysWhatItOwns: a package comment in doc.go, or in its only file.
func TestEveryPackageSaysWhatItOwns(t *testing.T) {
	said, all := map[string]bool{}, map[string]bool{}
	for _, p := range sources(t) {
		if p.test && p.dir != "internal/archtest" {
			continue
		}
		all[p.dir] = true
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join("../..", p.file), nil, parser.PackageClauseOnly|parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if f.Doc != nil {
			said[p.dir] = true
		}
	}
	for dir := range all {
		if !said[dir] {
			t.Errorf("%s has no package comment", dir)
		}
	}
}
