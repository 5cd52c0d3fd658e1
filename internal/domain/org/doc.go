// Package org holds who is who among the agencies: regions, agencies with their windows and posts, staff, and the calendar of working days.
//
// It owns org_region, org_agency, org_window, org_post, org_staff (name and phone sealed; passwords belong to identity), org_holiday and
// org_version. Everything is read from a snapshot in memory, which follows org_version within a second, and at once after a write of this node.
// It tells org.calendar_changed (deadlines must be computed again) and org.staff_changed (roles, posts or a disabled account). Every other
// room may call it; it calls none. Keys of agencies, windows and posts never change and nothing is deleted, because cases and items name them.
package org
