// Package sheet writes tables for spreadsheets one row after the other, as CSV or XLSX, without holding them in memory. It is the one place that
// knows what a spreadsheet does to a cell: a CSV begins with the mark by which UTF-8 is known, no cell is ever taken for a formula, long numbers of
// cases and papers stay text. It owns no tables and knows no room; every room may call it.
package sheet
