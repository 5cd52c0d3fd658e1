package supervision

// What tests look at from outside.
var (
	Sums    = sums
	HoursUp = hoursUp

	CountStay = countStay
)

// Chase turns overdue cards red.
var Chase = (*Service).chase
