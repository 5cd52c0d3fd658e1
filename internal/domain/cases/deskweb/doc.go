// Package deskweb holds the desks of window clerks and officers: inbox, one page for a case, a page for each act, files and papers, and the window
// where a clerk fills in an application for a person present. It owns no tables and publishes nothing; package app mounts its routes. Which case an
// actor may open and which act is allowed now is decided by cases.Service alone; pages only say it in words.
package deskweb
