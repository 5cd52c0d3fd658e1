package cases

import (
	"context"
	"slices"
	"strings"

	"tongban/internal/domain/org"
	"tongban/internal/engine/form"
)

// Regions names regions; org.Service does. Where Offices cannot, region answers stay the codes they are stored as.
type Regions interface {
	Region(ctx context.Context, code string) (org.Region, error)
}

// placeName gives the name of a region; what is no known code stays as it is.
func (w *work) placeName(ctx context.Context, code string) string {
	rs, ok := w.s.Offices.(Regions)
	if !ok || code == "" {
		return code
	}
	r, err := rs.Region(ctx, code)
	if err != nil {
		return code
	}
	return r.Name
}

// regionFields are the questions answered with the code of a region: a field's key, or table.column.
func regionFields(d form.Definition) []string {
	var out []string
	for _, s := range d.Sections {
		for _, f := range s.Fields {
			if f.Kind == form.Region {
				out = append(out, f.Key)
			}
			for _, c := range f.Columns {
				if c.Kind == form.Region {
					out = append(out, f.Key+"."+c.Key)
				}
			}
		}
	}
	return out
}

// review puts answers into words for people, regions by name.
func (w *work) review(ctx context.Context, a form.Answers) []form.ReviewSection {
	out, places := w.form.Review(a), regionFields(w.form)
	for i := range out {
		for j := range out[i].Rows {
			r := &out[i].Rows[j]
			if slices.Contains(places, r.Key) {
				r.Value = w.placeName(ctx, r.Value)
			}
			for _, line := range r.Lines {
				for k, c := range line {
					if slices.Contains(places, r.Key+"."+c.Key) {
						line[k].Value = w.placeName(ctx, c.Value)
					}
				}
			}
		}
	}
	return out
}

// diff gives what changed between two sets of answers in words, regions by name.
func (w *work) diff(ctx context.Context, old, now form.Answers) []form.Change {
	out, places := w.form.Diff(old, now), regionFields(w.form)
	for i, c := range out {
		key := c.Key
		if parts := strings.Split(key, "."); len(parts) == 3 { // table.rowID.column
			key = parts[0] + "." + parts[2]
		}
		if slices.Contains(places, key) {
			out[i].Old, out[i].New = w.placeName(ctx, c.Old), w.placeName(ctx, c.New)
		}
	}
	return out
}
