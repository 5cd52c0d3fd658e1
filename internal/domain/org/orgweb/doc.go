// Package orgweb holds the administrators' pages over org: agencies, windows, posts, regions, the calendar, and staff accounts. It owns no
// tables. Package app mounts its routes; other web packages may show its [CalendarBanner].
package orgweb
