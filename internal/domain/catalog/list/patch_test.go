package list_test

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"
)

// patch puts other words into the first sheet of a workbook.
func patch(t *testing.T, book []byte, old, is string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	must(t, err)
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range z.File {
		r, err := f.Open()
		must(t, err)
		b, err := io.ReadAll(r)
		must(t, err)
		if f.Name == "xl/worksheets/sheet1.xml" {
			s := strings.Replace(string(b), old, is, 1)
			if s == string(b) {
				t.Fatalf("%s is not in %s", old, b)
			}
			b = []byte(s)
		}
		p, err := w.Create(f.Name)
		must(t, err)
		_, err = p.Write(b)
		must(t, err)
	}
	must(t, w.Close())
	return out.Bytes()
}
