// Package docs tests the documentation: every link and path leads somewhere and every command and flag it names exists.
package docs

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func pages(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, pattern := range []string{"../*.md", "*.md", "*/*.md", "../packs/*/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, found...)
	}
	if len(out) < 10 {
		t.Fatalf("only %d pages found", len(out))
	}
	return out
}

var (
	link    = regexp.MustCompile(`!?\[[^\]]*\]\(([^)\s]+)\)`)
	path    = regexp.MustCompile("`((?:internal|cmd|packs|docs|web|tools|e2e|bench|\\.ci)(?:/[A-Za-z0-9_.*-]+)+/?)`")
	command = regexp.MustCompile(`(?:tongban|go run \./cmd/tongban) (demo|init|serve|migrate|pack|staff|catalog|clock|verify|backup|restore|version|[a-z]+)((?: [^\n` + "`" + `|;]*)?)`)
	flag    = regexp.MustCompile(`--[a-z][a-z-]*`)
	heading = regexp.MustCompile(`(?m)^#+ +(.+)$`)
)

func TestLinksLeadSomewhere(t *testing.T) {
	for _, p := range pages(t) {
		text := read(t, p)
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			to := m[1]
			if strings.Contains(to, "://") || strings.HasPrefix(to, "mailto:") {
				continue
			}
			file, anchor, _ := strings.Cut(to, "#")
			target := p
			if file != "" {
				target = filepath.Join(filepath.Dir(p), file)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s, which is not there", p, to)
				continue
			}
			if anchor != "" && !hasAnchor(read(t, target), anchor) {
				t.Errorf("%s links to %s: no such heading", p, to)
			}
		}
	}
}

func hasAnchor(text, anchor string) bool {
	for _, h := range heading.FindAllStringSubmatch(text, -1) {
		slug := strings.ReplaceAll(strings.ToLower(strings.TrimSpace(h[1])), " ", "-")
		slug = regexp.MustCompile(`[^\p{L}\p{N}-]`).ReplaceAllString(slug, "")
		if slug == anchor {
			return true
		}
	}
	return false
}

func TestPathsExist(t *testing.T) {
	for _, p := range pages(t) {
		for _, m := range path.FindAllStringSubmatch(read(t, p), -1) {
			if found, _ := filepath.Glob(filepath.Join("..", m[1])); len(found) == 0 {
				t.Errorf("%s names %s, which is not there", p, m[1])
			}
		}
	}
}

// TestCommandsExist asks the program itself for its help.
func TestCommandsExist(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "tongban")
	if out, err := exec.Command("go", "build", "-o", bin, "../cmd/tongban").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	help := map[string]string{}
	ask := func(args ...string) string {
		key := strings.Join(args, " ")
		if help[key] == "" {
			out, err := exec.Command(bin, append(args, "--help")...).CombinedOutput() //nolint:gosec // our own binary
			if err != nil {
				t.Errorf("tongban %s --help: %v", key, err)
			}
			help[key] = string(out)
		}
		return help[key]
	}
	for _, p := range pages(t) {
		for _, m := range command.FindAllStringSubmatch(read(t, p), -1) {
			args := []string{m[1]}
			if words := strings.Fields(m[2]); (m[1] == "pack" || m[1] == "catalog" || m[1] == "staff") && len(words) > 0 && !strings.HasPrefix(words[0], "-") {
				args = append(args, words[0])
			}
			if !strings.Contains(ask(), "\n  "+m[1]) {
				if strings.Contains(m[0], "go run") {
					t.Errorf("%s names the command %q, which does not exist", p, m[0])
				}
				continue // prose after the name of the program
			}
			for _, f := range flag.FindAllString(m[2], -1) {
				if !strings.Contains(ask(args...), f) {
					t.Errorf("%s: %q has no flag %s", p, strings.Join(args, " "), f)
				}
			}
		}
	}
}

func read(t *testing.T, p string) string {
	t.Helper()
	b, err := os.ReadFile(p)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
