// Package clock is the legal clock: working days, legal and promised deadlines, and the stops that hold them. A deadline is a pure
// function of the event, the period, the stops and the calendar; it is never counted down. Replaying a case's events gives the same
// deadline on the page, in the API, in a message and in the database.
//
// The rules, each with its source:
//
//   - Day 0 is the day of the event, in Asia/Shanghai; counting begins on the day after it (民法典 201).
//   - Periods of an agency are working days, without legal holidays (行政许可法 82); a make-up Saturday or Sunday counts.
//   - A stop (行政许可法 45) covers the days after its first day, up to and including its last. Overlapping stops are one.
//   - A period of natural days or months that would end on a rest day ends on the next working day (民法典 203). If that day is
//     stopped, the next working day that is not.
//   - A month that has no such date ends on its last day (民法典 202).
//   - Stopped days do not count in a period of natural days. A period of months is first laid out without stops; it then lasts as many
//     natural days as it spans, of which stopped ones do not count.
//   - Hours run as wall hours, night and rest days included; stops take out the time between their exact instants.
//   - A stop without an end leaves the period paused, with so much left and no due date. A stop that begins after expiry changes nothing.
//   - A deadline is the end of its last counted day, 23:59:59 Asia/Shanghai; a deadline in hours is an exact instant.
//   - A year without a holiday list is counted with weekends and 1 January only, and the result says that it is provisional.
//
// It owns no tables and tells no events. Everyone may call it. The embedded calendar is derived from chinese-days (MIT licence, see the
// file NOTICE beside this one), which collects the yearly holiday notices of the General Office of the State Council.
package clock
