package seal_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// TestEveryKeyHasWords finds the text keys in the sources of seal and pdf and looks for them in both languages.
func TestEveryKeyHasWords(t *testing.T) {
	keys := map[string]bool{}
	for _, dir := range []string{".", "../pdf"} {
		files, err := filepath.Glob(dir + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			src, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range regexp.MustCompile(`"((?:seal|pdf)\.[a-z_]+)"`).FindAllSubmatch(src, -1) {
				keys[string(m[1])] = true
			}
			for _, m := range regexp.MustCompile(`\.add\("(\w+)", ([^"]*)"(\w+)"`).FindAllSubmatch(src, -1) {
				keys["seal.check."+string(m[1])+"."+string(m[3])] = true
				keys["seal.check_name."+string(m[1])] = true
				if regexp.MustCompile(`outcome\(`).Match(m[2]) {
					keys["seal.check."+string(m[1])+".ok"] = true
				}
			}
		}
	}
	if len(keys) < 50 {
		t.Fatalf("only %d keys found in the sources", len(keys))
	}
	for _, s := range []string{"valid", "revoked", "expired", "forged", "unknown"} {
		keys["seal.status."+s] = true
	}
	for _, lang := range []string{"zh-CN", "en"} {
		texts := map[string]string{}
		for _, room := range []string{"seal", "pdf"} {
			raw, err := os.ReadFile("../../base/i18n/texts/" + room + "." + lang + ".json")
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(raw, &texts); err != nil {
				t.Fatal(err)
			}
		}
		for k := range keys {
			if texts[k] == "" {
				t.Errorf("%s has no text for %s", lang, k)
			}
		}
		for k := range texts {
			if !keys[k] {
				t.Errorf("%s: text %s is used nowhere", lang, k)
			}
		}
	}
}
