// Package list reads and writes lists of items: CSV in UTF-8, UTF-16 and GBK, workbooks, JSON, JSON lines and the tables in which the national platform exchanges
// items (ZWFW C0109.1, GB/T 39554.1), as sheets, as files in a zip or as arrays of one document. It is pure: it owns no tables and tells no events; the room
// catalog stores what it reads, and any room above may read a table with it.
//
// Everything is read as a stream: a list of millions of rows takes no more memory than a small one, except for the texts a workbook shares between its cells.
// What is wrong is told with sheet, row and column, and costs at most that cell or that row.
package list
