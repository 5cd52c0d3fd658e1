package form

import (
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

var computeForm = regexp.MustCompile(`^(sum|count)\(([a-z0-9_.]+)\)$`)

// computeTarget splits sum(table.column) and count(table) into the table and the column, which is empty for count.
func computeTarget(expr string, d Definition) (table, column Field, ok bool) {
	m := computeForm.FindStringSubmatch(expr)
	if m == nil {
		return table, column, false
	}
	if m[1] == "count" {
		table, ok = d.field(m[2])
		return table, column, ok && table.Kind == Table
	}
	at := strings.LastIndexByte(m[2], '.')
	if at < 0 {
		return table, column, false
	}
	if table, ok = d.field(m[2][:at]); !ok || table.Kind != Table {
		return table, column, false
	}
	for _, c := range table.Columns {
		if c.Key == m[2][at+1:] && (c.Kind == Number || c.Kind == Money) {
			return table, c, true
		}
	}
	return table, column, false
}

// compute gives a computed value: a plain decimal string, or int64 fen for a money column; nil while the table is empty or a sum would not fit.
func compute(expr string, d Definition, a Answers) any {
	table, column, ok := computeTarget(expr, d)
	rows := rowsOf(a[table.Key])
	if !ok || len(rows) == 0 {
		return nil
	}
	switch column.Kind {
	case "":
		return strconv.Itoa(len(rows))
	case Money:
		return sumFen(rows, column.Key)
	}
	return sumNumbers(rows, column.Key)
}

func sumFen(rows []map[string]any, column string) any {
	var sum int64
	for _, r := range rows {
		fen, _ := r[column].(int64)
		if fen > 0 && sum > math.MaxInt64-fen || fen < 0 && sum < math.MinInt64-fen {
			return nil
		}
		sum += fen
	}
	return sum
}

func sumNumbers(rows []map[string]any, column string) any {
	sum, places := new(big.Rat), 0
	for _, r := range rows {
		s, _ := r[column].(string)
		d, ok := decimalOf(s)
		if !ok {
			continue
		}
		n, ok := new(big.Rat).SetString(d)
		if !ok {
			continue
		}
		_, frac, _ := strings.Cut(d, ".")
		places = max(places, len(frac))
		sum.Add(sum, n)
	}
	out, _ := decimalOf(sum.FloatString(places))
	return out
}
