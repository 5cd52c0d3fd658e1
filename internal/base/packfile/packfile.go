// Package packfile reads the files of a pack: YAML or JSON, decoded strictly into typed structures by their JSON names, with every finding
// tied to file and line. It owns no tables. Package pack gathers the files; each room checks and loads its own section with this.
package packfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"tongban/internal/base/errs"
)

// File is one file of a pack; Path is relative to the pack's folder, with slashes.
type File struct {
	Pack string // pack key
	Path string
	Data []byte
}

// Problem is one finding.
type Problem struct {
	File    string
	Line    int    // 1 for the first; 0 if the finding concerns the whole file
	Pointer string // JSON pointer of the place, e.g. "/materials/0/name"
	Key     string // text key
	Params  errs.P
}

// Known tells which keys exist after loading: in this pack, in those it requires and in the database. Kinds: agency, region, window, post,
// item, form, flow, licence_type, paper, message, file.
type Known interface{ Has(kind, key string) bool }

// Doc is a decoded file that remembers its lines.
type Doc struct {
	file  File
	lines map[string]int
}

// Line is the line of the nearest place at or above a pointer.
func (d *Doc) Line(pointer string) int {
	for {
		if n, ok := d.lines[pointer]; ok {
			return n
		}
		i := strings.LastIndexByte(pointer, '/')
		if i < 0 {
			return 0
		}
		pointer = pointer[:i]
	}
}

// Problem makes a finding at a pointer.
func (d *Doc) Problem(pointer, key string, p ...errs.P) Problem {
	pr := Problem{File: d.file.Path, Line: d.Line(pointer), Pointer: pointer, Key: key}
	if len(p) > 0 {
		pr.Params = p[0]
	}
	return pr
}

// Decode reads a file into v (a pointer to a struct with json tags). Unknown and doubled keys and values of the wrong kind are findings.
func Decode(f File, v any) (*Doc, []Problem) {
	d := &Doc{file: f, lines: map[string]int{"": 1}}
	var root yaml.Node
	if err := yaml.Unmarshal(f.Data, &root); err != nil {
		return d, []Problem{{File: f.Path, Line: yamlLine(err), Key: "packfile.syntax", Params: errs.P{"detail": err.Error()}}}
	}
	if len(root.Content) == 0 {
		return d, []Problem{{File: f.Path, Line: 1, Key: "packfile.empty"}}
	}
	var ps []Problem
	tree := d.tree(root.Content[0], "", &ps, 0)
	if len(ps) > 0 {
		return d, ps
	}
	b, err := json.Marshal(tree)
	if err != nil {
		return d, []Problem{d.Problem("", "packfile.syntax", errs.P{"detail": err.Error()})}
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return d, []Problem{d.explain(err)}
	}
	return d, nil
}

// Loose reads only what v names and passes over the rest; for those who look into another room's file. It reports whether it could.
func Loose(f File, v any) bool {
	d := &Doc{file: f, lines: map[string]int{}}
	var root yaml.Node
	var ps []Problem
	if yaml.Unmarshal(f.Data, &root) != nil || len(root.Content) == 0 {
		return false
	}
	b, err := json.Marshal(d.tree(root.Content[0], "", &ps, 0))
	return err == nil && len(ps) == 0 && json.Unmarshal(b, v) == nil
}

const maxDepth = 60

// tree turns a YAML node into JSON values, notes the line of every place, and refuses doubled keys and aliases (a few lines of which can
// stand for gigabytes).
func (d *Doc) tree(n *yaml.Node, at string, ps *[]Problem, depth int) any {
	d.lines[at] = n.Line
	if depth > maxDepth || n.Kind == yaml.AliasNode || n.Anchor != "" {
		*ps = append(*ps, d.Problem(at, "packfile.alias"))
		return nil
	}
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			k := n.Content[i]
			p := at + "/" + k.Value
			if _, twice := m[k.Value]; twice {
				d.lines[p] = k.Line
				*ps = append(*ps, d.Problem(p, "packfile.twice", errs.P{"name": k.Value}))
			}
			m[k.Value] = d.tree(n.Content[i+1], p, ps, depth+1)
			d.lines[p] = k.Line
		}
		return m
	case yaml.SequenceNode:
		out := make([]any, 0, len(n.Content))
		for i, c := range n.Content {
			out = append(out, d.tree(c, at+"/"+strconv.Itoa(i), ps, depth+1))
		}
		return out
	}
	return scalar(n)
}

// scalar keeps numbers as written (credit codes and dates are quoted or tagged as text) and dates as text.
func scalar(n *yaml.Node) any {
	switch n.Tag {
	case "!!int", "!!float":
		if json.Valid([]byte(n.Value)) {
			return json.Number(n.Value)
		}
	case "!!bool":
		var b bool
		if n.Decode(&b) == nil {
			return b
		}
	case "!!null":
		return nil
	}
	return n.Value
}

var (
	unknownField = regexp.MustCompile(`unknown field "([^"]*)"`)
	lineOf       = regexp.MustCompile(`line (\d+)`)
)

func yamlLine(err error) int {
	if m := lineOf.FindStringSubmatch(err.Error()); m != nil {
		n, _ := strconv.Atoi(m[1])
		return n
	}
	return 0
}

// explain gives a decoding error its place.
func (d *Doc) explain(err error) Problem {
	if m := unknownField.FindStringSubmatch(err.Error()); m != nil {
		return d.Problem(d.find(m[1]), "packfile.unknown", errs.P{"name": m[1]})
	}
	var te *json.UnmarshalTypeError
	if errors.As(err, &te) {
		return d.Problem(d.findPath(te.Field), "packfile.type", errs.P{"name": te.Field, "want": te.Type.String(), "got": te.Value})
	}
	return d.Problem("", "packfile.syntax", errs.P{"detail": fmt.Sprint(err)})
}

// find gives the first place whose last part is a name.
func (d *Doc) find(name string) string {
	var at []string
	for p := range d.lines {
		if strings.HasSuffix(p, "/"+name) {
			at = append(at, p)
		}
	}
	if len(at) == 0 {
		return ""
	}
	sort.Slice(at, func(i, j int) bool { return d.lines[at[i]] < d.lines[at[j]] })
	return at[0]
}

// findPath finds a place by Go's dotted field path, which leaves out the numbers of list entries.
func (d *Doc) findPath(path string) string {
	parts := strings.Split(path, ".")
	return d.find(parts[len(parts)-1])
}
