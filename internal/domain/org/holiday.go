package org

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/engine/clock"
)

// Holiday is a stored exception of the calendar. List is the year of the national notice it came with; 0 is a day set here, which goes before.
type Holiday struct {
	Date    string // YYYY-MM-DD
	Working bool
	Note    string
	Source  string
	List    int
}

func (h Holiday) row() clock.Row {
	return clock.Row{Date: h.Date, Working: h.Working, Note: h.Note, Source: h.Source}
}

// overlay builds the calendar: the embedded lists, except of years whose list was loaded; the loaded lists; the days set here. A row makes
// its year count as covered, so a row of a year whose list is not known (a December day of the next year's notice) is left out.
func overlay(embedded *clock.Table, stored []Holiday) *clock.Table {
	known := nationalYears(embedded, stored)
	stored = slices.DeleteFunc(slices.Clone(stored), func(h Holiday) bool { return !slices.Contains(known, yearOf(h.Date)) })
	loaded := map[int]bool{}
	var lists, own []clock.Row
	for _, h := range stored {
		if h.List == 0 {
			own = append(own, h.row())
			continue
		}
		loaded[h.List] = true
		lists = append(lists, h.row())
	}
	var base []clock.Row
	for _, r := range embedded.Rows() {
		if !loaded[yearOf(r.Date)] {
			base = append(base, r)
		}
	}
	return clock.NewTable(base).With(lists).With(own)
}

// nationalYears lists the years whose national list is known, embedded or loaded.
func nationalYears(embedded *clock.Table, stored []Holiday) []int {
	years := embedded.Years()
	for _, h := range stored {
		if h.List != 0 && !slices.Contains(years, h.List) {
			years = append(years, h.List)
		}
	}
	slices.Sort(years)
	return years
}

func yearOf(date string) int {
	n, _ := strconv.Atoi(date[:min(4, len(date))]) // a date that is none belongs to year 0, which no list covers
	return n
}

// yearSpan are the years a list may be loaded for.
const firstYear, lastYear = 2004, 2099

// minRest is the least number of days off a year's notice names: since 2025 the law gives thirteen (全国年节及纪念日放假办法 2).
const minRest = 13

// always are the legal holidays with fixed dates (全国年节及纪念日放假办法 2).
var always = []string{"01-01", "05-01", "10-01", "10-02", "10-03"}

// ParseYear reads a year's notice of the General Office of the State Council, one line a day: date,working,note. Working is 休, 班, rest,
// work, true, false, 1 (worked) or 0. A heading and empty lines are skipped. The findings name their lines; together they are org.year_list.
func ParseYear(year int, text, source string) ([]clock.Row, error) {
	var f findings
	if year < firstYear || year > lastYear {
		f.add("year", "org.year_range")
		return nil, errs.Fields("org.year_list", f)
	}
	seen := map[string]bool{}
	var rows []clock.Row
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(strings.ReplaceAll(line, "，", ","))
		if line == "" || strings.HasPrefix(line, "date,") || strings.HasPrefix(line, "日期,") {
			continue
		}
		r, key := parseLine(year, line)
		switch {
		case key != "":
			f.add("rows", key, errs.P{"line": i + 1, "text": clip(line, 40), "year": year})
		case seen[r.Date]:
			f.add("rows", "org.line_twice", errs.P{"line": i + 1, "date": r.Date})
		default:
			seen[r.Date] = true
			r.Source = source
			rows = append(rows, r)
		}
	}
	if len(f) == 0 {
		f = checkYear(year, rows)
	}
	return rows, errs.Fields("org.year_list", f)
}

var workWords = map[string]bool{"班": true, "上班": true, "work": true, "true": true, "1": true, "休": false, "放假": false, "rest": false, "false": false, "0": false}

// parseLine gives a row or the key of what is wrong with the line. A notice may reach into the December before (元旦 of 2007).
func parseLine(year int, line string) (clock.Row, string) {
	parts := strings.SplitN(line, ",", 3)
	if len(parts) < 2 {
		return clock.Row{}, "org.line_shape"
	}
	d, err := time.Parse(time.DateOnly, strings.TrimSpace(parts[0]))
	if err != nil {
		return clock.Row{}, "org.line_date"
	}
	if d.Year() != year && (d.Year() != year-1 || d.Month() != time.December) {
		return clock.Row{}, "org.line_year"
	}
	working, ok := workWords[strings.ToLower(strings.TrimSpace(parts[1]))]
	if !ok {
		return clock.Row{}, "org.line_working"
	}
	weekend := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
	if working && !weekend {
		return clock.Row{}, "org.line_workday"
	}
	r := clock.Row{Date: d.Format(time.DateOnly), Working: working}
	if len(parts) == 3 {
		r.Note = clip(strings.TrimSpace(parts[2]), 40)
	}
	return r, ""
}

// checkYear finds a list that cannot be a whole year's notice: with part of it, deadlines would look final and be wrong.
func checkYear(year int, rows []clock.Row) findings {
	var f findings
	rest := map[string]bool{}
	for _, r := range rows {
		if !r.Working {
			rest[r.Date] = true
		}
	}
	for _, d := range always {
		if !rest[fmt.Sprintf("%d-%s", year, d)] {
			f.add("rows", "org.year_misses", errs.P{"date": fmt.Sprintf("%d-%s", year, d)})
		}
	}
	if want := leastRest(year); len(rest) < want {
		f.add("rows", "org.year_short", errs.P{"n": len(rest), "min": want})
	}
	return f
}

// leastRest is minRest; before 2025 the law gave eleven days, before 2008 ten.
func leastRest(year int) int {
	switch {
	case year < 2008:
		return 10
	case year < 2025:
		return 11
	}
	return minRest
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}
