package supervision

import (
	"slices"
	"strconv"
)

// afterHours (廉政风险点): an officer who handles many cases outside office hours on one day is unusual: somebody else may be using the account, or
// figures are being made. Working late is no breach, so it is yellow, and red only in very large numbers. 行政许可法 34: the agency examines the
// materials; 60: the agency above watches how.
var afterHours = Rule{
	Key: "after_hours", Kind: Integrity, Basis: "《中华人民共和国行政许可法》第三十四条、第六十条", From: inForce,
	Day: func(d Day, e Env) []Finding {
		var seen []Evidence
		for _, x := range d.Deeds {
			if !e.Limit.open(x.At, e.Cal) && !slices.ContainsFunc(seen, func(o Evidence) bool { return o.Ref == x.CaseID }) {
				seen = append(seen, Evidence{Ref: x.CaseID, CaseNo: x.CaseNo, What: x.What, At: x.At})
			}
		}
		n := len(seen)
		if d.Staff == "" || n < e.Limit.AfterHoursYellow {
			return nil
		}
		level := Yellow
		if n >= e.Limit.AfterHoursRed {
			level = Red
		}
		return []Finding{{
			Level: level, Note: "after_hours", Occurrence: d.Agency + ":" + d.Staff + ":" + d.Date + ":" + string(level), At: seen[n-1].At, Evidence: seen,
			Facts: map[string]string{"date": d.Date, "n": strconv.Itoa(n), "who": d.Staff},
		}}
	},
}
