package supervision

import (
	"slices"
	"strconv"
	"time"
)

// ratingsInBulk (廉政风险点): many ratings of one grade for one agency within minutes were hardly given by as many people: who serves must not rate
// for people or press them (国办发〔2019〕51号 五). Yellow, and red in large numbers.
var ratingsInBulk = Rule{
	Key: "ratings_in_bulk", Kind: Integrity, Basis: "《国务院办公厅关于建立政务服务“好差评”制度提高政务服务水平的意见》（国办发〔2019〕51号）", From: inForce,
	Day: func(d Day, e Env) []Finding {
		var out []Finding
		for grade := 1; grade <= 5; grade++ {
			thick := d.thickest(grade, time.Duration(e.Limit.BurstMinutes)*time.Minute)
			n := len(thick)
			if n < e.Limit.BurstYellow {
				continue
			}
			level := Yellow
			if n >= e.Limit.BurstRed {
				level = Red
			}
			f := Finding{
				Level: level, Note: "ratings_in_bulk", Occurrence: d.Agency + ":" + d.Date + ":" + strconv.Itoa(grade) + ":" + string(level), At: thick[n-1].At,
				Facts: map[string]string{"date": d.Date, "n": strconv.Itoa(n), "minutes": strconv.Itoa(e.Limit.BurstMinutes), "grade": strconv.Itoa(grade)},
			}
			for _, r := range thick {
				f.Evidence = append(f.Evidence, Evidence{Ref: "rating:" + r.RatingID, What: strconv.Itoa(r.Grade), At: r.At})
			}
			out = append(out, f)
		}
		return out
	},
}

// thickest gives the most ratings of one grade that fell into one span of time.
func (d Day) thickest(grade int, span time.Duration) (most []Rated) {
	of := slices.DeleteFunc(slices.Clone(d.Ratings), func(r Rated) bool { return r.Grade != grade })
	slices.SortFunc(of, func(a, b Rated) int { return a.At.Compare(b.At) })
	from := 0
	for to := range of {
		for of[to].At.Sub(of[from].At) > span {
			from++
		}
		if to-from+1 > len(most) {
			most = of[from : to+1]
		}
	}
	return most
}
