package design

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/i18n"
	"tongban/internal/base/packfile"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/pack"
	"tongban/internal/engine/cond"
)

// Row is one thing that changes, in words.
type Row struct{ Label, Old, New string }

// Line is one line of a text: Sign is "+", "-" or " ".
type Line struct{ Sign, Text string }

// Part is how one file of a change differs from what is published: rows in words, or lines where it is no structure we can read.
type Part struct {
	Path         string
	Kind         Kind
	Key          string
	New, Removed bool
	Rows         []Row
	Lines        []Line
}

// Difference gives what a change alters against what is published, or was when it was published, in the language of ctx.
func (s *Service) Difference(ctx context.Context, a authz.Actor, id string) ([]Part, error) {
	if _, err := s.open(ctx, a, id); err != nil {
		return nil, err
	}
	fs, err := filesOf(ctx, s.db.R(), id)
	if err != nil {
		return nil, err
	}
	var out []Part
	for _, f := range fs {
		if !f.New && !f.Removed && string(f.Was) == string(f.Content) {
			continue
		}
		out = append(out, Compare(i18n.From(ctx), f.Path, f.Was, f.Content, f.New, f.Removed))
	}
	return out, nil
}

// Compare gives the difference of two texts of one file.
func Compare(l i18n.Lang, path string, was, is []byte, isNew, removed bool) Part {
	p := Part{Path: path, New: isNew, Removed: removed}
	p.Kind, p.Key = KindOf(path)
	switch {
	case p.Kind == SampleFile:
		p.Rows = []Row{{Label: path, Old: size(was), New: size(is)}}
	case removed || !p.structured(l, was, is):
		p.Lines = lines(string(was), string(is))
	}
	return p
}

func size(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	return fmt.Sprintf("%d KB", (len(b)+1023)/1024)
}

// structured fills the rows; false when a text cannot be read.
func (p *Part) structured(l i18n.Lang, was, is []byte) bool {
	if p.Kind == ItemFile {
		var a, b item.Item
		if !p.New && !read(was, &a) || !read(is, &b) {
			return false
		}
		for _, c := range item.Diff(&a, &b) {
			p.Rows = append(p.Rows, itemRow(l, c))
		}
		return p.New || len(p.Rows) > 0
	}
	var a, b any
	if !p.New && !read(was, &a) || !read(is, &b) {
		return false
	}
	before, after := flat{}, flat{}
	before.walk(l, a, nil)
	after.walk(l, b, nil)
	p.Rows = before.rows(after)
	return len(p.Rows) > 0
}

func read(text []byte, v any) bool {
	_, ps := packfile.Decode(packfile.File{Data: text}, v)
	return len(ps) == 0
}

// itemRow names a change of an item.
func itemRow(l i18n.Lang, c item.Change) Row {
	if e, ok := item.ByKey(c.Element); ok {
		return Row{Label: e.Label(l), Old: words(l, e.Kind, e.List, c.Old), New: words(l, e.Kind, e.List, c.New)}
	}
	child, ok := item.ChildByKey(c.Child)
	if !ok {
		return Row{Label: c.Element + c.Child, Old: c.Old, New: c.New}
	}
	r := Row{Label: child.Label(l) + " › " + c.Name, Old: c.Old, New: c.New}
	if i := slices.IndexFunc(child.Columns, func(o item.Column) bool { return o.Key == c.Column }); i >= 0 {
		col := child.Columns[i]
		r = Row{Label: r.Label + " › " + col.Label(l), Old: col.Text(l, c.Old), New: col.Text(l, c.New)}
	}
	return r
}

func words(l i18n.Lang, k item.Kind, list, cell string) string {
	return item.Column{Kind: k, List: list}.Text(l, cell)
}

// flat holds a document as labelled places with their values, in order.
type flat struct {
	order  []string
	values map[string]string
}

func (f *flat) put(at []string, value string) {
	if f.values == nil {
		f.values = map[string]string{}
	}
	label := strings.Join(at, " › ")
	for n := 2; ; n++ {
		if _, taken := f.values[label]; !taken {
			break
		}
		label = fmt.Sprintf("%s (%d)", strings.Join(at, " › "), n)
	}
	f.order = append(f.order, label)
	f.values[label] = value
}

// walk labels entries of lists by their own name, so that one that is moved is not another one.
func (f *flat) walk(l i18n.Lang, v any, at []string) {
	down := func(name string) []string { return append(slices.Clone(at), name) }
	switch v := v.(type) {
	case map[string]any:
		if b, err := json.Marshal(v); err == nil && len(at) > 0 {
			if e, err := cond.Parse(b); err == nil && !e.IsZero() {
				f.put(at, e.String())
				return
			}
		}
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			f.walk(l, v[k], down(attribute(l, k)))
		}
	case []any:
		if texts, ok := scalars(v); ok {
			f.put(at, strings.Join(texts, "、"))
			return
		}
		for i, x := range v {
			f.walk(l, x, down(titleOf(x, i)))
		}
	case nil:
	default:
		f.put(at, fmt.Sprint(v))
	}
}

func scalars(vs []any) ([]string, bool) {
	out := make([]string, 0, len(vs))
	for _, v := range vs {
		switch v.(type) {
		case map[string]any, []any:
			return nil, false
		}
		out = append(out, fmt.Sprint(v))
	}
	return out, true
}

// attribute names a key of a definition, as the designers do; one without a text stands for itself.
func attribute(l i18n.Lang, key string) string {
	if name := "design.attr_" + key; i18n.Has(name) {
		return i18n.In(l, name)
	}
	return key
}

// titleOf is what people call an entry of a list.
func titleOf(v any, i int) string {
	m, _ := v.(map[string]any)
	for _, k := range []string{"label", "title", "name", "text", "key", "value", "kind"} {
		if s, ok := m[k].(string); ok && s != "" {
			return s
		}
	}
	return fmt.Sprint(i + 1)
}

func (f flat) rows(is flat) []Row {
	var out []Row
	for _, label := range f.order {
		if now, ok := is.values[label]; !ok || now != f.values[label] {
			out = append(out, Row{Label: label, Old: f.values[label], New: now})
		}
	}
	for _, label := range is.order {
		if _, ok := f.values[label]; !ok {
			out = append(out, Row{Label: label, New: is.values[label]})
		}
	}
	return out
}

const maxLines = 1500 // of each text; a longer one is shown as replaced

// lines compares two texts by their longest common subsequence of lines.
func lines(was, is string) []Line {
	a, b := split(was), split(is)
	if len(a) > maxLines || len(b) > maxLines {
		return append(signed("-", a), signed("+", b)...)
	}
	common := make([][]int, len(a)+1)
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var out []Line
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			out = append(out, Line{" ", a[i]})
			i, j = i+1, j+1
		case common[i+1][j] >= common[i][j+1]:
			out = append(out, Line{"-", a[i]})
			i++
		default:
			out = append(out, Line{"+", b[j]})
			j++
		}
	}
	return append(append(out, signed("-", a[i:])...), signed("+", b[j:])...)
}

func split(s string) []string {
	if s = strings.TrimSuffix(s, "\n"); s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}

func signed(sign string, ss []string) []Line {
	out := make([]Line, 0, len(ss))
	for _, s := range ss {
		out = append(out, Line{sign, s})
	}
	return out
}

// Grants lists the posts a change gives items to when it is published, for those who approve it.
func (s *Service) Grants(ctx context.Context, a authz.Actor, id string) ([]pack.Right, error) {
	c, err := s.open(ctx, a, id)
	if err != nil || c.Act != Publish || c.Ended() {
		return nil, err
	}
	fs, err := filesOf(ctx, s.db.R(), id)
	if err != nil {
		return nil, err
	}
	p, err := s.present(ctx, c)
	if err != nil {
		return nil, err
	}
	over := pack.Change{Pack: c.Pack, Name: c.PackName, Base: p.Version}
	over.Files, over.Removed = ownFiles(fs)
	whole, err := s.packs.Over(ctx, over)
	if err != nil {
		return nil, err
	}
	return s.packs.Rights(ctx, whole, over)
}
