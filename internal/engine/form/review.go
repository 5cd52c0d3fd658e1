package form

// ReviewSection is a section as read: on the check-answers page, in print and at the desk.
type ReviewSection struct {
	Key, Title string
	Rows       []ReviewRow
}

// ReviewRow is one answer in words. A table has Lines instead of a Value: one list of cells for each row.
type ReviewRow struct {
	Key, Label, Value string
	Level             string // masking class
	Source            string
	Lines             [][]ReviewRow
}

// Review gives the visible questions with their answers in words; unanswered ones have an empty Value. Sections without any are left out.
func (d Definition) Review(a Answers) []ReviewSection {
	w := d.walk(a)
	src := sources(w.clean)
	var out []ReviewSection
	for _, s := range d.Sections {
		rs := ReviewSection{Key: s.Key, Title: s.Title}
		for _, f := range s.Fields {
			if !w.visible[f.Key] || f.Kind == Notice {
				continue
			}
			r := ReviewRow{Key: f.Key, Label: f.Label, Value: show(f, w.clean[f.Key]), Level: f.MaskLevel()}
			r.Source, _ = src[f.Key].(string)
			for _, row := range rowsOf(w.clean[f.Key]) {
				r.Lines = append(r.Lines, reviewLine(f, row, w.get))
			}
			rs.Rows = append(rs.Rows, r)
		}
		if len(rs.Rows) > 0 {
			out = append(out, rs)
		}
	}
	return out
}

func reviewLine(f Field, row map[string]any, outer func(string) any) []ReviewRow {
	get := rowGetter(f, row, outer)
	var line []ReviewRow
	for _, c := range f.Columns {
		r := ReviewRow{Key: c.Key, Label: c.Label, Level: c.MaskLevel()}
		if c.When.Eval(get) {
			r.Value = show(c, row[c.Key])
		}
		line = append(line, r)
	}
	return line
}

// Change is one answer that differs. Key is the field's, or table.rowID.column.
type Change struct{ Key, Label, Old, New, Level string }

// Diff gives what a person would see changed from old to new, in order of the form; rows of tables are matched by their identity.
func (d Definition) Diff(old, new Answers) []Change {
	before, after := d.walk(old), d.walk(new)
	var out []Change
	d.each(func(_ Section, f Field) {
		x, y := before.clean[f.Key], after.clean[f.Key]
		if f.Kind == Table {
			out = append(out, diffRows(f, rowsOf(x), rowsOf(y))...)
		} else if a, b := show(f, x), show(f, y); a != b {
			out = append(out, Change{f.Key, f.Label, a, b, f.MaskLevel()})
		}
	})
	return out
}

func diffRows(f Field, old, new []map[string]any) []Change {
	was, is := byID(old), byID(new)
	rows := append([]map[string]any{}, new...)
	for _, r := range old {
		if is[r[RowID]] == nil {
			rows = append(rows, r)
		}
	}
	var out []Change
	for _, r := range rows {
		id := r[RowID]
		for _, c := range f.Columns {
			if a, b := show(c, was[id][c.Key]), show(c, is[id][c.Key]); a != b {
				s, _ := id.(string)
				out = append(out, Change{f.Key + "." + s + "." + c.Key, f.Label + " · " + c.Label, a, b, c.MaskLevel()})
			}
		}
	}
	return out
}

func byID(rows []map[string]any) map[any]map[string]any {
	out := map[any]map[string]any{}
	for _, r := range rows {
		out[r[RowID]] = r
	}
	return out
}
