package clock

import "time"

// Days are handled as numbers, day 0 being 1970-01-01, so that no zone or clock change can bend the arithmetic.

const (
	secondsPerDay = 24 * 3600
	lastDay       = 2932896 // 9999-12-31, the last date written with four digits
)

// dayOf gives the number of the day in Asia/Shanghai on which t falls.
func dayOf(t time.Time) int {
	y, m, d := t.In(Shanghai).Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay)
}

func utc(day int) time.Time { return time.Unix(int64(day)*secondsPerDay, 0).UTC() }

func dateOf(day int) string { return utc(day).Format(time.DateOnly) }

// endOf gives 23:59:59 of a day in Asia/Shanghai.
func endOf(day int) time.Time {
	y, m, d := utc(day).Date()
	return time.Date(y, m, d, 23, 59, 59, 0, Shanghai)
}

// addMonths gives the same date n months on, or the last day of that month when it has no such date (民法典 202).
func addMonths(day, n int) int {
	y, m, d := utc(day).Date()
	first := time.Date(y, m+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return int(first.Unix()/secondsPerDay) + min(d, last) - 1
}

// WorkdaysLeft counts the working days after the day of now up to and including the day of due: 0 means due today. Once due has
// passed it is negative, at least -1: the working days gone since.
func WorkdaysLeft(now, due time.Time, cal Calendar) int {
	if !now.After(due) {
		return WorkdaysBetween(now, due, cal)
	}
	return min(-1, WorkdaysBetween(now, due, cal))
}

// WorkdaysBetween counts the working days after the day of from up to and including the day of to; with to before from it counts the
// other way round and gives a negative number.
func WorkdaysBetween(from, to time.Time, cal Calendar) int {
	a, b, sign := dayOf(from), dayOf(to), 1
	if b < a {
		a, b, sign = b, a, -1
	}
	n := 0
	for d := a + 1; d <= b; d++ {
		if cal.Day(dateOf(d)).Working {
			n++
		}
	}
	return sign * n
}
