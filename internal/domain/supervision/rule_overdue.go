package supervision

import (
	"strconv"
	"time"

	"tongban/internal/engine/clock"
)

// overdue (时效): a step beyond its limit while the case may still be in time, and 90 % of the promised time gone, are yellow; a promised or a
// legal date that has passed is red. 行政许可法: acceptance 32, decision 42 and 43, certificate 44.
var overdue = Rule{
	Key: "overdue", Kind: Time, Basis: "《中华人民共和国行政许可法》第三十二条、第四十二条、第四十三条、第四十四条", From: inForce,
	Check: func(f Facts, e Env) []Finding {
		var out []Finding
		for _, s := range f.Steps {
			if passed(s.Due, s.Left, e.Now) {
				out = append(out, late(Yellow, "step_past", "step:"+s.Key, s.Due, map[string]string{"step": s.Name}))
			}
		}
		for _, r := range f.Runs {
			out = append(out, r.overdue(e)...)
		}
		return out
	},
}

func (r Run) overdue(e Env) []Finding {
	var out []Finding
	phase := map[string]string{"phase": r.Phase}
	switch {
	case r.Paused && r.Until.IsZero():
		return nil // the clock stands still, whatever the dates say
	case passed(r.Promised, r.Until, e.Now) && !r.Promised.Equal(r.Legal):
		out = append(out, late(Red, "promised_past", r.Phase+":promised", r.Promised, phase))
	case r.Until.IsZero() && r.near(e):
		out = append(out, late(Yellow, "promised_near", r.Phase+":near", r.Promised, phase))
	}
	if passed(r.Legal, r.Until, e.Now) {
		out = append(out, late(Red, "legal_past", r.Phase+":legal", r.Legal, phase))
	}
	return out
}

// passed reports whether a date had passed when something ended, or has by now.
func passed(due, ended, now time.Time) bool {
	if due.IsZero() {
		return false
	}
	if ended.IsZero() {
		ended = now
	}
	return ended.After(due)
}

// near reports whether so much of the promised time is gone: in working days, or in hours where the whole period is shorter than two.
func (r Run) near(e Env) bool {
	if r.Promised.IsZero() || r.From.IsZero() || !e.Now.After(r.From) || e.Now.After(r.Promised) {
		return false
	}
	if all := clock.WorkdaysBetween(r.From, r.Promised, e.Cal); all >= 2 {
		left := clock.WorkdaysBetween(e.Now, r.Promised, e.Cal)
		return 100*(all-left) >= e.Limit.NearPercent*all
	}
	return 100*e.Now.Sub(r.From) >= time.Duration(e.Limit.NearPercent)*r.Promised.Sub(r.From)
}

// late makes a finding about a date. The date is part of the occurrence: a case whose date was moved can be late again.
func late(l Level, note, what string, due time.Time, facts map[string]string) Finding {
	m := map[string]string{"due": due.In(clock.Shanghai).Format(time.DateOnly)}
	for k, v := range facts {
		m[k] = v
	}
	return Finding{Level: l, Note: note, Occurrence: what + ":" + strconv.FormatInt(due.UnixMilli(), 10), At: due, Facts: m}
}
