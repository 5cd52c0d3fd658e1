// Package orgweb holds the administrators' pages over org: agencies, windows, posts, regions, the calendar, staff accounts with their powers,
// the review of grants, and the import and export of tables of staff. It owns no tables. Package app mounts its routes; other web packages may
// show its [CalendarBanner].
package orgweb
