package org

// CalendarChanged tells that days between From and To (dates, inclusive) became worked or free: deadlines over them must be computed again.
type CalendarChanged struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Topic is the event's name.
func (CalendarChanged) Topic() string { return "org.calendar_changed" }

// StaffChanged tells that an account's roles, posts or agency changed, or that it was disabled; sessions of a disabled account must end.
type StaffChanged struct {
	StaffID  string `json:"staff_id"`
	Disabled bool   `json:"disabled"`
}

// Topic is the event's name.
func (StaffChanged) Topic() string { return "org.staff_changed" }
