package clock

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Shanghai is the one zone deadlines are counted in. It is fixed at +08:00, so it needs no zone database; the summer time of
// 1986–1991 is left out, because no running deadline is that old.
var Shanghai = time.FixedZone("Asia/Shanghai", 8*3600)

// Day says what a date is. Why names the reason a day is off (周六, 春节) or a weekend day is worked (调休上班); it is empty for an
// ordinary working day. Covered is false when the year's holiday list is not known.
type Day struct {
	Working bool
	Why     string
	Covered bool
}

// Calendar answers for a date YYYY-MM-DD in Asia/Shanghai.
type Calendar interface{ Day(date string) Day }

// Row is one exception to "Monday to Friday are worked": a day off, or a weekend day that is worked. Note names the holiday it belongs
// to; Source names the notice it was taken from.
type Row struct {
	Date    string // YYYY-MM-DD
	Working bool
	Note    string
	Source  string
}

// Table is a Calendar made of rows. It never changes after it was made, so it may be shared.
type Table struct {
	rows  map[string]Row
	years map[int]bool
}

// NewTable makes a calendar of rows. A year counts as covered when it has at least one row; every yearly notice has many. A row whose
// date is not a real YYYY-MM-DD is left out, and a later row for the same date replaces an earlier one.
func NewTable(rows []Row) *Table {
	t := &Table{rows: make(map[string]Row, len(rows)), years: map[int]bool{}}
	t.put(rows)
	return t
}

// With gives a new table in which rows replace or add to those of t, for rows kept in a database. Neither table sees the other.
func (t *Table) With(rows []Row) *Table {
	n := &Table{rows: maps.Clone(t.rows), years: maps.Clone(t.years)}
	n.put(rows)
	return n
}

func (t *Table) put(rows []Row) {
	for _, r := range rows {
		if d, err := time.Parse(time.DateOnly, r.Date); err == nil {
			t.rows[r.Date] = r
			t.years[d.Year()] = true
		}
	}
}

// Years lists the covered years in order.
func (t *Table) Years() []int { return slices.Sorted(maps.Keys(t.years)) }

// Rows lists all exceptions by date.
func (t *Table) Rows() []Row {
	out := slices.Collect(maps.Values(t.rows))
	slices.SortFunc(out, func(a, b Row) int { return strings.Compare(a.Date, b.Date) })
	return out
}

// Day implements Calendar. A date that does not exist is neither worked nor covered.
func (t *Table) Day(date string) Day {
	d, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return Day{}
	}
	covered := t.years[d.Year()]
	weekend := weekendName(d.Weekday())
	r, listed := t.rows[date]
	switch {
	case listed && r.Working && weekend != "":
		return Day{Working: true, Why: "调休上班", Covered: covered}
	case listed && r.Working:
		return Day{Working: true, Covered: covered}
	case listed:
		return Day{Why: firstOf(r.Note, weekend, "放假"), Covered: covered}
	case weekend != "":
		return Day{Why: weekend, Covered: covered}
	case !covered && d.Month() == time.January && d.Day() == 1:
		return Day{Why: "元旦"}
	}
	return Day{Working: true, Covered: covered}
}

func weekendName(w time.Weekday) string {
	switch w {
	case time.Saturday:
		return "周六"
	case time.Sunday:
		return "周日"
	default:
		return ""
	}
}

func firstOf(names ...string) string {
	for _, n := range names {
		if n != "" {
			return n
		}
	}
	return ""
}

//go:embed calendar.csv
var calendarCSV string

// Embedded gives the national calendar of 2004–2026. It is read on first use.
func Embedded() *Table { return embedded() }

var embedded = sync.OnceValue(func() *Table {
	rows, err := readRows(calendarCSV)
	if err != nil {
		panic("clock: embedded calendar: " + err.Error()) // a fault of the build; a test reads the same file
	}
	return NewTable(rows)
})

// readRows reads lines of from,to,rest|work,name, with a heading.
func readRows(text string) ([]Row, error) {
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("calendar: %w", err)
	}
	var rows []Row
	for _, l := range lines[1:] {
		from, err1 := time.Parse(time.DateOnly, l[0])
		to, err2 := time.Parse(time.DateOnly, l[1])
		if err1 != nil || err2 != nil || len(l) != 4 || to.Before(from) || l[2] != "rest" && l[2] != "work" {
			return nil, fmt.Errorf("calendar: bad line %q", l)
		}
		source := fmt.Sprintf("国务院办公厅%d年节假日安排", from.Year())
		for d := from; !d.After(to); d = d.AddDate(0, 0, 1) {
			rows = append(rows, Row{d.Format(time.DateOnly), l[2] == "work", l[3], source})
		}
	}
	return rows, nil
}
