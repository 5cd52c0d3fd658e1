package design

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"tongban/internal/base/authz"
	"tongban/internal/base/packfile"
	"tongban/internal/domain/catalog/item"
	"tongban/internal/domain/pack"
	"tongban/internal/engine/cond"
)

// Row is one thing that changes, in words.
type Row struct{ Label, Old, New string }

// Part is how one file of a change differs from what is published: rows in words, the outline of a definition that is new, or lines of text where it is
// no structure we can read.
type Part struct {
	Path         string
	Kind         Kind
	Key          string
	Title        string // what people call it
	New, Removed bool
	Rows         []Row
	Outline      []Outline
	Lines        []Line
}

// Difference gives what a change alters against what is published, or was when it was published, in the language of ctx.
func (s *Service) Difference(ctx context.Context, a authz.Actor, id string, w *Words) ([]Part, error) {
	if _, err := s.open(ctx, a, id); err != nil {
		return nil, err
	}
	fs, err := filesOf(ctx, s.db.R(), id)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(fs, func(a, b File) int { return cmp.Compare(reading(a.Kind), reading(b.Kind)) })
	var out []Part
	for _, f := range fs {
		if f.Alters() {
			out = append(out, w.Compare(f, f.Was))
		}
	}
	return out, nil
}

// reading is the order in which people look at the parts: what the service is, what it asks, how it is handled, what comes of it.
func reading(k Kind) int {
	if i := slices.Index(Kinds, k); i >= 0 {
		return i
	}
	return len(Kinds)
}

// Compare gives the difference of a file's text from another one.
func (w *Words) Compare(f File, was []byte) Part {
	p := Part{Path: f.Path, New: f.New, Removed: f.Removed, Title: Title(f)}
	p.Kind, p.Key = KindOf(f.Path)
	if f.Removed {
		p.Title = Title(File{Path: f.Path, Kind: p.Kind, Key: p.Key, Content: was})
	}
	if p.Kind == LicenceFile {
		w.learnFields(was, f.Content)
	}
	switch {
	case p.Kind == SampleFile:
		p.Rows = []Row{{Label: f.Path, Old: size(was), New: size(f.Content)}}
	case f.Removed:
	case f.New && w.outline(&p, f.Content):
	case !w.structured(&p, was, f.Content):
		p.Lines = lines(string(was), string(f.Content))
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
func (w *Words) structured(p *Part, was, is []byte) bool {
	if p.Kind == ItemFile {
		var a, b item.Item
		if !p.New && !read(was, &a) || !read(is, &b) {
			return false
		}
		for _, c := range item.Diff(&a, &b) {
			p.Rows = append(p.Rows, w.itemRow(c, &a, &b))
		}
		if !slices.Equal(a.Tables, b.Tables) { // no element of an item: it only says which rule tables judge it
			p.Rows = append(p.Rows, Row{Label: w.attribute(ItemFile, "tables"), Old: w.cells("tables", a.Tables), New: w.cells("tables", b.Tables)})
		}
		return p.New || len(p.Rows) > 0
	}
	var a, b any
	if !p.New && !read(was, &a) || !read(is, &b) {
		return false
	}
	p.Rows = newFlat(w, p.Kind, a).rows(newFlat(w, p.Kind, b))
	return len(p.Rows) > 0
}

func read(text []byte, v any) bool {
	_, ps := packfile.Decode(packfile.File{Data: text}, v)
	return len(ps) == 0
}

// itemRow says a change of an item.
func (w *Words) itemRow(c item.Change, was, is *item.Item) Row {
	if e, ok := item.ByKey(c.Element); ok {
		if spoken(e.Key) {
			return Row{Label: e.Label(w.l), Old: w.cells(e.Key, e.Get(was)), New: w.cells(e.Key, e.Get(is))}
		}
		r := Row{Label: e.Label(w.l)}
		r.Old, r.New = c.Words(w.l)
		return r
	}
	child, ok := item.ChildByKey(c.Child)
	if !ok {
		return Row{Label: c.Element + c.Child, Old: c.Old, New: c.New}
	}
	r := Row{Label: child.Label(w.l) + " › " + w.value(ItemFile, child.Name, c.Name)}
	i := slices.IndexFunc(child.Columns, func(o item.Column) bool { return o.Key == c.Column })
	switch {
	case i >= 0:
		col := child.Columns[i]
		return Row{Label: r.Label + " › " + col.Label(w.l), Old: w.Cell(col, c.Old), New: w.Cell(col, c.New)}
	case c.New != "":
		r.New = w.row(&child, is, c.Row)
	default:
		r.Old = w.row(&child, was, c.Row)
	}
	return r
}

func (w *Words) cells(key string, values []string) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = w.value(ItemFile, key, v)
	}
	return strings.Join(out, "、")
}

// spoken reports whether a value stands for something with a name of its own, which no list of codes holds.
func spoken(key string) bool {
	_, named := nameKinds[key]
	return named || fileCells[key]
}

// Cell says a cell of a table inside an item.
func (w *Words) Cell(col item.Column, cell string) string {
	if col.Kind == item.KindCond {
		if e, err := cond.Parse([]byte(cell)); cell != "" && err == nil {
			return w.Condition(e)
		}
		return cell
	}
	if spoken(col.Key) && cell != "" {
		return w.cells(col.Key, item.SplitCell(col.Kind, cell))
	}
	return col.Text(w.l, cell)
}

// row says a whole row: its filled cells with their names, without its key and the name it is known by.
func (w *Words) row(c *item.Child, it *item.Item, n int) string {
	var parts []string
	for i, col := range c.Columns {
		if v := c.Cell(it, n, i); v != "" && col.Key != "key" && col.Key != c.Name {
			parts = append(parts, col.Label(w.l)+"："+w.Cell(col, v))
		}
	}
	if len(parts) == 0 {
		return w.value(ItemFile, c.Name, c.Cell(it, n, c.Column(c.Name)))
	}
	return strings.Join(parts, "；")
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
	over := laid(c, p, fs)
	whole, err := s.packs.Over(ctx, over)
	if err != nil {
		return nil, err
	}
	return s.packs.Rights(ctx, whole, over)
}
