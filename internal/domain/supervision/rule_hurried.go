package supervision

import (
	"strconv"
	"time"

	"tongban/internal/engine/clock"
)

// hurried (廉政风险点): an officer who decides within seconds of acceptance has examined nothing, red; an officer who decides in the middle of the
// night is unusual, yellow. What is done on the spot or by rules may take seconds. 行政许可法 34: the agency examines the material submitted.
var hurried = Rule{
	Key: "hurried", Kind: Integrity, Basis: "《中华人民共和国行政许可法》第三十四条、第三十七条", From: inForce,
	Check: func(f Facts, e Env) []Finding {
		d := f.Decision
		if d == nil || d.Automatic {
			return nil
		}
		var out []Finding
		at := strconv.FormatInt(d.At.UnixMilli(), 10)
		if took := d.At.Sub(f.Accepted); !d.OnTheSpot && !f.Accepted.IsZero() && took >= 0 && took <= time.Duration(e.Limit.HurriedSeconds)*time.Second {
			out = append(out, Finding{Level: Red, Note: "seconds", Occurrence: "seconds:" + at, At: d.At, Facts: map[string]string{"seconds": strconv.Itoa(int(took.Seconds()))}})
		}
		if e.Limit.night(d.At) {
			out = append(out, Finding{Level: Yellow, Note: "night", Occurrence: "night:" + at, At: d.At, Facts: map[string]string{"time": d.At.In(clock.Shanghai).Format("15:04")}})
		}
		return out
	},
}

// night reports whether a time is between NightFrom and NightTo in Asia/Shanghai; the span may run over midnight or not.
func (l Limits) night(t time.Time) bool {
	h := t.In(clock.Shanghai).Hour()
	if l.NightFrom > l.NightTo {
		return h >= l.NightFrom || h < l.NightTo
	}
	return h >= l.NightFrom && h < l.NightTo
}
