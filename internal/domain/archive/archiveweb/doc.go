// Package archiveweb is the pages of the archive for archivists and auditors: the list of packages, a package with its examinations, taking one
// away, and hand-overs of many. It holds no rules: package archive judges and records every reading.
package archiveweb
