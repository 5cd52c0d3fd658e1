package list

import (
	"archive/zip"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"tongban/internal/base/errs"
)

// openFolder takes the CSV and JSON files of a zip for tables. They are unpacked into a temporary file, which has no name any more while it is read.
func openFolder(z *zip.Reader) (*Book, error) {
	out := &Book{Format: Zip}
	for _, f := range z.File {
		ext := strings.ToLower(path.Ext(f.Name))
		if !slices.Contains([]string{".csv", ".txt", ".tsv", ".json", ".jsonl"}, ext) || strings.HasPrefix(path.Base(f.Name), ".") || strings.HasPrefix(f.Name, "__MACOSX") {
			continue
		}
		src, err := unpack(f)
		if err != nil {
			return nil, err
		}
		b, err := Open(src)
		if errs.Is(err, "list.empty") {
			continue
		}
		if err != nil {
			return nil, err
		}
		out.Encoding = b.Encoding
		for _, s := range b.Sheets {
			if len(b.Sheets) == 1 {
				s.Name = strings.TrimSuffix(path.Base(src.Name), path.Ext(src.Name))
			}
			out.Sheets = append(out.Sheets, s)
		}
	}
	if len(out.Sheets) == 0 {
		return nil, errs.New(errs.Invalid, "list.zip_empty")
	}
	return out, nil
}

func unpack(f *zip.File) (Source, error) {
	r, err := f.Open()
	if err != nil {
		return Source{}, broken(err)
	}
	defer r.Close()
	t, err := Temp()
	if err != nil {
		return Source{}, err
	}
	n, err := io.Copy(t, io.LimitReader(r, maxPlain))
	return Source{t, n, path.Base(f.Name)}, err
}

// Temp makes a file that vanishes when nobody holds it any more, whatever happens to the program.
func Temp() (*os.File, error) {
	t, err := os.CreateTemp("", "list")
	if err != nil {
		return nil, err
	}
	return t, os.Remove(t.Name())
}
