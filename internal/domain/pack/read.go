package pack

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/emmansun/gmsm/sm3"

	"tongban/internal/base/errs"
	"tongban/internal/base/packfile"
)

// Pack is a folder that was read.
type Pack struct {
	Key      string
	Version  int64
	Name     string
	NameEn   string
	Requires []string
	Files    []packfile.File
}

type head struct {
	Key      string   `json:"key"`
	Version  int64    `json:"version"`
	Name     string   `json:"name"`
	NameEn   string   `json:"name_en"`
	Requires []string `json:"requires"`
}

const (
	maxFile  = 2 << 20
	maxFiles = 5000
	headFile = "pack.yaml"
)

var keyForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)

// Read reads a pack's folder. Findings concern the folder and pack.yaml; the sections are checked by Service.Check.
func Read(fsys fs.FS) (Pack, []packfile.Problem) {
	var p Pack
	var ps []packfile.Problem
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if strings.HasPrefix(path.Base(name), ".") {
			return nil
		}
		if !utf8.ValidString(name) { // unpacked by a program that took the names for another encoding
			ps = append(ps, packfile.Problem{File: strings.ToValidUTF8(name, "\ufffd"), Key: "pack.bad_name"})
			return nil
		}
		if len(p.Files) == maxFiles {
			return errors.New("too many files")
		}
		if !d.Type().IsRegular() {
			ps = append(ps, packfile.Problem{File: name, Key: "pack.not_regular"})
			return nil
		}
		st, err := d.Info()
		if err != nil {
			return err
		}
		if st.Size() > maxFile {
			ps = append(ps, packfile.Problem{File: name, Key: "pack.file_large", Params: errs.P{"max": "2 MB"}})
			return nil
		}
		b, err := fs.ReadFile(fsys, name)
		p.Files = append(p.Files, packfile.File{Path: name, Data: b})
		return err
	})
	if err != nil {
		return p, append(ps, packfile.Problem{File: ".", Key: "pack.unreadable", Params: errs.P{"detail": err.Error()}})
	}
	sort.Slice(p.Files, func(i, j int) bool { return p.Files[i].Path < p.Files[j].Path })
	return p, append(ps, p.readHead()...)
}

func (p *Pack) readHead() []packfile.Problem {
	i := slices.IndexFunc(p.Files, func(f packfile.File) bool { return f.Path == headFile })
	if i < 0 {
		return []packfile.Problem{{File: headFile, Key: "pack.no_head"}}
	}
	var h head
	d, ps := packfile.Decode(p.Files[i], &h)
	if len(ps) > 0 {
		return ps
	}
	if !keyForm.MatchString(h.Key) {
		ps = append(ps, d.Problem("/key", "pack.bad_key", errs.P{"key": h.Key}))
	}
	if h.Version < 1 {
		ps = append(ps, d.Problem("/version", "pack.bad_version"))
	}
	if h.Name == "" {
		ps = append(ps, d.Problem("/name", "pack.no_name"))
	}
	p.Key, p.Version, p.Name, p.NameEn, p.Requires = h.Key, h.Version, h.Name, h.NameEn, h.Requires
	for j := range p.Files {
		p.Files[j].Pack = h.Key
		if known := fileKind(p.Files[j].Path); !known {
			ps = append(ps, packfile.Problem{File: p.Files[j].Path, Key: "pack.unknown_file"})
		}
	}
	return ps
}

// fileKind reports whether a pack may hold a file of this name.
func fileKind(name string) bool {
	switch name {
	case headFile, "regions.yaml", "agencies.yaml", "base.yaml", "demo.yaml", "messages.yaml", "README.md":
		return true
	}
	dir, _, _ := strings.Cut(name, "/")
	switch dir {
	case "items", "forms", "flows", "licence-types", "papers", "tables":
		return strings.Count(name, "/") == 1 && (strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".json"))
	case "files":
		return strings.Contains(name, "/")
	}
	return false
}

// Hash names the content of a pack.
func (p Pack) Hash() string {
	h := sm3.New()
	for _, f := range p.Files {
		fmt.Fprintf(h, "%d:%s%d:", len(f.Path), f.Path, len(f.Data))
		h.Write(f.Data)
	}
	return hex.EncodeToString(h.Sum(nil))
}
