package directory

import (
	"cmp"
	"regexp"
	"slices"
	"time"

	"tongban/internal/base/i18n"
)

// Code is one code of a list with one name over a span of days. A new name is a new Code from its first day on; nothing is deleted.
type Code struct {
	List   string `json:"-"`
	Code   string `json:"code"`
	Name   string `json:"name"`
	NameEn string `json:"name_en"`
	Source string `json:"source"`
	From   string `json:"valid_from,omitempty"` // first day, YYYY-MM-DD; empty: always
	To     string `json:"valid_to,omitempty"`   // last day; empty: open
	Sort   int    `json:"sort"`
	Local  bool   `json:"local,omitempty"` // added here, not in the national list
	Rev    int64  `json:"-"`
}

// On reports whether the code is valid on a day.
func (c Code) On(day string) bool {
	return c.From <= day && (c.To == "" || day <= c.To)
}

// Label names the code in a language.
func (c Code) Label(l i18n.Lang) string {
	if l == i18n.English && c.NameEn != "" {
		return c.NameEn
	}
	return c.Name
}

// List is one code list as it stands.
type List struct {
	Key     string
	Count   int // codes valid today
	Local   int
	Retired int
	Edition string // day its present codes hold from; empty: unchanged since it was made
}

// Edition is a day from which a list is another one, with what changed.
type Edition struct {
	From         string // empty: the first
	Added, Ended []Code
}

// Editions gives the versions of a list, newest first.
func Editions(all []Code) []Edition {
	by := map[string]*Edition{}
	at := func(day string) *Edition {
		if by[day] == nil {
			by[day] = &Edition{From: day}
		}
		return by[day]
	}
	for _, c := range all {
		e := at(c.From)
		e.Added = append(e.Added, c)
		if c.To != "" {
			e := at(nextDay(c.To))
			e.Ended = append(e.Ended, c)
		}
	}
	out := make([]Edition, 0, len(by))
	for _, e := range by {
		out = append(out, *e)
	}
	slices.SortFunc(out, func(a, b Edition) int { return cmp.Compare(b.From, a.From) })
	return out
}

// Note is one thing that was done with a list.
type Note struct {
	List, Code, Act, Reason, By string
	At                          time.Time
}

var codeForm = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,40}$`)

func (c Code) check() findings {
	var f findings
	if !codeForm.MatchString(c.Code) {
		f.add("code", "directory.list_code_shape")
	}
	f.filled("name", c.Name, "source", c.Source)
	if c.From != "" && !isDate(c.From) {
		f.add("valid_from", "directory.date_wrong")
	}
	return f
}

func nextDay(day string) string { return shift(day, 1) }
func dayBefore(day string) string {
	return shift(day, -1)
}

func shift(day string, n int) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.AddDate(0, 0, n).Format(time.DateOnly)
}
