// Package report is the monthly statistics of a region and the exports of lists.
//
// What happened is kept as facts (report_fact), one line for each thing that counts: received, accepted, refused, corrected, decided, concluded, rated,
// carded. Facts are only ever added; each has the day it counts for (of the case, which may be earlier than its entry) and the moment it was noted.
// A report of a month counts the facts of the month, Asia/Shanghai, that were noted up to its cut; it is sealed with an SM3 digest over its numbers
// (report_report, report_line). Run again with the same facts it has the same digest and says so; with facts noted since, it becomes the next version
// and shows what changed and the very cases that were late. Every number leads to its cases, and every breakdown adds up to the total.
//
// An export (report_export) is a job that finishes and tells: it walks a list page by page with the rights its owner has at that moment, masked as
// the page is, keeps what it has in parts (report_part) so that a crash costs one page, and joins them to a CSV or XLSX that its owner may fetch for
// thirty days; each row that is read and each fetch is on record. A filter is sealed: it may hold a number somebody searched for.
//
// It listens to the events of cases, to rating.given, supervision.alarm and supervision.card; it tells report.sealed and report.exported. Its pages
// and API are in reportweb; only package app calls it. The numbers come from cases (Measure), nothing of a person is kept here.
package report
