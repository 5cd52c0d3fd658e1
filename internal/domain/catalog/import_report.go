package catalog

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/domain/catalog/list"
)

// What became of a row.
const (
	Added     = "added"
	Changed   = "changed"
	Unchanged = "unchanged"
	Repeated  = "repeated" // says word for word what an earlier row says: not imported again
	Rejected  = "rejected"
)

// Report says what became of the rows of a list. Counts and Kinds cover all of them; Lines are the first with findings, and the first of all.
type Report struct {
	ID       string      `json:"id,omitempty"` // under which it is kept
	Name     string      `json:"name,omitempty"`
	DryRun   bool        `json:"dry_run,omitempty"` // nothing was written: the counts say what would be
	From     string      `json:"from,omitempty"`    // system whose codes it has
	Format   string      `json:"format,omitempty"`
	Encoding string      `json:"encoding"`
	Ignored  []string    `json:"ignored_columns,omitempty"`
	Rows     int         `json:"rows"`
	Count    Counts      `json:"count"`
	Kinds    []Kind      `json:"kinds"`
	Lines    []RowReport `json:"lines"`
	Sample   []RowReport `json:"sample,omitempty"` // the first rows, as they would be
	at       map[string]int
	values   map[string]int // how many lines a kind has, whatever the value
	columns  list.Columns   // of the file
}

// Counts is how many rows met each fate.
type Counts struct {
	Added     int `json:"added"`
	Changed   int `json:"changed"`
	Unchanged int `json:"unchanged"`
	Repeated  int `json:"repeated"`
	Rejected  int `json:"rejected"`
	Findings  int `json:"findings"` // in all rows
}

// Imported is how many rows stand in the catalog.
func (c Counts) Imported() int { return c.Added + c.Changed + c.Unchanged }

// RowReport is what became of one row. Row counts the heading as 1.
type RowReport struct {
	Row      int          `json:"row"`
	Sheet    string       `json:"sheet,omitempty"`
	Status   string       `json:"status"`
	Item     string       `json:"item,omitempty"` // key
	Name     string       `json:"name,omitempty"`
	Agency   string       `json:"agency,omitempty"`
	Code     string       `json:"code,omitempty"`
	Type     string       `json:"item_type,omitempty"`
	Findings []RowFinding `json:"findings,omitempty"`
}

// RowFinding is something wrong in a row, with the column's name; an empty column means the whole row. Sheet and Row are given where the place is not that
// of the item: in a table of its children.
type RowFinding struct {
	Sheet   string `json:"sheet,omitempty"`
	Row     int    `json:"row,omitempty"`
	Column  string `json:"column,omitempty"`
	Letter  string `json:"letter,omitempty"` // of the column in the file; the file has none without it
	Value   string `json:"value,omitempty"`
	Key     string `json:"code"`
	Chinese string `json:"zh"`
	English string `json:"en"`
	forbids bool   // to publish
	params  errs.P
	phrase  *phrase // what is worked out of it once; nil before
}

// same is the same for findings that say the same.
func (f RowFinding) same() string {
	if f.phrase == nil {
		return f.id()
	}
	return f.phrase.id
}

func (f RowFinding) in(l i18n.Lang, suffix string) string {
	p := errs.P{"value": f.Value}
	maps.Copy(p, f.params)
	return i18n.In(l, f.Key+suffix, p)
}

// kind is the same for findings that are counted together.
func (f RowFinding) kind(rejected bool) string {
	switch {
	case !rejected:
		return f.same()
	case f.phrase == nil:
		return f.id() + "!"
	}
	return f.phrase.serious
}

// anyValue is the finding whatever the value.
func (f RowFinding) anyValue() RowFinding {
	if f.phrase != nil && f.phrase.any != nil {
		return *f.phrase.any
	}
	out := RowFinding{Sheet: f.Sheet, Column: f.Column, Key: f.Key, Value: "…", params: dots(f.params), forbids: f.forbids}
	out.phrase = newPhrase(&out)
	if f.phrase != nil {
		f.phrase.any = &out
	}
	return out
}

// words writes the finding down in both languages, with what to do about it where there is a text for that.
func (f *RowFinding) words() {
	f.Chinese, f.English = f.in(i18n.Chinese, ""), f.in(i18n.English, "")
	if i18n.Has(f.Key + "_remedy") {
		f.Chinese += f.in(i18n.Chinese, "_remedy")
		f.English += " " + f.in(i18n.English, "_remedy")
	}
}

// Text is the finding in a language.
func (f RowFinding) Text(l i18n.Lang) string {
	if l == i18n.English {
		return f.English
	}
	return f.Chinese
}

// Kind is one finding with all rows that have it.
type Kind struct {
	ID      string   `json:"id"`
	Column  string   `json:"column,omitempty"` // as the file calls it
	Letter  string   `json:"letter,omitempty"` // of the column in the file
	Key     string   `json:"code"`
	Chinese string   `json:"zh"`
	English string   `json:"en"`
	Serious bool     `json:"serious,omitempty"` // the rows were not imported
	Forbids bool     `json:"forbids,omitempty"` // to publish, until it is put right
	Count   int      `json:"count"`
	Rows    [][2]int `json:"rows"` // from, to
	More    bool     `json:"more,omitempty"`
}

// How much of a report is kept: the full list of findings is a file of its own.
const (
	maxLines  = 1000
	maxSample = 20
	maxKinds  = 300
	maxValues = 20 // lines of one kind with different values; all further ones share a line
	maxRanges = 60
)

// add counts a row that was judged.
func (r *Report) add(j *judged) {
	r.Rows++
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
	r.note(j)
	if len(r.Sample) < maxSample && !j.rejected {
		r.Sample = append(r.Sample, j.line(false))
	}
	if len(r.Lines) < maxLines {
		l := j.line(true)
		for i := range l.Findings {
			f := &l.Findings[i]
			f.Column, f.Letter = r.columns.Of(f.Sheet, f.Column)
		}
		r.Lines = append(r.Lines, l)
	}
}

// note counts the findings of a row.
func (r *Report) note(j *judged) {
	r.Count.Findings += len(j.findings)
	for _, f := range j.findings {
		r.kind(j, f)
	}
}

// kind counts one finding. Texts are only made for those that occur for the first time: there may be millions.
func (r *Report) kind(j *judged, f RowFinding) {
	if r.at == nil {
		r.at, r.values = map[string]int{}, map[string]int{}
		for i, k := range r.Kinds {
			r.at[k.ID] = i
			r.values[k.sort()]++
		}
	}
	id := f.kind(j.rejected)
	i, ok := r.at[id]
	var fresh Kind
	if !ok {
		fresh = Kind{Key: f.Key, Serious: j.rejected}
		fresh.Column, fresh.Letter = r.columns.Of(f.Sheet, f.Column)
	}
	if !ok && (len(r.Kinds) >= maxKinds || r.values[fresh.sort()] >= mostValues(f.Key)) { // too many values: one line for all of them
		f = f.anyValue()
		id = f.kind(j.rejected)
		i, ok = r.at[id]
	}
	if !ok {
		i = len(r.Kinds)
		r.at[id] = i
		r.values[fresh.sort()]++
		f.words()
		fresh.ID, fresh.Chinese, fresh.English = id, f.Chinese, f.English
		r.Kinds = append(r.Kinds, fresh)
	}
	r.Kinds[i].Forbids = r.Kinds[i].Forbids || f.forbids
	row := j.row
	if f.Row > 0 {
		row = f.Row
	}
	r.Kinds[i].row(row)
}

// sort is the same for lines that differ only in the value.
func (k *Kind) sort() string {
	s := k.Key + "\x1f" + k.Letter + "\x1f" + k.Column
	if k.Serious {
		s += "!"
	}
	return s
}

// mostValues is how many lines a kind may have. A finding that names another item is new in each row: one example, then a line for the rest.
func mostValues(key string) int {
	switch key {
	case "catalog.import_similar", "catalog.import_same_name":
		return 1
	}
	return maxValues
}

// Where names the rows: 2–17, 19.
func (k Kind) Where() string { return ranges(k.Rows, k.More) }

func dots(p errs.P) errs.P {
	out := errs.P{}
	for k := range p {
		out[k] = "…"
	}
	return out
}

// id makes what same gives.
func (f RowFinding) id() string {
	var b strings.Builder
	b.WriteString(f.Key)
	for _, s := range []string{f.Column, f.Value} {
		b.WriteByte(0x1f)
		b.WriteString(s)
	}
	if len(f.params) > 0 {
		for _, k := range slices.Sorted(maps.Keys(f.params)) {
			b.WriteByte(0x1f)
			if s, ok := f.params[k].(string); ok {
				b.WriteString(s)
			} else {
				fmt.Fprint(&b, f.params[k])
			}
		}
	}
	return b.String()
}

func (k *Kind) row(n int) {
	k.Count++
	if last := len(k.Rows) - 1; last >= 0 && n >= k.Rows[last][0] && n <= k.Rows[last][1]+1 {
		k.Rows[last][1] = max(n, k.Rows[last][1])
		return
	}
	if len(k.Rows) >= maxRanges {
		k.More = true
		return
	}
	k.Rows = append(k.Rows, [2]int{n, n})
}

// Summary is one finding with all rows that have it, in words.
type Summary struct {
	Column, Text string
	Rows         string // 2–17, 19
	Count        int
	Serious      bool // the rows were not imported
	Forbids      bool // to publish
}

// Summaries gives the findings: those of rows that were not imported, then those that forbid to publish, then the rest; each by how often they occur.
func (r Report) Summaries(l i18n.Lang) []Summary {
	out := make([]Summary, 0, len(r.Kinds))
	for _, k := range r.Kinds {
		s := Summary{Column: list.ColumnText(l, k.Column, k.Letter), Text: k.Chinese, Rows: k.Where(), Count: k.Count, Serious: k.Serious, Forbids: k.Forbids}
		if l == i18n.English {
			s.Text = k.English
		}
		out = append(out, s)
	}
	sort.SliceStable(out, func(i, j int) bool {
		if out[i].Serious != out[j].Serious {
			return out[i].Serious
		}
		if out[i].Forbids != out[j].Forbids {
			return out[i].Forbids
		}
		return out[i].Count > out[j].Count
	})
	return out
}

// ranges writes numbers as 2–17, 19.
func ranges(rs [][2]int, more bool) string {
	parts := make([]string, 0, len(rs)+1)
	for _, r := range rs {
		if r[0] == r[1] {
			parts = append(parts, strconv.Itoa(r[0]))
		} else {
			parts = append(parts, strconv.Itoa(r[0])+"–"+strconv.Itoa(r[1]))
		}
	}
	if more {
		parts = append(parts, "…")
	}
	return strings.Join(parts, ", ")
}

// WriteText writes the report for people: the counts, then every finding with its column and rows.
func (r Report) WriteText(w io.Writer, l i18n.Lang) error {
	c := r.Count
	summary, taken, notTaken := "catalog.import_summary", "catalog.import_taken", "catalog.import_not_taken"
	if r.DryRun {
		summary, taken, notTaken = "list.dry_summary", "list.dry_taken", "list.dry_not_taken"
	}
	_, err := fmt.Fprintln(w, i18n.In(l, summary, errs.P{
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
		mark := i18n.In(l, taken)
		if s.Serious {
			mark = i18n.In(l, notTaken)
		}
		if _, err := fmt.Fprintln(w, i18n.In(l, "catalog.import_line", errs.P{"mark": mark, "rows": s.Rows, "column": where, "text": s.Text, "n": s.Count})); err != nil {
			return err
		}
	}
	return nil
}

// The states of an import.
const (
	ImportChecking  = "checking"  // the dry run is under way
	ImportChecked   = "checked"   // somebody has to say yes
	ImportLoading   = "loading"   // items are being written
	ImportDone      = "done"      //
	ImportCancelled = "cancelled" // what was written stands
	ImportFailed    = "failed"    // no list, or it breaks off; what was written stands
)

// ImportInfo is one import in the list of them, with how far it has come.
type ImportInfo struct {
	ID             string
	Name, Format   string
	From           string // system whose codes the list has; the national tables when empty
	State          string
	At, Updated    time.Time
	Actor          string // as the audit record names it
	Agency         string
	Rows, Rejected int   // of the dry run, or of all when it is done
	Done           int   // rows behind us
	Total          int   // 0 as long as nobody knows
	Rate           int   // rows a second
	Problem        error // why it failed
}

// Active reports whether the import goes on by itself.
func (i ImportInfo) Active() bool { return i.State == ImportChecking || i.State == ImportLoading }
