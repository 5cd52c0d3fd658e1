// Package talkweb holds the pages and the API of the room talk: the conversation on the applicant's and the officer's page of a case (OwnPanel, DeskPanel, which
// package app hands to those pages), the supervisor's view of it, the notices of staff, and who is told when time runs out.
package talkweb
