package pack

import (
	"archive/zip"
	"bytes"
	"io"
	"path"
	"slices"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/base/packfile"
)

// MaxZip is the largest packed folder that is read, in bytes; maxTotal the largest it may unpack to.
const (
	MaxZip   = 64 << 20
	maxTotal = 64 << 20
)

// WriteZip writes a pack as a folder named by its key, the same bytes for the same pack. Entries say that they come from Unix: Info-ZIP takes names of
// others for a code page, even where they are marked as UTF-8.
func WriteZip(w io.Writer, p Pack) error {
	z := zip.NewWriter(w)
	for _, f := range p.Files {
		h := &zip.FileHeader{Name: p.Key + "/" + f.Path, Method: zip.Deflate}
		h.SetMode(0o644)
		e, err := z.CreateHeader(h)
		if err != nil {
			return err
		}
		if _, err := e.Write(f.Data); err != nil {
			return err
		}
	}
	return z.Close()
}

// ReadZip reads a packed folder: pack.yaml lies at the top or in the one folder. Names that lead elsewhere, too many files and files too large are
// findings; what cannot be unpacked is errs.Invalid "pack.bad_zip".
func ReadZip(data []byte) (Pack, []packfile.Problem, error) {
	var p Pack
	bad := func(err error) error { return errs.Wrap(err, errs.Invalid, "pack.bad_zip") }
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return p, nil, bad(err)
	}
	top, ok := topOf(z.File)
	if !ok {
		return p, []packfile.Problem{{File: headFile, Key: "pack.no_head"}}, nil
	}
	var ps []packfile.Problem
	var total int64
	for _, f := range z.File {
		name := strings.TrimPrefix(f.Name, top)
		if skipped(f, name) {
			continue
		}
		switch {
		case len(p.Files) == maxFiles:
			return p, []packfile.Problem{{File: ".", Key: "pack.too_many", Params: errs.P{"max": maxFiles}}}, nil
		case !f.Mode().IsRegular():
			ps = append(ps, packfile.Problem{File: name, Key: "pack.not_regular"})
			continue
		case !strings.HasPrefix(f.Name, top) || !FileKind(name):
			ps = append(ps, packfile.Problem{File: f.Name, Key: "pack.unknown_file"})
			continue
		}
		body, err := unpack(f)
		if err != nil {
			return p, nil, bad(err)
		}
		if total += int64(len(body)); len(body) > maxFile || total > maxTotal {
			ps = append(ps, packfile.Problem{File: name, Key: "pack.file_large", Params: errs.P{"max": "2 MB"}})
			if total > maxTotal {
				return p, ps, nil
			}
			continue
		}
		if slices.ContainsFunc(p.Files, func(o packfile.File) bool { return o.Path == name }) {
			ps = append(ps, packfile.Problem{File: name, Key: "pack.file_twice"})
			continue
		}
		p.Files = append(p.Files, packfile.File{Path: name, Data: body})
	}
	slices.SortFunc(p.Files, func(a, b packfile.File) int { return strings.Compare(a.Path, b.Path) })
	return p, append(ps, p.readHead()...), nil
}

// topOf gives the folder pack.yaml lies in.
func topOf(all []*zip.File) (string, bool) {
	best, found := "", false
	for _, f := range all {
		if path.Base(f.Name) == headFile && strings.Count(f.Name, "/") <= 1 && (!found || len(f.Name) < len(best)) {
			best, found = f.Name, true
		}
	}
	return strings.TrimSuffix(best, headFile), found
}

// skipped are folders themselves and what operating systems add.
func skipped(f *zip.File, name string) bool {
	return strings.HasSuffix(f.Name, "/") || strings.HasPrefix(path.Base(name), ".") || strings.HasPrefix(f.Name, "__MACOSX/")
}

// unpack reads one file, never more than one byte over the limit, whatever its head says.
func unpack(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	return io.ReadAll(io.LimitReader(r, maxFile+1))
}
