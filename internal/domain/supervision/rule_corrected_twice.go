package supervision

import (
	"strconv"
	"time"

	"tongban/internal/engine/clock"
)

// correctedTwice (流程): everything that is wrong is told once (行政许可法 32(1)(4)). What was listed and is not cured may be told again, so a second
// notice is yellow and to be explained; an attempt to ask for something new, which the program refused, is red.
var correctedTwice = Rule{
	Key: "corrected_twice", Kind: Process, Basis: "《中华人民共和国行政许可法》第三十二条第一款第四项", From: inForce,
	Check: func(f Facts, _ Env) []Finding {
		var out []Finding
		for i, c := range f.Corrections {
			if i > 0 {
				out = append(out, Finding{Level: Yellow, Note: "told_again", Occurrence: "notice:" + strconv.Itoa(c.Round), At: c.At, Facts: map[string]string{"n": strconv.Itoa(i + 1)}})
			}
		}
		for _, at := range f.Barred {
			out = append(out, Finding{
				Level: Red, Note: "new_refused", Occurrence: "barred:" + strconv.FormatInt(at.UnixMilli(), 10), At: at,
				Facts: map[string]string{"date": at.In(clock.Shanghai).Format(time.DateOnly)},
			})
		}
		return out
	},
}
