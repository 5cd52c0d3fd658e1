package supervision

import (
	"time"

	"tongban/internal/domain/cases"
	"tongban/internal/engine/clock"
)

// renewed (时效): nobody decided on a renewal before the licence ran out, so the law counts it as renewed (行政许可法 50). The holder is helped; the
// agency did not decide in time, and that is red.
var renewed = Rule{
	Key: "renewed", Kind: Time, Basis: "《中华人民共和国行政许可法》第五十条", From: inForce,
	Check: func(f Facts, _ Env) []Finding {
		if f.Renewed.IsZero() {
			return nil
		}
		return []Finding{{Level: Red, Note: "renewed_by_silence", Occurrence: "renewed", At: f.Renewed, Facts: map[string]string{
			"date": f.Renewed.In(clock.Shanghai).Format(time.DateOnly),
		}}}
	},
}

func (f *Facts) renewed(e cases.DeemedRenewedEvent) { f.Renewed = e.From }
