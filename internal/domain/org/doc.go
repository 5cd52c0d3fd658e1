// Package org holds who is who among the agencies: regions, agencies with their windows and posts, staff and their powers, and the calendar of
// working days.
//
// Posts, not people, carry powers: a post has acts on items and roles; a person holds posts for terms (org_holding), one's own or standing in for
// somebody (代理). What an account may do is worked out of its holdings at the moment it is asked for, so no job has to run for a term to begin or
// end; terms turn at midnight in Asia/Shanghai. Every grant is a proposal of one security officer that a second one reviews (org_proposal,
// org_review); withdrawing acts at once and is reviewed afterwards; a table of staff (org_import) is reviewed as one act and carried out by a job.
// The three administrators and the business roles stay apart, over all accounts of one telephone (GB/T 22239 三员分立). An administrator reaches
// the regions of the posts that make it one and those below, by the tree of org_region; administrators of a level are made by the level above.
//
// Regions form a tree of five levels and agencies one of superiors (上级或主管部门), which has no rings; both end on a last day and name a successor. Nothing
// outlasts what it lies in, and nobody is given power over what has ended. An agency on which items, windows, posts or staff still hang ends with a
// successor, or with the word of the administrator that it is meant so.
//
// It owns org_region, org_agency, org_window, org_post, org_staff (name and phone sealed; passwords belong to other rooms), org_holding,
// org_proposal, org_review and org_import (sealed), org_holiday and org_version. Everything but proposals and imports is read from a snapshot in
// memory, which follows org_version within a second, and at once after a write of this node; every act over powers moves org_version first, so that
// two of them never run at once. It tells org.calendar_changed (deadlines must be computed again) and org.staff_changed (powers changed, or an
// account was disabled); its jobs are org.import and org.tell (officers hear by telephone that a
// proposal waits for them). Every other room may call it; it calls none, but asks the
// catalogue through Items how many items an agency has. Keys of agencies, windows and posts never change and
// nothing is deleted, because cases and items name them.
package org
