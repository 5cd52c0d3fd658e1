package blob

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
)

// kinds are the files we take, by their first bytes (never by their name): nothing that runs, nothing that unpacks.
var kinds = []struct {
	ext, mime string
	magic     []byte
}{
	{"pdf", "application/pdf", []byte("%PDF-")},
	{"jpg", "image/jpeg", []byte{0xFF, 0xD8, 0xFF}},
	{"png", "image/png", []byte("\x89PNG\r\n\x1a\n")},
}

// Sniff tells a file's kind from its first bytes: extension and MIME type, or two empty strings for a kind we do not take.
func Sniff(head []byte) (ext, mime string) {
	for _, k := range kinds {
		if bytes.HasPrefix(head, k.magic) {
			return k.ext, k.mime
		}
	}
	if t := http.DetectContentType(head); strings.HasPrefix(t, "text/plain") && !bytes.HasPrefix(head, []byte("MZ")) {
		return "txt", "text/plain; charset=utf-8"
	}
	return "", ""
}

// Human writes a size for people: "20 MB".
func Human(n int64) string {
	switch {
	case n >= 1<<20:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(n)/(1<<20)), ".0") + " MB"
	case n >= 1<<10:
		return fmt.Sprintf("%d KB", n>>10)
	}
	return fmt.Sprintf("%d B", n)
}
