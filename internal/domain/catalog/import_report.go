package catalog

import (
	"fmt"
	"io"
	"sort"
	"strconv"
	"strings"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
)

// What became of a row.
const (
	Added     = "added"
	Changed   = "changed"
	Unchanged = "unchanged"
	Repeated  = "repeated" // says word for word what an earlier row says: not imported again
	Rejected  = "rejected"
)

// Report says what became of every row of a list.
type Report struct {
	ID       string      `json:"id,omitempty"` // under which it is kept
	Encoding string      `json:"encoding"`
	Ignored  []string    `json:"ignored_columns,omitempty"`
	Rows     int         `json:"rows"`
	Count    Counts      `json:"count"`
	Lines    []RowReport `json:"lines"` // every row, in order
}

// Counts is how many rows met each fate.
type Counts struct {
	Added     int `json:"added"`
	Changed   int `json:"changed"`
	Unchanged int `json:"unchanged"`
	Repeated  int `json:"repeated"`
	Rejected  int `json:"rejected"`
}

// Imported is how many rows stand in the catalog.
func (c Counts) Imported() int { return c.Added + c.Changed + c.Unchanged }

// RowReport is what became of one row. Row counts the heading as 1.
type RowReport struct {
	Row      int          `json:"row"`
	Status   string       `json:"status"`
	Item     string       `json:"item,omitempty"` // key
	Name     string       `json:"name,omitempty"`
	Findings []RowFinding `json:"findings,omitempty"`
}

// RowFinding is something wrong in a row, with the column's name; an empty column means the whole row.
type RowFinding struct {
	Column  string `json:"column,omitempty"`
	Value   string `json:"value,omitempty"`
	Key     string `json:"code"`
	Chinese string `json:"zh"`
	English string `json:"en"`
	params  errs.P
}

func report(l *list, rows []*judged) Report {
	r := Report{Encoding: l.encoding, Ignored: l.ignored, Rows: len(l.rows), Lines: make([]RowReport, 0, len(rows))}
	for _, j := range rows {
		line := RowReport{Row: j.row, Status: j.status, Name: j.item.Name, Findings: j.findings}
		if !j.rejected {
			line.Item = j.item.Key
		}
		for i := range line.Findings {
			line.Findings[i].words()
		}
		switch j.status {
		case Added:
			r.Count.Added++
		case Changed:
			r.Count.Changed++
		case Unchanged:
			r.Count.Unchanged++
		case Repeated:
			r.Count.Repeated++
		default:
			r.Count.Rejected++
		}
		r.Lines = append(r.Lines, line)
	}
	return r
}

func (f *RowFinding) words() {
	p := errs.P{"value": f.Value}
	for k, v := range f.params {
		p[k] = v
	}
	f.Chinese, f.English = i18n.In(i18n.Chinese, f.Key, p), i18n.In(i18n.English, f.Key, p)
}

// Text is the finding in a language.
func (f RowFinding) Text(l i18n.Lang) string {
	if l == i18n.English {
		return f.English
	}
	return f.Chinese
}

// Summary is one finding with all rows that have it.
type Summary struct {
	Column, Text string
	Rows         string // 2–17, 19
	Count        int
	Serious      bool // the rows were not imported
}

// Summaries groups the findings, those of rows that were not imported first, then by how often they occur.
func (r Report) Summaries(l i18n.Lang) []Summary {
	at := map[string]int{}
	var out []Summary
	var rows [][]int
	for _, line := range r.Lines {
		serious := line.Status == Rejected || line.Status == Repeated
		for _, f := range line.Findings {
			id := fmt.Sprint(f.Column, "\x00", f.Key, "\x00", f.Text(l), serious)
			i, ok := at[id]
			if !ok {
				i = len(out)
				at[id] = i
				out = append(out, Summary{Column: f.Column, Text: f.Text(l), Serious: serious})
				rows = append(rows, nil)
			}
			out[i].Count++
			rows[i] = append(rows[i], line.Row)
		}
	}
	for i := range out {
		out[i].Rows = ranges(rows[i])
	}
	sort.SliceStable(out, func(i, j int) bool {
		if out[i].Serious != out[j].Serious {
			return out[i].Serious
		}
		return out[i].Count > out[j].Count
	})
	return out
}

// ranges writes ascending numbers as 2–17, 19.
func ranges(ns []int) string {
	var parts []string
	for i := 0; i < len(ns); {
		j := i
		for j+1 < len(ns) && ns[j+1] <= ns[j]+1 {
			j++
		}
		if part := strconv.Itoa(ns[i]); ns[j] > ns[i] {
			parts = append(parts, part+"–"+strconv.Itoa(ns[j]))
		} else {
			parts = append(parts, part)
		}
		i = j + 1
	}
	return strings.Join(parts, ", ")
}

// WriteText writes the report for people: the counts, then every finding with its column and rows.
func (r Report) WriteText(w io.Writer, l i18n.Lang) error {
	c := r.Count
	_, err := fmt.Fprintln(w, i18n.In(l, "catalog.import_summary", errs.P{
		"rows": r.Rows, "encoding": r.Encoding, "imported": c.Imported(), "added": c.Added,
		"changed": c.Changed, "unchanged": c.Unchanged, "repeated": c.Repeated, "rejected": c.Rejected,
	}))
	if err != nil {
		return err
	}
	if len(r.Ignored) > 0 {
		if _, err := fmt.Fprintln(w, i18n.In(l, "catalog.import_ignored", errs.P{"columns": strings.Join(r.Ignored, "、")})); err != nil {
			return err
		}
	}
	for _, s := range r.Summaries(l) {
		where := s.Column
		if where == "" {
			where = i18n.In(l, "catalog.import_whole_row")
		}
		mark := i18n.In(l, "catalog.import_taken")
		if s.Serious {
			mark = i18n.In(l, "catalog.import_not_taken")
		}
		if _, err := fmt.Fprintln(w, i18n.In(l, "catalog.import_line", errs.P{"mark": mark, "rows": s.Rows, "column": where, "text": s.Text, "n": s.Count})); err != nil {
			return err
		}
	}
	return nil
}

func text(v any) string { return fmt.Sprint(v) }
