package list

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// style is what of a cell's format changes what it says.
type style struct {
	date  bool
	zeros int // how many digits the format fills up to
}

func (b *book) readStyles() error {
	formats := map[string]style{}
	inCells := false
	return b.walk("xl/styles.xml", func(s *scan) error {
		switch {
		case s.is("numFmt") && !s.end:
			formats[s.attr("numFmtId")] = styleOf(s.attr("formatCode"))
		case s.is("cellXfs"):
			inCells = !s.end
		case s.is("xf") && !s.end && inCells:
			id := s.attr("numFmtId")
			st, own := formats[id]
			if n, err := strconv.Atoi(id); err == nil && !own {
				st.date = n >= 14 && n <= 22 || n >= 27 && n <= 36 || n >= 45 && n <= 47 || n >= 50 && n <= 58 // ECMA-376 §18.8.30
			}
			b.styles = append(b.styles, st)
		}
		return nil
	})
}

// styleOf reads a format such as yyyy"年"m"月"d"日" or 000000.
func styleOf(code string) style {
	var plain strings.Builder
	quoted, bracket := false, false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\\' || c == '_' || c == '*':
			i++
		case c == '[':
			bracket = true
		case c == ']':
			bracket = false
		case bracket:
		case c == ';':
			i = len(code) // only the format of positive numbers
		default:
			plain.WriteByte(c)
		}
	}
	p := strings.ToLower(plain.String())
	if strings.Trim(p, "0") == "" && len(p) > 1 {
		return style{zeros: len(p)}
	}
	return style{date: strings.ContainsAny(p, "yd") || strings.Contains(p, "h:") || strings.Contains(p, "m") && strings.Contains(p, "s")}
}

// serialDate turns a workbook's day number into YYYY-MM-DD, with the time where it has one. Day 60 of the 1900 system never was (ECMA-376 §18.17.4.1).
func serialDate(v string, old bool) (string, bool) {
	f, err := strconv.ParseFloat(v, 64)
	if err != nil || f < 1 || f > 2_958_465 || math.IsNaN(f) {
		return "", false
	}
	start := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if old {
		start = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	} else if f < 60 {
		f++
	}
	days := math.Floor(f)
	at := start.AddDate(0, 0, int(days)).Add(time.Duration(math.Round((f-days)*86400)) * time.Second)
	if f == days {
		return at.Format("2006-01-02"), true
	}
	return at.Format("2006-01-02 15:04:05"), true
}

// dateKey is what is said of a date that was read from something else: a text, or the number of a day.
func dateKey(v string) string {
	if len(v) == 5 && strings.Trim(v, "0123456789") == "" {
		return "list.date_number"
	}
	return "list.date_text"
}

// dateText reads a date people type: 2026-3-1, 2026/3/1, 2026.3.1, 2026年3月1日, 20260301, or a day number whose cell lost its format.
func dateText(s string) (date string, ok bool) {
	s = strings.TrimSpace(s)
	day, _, _ := strings.Cut(s, " ")
	day = strings.TrimRight(strings.NewReplacer("年", "-", "月", "-", "日", "", "/", "-", ".", "-").Replace(day), "-")
	for _, layout := range []string{"2006-1-2", "20060102"} {
		if t, err := time.Parse(layout, day); err == nil && t.Year() > 1900 && t.Year() < 2200 {
			return t.Format("2006-01-02"), true
		}
	}
	if len(day) == 5 {
		return serialDate(day, false)
	}
	return "", false
}
